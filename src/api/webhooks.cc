#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "webhook/settings.h"

namespace headwater::api::webhooks {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

// Each run that ends asks for all of them.
constexpr std::int64_t kPerOrganisationMax = 20;

Result<webhook::Settings> read_settings(const Call& call) {
  return call.services.webhooks.read(TRY(object_body(call)));
}

// Whether deliveries are signed is all that an answer tells of the secret.
store::NamedSecrets secrets_after(const webhook::Settings& settings, store::NamedSecrets secrets) {
  const std::string name(webhook::kSecretName);
  if (settings.unsigned_from_now) secrets.erase(name);
  if (settings.secret) secrets[name] = *settings.secret;
  return secrets;
}

Value with_signed(Value document, const store::NamedSecrets& secrets) {
  document.if_object()->set("signed", !secrets.empty());
  return document;
}

// What was sent to it last, and what waits, stands beside the document: its etag is about its settings.
Result<Value> wire(store::Transaction& transaction, const Resource& webhook) {
  Value out = domain::wire_form(webhook);
  out.if_object()->set("pending", TRY(transaction.count_events_of(webhook.id)));
  const auto last = TRY(transaction.delivery(webhook.id));
  if (last)
    if (auto delivery = json::parse(*last)) out.if_object()->set("lastDelivery", *std::move(delivery));
  return out;
}

Result<http::Response> answer(const Call& call, const std::vector<Resource>& webhooks) {
  Array items;
  const auto add = [&](store::Transaction& transaction) -> Result<void> {
    items.clear();
    for (const Resource& webhook : webhooks) items.push_back(TRY(wire(transaction, webhook)));
    return {};
  };
  TRY(call.store().read(add));
  return http::Response::json(200, Object{{"items", std::move(items)}, {"_links", Object{}}});
}

}  // namespace

Result<http::Response> list(const Call& call) {
  return answer(call, TRY(call.store().list(call.scope(), ResourceKind::webhook, {})).items);
}

Result<http::Response> create(const Call& call) {
  const auto settings = TRY(read_settings(call));
  const auto secrets = secrets_after(settings, {});
  const auto webhook = new_resource(call, ResourceKind::webhook, with_signed(settings.document, secrets));
  return store_new(
      call, webhook, created, [&](store::Transaction& transaction, const Resource& stored) -> Result<void> {
        if (TRY(transaction.count(call.scope(), ResourceKind::webhook, {})) > kPerOrganisationMax)
          return Error{ErrorKind::conflict, "The organisation has " + std::to_string(kPerOrganisationMax) +
                                                " webhooks already: delete one, or change it with PUT."};
        return call.services.credentials.replace(transaction, stored.id, secrets);
      });
}

Result<http::Response> lookup(const Call& call) {
  const auto webhook = TRY(call.store().get(call.scope(), ResourceKind::webhook, call.id()));
  auto found = TRY(answer(call, {webhook}));
  return std::move(found).with_header("ETag", webhook.etag.value);
}

// What waits for a webhook that is switched off, or that no longer wants it, is left by the deliverer.
Result<http::Response> replace(const Call& call) {
  const auto before = TRY(call.store().get(call.scope(), ResourceKind::webhook, call.id()));
  const auto settings = TRY(read_settings(call));
  TRY(check_if_match(call, before));
  const auto secrets = secrets_after(settings, TRY(call.services.credentials.of(before.id)));
  const auto change = [&](Resource current) -> Result<Resource> {
    current.body = with_signed(settings.document, secrets);
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  const auto stored =
      TRY(store_changed(call, before, change, [&](store::Transaction& transaction, const Resource& webhook) {
        return call.services.credentials.replace(transaction, webhook.id, secrets);
      }));
  return changed(stored);
}

Result<http::Response> remove(const Call& call) {
  TRY(call.store().remove(call.scope(), ResourceKind::webhook, call.id(), if_match(call)));
  return http::Response::empty(204);
}

Result<http::Response> test(const Call& call) {
  const auto webhook = TRY(call.store().get(call.scope(), ResourceKind::webhook, call.id()));
  return http::Response::json(200, TRY(call.services.webhooks.test(webhook)));
}

}  // namespace headwater::api::webhooks
