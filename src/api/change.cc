#include "api/internal/change.h"

#include <algorithm>
#include <cctype>

namespace headwater::api {
namespace {

using json::Value;

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  return out;
}

const Value* present(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// The provider's two-phase protocol (reference section 17); a caller has only its first half.
Result<void> check_sub_operation(const Call& call, domain::Action action) {
  const std::string sub = upper(call.request.query_param("subOp").value_or(""));
  if (sub.empty() || sub == "APPLY") return {};
  if (sub == "ROLLBACK")
    return bad_request("FLOW-1402-400", "subOp", "The subOp ROLLBACK is for connection providers only.");
  if (sub != "PROGRESS")
    return bad_request("FLOW-1437-400", "subOp", "subOp must be APPLY, ROLLBACK or PROGRESS.");
  if (action == domain::Action::enable || action == domain::Action::disable)
    return bad_request("FLOW-1436-400", "subOp", "PROGRESS is no part of enabling or disabling a flow.");
  return bad_request("FLOW-1402-400", "subOp", "The subOp PROGRESS is for connection providers only.");
}

}  // namespace

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
  TRY(check_extent(*after));
  return Patched{std::move(before), *std::move(after), patch};
}

Result<domain::Resource> store_patched(const Call& call, const Patched& patched, const StoredWith& also) {
  const auto change = [&call, &patched](domain::Resource current) -> Result<domain::Resource> {
    current.body = patched.after;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  return store_changed(call, patched.before, change, also);
}

Result<domain::Resource> store_changed(const Call& call, const domain::Resource& before,
                                       const store::Change& change, const StoredWith& also) {
  domain::Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    stored = TRY(transaction.update(call.scope(), before.kind, before.id, change, before.etag));
    TRY(transaction.require(call.scope(), domain::references_of(stored)));
    return also ? also(transaction, stored) : Result<void>();
  };
  TRY(call.store().transact(work));
  return stored;
}

Result<void> remove_unused(const Call& call, const FlowPart& part) {
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.lock(call.scope(), part.kind, call.id()));
    const auto flows =
        TRY(count_where(transaction, call.scope(), domain::ResourceKind::flow, part.named_at, call.id()));
    if (flows > 0)
      return bad_request("FLOW-1417-400", "",
                         "The " + std::string(part.word) + " is in use by " + std::to_string(flows) +
                             " flow(s): delete them first.");
    return transaction.remove(call.scope(), part.kind, call.id(), if_match(call));
  };
  return call.store().transact(work);
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
  TRY(check_sub_operation(call, *action));
  return *action;
}

Result<Value> action_body(const Call& call) {
  auto body = TRY(optional_body(call));
  if (body.is_null()) return body;
  if (!body.is_object())
    return bad_request("CONNECTOR-1302-400", "", "The body of an action must be a JSON object.");
  if (const Value* percent = present(body, "percentCompleted")) {
    const auto number = percent->as_double();
    if (!number || *number < 0 || *number > 100)
      return bad_request("FLOW-1406-400", "/percentCompleted", "percentCompleted must be from 0 to 100.");
  }
  if (const Value* status = present(body, "status")) {
    if (!status->is_object())
      return bad_request("FLOW-1407-400", "/status", "status must be an object with value and errors.");
    const Value* errors = present(*status, "errors");
    if (errors != nullptr && !errors->is_array())
      return bad_request("FLOW-1408-400", "/status/errors", "status.errors must be an array.");
  }
  const Value* types = present(body, "recordTypes");
  if (types != nullptr && !types->is_array())
    return bad_request("FLOW-1409-400", "/recordTypes", "recordTypes must be an array.");
  return body;
}

domain::State state_of(const domain::Resource& resource) {
  return domain::state_from(resource.state).value_or(domain::State::enabled);
}

}  // namespace headwater::api
