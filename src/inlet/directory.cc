#include "inlet/directory.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/time.h"
#include "json/value.h"

namespace headwater::inlet {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Value;
using store::Scope;

constexpr std::size_t kEntriesMax = 100'000;
constexpr std::size_t kIdDigits = 64;

bool can_be_inlet(std::string_view id) {
  return id.size() == kIdDigits && std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f');
         });
}

Error unknown_inlet() { return Error{ErrorKind::not_found, "There is no such inlet."}; }

domain::ListQuery where(std::string_view member, bool array, const std::string& value) {
  domain::ListQuery query;
  query.filters.push_back(
      domain::Filter{{domain::PathStep{std::string(member), array}}, domain::FilterOp::equal, {value}});
  return query;
}

Authentication authentication_of(const Value& inlet) {
  const auto text = inlet.string_at("authentication");
  if (text == "bearer") return Authentication::bearer;
  return text == "hmac" ? Authentication::hmac : Authentication::none;
}

std::optional<double> limit_of(const Value& inlet, std::string_view path) {
  const Value* limit = inlet.find_path(path);
  const auto number = limit == nullptr ? std::nullopt : limit->as_double();
  return number && *number > 0 ? number : std::nullopt;
}

Result<FlowRoute> route_of(store::Transaction& transaction, const Scope& scope, const Resource& flow) {
  FlowRoute route;
  route.flow = FlowId(flow.id);
  route.enabled = flow.state == "enabled";
  const Value* targets = flow.body.find("targetConnectionIds");
  const json::Array* ids = targets == nullptr ? nullptr : targets->if_array();
  if (ids == nullptr || ids->empty() || !ids->front().is_string()) return route;
  const auto target =
      TRY(transaction.find(scope, ResourceKind::target_connection, *ids->front().if_string()));
  const Value* dataset_id = target ? target->body.find_path("params.dataSetId") : nullptr;
  if (dataset_id == nullptr || !dataset_id->is_string()) return route;
  route.dataset = DatasetId(*dataset_id->if_string());
  const auto dataset = TRY(transaction.find(scope, ResourceKind::dataset, route.dataset.value));
  const Value* schema = dataset ? dataset->body.find("schemaRef") : nullptr;
  if (schema != nullptr) route.schema_id = schema->string_at("id");
  return route;
}

Result<std::vector<FlowRoute>> routes_of_connection(store::Transaction& transaction, const Scope& scope,
                                                    const std::string& connection) {
  std::vector<FlowRoute> routes;
  const auto sources = TRY(
      transaction.list(scope, ResourceKind::source_connection, where("baseConnectionId", false, connection)));
  for (const Resource& source : sources.items) {
    const auto flows =
        TRY(transaction.list(scope, ResourceKind::flow, where("sourceConnectionIds", true, source.id)));
    for (const Resource& flow : flows.items) routes.push_back(TRY(route_of(transaction, scope, flow)));
  }
  return routes;
}

Result<std::vector<FlowRoute>> routes_of(store::Transaction& transaction, const Scope& scope,
                                         const Value& inlet) {
  if (const auto connection = inlet.string_at("connectionId"); !connection.empty())
    return routes_of_connection(transaction, scope, std::string(connection));
  std::vector<FlowRoute> routes;
  const auto flow = TRY(transaction.find(scope, ResourceKind::flow, inlet.string_at("flowId")));
  if (flow) routes.push_back(TRY(route_of(transaction, scope, *flow)));
  return routes;
}

}  // namespace

std::shared_ptr<const Inlet> Directory::known(const std::string& id) {
  const TimePoint now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  Entry& entry = found->second;
  const auto age = now - entry.loaded;
  if (age < kInletKnown) return entry.inlet;
  // One caller goes and asks; the others need not wait for it.
  if (entry.refreshing && age < 3 * kInletKnown) return entry.inlet;
  entry.refreshing = true;
  return nullptr;
}

Result<std::shared_ptr<const Inlet>> Directory::find(const std::string& id) {
  if (!can_be_inlet(id)) return unknown_inlet();
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    const auto found = entries_.find(id);
    if (found != entries_.end() && clock_.now() - found->second.loaded < kInletKnown) {
      if (!found->second.inlet) return unknown_inlet();
      return found->second.inlet;
    }
  }
  const TimePoint loaded = clock_.now();
  auto inlet = TRY(load(id));
  const std::lock_guard lock(mutex_);
  // What was read before a change must not outlive it.
  if (generation == generation_) {
    if (entries_.size() >= kEntriesMax) entries_.clear();
    entries_[id] = Entry{inlet, loaded};
  }
  if (!inlet) return unknown_inlet();
  return inlet;
}

void Directory::forget() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  ++generation_;
}

Result<std::shared_ptr<const Inlet>> Directory::load(const std::string& id) {
  std::shared_ptr<Inlet> inlet;
  const auto read = [&](store::Transaction& transaction) -> Result<void> {
    inlet.reset();
    const auto document = TRY(transaction.find(Scope::all(), ResourceKind::inlet, id));
    if (!document) return {};
    inlet = std::make_shared<Inlet>();
    const Value& body = document->body;
    inlet->id = id;
    inlet->tenant = document->tenant;
    inlet->source_id = body.string_at("sourceId");
    inlet->data_type = body.string_at("dataType") == "xdm" ? DataType::xdm : DataType::raw;
    inlet->authentication = authentication_of(body);
    if (const auto window = limit_of(body, "replayWindowSeconds"))
      inlet->replay_window = std::chrono::seconds(static_cast<std::int64_t>(*window));
    inlet->requests_per_second = limit_of(body, "limits.requestsPerSecond");
    inlet->messages_per_second = limit_of(body, "limits.messagesPerSecond");
    const Value* until = body.find("previousSecretUntil");
    if (const auto at = until == nullptr ? std::nullopt : until->as_int64())
      inlet->previous_until = from_epoch_millis(*at);
    inlet->flows = TRY(routes_of(transaction, Scope(document->tenant), body));
    return {};
  };
  TRY(store_.read(read));
  if (!inlet) return std::shared_ptr<const Inlet>();
  if (inlet->authentication == Authentication::hmac) {
    auto secrets = TRY(credentials_.of(id));
    inlet->secret = std::move(secrets["/hmacSecret"]);
    inlet->previous_secret = std::move(secrets["/previousHmacSecret"]);
  }
  inlet->traffic = board_.of(id);
  return std::shared_ptr<const Inlet>(std::move(inlet));
}

}  // namespace headwater::inlet
