#include <algorithm>

#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/inlet.h"

namespace headwater::api::inlets {
namespace {

using domain::ResourceKind;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {"authentication", "replayWindowSeconds", "limits"};
constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kPreviousUntil = "previousSecretUntil";

Result<store::NamedSecrets> secrets_of(const Call& call) { return call.services.credentials.of(call.id()); }

bool has(const store::NamedSecrets& secrets, std::string_view name) {
  return secrets.contains(std::string(name));
}

Result<void> check_has_secret(const Call& call, const Value& inlet) {
  if (!domain::wants_signatures(inlet) || has(TRY(secrets_of(call)), domain::kHmacSecret)) return {};
  return bad_request("CONNECTOR-1302-400", "/authentication",
                     "The inlet has no secret to check signatures with: rotate it first, with POST "
                     "/data/core/edge/inlets/{id}/action?op=rotate.");
}

// A base connection tells whether its inlet wants tokens, and is asked by those who know of connections only.
Result<void> tell_connection(const Call& call, store::Transaction& transaction, const Value& inlet) {
  const std::string_view id = inlet.string_at("connectionId");
  if (id.empty()) return {};
  const bool wanted = domain::wants_tokens(inlet);
  const auto change = [&](domain::Resource connection) -> Result<domain::Resource> {
    Value* auth = connection.body.find("auth");
    Value* params = auth == nullptr ? nullptr : auth->find("params");
    if (params == nullptr || !params->is_object()) return connection;
    const Value* told = params->find("authenticationRequired");
    if (told != nullptr && *told == Value(wanted)) return connection;
    params->if_object()->set("authenticationRequired", wanted);
    domain::touch(connection, call.caller.actor, call.now_ms());
    return connection;
  };
  TRY(transaction.update(call.scope(), ResourceKind::connection, id, change));
  return {};
}

// Stores what becomes of the inlet and of its credentials, unless somebody was faster since it was read.
Result<http::Response> store(const Call& call, const domain::Resource& before, const Value& after,
                             const store::NamedSecrets& secrets, const std::string& shown) {
  const auto change = [&](domain::Resource current) -> Result<domain::Resource> {
    current.body = after;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  domain::Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    stored = TRY(transaction.update(call.scope(), before.kind, before.id, change, before.etag));
    return call.services.credentials.replace(transaction, stored.id, secrets);
  };
  TRY(call.store().transact(work));
  call.services.inlets.changed();
  Object answer{{"id", stored.id}, {"etag", stored.etag.value}};
  if (!shown.empty()) answer.set("secret", shown);
  return http::Response::json(200, answer).with_header("ETag", stored.etag.value);
}

// The secret in use becomes the previous one for the time of grace. The one that is in use already may come
// again: a caller who brings it can repeat a rotation whose answer was lost.
Result<http::Response> rotate(const Call& call, const domain::Resource& inlet) {
  auto body = TRY(optional_body(call));
  if (body.is_null()) body = Object{};
  if (!body.is_object())
    return bad_request("CONNECTOR-1302-400", "", "The body of an action must be a JSON object.");
  const auto rotation = TRY(domain::read_rotation(body));
  auto secrets = TRY(secrets_of(call));
  const std::string name(domain::kHmacSecret);
  const std::string previous(domain::kPreviousHmacSecret);
  const bool made = rotation.secret.empty();
  const Secret fresh(made ? crypto::random_hex(kSecretBytes) : rotation.secret);
  const bool known = secrets.contains(name);
  if (known && crypto::equal_constant_time(secrets[name].reveal(), fresh.reveal())) return changed(inlet);

  Value after = inlet.body;
  secrets.erase(previous);
  after.if_object()->erase(kPreviousUntil);
  if (known && rotation.grace.count() > 0) {
    secrets[previous] = secrets[name];
    after.if_object()->set(kPreviousUntil, epoch_millis(call.services.clock.now() + rotation.grace));
  }
  secrets[name] = fresh;
  return store(call, inlet, after, secrets, made ? fresh.reveal() : std::string());
}

Result<http::Response> revoke(const Call& call, const domain::Resource& inlet) {
  auto secrets = TRY(secrets_of(call));
  if (secrets.erase(std::string(domain::kPreviousHmacSecret)) == 0) return changed(inlet);
  Value after = inlet.body;
  after.if_object()->erase(kPreviousUntil);
  return store(call, inlet, after, secrets, {});
}

// Whether the flow of the batch is fed by this inlet.
Result<void> check_is_of(const Call& call, const domain::Resource& batch) {
  const Value* tags = batch.body.find_path("tags.flowId");
  const json::Array* ids = tags == nullptr ? nullptr : tags->if_array();
  const std::string* flow = ids == nullptr || ids->empty() ? nullptr : ids->front().if_string();
  std::optional<domain::Resource> found;
  if (flow != nullptr) found = TRY(call.store().find(call.scope(), ResourceKind::flow, *flow));
  // A flow that is not streaming may have anything there.
  const Value* options = found ? found->body.find("options") : nullptr;
  if (options != nullptr && options->string_at("inletUrl").ends_with("/" + std::string(call.id()))) return {};
  return bad_request("CONNECTOR-1302-400", "/batchId", "The batch is none of a flow of this inlet.");
}

Result<http::Response> replay(const Call& call) {
  const auto body = TRY(object_body(call));
  const auto id = TRY(read_reference(body, "batchId"));
  const auto batch = TRY(call.store().find(call.scope(), ResourceKind::batch, id));
  if (!batch)
    return bad_request("CONNECTOR-1302-400", "/batchId",
                       "batchId must name the batch whose rejected events are to be replayed.");
  TRY(check_is_of(call, *batch));
  const Value* again = body.find("again");
  const bool repeated = again != nullptr && again->as_bool_lenient().value_or(false);
  const auto events = TRY(call.services.inlets.replay(*batch, repeated));
  return http::Response::json(200, Object{{"batchId", batch->id}, {"events", events}});
}

Result<std::uint64_t> read_after(const Call& call) {
  const auto text = call.request.query_param("after");
  if (!text || text->empty()) return 0;
  const auto number = Value(*text).as_int64_lenient();
  if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
  return bad_request("FLOW-1451-400", "after",
                     "after must be a whole number: the member next of the answer before.");
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::inlet); }

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::inlet); }

Result<http::Response> patch(const Call& call) {
  const auto patched = TRY(read_patched(call, ResourceKind::inlet, kPatchRoots));
  TRY(domain::check_inlet_settings(patched.after));
  TRY(check_has_secret(call, patched.after));
  const auto stored =
      TRY(store_patched(call, patched, [&](store::Transaction& transaction, const domain::Resource& inlet) {
        return tell_connection(call, transaction, inlet.body);
      }));
  call.services.inlets.changed();
  return changed(stored);
}

Result<http::Response> act(const Call& call) {
  const auto inlet = TRY(call.store().get(call.scope(), ResourceKind::inlet, call.id()));
  const std::string op = lower(call.request.query_param("op").value_or(""));
  if (op == "replay") return replay(call);
  if (op != "rotate" && op != "revoke")
    return bad_request(
        "FLOW-1435-400", "",
        op.empty() ? "The query parameter op is missing: it names the action, rotate, revoke or replay."
                   : "The action \"" + op + "\" is not known for inlets: use rotate, revoke or replay.");
  TRY(check_if_match(call, inlet));
  return op == "rotate" ? rotate(call, inlet) : revoke(call, inlet);
}

Result<http::Response> counters(const Call& call) {
  const auto inlet = TRY(call.store().get(call.scope(), ResourceKind::inlet, call.id()));
  return http::Response::json(200, call.services.inlets.counters(inlet.id));
}

Result<http::Response> events(const Call& call) {
  const auto inlet = TRY(call.store().get(call.scope(), ResourceKind::inlet, call.id()));
  const auto after = TRY(read_after(call));
  return http::Response::json(200, call.services.inlets.events(inlet.id, after));
}

}  // namespace headwater::api::inlets
