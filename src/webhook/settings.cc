#include "webhook/settings.h"

#include <algorithm>
#include <array>

#include "domain/setting.h"

namespace headwater::webhook {
namespace {

using domain::setting;
using domain::wrong_setting;
using json::Array;
using json::Object;
using json::Value;

constexpr std::array kTypes{kRunFailed, kRunLate, kRunRecovered};
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kNameBytesMax = 256;

bool is_address(const std::string& host) {
  return http::Network{"0.0.0.0/0"}.contains(host) || http::Network{"::/0"}.contains(host);
}

// What a name resolves to is judged with each delivery.
Result<void> check_plain(const Url& url, const http::EgressPolicy& egress) {
  const bool allowed = std::any_of(egress.allowed.begin(), egress.allowed.end(), [&url](const auto& network) {
    return !is_address(url.host) || network.contains(url.host);
  });
  if (allowed) return {};
  return wrong_setting("/url",
                       "url must begin with https://. Plain http:// is for networks only that the server's "
                       "--allow-network names, and none of them has " +
                           url.host + ".");
}

Result<std::string> read_url(const Value& body, const http::EgressPolicy& egress) {
  const Value* given = setting(body, "url");
  const std::string* text = given == nullptr ? nullptr : given->if_string();
  if (text == nullptr)
    return wrong_setting("/url",
                         "url is missing: the address that is told, such as https://hooks.example.com/runs.");
  if (text->size() > kUrlBytesMax) return wrong_setting("/url", "url must not have more than 2048 bytes.");
  auto url = Url::parse(*text);
  if (!url) return wrong_setting("/url", "url cannot be called: " + url.error().message);
  if (!url->userinfo.empty())
    return wrong_setting("/url",
                         "url must not hold a user or password: set secret, and check the signature.");
  if (url->scheme == "http") TRY(check_plain(*url, egress));
  return *text;
}

Result<Value> read_events(const Value& body) {
  Array events;
  const Value* given = setting(body, "events");
  if (given == nullptr) {
    for (const auto type : kTypes) events.emplace_back(type);
    return Value(std::move(events));
  }
  const std::string known = "Known are run.failed, run.late and run.recovered.";
  if (!given->is_array() || given->if_array()->empty())
    return wrong_setting("/events",
                         "events must be a list of at least one type; leave it out for all. " + known);
  std::size_t place = 0;
  for (const Value& type : *given->if_array()) {
    const std::string* text = type.if_string();
    const std::string where = "/events/" + std::to_string(place++);
    if (text == nullptr || std::find(kTypes.begin(), kTypes.end(), *text) == kTypes.end())
      return wrong_setting(where, "There is no such type of events. " + known);
    if (std::find(events.begin(), events.end(), type) == events.end()) events.push_back(type);
  }
  return Value(std::move(events));
}

Result<void> read_secret(const Value& body, Settings& settings) {
  const Value* given = body.find("secret");
  if (given == nullptr) return {};
  const std::string* text = given->if_string();
  if (given->is_null() || (text != nullptr && text->empty())) {
    settings.unsigned_from_now = true;
    return {};
  }
  settings.secret = Secret(TRY(domain::signing_secret(*given, "null for deliveries without a signature.")));
  return {};
}

}  // namespace

domain::Tenant owner_of(const OrgId& org) { return {org, {}, {}}; }

Result<Settings> read_settings(const Value& body, const http::EgressPolicy& egress) {
  Settings settings;
  Object document;
  if (const Value* name = setting(body, "name")) {
    const std::string* text = name->if_string();
    if (text == nullptr || text->size() > kNameBytesMax)
      return wrong_setting("/name", "name must be a text of at most 256 bytes.");
    document.set("name", *text);
  }
  document.set("url", TRY(read_url(body, egress)));
  document.set("events", TRY(read_events(body)));
  const Value* enabled = setting(body, "enabled");
  if (enabled != nullptr && enabled->if_boolean() == nullptr)
    return wrong_setting("/enabled", "enabled must be true or false.");
  document.set("enabled", enabled == nullptr || *enabled == Value(true));
  TRY(read_secret(body, settings));
  settings.document = std::move(document);
  return settings;
}

bool wants(const Value& webhook, std::string_view type) {
  const Value* enabled = webhook.find("enabled");
  if (enabled == nullptr || *enabled != Value(true)) return false;
  const Value* events = webhook.find("events");
  const Array* types = events == nullptr ? nullptr : events->if_array();
  return types != nullptr && std::find(types->begin(), types->end(), Value(type)) != types->end();
}

}  // namespace headwater::webhook
