#include "api/internal/change.h"

#include <algorithm>

namespace headwater::api {

Result<void> check_if_match(const Call& call, const domain::Resource& current) {
  const auto etag = if_match(call);
  if (!etag || domain::etag_matches(*etag, current.etag)) return {};
  return Error{ErrorKind::stale_etag,
               "Supplied version=[" + etag->value + "] does not match the current version on entity=[" +
                   current.etag.value + "]",
               "", "FLOW-1404-412"};
}

Result<Patched> read_patched(const Call& call, domain::ResourceKind kind, domain::PatchRoots roots) {
  auto before = TRY(call.store().get(call.scope(), kind, call.id()));
  TRY(required_if_match(call));
  const auto body = TRY(json_body(call));
  const auto patch = TRY(domain::read_resource_patch(body, roots));
  TRY(check_if_match(call, before));
  auto after = patch.apply(before.body);
  if (!after) {
    Error error = std::move(after).error();
    error.kind = ErrorKind::invalid_argument;
    error.code = "FLOW-1455-400";
    return error;
  }
  TRY(check_texts(*after));
  return Patched{std::move(before), *std::move(after)};
}

Result<domain::Resource> store_patched(const Call& call, const Patched& patched) {
  const auto change = [&call, &patched](domain::Resource current) -> Result<domain::Resource> {
    current.body = patched.after;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  return call.store().update(call.scope(), patched.before.kind, patched.before.id, change,
                             patched.before.etag);
}

Result<domain::Action> read_action(const Call& call, std::initializer_list<domain::Action> allowed) {
  const auto op = call.request.query_param("op").value_or("");
  const auto action = domain::action_from(op);
  if (action == domain::Action::finalize || action == domain::Action::finalize_update)
    return bad_request("FLOW-1402-400", "", "FINALIZE operations are for connection providers only.");
  if (!action || std::find(allowed.begin(), allowed.end(), *action) == allowed.end())
    return bad_request("FLOW-1435-400", "",
                       op.empty() ? "The query parameter op is missing: it names the action."
                                  : "The action \"" + std::string(op) + "\" is not known for this resource.");
  return *action;
}

domain::State state_of(const domain::Resource& resource) {
  return domain::state_from(resource.state).value_or(domain::State::enabled);
}

}  // namespace headwater::api
