#include "api/inlet_addresses.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Value;
using store::Scope;
using store::Transaction;

constexpr std::string_view kSetting = "inlet_base_url";
constexpr std::string_view kMember = "inletUrl";
constexpr unsigned kPage = 200;

/// One inlet's documents, in one transaction.
class Move {
 public:
  Move(Transaction& transaction, std::string url, const Clock& clock)
      : transaction_(transaction), url_(std::move(url)), now_ms_(epoch_millis(clock.now())) {}

  Result<void> inlet(const Resource& inlet) {
    TRY(tell(ResourceKind::inlet, inlet.id, ""));
    const std::string connection(inlet.body.string_at("connectionId"));
    if (connection.empty()) return tell(ResourceKind::flow, inlet.body.string_at("flowId"), "options");
    TRY(tell(ResourceKind::connection, connection, "auth.params"));
    const auto sources = TRY(users(ResourceKind::source_connection, "baseConnectionId", false, connection));
    for (const std::string& source : sources) {
      TRY(tell(ResourceKind::source_connection, source, "params"));
      const auto flows = TRY(users(ResourceKind::flow, "sourceConnectionIds", true, source));
      for (const std::string& flow : flows) TRY(tell(ResourceKind::flow, flow, "options"));
    }
    return {};
  }

 private:
  // Changes the address where the object at `path` tells one.
  Result<void> tell(ResourceKind kind, std::string_view id, std::string_view path) {
    const auto known = TRY(transaction_.find(Scope::all(), kind, id));
    if (!known) return {};
    const auto change = [&](Resource current) -> Result<Resource> {
      Value* place = &current.body;
      for (std::string_view rest = path; !rest.empty() && place != nullptr;) {
        const auto dot = rest.find('.');
        place = place->find(rest.substr(0, dot));
        rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
      }
      if (place == nullptr || place->find(kMember) == nullptr) return current;
      place->if_object()->set(kMember, url_);
      domain::touch(current, {current.updated_by, current.updated_client}, now_ms_);
      return current;
    };
    TRY(transaction_.update(Scope::all(), kind, id, change));
    return {};
  }
  Result<std::vector<std::string>> users(ResourceKind kind, std::string_view member, bool array,
                                         const std::string& id) {
    domain::ListQuery query;
    query.filters.push_back({{domain::PathStep{std::string(member), array}}, domain::FilterOp::equal, {id}});
    const auto page = TRY(transaction_.list(Scope::all(), kind, query));
    std::vector<std::string> ids;
    ids.reserve(page.items.size());
    for (const Resource& user : page.items) ids.push_back(user.id);
    return ids;
  }

  Transaction& transaction_;
  std::string url_;
  std::int64_t now_ms_;
};

}  // namespace

Result<void> move_inlets(store::Store& store, std::string_view base_url, const Clock& clock) {
  std::optional<std::string> known;
  const auto read = [&](Transaction& transaction) -> Result<void> {
    known = TRY(transaction.setting(kSetting));
    return {};
  };
  TRY(store.read(read));
  if (known == base_url) return {};
  std::size_t moved = 0;
  domain::ListQuery query;
  query.order.push_back(TRY(domain::parse_order("createdAt")).front());
  query.limit = kPage;
  for (bool more = true; more;) {
    const auto page = TRY(store.list(Scope::all(), ResourceKind::inlet, query));
    for (const Resource& inlet : page.items) {
      std::string url = std::string(base_url) + "/collection/" + inlet.id;
      if (inlet.body.string_at(kMember) == url) continue;
      const auto move = [&](Transaction& transaction) { return Move(transaction, url, clock).inlet(inlet); };
      TRY(store.transact(move));
      ++moved;
    }
    more = page.next.has_value();
    if (more) query = TRY(domain::parse_continuation_token(*page.next));
  }
  if (moved > 0) log::info("inlets have moved", {{"to", base_url}, {"inlets", moved}});
  const auto keep = [&](Transaction& transaction) { return transaction.put_setting(kSetting, base_url); };
  return store.transact(keep);
}

}  // namespace headwater::api
