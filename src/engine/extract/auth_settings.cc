#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/folded_name.h"
#include "base/header_name.h"
#include "base/text.h"
#include "domain/expression.h"
#include "engine/extract/authenticator.h"
#include "engine/extract/extractor.h"
#include "engine/extract/secret_texts.h"

namespace headwater::extract {

namespace {

constexpr std::string_view kUnknownAuth = "CONNECTOR-1301-400";

std::optional<AuthType> auth_type(std::string_view written) {
  const std::string plain = folded_name(written);
  if (plain == "oauth2refreshcode") return AuthType::oauth2_refresh_code;
  if (plain == "oauth2clientcredential" || plain == "oauth2clientcredentials")
    return AuthType::oauth2_client_credential;
  if (plain == "basicauthentication") return AuthType::basic;
  if (plain == "keybased" || plain == "apikey") return AuthType::key_based;
  return std::nullopt;
}

const json::Array* entries_of(const json::Value& connection_spec) {
  const auto* list = connection_spec.find("authSpec");
  return list ? list->if_array() : nullptr;
}

std::string names_of(const json::Array& entries) {
  std::string names;
  for (const auto& entry : entries)
    names += (names.empty() ? "\"" : ", \"") + std::string(entry.string_at("name")) + "\"";
  return names;
}

bool has_required(const json::Value& entry, const json::Value& params) {
  const auto* required = entry.find_path("spec.required");
  const auto* names = required ? required->if_array() : nullptr;
  return !names || std::all_of(names->begin(), names->end(), [&params](const json::Value& name) {
    return !name.is_string() || params.find(*name.if_string()) != nullptr;
  });
}

// Without a name: the only entry, or the only one whose required parameters are all there.
Result<const json::Value*> entry_that_fits(const json::Array& entries, const json::Value& params) {
  const json::Value* fitting = nullptr;
  for (const auto& entry : entries) {
    if (entries.size() > 1 && !has_required(entry, params)) continue;
    if (fitting)
      return Error{ErrorKind::invalid_argument,
                   "Several authentications fit; name one of " + names_of(entries) + ".", "/auth/specName",
                   kUnknownAuth};
    fitting = &entry;
  }
  if (fitting) return fitting;
  return Error{ErrorKind::invalid_argument,
               "The credentials fit none of the source's authentications " + names_of(entries) + ".",
               "/auth/params", kUnknownAuth};
}

void add_key(AuthSettings& settings, KeyPlacement::Place place, std::string_view name,
             const json::Value* value) {
  if (name.empty() || !value || value->is_null()) return;
  const std::string text = domain::text_of(*value);
  if (!text.empty()) settings.keys.push_back({place, std::string(name), Secret(text)});
}

void read_keys(const json::Value& entry, AuthSettings& settings) {
  const auto* properties = settings.schema.find("properties");
  if (properties && properties->is_object())
    for (const auto& [name, property] : *properties->if_object()) {
      const auto* rest = property.find("restAttributes");
      if (!rest) continue;
      settings.secret_names.push_back(name);
      const auto* value = settings.params.find(name);
      add_key(settings, KeyPlacement::Place::header, rest->string_at("headerParamName"), value);
      add_key(settings, KeyPlacement::Place::query, rest->string_at("queryParamName"), value);
      add_key(settings, KeyPlacement::Place::body, rest->string_at("bodyParamName"), value);
    }
  if (entry.string_at("type") != "apiKey") return;
  // The older form: one key, named and placed by members of its own.
  const auto* auth_params = entry.find_path("attributes.authParams");
  std::string key_name(settings.params.string_at("keyName"));
  if (key_name.empty() && auth_params) key_name = auth_params->string_at("keyName");
  if (key_name.empty()) key_name = "apiKey";
  const std::string add_to =
      folded_name(auth_params ? auth_params->string_at("addTo") : settings.params.string_at("addTo"));
  const auto place = add_to.starts_with("query") ? KeyPlacement::Place::query
                     : add_to == "body"          ? KeyPlacement::Place::body
                                                 : KeyPlacement::Place::header;
  for (const std::string_view name :
       {std::string_view("value"), std::string_view("apiKey"), std::string_view(key_name)})
    if (settings.params.find(name)) {
      settings.secret_names.emplace_back(name);
      add_key(settings, place, key_name, settings.params.find(name));
      return;
    }
}

// What a connection cannot be called with: named before anything is sent.
Result<void> check_settings(const AuthSettings& settings) {
  for (const auto& key : settings.keys)
    if (key.place == KeyPlacement::Place::header && belongs_to_http(key.name))
      return Error{ErrorKind::invalid_argument,
                   "The authentication \"" + settings.spec_name + "\" sends a key as the header \"" +
                       key.name +
                       "\", which HTTP itself sets. Name the header that the source reads its key from.",
                   "/auth/specName"};
  const bool asks_for_tokens =
      settings.type == AuthType::oauth2_refresh_code || settings.type == AuthType::oauth2_client_credential;
  const auto* method = settings.params.find_path("requestParameterOverride.authenticationMethod");
  if (!asks_for_tokens || !method || method->is_null()) return {};
  const std::string written = domain::text_of(*method);
  if (written.empty() || equal_ignoring_case(written, "GET") || equal_ignoring_case(written, "POST"))
    return {};
  return Error{ErrorKind::invalid_argument,
               "authenticationMethod is \"" + written + "\", but a token is asked for by GET or by POST.",
               "/auth/params/requestParameterOverride/authenticationMethod"};
}

void read_secret_names(AuthSettings& settings) {
  for (const std::string_view name :
       {"accessToken", "refreshToken", "clientSecret", "password", "clientPrivateKey"})
    settings.secret_names.emplace_back(name);
  const auto* properties = settings.schema.find("properties");
  if (properties && properties->is_object())
    for (const auto& [name, property] : *properties->if_object())
      if (property.string_at("format") == "password") settings.secret_names.push_back(name);
  std::sort(settings.secret_names.begin(), settings.secret_names.end());
  settings.secret_names.erase(std::unique(settings.secret_names.begin(), settings.secret_names.end()),
                              settings.secret_names.end());
}

}  // namespace

std::string_view name_of(AuthType type) {
  switch (type) {
    case AuthType::none:
      return "none";
    case AuthType::oauth2_refresh_code:
      return "OAuth2RefreshCode";
    case AuthType::oauth2_client_credential:
      return "OAuth2ClientCredential";
    case AuthType::basic:
      return "BasicAuthentication";
    case AuthType::key_based:
      return "KeyBased";
  }
  return "none";
}

const json::Value* find_auth_spec(const json::Value& connection_spec, std::string_view spec_name) {
  const auto* entries = entries_of(connection_spec);
  if (!entries) return nullptr;
  if (spec_name.empty()) return entries->size() == 1 ? &entries->front() : nullptr;
  for (const auto& entry : *entries)
    if (entry.string_at("name") == spec_name) return &entry;
  for (const auto& entry : *entries)
    if (folded_name(entry.string_at("name")) == folded_name(spec_name)) return &entry;
  return nullptr;
}

Result<AuthSettings> read_auth(const json::Value& connection_spec, const json::Value& auth) {
  static const json::Array none;
  AuthSettings settings;
  settings.params = json::Value(json::Object{});
  const auto* list = entries_of(connection_spec);
  const json::Array& entries = list ? *list : none;
  if (auth.is_null()) return settings;
  if (!auth.is_object())
    return Error{ErrorKind::invalid_argument,
                 "auth must be an object: {\"specName\": ..., \"params\": {...}}.", "/auth"};
  const auto* params = auth.find("params");
  const std::string spec_name(auth.string_at("specName"));
  const bool is_bare = !params && spec_name.empty();
  if (params && !params->is_object() && !params->is_null())
    return Error{ErrorKind::invalid_argument, "auth.params must be an object.", "/auth/params"};
  if (is_bare)
    settings.params = auth;
  else if (params && params->is_object())
    settings.params = *params;
  if (entries.empty() && spec_name.empty()) return settings;

  const json::Value* entry = nullptr;
  if (spec_name.empty()) {
    entry = TRY(entry_that_fits(entries, settings.params));
  } else {
    entry = find_auth_spec(connection_spec, spec_name);
    if (!entry)
      return Error{ErrorKind::invalid_argument,
                   "The source knows no authentication \"" + spec_name + "\"" +
                       (entries.empty() ? std::string(".") : "; it knows " + names_of(entries) + "."),
                   "/auth/specName", kUnknownAuth};
  }
  const auto type = auth_type(entry->string_at("type"));
  if (!type)
    return Error{
        ErrorKind::invalid_argument,
        "The authentication type \"" + std::string(entry->string_at("type")) + "\" is not supported.",
        "/auth/specName", kUnknownAuth};
  settings.type = *type;
  settings.spec_name = std::string(entry->string_at("name"));
  if (const auto* schema = entry->find("spec")) settings.schema = *schema;
  if (settings.type == AuthType::key_based) read_keys(*entry, settings);
  read_secret_names(settings);
  TRY(check_settings(settings));
  return settings;
}

http::ClientOptions with_certificate(http::ClientOptions options, const AuthSettings& settings) {
  const auto certificate = settings.params.string_at("clientCertificate");
  if (certificate.empty()) return options;
  options.client_certificate_text = certificate;
  options.client_key_text = Secret(std::string(settings.params.string_at("clientPrivateKey")));
  return options;
}

std::string fingerprint(const AuthSettings& settings) {
  // The tokens themselves change with each refresh; what they belong to does not.
  if (!settings.connection_key.empty())
    return crypto::hex(crypto::sha256(settings.connection_key)).substr(0, 32);
  json::Value params = settings.params;
  std::vector<std::string> texts{std::string(name_of(settings.type))};
  if (const auto* object = params.if_object())
    for (const auto& [name, value] : *object) texts.push_back(name + "=" + value.dump());
  std::sort(texts.begin(), texts.end());
  std::string all;
  for (const auto& text : texts) all += text + '\0';
  return crypto::hex(crypto::sha256(all)).substr(0, 32);
}

std::string without_credentials(std::string text, const AuthSettings& settings) {
  const auto* params = settings.params.if_object();
  if (params == nullptr) return text;
  SecretTexts secrets;
  for (const auto& [name, value] : *params) {
    const auto& names = settings.secret_names;
    if (value.is_null() || std::find(names.begin(), names.end(), name) == names.end()) continue;
    secrets.add(domain::text_of(value));
  }
  if (settings.type == AuthType::basic)
    secrets.add(crypto::base64(std::string(settings.params.string_at("username")) + ":" +
                               std::string(settings.params.string_at("password"))));
  return secrets.concealed(std::move(text));
}

std::string shown_part(std::string text, std::size_t bytes_max, const AuthSettings& settings) {
  text = without_credentials(std::move(text), settings);
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  text.resize(bytes_max);
  return text;
}

AuthSettings secrets_of(const SourceInputs& inputs) {
  AuthSettings settings = inputs.auth;
  if (!settings.params.is_object()) settings.params = json::Value(json::Object{});
  const auto* properties = inputs.spec.inputs.find("properties");
  if (properties == nullptr || !properties->is_object()) return settings;
  for (const auto& [name, property] : *properties->if_object()) {
    const auto* given = inputs.params.find(name);
    if (property.string_at("format") != "password" || given == nullptr) continue;
    // Beside the account's own of that name.
    const std::string own = "param " + name;
    settings.params.if_object()->set(own, json::Value(domain::text_of(*given)));
    settings.secret_names.push_back(own);
  }
  return settings;
}

}  // namespace headwater::extract
