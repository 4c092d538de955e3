#include "domain/inlet.h"

#include <cmath>

#include "base/crypto.h"
#include "domain/setting.h"

namespace headwater::domain {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kIdBytes = 32;
constexpr std::string_view kNone = "none";
constexpr std::string_view kBearer = "bearer";
constexpr std::string_view kHmac = "hmac";
constexpr std::int64_t kReplayWindowMax = 86'400;
constexpr std::int64_t kGraceDefault = 86'400;
constexpr std::int64_t kGraceMax = std::int64_t{30} * 86'400;

void set_unless_present(Value& object, std::string_view name, Value value) {
  if (setting(object, name) == nullptr) object.if_object()->set(name, std::move(value));
}

Result<void> check_limits(const Value& inlet) {
  const Value* limits = setting(inlet, "limits");
  if (limits == nullptr) return {};
  if (!limits->is_object())
    return wrong_setting("/limits", "limits must be an object with requestsPerSecond and messagesPerSecond.");
  for (const auto& [name, value] : *limits->if_object()) {
    const std::string where = "/limits/" + name;
    if (name != "requestsPerSecond" && name != "messagesPerSecond")
      return wrong_setting(where,
                           "There is no limit \"" + name + "\": use requestsPerSecond, messagesPerSecond.");
    const auto number = value.as_double();
    if (!value.is_null() && (!number || !std::isfinite(*number) || *number <= 0))
      return wrong_setting(where, "limits." + name + " must be a number above 0; leave it out for no limit.");
  }
  return {};
}

}  // namespace

InletAddress new_inlet_address(std::string_view base_url) {
  std::string id = crypto::random_hex(kIdBytes);
  std::string url = std::string(base_url) + "/collection/" + id;
  return {std::move(id), std::move(url)};
}

bool is_http_api(const Value& connection) {
  const Value* spec = connection.find("connectionSpec");
  return spec != nullptr && spec->string_at("id") == kHttpApiSpec;
}

std::optional<InletAddress> inlet_of(const Value& connection) {
  const Value* params = is_http_api(connection) ? connection.find_path("auth.params") : nullptr;
  if (params == nullptr || params->string_at("inletId").empty()) return std::nullopt;
  return InletAddress{std::string(params->string_at("inletId")), std::string(params->string_at("inletUrl"))};
}

Value inlet_params(Value params, std::string_view name, const std::optional<InletAddress>& address) {
  if (!params.is_object()) params = Object{};
  Object& members = *params.if_object();
  if (!address) {
    members.erase("inletUrl");
    members.erase("inletId");
    return params;
  }
  set_unless_present(params, "dataType", "xdm");
  set_unless_present(params, "name", name);
  set_unless_present(params, "sourceId", params.string_at("name"));
  set_unless_present(params, "authenticationRequired", false);
  members.set("inletUrl", address->url);
  members.set("inletId", address->id);
  return params;
}

Value inlet_of_connection(std::string_view connection, const Value& params) {
  return following_connection(
      Object{{"connectionId", connection}, {"inletUrl", params.string_at("inletUrl")}}, params);
}

Value following_connection(Value inlet, const Value& params) {
  Object& members = *inlet.if_object();
  for (const std::string_view name : {"name", "sourceId", "dataType"})
    members.set(name, params.string_at(name));
  const Value* required = params.find("authenticationRequired");
  const bool tokens = required != nullptr && required->as_bool_lenient().value_or(false);
  // Signatures are asked for at the inlet alone, and the connection knows of tokens alone.
  if (tokens)
    members.set("authentication", kBearer);
  else if (!wants_signatures(inlet))
    members.set("authentication", kNone);
  return inlet;
}

Value inlet_of_flow(std::string_view flow, std::string_view name, const InletAddress& address) {
  return Object{{"flowId", flow},   {"inletUrl", address.url}, {"name", name},
                {"sourceId", name}, {"dataType", "raw"},       {"authentication", kNone}};
}

Value streaming_options(Value options, std::string_view url) {
  if (url.empty()) {
    if (Object* members = options.if_object()) members->erase("inletUrl");
    return options;
  }
  if (!options.is_object()) options = Object{};
  set_unless_present(options, "errorDiagnosticsEnabled", true);
  options.if_object()->set("inletUrl", url);
  return options;
}

Result<void> check_inlet_settings(const Value& inlet) {
  const std::string_view authentication = inlet.string_at("authentication");
  if (authentication != kNone && authentication != kBearer && authentication != kHmac)
    return wrong_setting("/authentication", "authentication must be none, bearer or hmac.");
  if (const Value* window = setting(inlet, "replayWindowSeconds")) {
    const auto seconds = window->as_int64();
    if (!seconds || *seconds < 0 || *seconds > kReplayWindowMax)
      return wrong_setting("/replayWindowSeconds",
                           "replayWindowSeconds must be a whole number from 0 (signatures "
                           "carry no time) to " +
                               std::to_string(kReplayWindowMax) + ".");
  }
  return check_limits(inlet);
}

bool wants_signatures(const Value& inlet) { return inlet.string_at("authentication") == kHmac; }

bool wants_tokens(const Value& inlet) { return inlet.string_at("authentication") == kBearer; }

Result<Rotation> read_rotation(const Value& body) {
  Rotation rotation{"", std::chrono::seconds(kGraceDefault)};
  if (const Value* secret = setting(body, "secret"))
    rotation.secret = TRY(signing_secret(*secret, "leave it out, and one is made for you."));
  if (const Value* grace = setting(body, "graceSeconds")) {
    const auto seconds = grace->as_int64();
    if (!seconds || *seconds < 0 || *seconds > kGraceMax)
      return wrong_setting("/graceSeconds", "graceSeconds must be a whole number from 0 to " +
                                                std::to_string(kGraceMax) +
                                                ": how long the secret in use until now is still accepted.");
    rotation.grace = std::chrono::seconds(*seconds);
  }
  return rotation;
}

}  // namespace headwater::domain
