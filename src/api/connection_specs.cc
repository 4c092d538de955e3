#include <algorithm>
#include <cctype>

#include "api/internal/handlers.h"
#include "domain/spec_check.h"
#include "json/value.h"

namespace headwater::api::connection_specs {
namespace {

using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

Array encode(const std::vector<Problem>& problems) {
  Array out;
  for (const Problem& item : problems)
    out.emplace_back(Object{{"pointer", item.pointer},
                            {"reason", item.reason},
                            {"hint", item.hint},
                            {"severity", item.severity == Severity::error ? "error" : "warning"}});
  return out;
}

// Errors only: warnings never hinder, and are no part of the answer to a spec that is stored.
Result<void> check(const Value& spec) {
  auto problems = domain::check_connection_spec(spec);
  if (domain::can_run(problems)) return {};
  Error error = bad_request("FLOW-1413-400", "", "The connection spec cannot run.");
  error.problems = std::move(problems);
  const auto first = std::find_if(error.problems.begin(), error.problems.end(),
                                  [](const Problem& item) { return item.severity == Severity::error; });
  std::rotate(error.problems.begin(), first, first + 1);
  return error;
}

http::Response answer_problems(const Value& spec) {
  const auto problems = domain::check_connection_spec(spec);
  const Array encoded = encode(problems);
  return http::Response::json(200, Object{{"valid", domain::can_run(problems)},
                                          {"problems", encoded},
                                          {"report", Object{{"problems", encoded}}}});
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const auto c = static_cast<unsigned char>(text[i]);
    if (dash ? c != '-' : std::isxdigit(c) == 0 || std::isupper(c) != 0) return false;
  }
  return true;
}

// An author may bring an id; one that is taken (a template that was read and edited) is replaced.
Result<std::string> own_id(const Call& call, const Value& spec) {
  std::string id(spec.string_at("id"));
  if (!is_uuid(id)) return std::string();
  const auto taken = TRY(call.store().find(call.scope(), ResourceKind::connection_spec, id));
  return taken ? std::string() : id;
}

}  // namespace

Result<http::Response> list(const Call& call) {
  return answer_list(call, ResourceKind::connection_spec, domain::kSpecListRules);
}

Result<http::Response> create(const Call& call) {
  auto spec = TRY(object_body(call));
  if (call.request.query_param("validate") == "only") return answer_problems(spec);
  TRY(check(spec));
  auto id = TRY(own_id(call, spec));
  return store_new(call,
                   new_resource(call, ResourceKind::connection_spec, std::move(spec), {}, std::move(id)),
                   [](const domain::Resource& stored) {
                     return http::Response::json(
                                201, Object{{"items", Array{domain::wire_form(stored)}}, {"id", stored.id}})
                         .with_header("Location", location_of(stored))
                         .with_header("ETag", stored.etag.value);
                   });
}

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::connection_spec); }

Result<http::Response> replace(const Call& call) {
  TRY(call.store().get(call.scope(), ResourceKind::connection_spec, call.id()));
  auto spec = TRY(object_body(call));
  TRY(check(spec));
  const auto change = [&call, &spec](domain::Resource current) -> Result<domain::Resource> {
    current.body = spec;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  const auto stored = TRY(
      call.store().update(call.scope(), ResourceKind::connection_spec, call.id(), change, if_match(call)));
  return http::Response::json(200, domain::wire_form(stored)).with_header("ETag", stored.etag.value);
}

Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    for (const ResourceKind kind :
         {ResourceKind::connection, ResourceKind::source_connection, ResourceKind::target_connection}) {
      const auto users =
          TRY(count_where(transaction, store::Scope::all(), kind, "connectionSpec.id", call.id()));
      if (users > 0)
        return bad_request("FLOW-1417-400", "",
                           "The connection spec is in use by " + std::to_string(users) + " " +
                               std::string(domain::collection_name(kind)) + ": delete them first.");
    }
    return transaction.remove(call.scope(), ResourceKind::connection_spec, call.id(), if_match(call));
  };
  TRY(call.store().transact(work));
  return http::Response::empty(204);
}

Result<http::Response> explore(const Call& call) {
  TRY(call.store().get(call.scope(), ResourceKind::connection_spec, call.id()));
  return bad_request(
      "CONNECTOR-1372-400", "",
      "This connection spec cannot be explored without a connection: create one and explore it.");
}

// Nothing that this service offers has dataset configurations (a feature of destinations).
Result<http::Response> configs(const Call& call) {
  TRY(call.store().get(call.scope(), ResourceKind::connection_spec, call.id()));
  return http::Response::json(200, Object{{"items", Array{}}, {"pageInfo", Object{{"hasNext", false}}}});
}

}  // namespace headwater::api::connection_specs
