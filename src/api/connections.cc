#include <cstdint>

#include "api/internal/account.h"
#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/inlet_owners.h"
#include "api/internal/spec_lookup.h"
#include "domain/flow.h"

namespace headwater::api::connections {
namespace {

using domain::ResourceKind;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {"name", "description", "auth"};

Error draft_not_supported() {
  return bad_request(
      "FLOW-1100-400", "/connectionSpec/id",
      "The connection spec does not support drafts: its attributes.isDraftModeSupported is not true.");
}

Result<http::Response> store_new(const Call& call, const Account& account, Value document, bool draft) {
  const auto split = split_account(account, document);
  const auto resource =
      new_resource(call, ResourceKind::connection, std::move(document),
                   std::string(domain::text_of(draft ? domain::State::draft : domain::State::enabled)));
  return store_new(call, resource, created,
                   [&](store::Transaction& transaction, const domain::Resource& stored) -> Result<void> {
                     TRY(store_inlet(call, transaction, stored));
                     return call.services.credentials.put(transaction, stored.id, split.secrets);
                   });
}

Value params_of(const Value& connection) {
  const Value* params = connection.find_path("auth.params");
  return params == nullptr ? Value() : *params;
}

// As split_account, and what stands in `sealed` is a credential whatever the spec says.
secrets::SplitParams split_sealed(const Account& account, const secrets::Places& sealed, Value& connection) {
  Value* auth = connection.find("auth");
  const Value* params = auth == nullptr ? nullptr : auth->find("params");
  if (params == nullptr) return {};
  auto split = secrets::split_params(account.auth_schema, *params, sealed);
  auth->if_object()->set("params", split.open);
  return split;
}

struct PatchedAccount {
  Account account;
  secrets::Places sealed;  // of auth.params, where the patch left a credential in place
};

// The account that a patched document describes: what the patch left redacted keeps its stored credential,
// and an inlet stays where it is.
Result<PatchedAccount> patched_account(const Call& call, Patched& patched,
                                       const secrets::SecretsByPointer& stored, bool draft) {
  Value& after = patched.after;
  const auto spec = TRY(resolve_connection_spec(call, after));
  Account account = TRY(read_account(spec, after, true));
  settle_inlet(call, after, account.auth, domain::inlet_of(patched.before.body), draft);
  if (!account.auth.is_null()) after.if_object()->set("auth", account.auth);
  secrets::Places sealed;
  if (const Value* params = account.auth.find("params"); params != nullptr) {
    sealed = secrets::sealed_places(*params, stored);
    account.auth.if_object()->set("params",
                                  secrets::restore_params(*params, params_of(patched.before.body), stored));
  }
  if (draft) return PatchedAccount{std::move(account), std::move(sealed)};
  Value whole = after;
  if (!account.auth.is_null()) whole.if_object()->set("auth", account.auth);
  account = TRY(read_account(spec, whole, false));
  return PatchedAccount{std::move(account), std::move(sealed)};
}

// Whether the source would be sent what it is sent today.
bool same_account(const Account& account, const Patched& patched, const secrets::SecretsByPointer& stored) {
  const Value* auth = patched.before.body.find("auth");
  Value before = auth == nullptr ? Value() : *auth;
  if (const Value* params = before.find("params"); params != nullptr)
    before.if_object()->set("params", secrets::restore_params(*params, *params, stored));
  return account.auth == before;
}

enum class Secrets : std::uint8_t { leave, replace };

// The credentials that are not in the store yet: those that a changed spec has made credentials.
secrets::SecretsByPointer new_secrets(const secrets::SplitParams& split, const secrets::Places& sealed) {
  auto secrets = split.secrets;
  std::erase_if(secrets, [&sealed](const auto& secret) { return sealed.contains(secret.first); });
  return secrets;
}

// Stores a connection with its account, unless somebody was faster since `before` was read.
Result<domain::Resource> store_account(const Call& call, const Account& account,
                                       const secrets::Places& sealed, const domain::Resource& before,
                                       Value document, std::string state, Secrets secrets) {
  if (!account.auth.is_null()) document.if_object()->set("auth", account.auth);
  const auto split = split_sealed(account, sealed, document);
  const auto change = [&call, &document, &state](domain::Resource current) -> Result<domain::Resource> {
    current.body = document;
    current.state = state;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  domain::Resource result;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    result = TRY(transaction.update(call.scope(), ResourceKind::connection, before.id, change, before.etag));
    TRY(store_inlet(call, transaction, result));
    auto& credentials = call.services.credentials;
    if (secrets == Secrets::leave) return credentials.put(transaction, result.id, new_secrets(split, sealed));
    return credentials.replace(transaction, result.id, split.secrets);
  };
  TRY(call.store().transact(work));
  call.services.inlets.changed();
  return result;
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::connection); }

Result<http::Response> create(const Call& call) {
  auto document = TRY(object_body(call));
  TRY(check_texts(document));
  auto spec = TRY(resolve_connection_spec(call, document));
  const bool draft = TRY(read_draft_mode(call));
  if (draft && !domain::draft_mode_supported(spec)) return draft_not_supported();
  auto account = TRY(read_account(std::move(spec), document, draft));
  if (!draft) TRY(check_credentials(call, account));
  settle_inlet(call, document, account.auth, {}, draft);
  if (!account.auth.is_null()) document.if_object()->set("auth", account.auth);
  auto answer = TRY(store_new(call, account, std::move(document), draft));
  call.services.inlets.changed();
  return answer;
}

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::connection); }

Result<http::Response> patch(const Call& call) {
  auto patched = TRY(read_patched(call, ResourceKind::connection, kPatchRoots));
  const auto stored_secrets = TRY(call.services.credentials.of(patched.before.id));
  const bool draft = state_of(patched.before) == domain::State::draft;
  const auto moved = secrets::moved_along(patched.before.body, patched.patch,
                                          json::Pointer({"auth", "params"}), stored_secrets);
  auto [account, sealed] = TRY(patched_account(call, patched, moved, draft));
  const bool same = same_account(account, patched, stored_secrets);
  if (!draft && !same) TRY(check_credentials(call, account));
  // Untouched credentials are not written: a run may be rotating them at this moment.
  const auto stored = TRY(store_account(call, account, sealed, patched.before, std::move(patched.after),
                                        patched.before.state, same ? Secrets::leave : Secrets::replace));
  return changed(stored);
}

Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.lock(call.scope(), ResourceKind::connection, call.id()));
    for (const ResourceKind kind : {ResourceKind::source_connection, ResourceKind::target_connection}) {
      const auto users = TRY(count_where(transaction, call.scope(), kind, "baseConnectionId", call.id()));
      if (users > 0)
        return bad_request("FLOW-1418-400", "",
                           "The connection is in use by " + std::to_string(users) + " " +
                               std::string(domain::collection_name(kind)) + ": delete them first.");
    }
    TRY(transaction.remove(call.scope(), ResourceKind::connection, call.id(), if_match(call)));
    return remove_inlets(call, transaction, "connectionId", call.id());
  };
  TRY(call.store().transact(work));
  call.services.inlets.changed();
  call.services.sources.forget(std::string(call.id()));
  return http::Response::empty(204);
}

// PUBLISH: what a normal create checks, now.
Result<http::Response> act(const Call& call) {
  const auto action = TRY(read_action(call, {domain::Action::publish}));
  TRY(action_body(call));
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::connection, call.id()));
  TRY(check_if_match(call, current));
  const auto next = TRY(domain::state_after(state_of(current), action));
  const auto opened = TRY(open_account(call, current));
  Value document = current.body;
  if (!opened.auth.is_null()) document.if_object()->set("auth", opened.auth);
  auto account = TRY(read_account(opened.spec, document, false));
  const auto sealed =
      secrets::sealed_places(params_of(current.body), TRY(call.services.credentials.of(current.id)));
  TRY(check_credentials(call, account));
  settle_inlet(call, document, account.auth, {}, false);
  return changed(TRY(store_account(call, account, sealed, current, std::move(document),
                                   std::string(domain::text_of(next)), Secrets::replace)));
}

Result<http::Response> search(const Call& call) { return answer_search(call, ResourceKind::connection); }

Result<http::Response> test(const Call& call) {
  const auto connection = TRY(call.store().get(call.scope(), ResourceKind::connection, call.id()));
  const auto account = TRY(open_account(call, connection));
  // An inlet calls nobody: there is nothing that could refuse.
  if (is_streaming(account.spec)) return http::Response::json(200, Object{{"result", true}});
  const auto accepted = call.services.sources.probe(draft_of(call, account, Object{}, connection.id), false);
  if (!accepted && (is_busy(accepted.error()) || accepted.error().kind == ErrorKind::cancelled))
    return accepted.error();  // nobody was asked
  // Both answers are 200: a source that cannot be reached is a test that failed (reference 10.1).
  return http::Response::json(200, Object{{"result", accepted.has_value()}});
}

}  // namespace headwater::api::connections
