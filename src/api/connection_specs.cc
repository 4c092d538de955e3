#include <algorithm>

#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"
#include "api/internal/spec_secrets.h"
#include "base/text.h"
#include "domain/spec_check.h"
#include "json/value.h"

namespace headwater::api::connection_specs {
namespace {

using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

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
  const Array encoded = domain::encode(problems);
  return http::Response::json(200, Object{{"valid", domain::can_run(problems)},
                                          {"problems", encoded},
                                          {"report", Object{{"problems", encoded}}}});
}

Result<std::int64_t> read_page_number(const Call& call, std::string_view name, std::int64_t fallback,
                                      std::int64_t least, std::int64_t most) {
  const auto text = call.request.query_param(name);
  if (!text) return fallback;
  const auto number = Value(*text).as_int64_lenient();
  if (number && *number >= least && *number <= most) return *number;
  return bad_request("FLOW-1451-400", std::string(name),
                     std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most) + ".");
}

// Whether the caller only asks what is wrong with a spec: never stored by a slip of spelling.
Result<bool> only_validates(const Call& call) {
  const auto wanted = call.request.query_param("validate");
  if (!wanted) return false;
  if (equal_ignoring_case(*wanted, "only")) return true;
  return bad_request("FLOW-1451-400", "validate", "The query parameter validate can only be only.");
}

}  // namespace

Result<http::Response> list(const Call& call) {
  return answer_list(call, ResourceKind::connection_spec, domain::kSpecListRules);
}

Result<http::Response> create(const Call& call) {
  auto spec = TRY(object_body(call));
  if (TRY(only_validates(call))) return answer_problems(spec);
  TRY(check(spec));
  auto id = TRY(own_spec_id(call, ResourceKind::connection_spec, spec));
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
  const auto old = TRY(call.store().get(call.scope(), ResourceKind::connection_spec, call.id()));
  TRY(check_owns_spec(call, old));
  auto spec = TRY(object_body(call));
  TRY(check_same_id(call, spec));
  TRY(check(spec));
  const auto change = [&call, &spec](domain::Resource current) -> Result<domain::Resource> {
    current.body = spec;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  domain::Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    stored = TRY(
        transaction.update(call.scope(), ResourceKind::connection_spec, call.id(), change, if_match(call)));
    return seal_users(call, transaction, stored);
  };
  TRY(call.store().transact(work));
  return http::Response::json(200, domain::wire_form(stored)).with_header("ETag", stored.etag.value);
}

Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    const auto spec = TRY(transaction.lock(call.scope(), ResourceKind::connection_spec, call.id()));
    TRY(check_owns_spec(call, spec));
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
  const auto start = TRY(read_page_number(call, "start", 0, 0, 1'000'000'000));
  const auto limit = TRY(read_page_number(call, "limit", 20, 1, 100));
  return http::Response::json(
      200,
      Object{{"items", Array{}},
             {"pageInfo", Object{{"start", start}, {"limit", limit}, {"total", 0}, {"hasNext", false}}}});
}

}  // namespace headwater::api::connection_specs
