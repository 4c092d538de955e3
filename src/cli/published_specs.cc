#include "cli/published_specs.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/url.h"
#include "cli/output.h"

namespace headwater::cli {
namespace {

using json::Value;

const std::string kService = "/data/foundation/flowservice/";

// A list's pages, all of them: each names the next in its links.
Result<std::vector<Value>> all_of(ApiClient& client, const std::string& collection, QueryParams query,
                                  const http::Headers& headers = {}) {
  std::vector<Value> out;
  while (true) {
    const std::string path = kService + collection + (query.empty() ? "" : "?" + format_query(query));
    const auto answer = TRY(client.call("GET", path, {}, headers));
    auto items = items_of(answer);
    const bool ends = items.empty();
    std::move(items.begin(), items.end(), std::back_inserter(out));
    const Value* href = answer.find_path("_links.next.href");
    if (ends || href == nullptr || !href->is_string()) return out;
    const std::string& link = *href->if_string();
    std::erase_if(query, [](const auto& pair) { return pair.first == "continuationToken"; });
    bool follows = false;
    for (auto& [name, value] : parse_query(link.substr(std::min(link.size(), link.find('?') + 1))))
      if (name == "continuationToken") {
        query.emplace_back(name, std::move(value));
        follows = true;
      }
    if (!follows) return out;
  }
}

QueryParams of_spec(std::string_view spec_id) {
  return {{"property", "connectionSpec.id==" + std::string(spec_id)}, {"limit", "100"}};
}

}  // namespace

Result<std::optional<Value>> spec_with_id(ApiClient& client, std::string_view id) {
  const auto answer = client.call("GET", kService + "connectionSpecs/" + percent_encode(id));
  if (!answer && answer.error().kind == ErrorKind::not_found) return std::optional<Value>();
  if (!answer) return answer.error();
  auto items = items_of(*answer);
  if (items.empty()) return std::optional<Value>();
  return std::optional<Value>(std::move(items.front()));
}

Result<std::vector<Value>> specs_called(ApiClient& client, std::string_view name) {
  return all_of(client, "connectionSpecs", {{"property", "name==\"" + std::string(name) + "\""}});
}

namespace {

// The caller's own has no name here.
std::vector<std::string> sandboxes_of(ApiClient& client) {
  std::vector<std::string> names;
  if (const auto answer = client.call("GET", "/data/foundation/sandbox-management/sandboxes"))
    if (const Value* list = answer->find("sandboxes"); list != nullptr && list->is_array())
      for (const Value& each : *list->if_array())
        if (!each.string_at("name").empty()) names.emplace_back(each.string_at("name"));
  if (names.empty()) names.emplace_back();
  return names;
}

Result<void> add_flows(ApiClient& client, std::string_view spec_id, const std::string& sandbox,
                       std::vector<authoring::FlowUse>& out) {
  http::Headers headers;
  if (!sandbox.empty()) headers.emplace_back("x-sandbox-name", sandbox);
  const auto sources = TRY(all_of(client, "sourceConnections", of_spec(spec_id), headers));
  if (sources.empty()) return {};
  std::map<std::string, std::string, std::less<>> auth_names;
  const auto accounts = TRY(all_of(client, "connections", of_spec(spec_id), headers));
  for (const Value& account : accounts)
    if (const Value* auth = account.find("auth"))
      auth_names.emplace(account.string_at("id"), auth->string_at("specName"));
  const auto flows = TRY(all_of(client, "flows", {{"limit", "100"}}, headers));
  for (const Value& flow : flows) {
    const Value* ids = flow.find("sourceConnectionIds");
    if (ids == nullptr || !ids->is_array()) continue;
    const auto used = std::find_if(sources.begin(), sources.end(), [ids](const Value& source) {
      return std::any_of(ids->if_array()->begin(), ids->if_array()->end(), [&source](const Value& id) {
        return id.is_string() && *id.if_string() == source.string_at("id");
      });
    });
    if (used == sources.end()) continue;
    authoring::FlowUse use{
        std::string(flow.string_at("id")), std::string(flow.string_at("name")), {}, {}, sandbox};
    if (const Value* params = used->find("params")) use.params = *params;
    if (const auto account = auth_names.find(used->string_at("baseConnectionId"));
        account != auth_names.end())
      use.auth_name = account->second;
    out.push_back(std::move(use));
  }
  return {};
}

}  // namespace

Result<std::vector<authoring::FlowUse>> flows_of_spec(ApiClient& client, std::string_view spec_id) {
  std::vector<authoring::FlowUse> out;
  for (const auto& sandbox : sandboxes_of(client)) TRY(add_flows(client, spec_id, sandbox, out));
  return out;
}

namespace {

// `change` gives whether it changed the ids.
Result<bool> change_flow_spec(ApiClient& client, std::string_view flow_spec_id,
                              const std::function<bool(json::Array&)>& change) {
  const std::string path = kService + "flowSpecs/" + std::string(flow_spec_id);
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    const auto answer = TRY(client.call("GET", path));
    const auto items = items_of(answer);
    if (items.empty())
      return Error{ErrorKind::not_found, "The server has no flow spec " + std::string(flow_spec_id) + "."};
    Value spec = items.front();
    const std::string etag(spec.string_at("etag"));
    Value& ids = (*spec.if_object())["sourceConnectionSpecIds"];
    if (!ids.is_array()) ids = json::Array{};
    if (!change(*ids.if_array())) return false;
    const auto stored = client.call("PUT", path, authoring::without_server_members(std::move(spec)).dump(),
                                    {{"If-Match", etag}});
    if (stored) return true;
    // Others publish at the same time: what they added must stay.
    if (stored.error().kind != ErrorKind::stale_etag || attempt == kAttempts) return stored.error();
  }
}

bool is_text(const Value& value, std::string_view text) {
  return value.is_string() && *value.if_string() == text;
}

}  // namespace

Result<bool> add_to_flow_spec(ApiClient& client, std::string_view flow_spec_id, std::string_view spec_id) {
  return change_flow_spec(client, flow_spec_id, [spec_id](json::Array& ids) {
    for (const Value& id : ids)
      if (is_text(id, spec_id)) return false;
    ids.emplace_back(spec_id);
    return true;
  });
}

Result<bool> remove_from_flow_spec(ApiClient& client, std::string_view flow_spec_id,
                                   std::string_view spec_id) {
  return change_flow_spec(client, flow_spec_id, [spec_id](json::Array& ids) {
    return std::erase_if(ids, [spec_id](const Value& id) { return is_text(id, spec_id); }) > 0;
  });
}

}  // namespace headwater::cli
