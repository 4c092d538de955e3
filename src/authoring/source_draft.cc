#include "authoring/source_draft.h"

#include <algorithm>
#include <set>

#include "authoring/answer_guess.h"
#include "authoring/parameter_names.h"
#include "authoring/placeholders.h"
#include "authoring/secret_scan.h"
#include "authoring/source_folder.h"
#include "base/next_find.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Place = ObservedCredential::Place;

constexpr std::string_view kDraft7 = "http://json-schema.org/draft-07/schema#";

Object password_input(std::string title, std::string description) {
  return Object{{"type", "string"},
                {"format", "password"},
                {"title", std::move(title)},
                {"description", std::move(description)}};
}

Object auth_spec(std::string_view name, std::string_view type, Object properties, Array required) {
  return Object{{"name", name},
                {"type", type},
                {"spec", Object{{"$schema", kDraft7},
                                {"type", "object"},
                                {"properties", std::move(properties)},
                                {"required", std::move(required)}}}};
}

// "user:" without a password: the user's name is the key then, and no less secret.
void set_basic(const ObservedCredential& credential, SourceDraft& draft) {
  const bool is_key = !credential.user.empty() && credential.value.empty();
  Object user{{"type", "string"}, {"title", is_key ? "API key" : "User name"}};
  if (is_key) user.set("format", "password");
  Object properties{{"username", std::move(user)}};
  if (!is_key)
    properties.set("password", password_input("Password", "Password, or the token that stands for it."));
  Array required{"username"};
  if (!is_key) required.emplace_back("password");
  draft.rest.auth_specs = {
      auth_spec("Basic Authentication", "BasicAuthentication", std::move(properties), std::move(required))};
  const bool shown = !credential.user.empty() && !is_key && find_secrets(credential.user).empty() &&
                     credential.user.find_first_of("{<") == std::string::npos;
  Object params{{"username", shown ? credential.user.c_str() : is_key ? "KEY" : "USER"}};
  if (!is_key) params.set("password", "PASSWORD");
  draft.account = Object{{"specName", "Basic Authentication"}, {"params", std::move(params)}};
}

// A token that a user signed in for: it expires, and is renewed where its endpoint is known.
void set_user_token(const ObservedCredential& credential, SourceDraft& draft) {
  Object properties{{"accessToken", password_input("Access token", "Sent as Authorization: Bearer.")}};
  if (!credential.token_url.empty()) {
    properties.set("refreshToken", password_input("Refresh token", "Renews the access token."));
    properties.set("clientId", Object{{"type", "string"}, {"title", "Client id"}});
    properties.set("clientSecret", password_input("Client secret", "Of the API's client."));
    properties.set(
        "accessTokenUrl",
        Object{{"type", "string"}, {"title", "Token endpoint"}, {"default", credential.token_url}});
  }
  draft.rest.auth_specs = {
      auth_spec("Access Token", "OAuth2RefreshCode", std::move(properties), Array{"accessToken"})};
  draft.account = Object{{"specName", "Access Token"}, {"params", Object{{"accessToken", "TOKEN"}}}};
}

void set_client_credentials(const ObservedCredential& credential, SourceDraft& draft) {
  draft.rest.auth_specs = {auth_spec(
      "OAuth2 Client Credential", "OAuth2ClientCredential",
      Object{{"clientId", Object{{"type", "string"}, {"title", "Client id"}}},
             {"clientSecret", password_input("Client secret", "Of the API's client.")},
             {"accessTokenUrl",
              Object{{"type", "string"}, {"title", "Token endpoint"}, {"default", credential.token_url}}}},
      Array{"clientId", "clientSecret", "accessTokenUrl"})};
  draft.account = Object{
      {"specName", "OAuth2 Client Credential"},
      {"params",
       Object{{"clientId", "ID"}, {"clientSecret", "SECRET"}, {"accessTokenUrl", credential.token_url}}}};
}

bool is_key(const ObservedCredential& credential) {
  return credential.place == Place::bearer || credential.place == Place::header ||
         credential.place == Place::query || credential.place == Place::body ||
         credential.place == Place::path || credential.place == Place::text;
}

// The spec's own text refers to it, whatever the authentication is.
bool is_referred_to(const ObservedCredential& credential) {
  return credential.place == Place::path || credential.place == Place::text;
}

Object referred_input(const ObservedCredential& credential) {
  return password_input("Key", credential.place == Place::path ? "Stands in the address of the API."
                                                               : "Stands within what is sent to the API.");
}

// Any number of keys, each where the request had it. Users give the key alone: a scheme before it stands in
// the spec's headers ("Bearer ${accessToken}").
void set_keys(const std::vector<ObservedCredential>& credentials, SourceDraft& draft) {
  Object properties;
  Array required;
  Object params;
  int number = 0;
  const auto add = [&](const std::string& name, Object input, std::string_view example) {
    properties.set(name, std::move(input));
    required.emplace_back(name);
    params.set(name, example);
  };
  for (const auto& credential : credentials) {
    if (is_referred_to(credential)) {
      add(credential.name, referred_input(credential), "KEY");
      continue;
    }
    if (!is_key(credential)) continue;
    const bool bearer = credential.place == Place::bearer;
    if (bearer || !credential.scheme.empty()) {
      const std::string name = properties.contains("accessToken") ? "authKey" + std::to_string(++number)
                                                                  : std::string("accessToken");
      const std::string scheme = bearer ? "Bearer " : credential.scheme;
      add(name,
          password_input("Access token", std::string("Sent as ")
                                             .append(credential.name)
                                             .append(": ")
                                             .append(scheme)
                                             .append("and the token.")),
          "TOKEN");
      draft.rest.headers.emplace_back(credential.name,
                                      std::string(scheme).append("${").append(name).append("}"));
      continue;
    }
    const bool header = credential.place == Place::header;
    const bool query = credential.place == Place::query;
    const std::string where = header  ? "Sent as the header " + credential.name + "."
                              : query ? "Sent as the query parameter " + credential.name + "."
                                      : "Sent as the body's member " + credential.name + ".";
    Object input = password_input(title_of(credential.name), where);
    if (credential.is_login) input.erase("format");
    input.set("restAttributes", Object{{header  ? "headerParamName"
                                        : query ? "queryParamName"
                                                : "bodyParamName",
                                        credential.name}});
    if (credential.is_login)  // no key, and shown as it is typed
      add(input_name_of(credential.name), std::move(input), "USER");
    else
      add("authKey" + std::to_string(++number), std::move(input), "KEY");
  }
  const std::string_view name = properties.size() == 1 && properties.contains("accessToken")
                                    ? "Access Token"
                                    : "API Key Authentication";
  draft.rest.auth_specs = {auth_spec(name, "KeyBased", std::move(properties), std::move(required))};
  draft.account = Object{{"specName", name}, {"params", std::move(params)}};
}

void set_auth(const ObservedRequest& request, SourceDraft& draft) {
  const auto& all = request.credentials;
  const auto of = [&all](Place place) {
    return std::find_if(all.begin(), all.end(),
                        [place](const ObservedCredential& each) { return each.place == place; });
  };
  if (all.empty()) return;
  draft.has_credentials = std::any_of(all.begin(), all.end(), [](const ObservedCredential& each) {
    return (!each.value.empty() && !each.is_open) || (each.place == Place::basic && !each.user.empty());
  });
  if (const auto basic = of(Place::basic); basic != all.end())
    set_basic(*basic, draft);
  else if (const auto user = of(Place::user_token); user != all.end())
    set_user_token(*user, draft);
  else if (const auto client = of(Place::client_credentials); client != all.end())
    set_client_credentials(*client, draft);
  else
    return set_keys(all, draft);
  Value& spec = *draft.rest.auth_specs[0].find("spec");
  std::size_t own = all.size();
  for (const auto& credential : all) {
    if (!is_referred_to(credential)) continue;
    spec.find("properties")->if_object()->set(credential.name, referred_input(credential));
    spec.find("required")->if_array()->emplace_back(credential.name);
    draft.account.find("params")->if_object()->set(credential.name, "KEY");
    --own;
  }
  if (own > 1)
    draft.notes.emplace_back(
        "The request holds several credentials; the account has the first kind only. Check authSpec.");
}

// "variables.after" of the body.
void remove_member(Value& body, std::string_view dotted) {
  auto* members = body.if_object();
  if (members == nullptr) return;
  const auto dot = dotted.find('.');
  if (dot == std::string_view::npos)
    members->erase(dotted);
  else if (Value* holder = members->find(dotted.substr(0, dot)))
    remove_member(*holder, dotted.substr(dot + 1));
}

// The inputs that texts of the request refer to.
std::set<std::string, std::less<>> written_inputs(const RestDescription& rest) {
  std::set<std::string, std::less<>> names;
  const auto add = [&names](std::string_view text) {
    NextFind closing(text, "}");
    for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1)) {
      const auto end = closing.from(at + 2);
      if (end == std::string_view::npos) return;
      constexpr std::size_t kNameMax = 1'000;
      if (end - at <= kNameMax) names.emplace(text.substr(at + 2, end - at - 2));
    }
  };
  add(rest.host + rest.path);
  for (const auto& [name, value] : rest.query) add(value);
  for (const auto& [name, value] : rest.headers) add(value);
  add(rest.body.dump());
  return names;
}

// Not those that paging or the window fills in by now.
void set_inputs(const ObservedRequest& request, SourceDraft& draft) {
  const auto written = written_inputs(draft.rest);
  for (const auto& input : request.inputs) {
    if (!written.contains(input.name)) continue;
    Object property{{"type", input.type},
                    {"title", input.title.empty() ? title_of(input.name) : input.title}};
    if (!input.description.empty()) property.set("description", input.description);
    if (!input.standard.is_null()) property.set("default", input.standard);
    if (!input.choices.is_null()) property.set("enum", input.choices);
    draft.rest.inputs.set(input.name, std::move(property));
    if (input.required) draft.rest.required.emplace_back(input.name);
    draft.params.emplace_back(input.name, input.given);
  }
}

// What is described, and neither sent nor needed for pages or the window.
void tell_left_out(const ObservedRequest& request, const std::vector<std::string>& used, SourceDraft& draft) {
  constexpr std::size_t kNamesMax = 300;
  std::string names;
  for (const auto& parameter : request.query) {
    if (!parameter.optional || parameter.in_body || names.size() > kNamesMax ||
        std::find(used.begin(), used.end(), parameter.name) != used.end())
      continue;
    names += (names.empty() ? "" : ", ") + parameter.name;
    if (names.size() > kNamesMax) names += ", ...";
  }
  if (!names.empty())
    draft.notes.push_back("Optional parameters were left out: " + names +
                          ". Put those you need into queryParams.");
}

// A transport's messages may name the address, and a key may stand in its path.
Error without_credentials(Error error, const ObservedRequest& request) {
  constexpr std::string_view kMask = "***";
  for (const auto& credential : request.credentials) {
    if (credential.place != Place::path) continue;
    const std::string secret = percent_encode(credential.value.reveal());
    for (auto at = error.message.find(secret); at != std::string::npos;
         at = error.message.find(secret, at + kMask.size()))
      error.message.replace(at, secret.size(), kMask);
  }
  return error;
}

}  // namespace

SourceDraft draft_source(const ObservedRequest& request) {
  SourceDraft draft;
  draft.notes = request.notes;
  draft.rest.host = request.host;
  draft.rest.path = request.path;
  draft.rest.method = request.method;
  draft.rest.headers = request.headers;
  draft.rest.body = request.body;
  set_auth(request, draft);

  const AnswerGuess found = guess(request);
  for (const auto& parameter : request.query) {
    const bool used = std::find(found.used.begin(), found.used.end(), parameter.name) != found.used.end();
    if (!used && !parameter.optional) draft.rest.query.emplace_back(parameter.name, parameter.value);
  }
  for (const auto& name : found.used_of_body) remove_member(draft.rest.body, name);
  set_inputs(request, draft);
  draft.rest.paging = found.paging;
  draft.rest.schedule = found.schedule;
  if (found.records && !found.records->names.empty()) {
    draft.rest.content = Object{{"path", found.records->path()},
                                {"keepAttributes", Array{}},
                                {"overrideWrapperAttribute", found.records->wrapper()}};
    draft.notes.push_back("Records are the elements of " + found.records->path() + ".");
  } else if (found.records) {
    draft.rest.content = Object{{"path", "$"}};
    draft.notes.emplace_back("Records are the elements of the answer itself, an array.");
  } else if (request.answer.is_null()) {
    draft.notes.emplace_back(
        "No answer was seen, so the array of records is not known: fill in contentPath.");
  } else {
    draft.notes.emplace_back("The answer holds no array of objects: it is one record as a whole.");
  }
  draft.notes.insert(draft.notes.end(), found.notes.begin(), found.notes.end());
  visit_fixed_dates(draft.rest.query, draft.rest.body, {}, [&draft](const FixedDate& found_date) {
    draft.notes.push_back("A fixed date stands in " + found_date.place + ", " + found_date.date +
                          ": every run reads the same window. Write {START_TIME} where runs shall ask for "
                          "changes only, with scheduleParams that give its format.");
  });
  tell_left_out(request, found.used, draft);
  return draft;
}

Result<void> probe_answer(ObservedRequest& request, http::ClientOptions options, std::stop_token stop) {
  constexpr std::uint64_t kAnswerBytesMax = 16U << 20;
  const auto sent = TRY(replayed(request));
  const auto client = TRY(http::Client::make(std::move(options)));
  http::StringSink sink(kAnswerBytesMax);
  const auto done = client->send(sent, sink, std::move(stop));
  if (!done) return without_credentials(done.error(), request);
  const std::string asked = request.host + request.path;  // a key in the path is a placeholder here
  const int status = sink.answer.status;
  if (status == 401 || status == 403)
    return Error{ErrorKind::unauthorized,
                 asked + " answered " + std::to_string(status) + ": it refuses the command's credentials."};
  if (status < 200 || status >= 300)
    return Error{ErrorKind::upstream, asked + " answered " + std::to_string(status) + "."};
  auto answer = json::parse(sink.text);
  if (!answer)
    return Error{ErrorKind::upstream, "The answer of " + asked + " is no JSON: " + answer.error().message};
  request.answer = *std::move(answer);
  request.answer_headers = std::move(sink.answer.headers);
  return {};
}

}  // namespace headwater::authoring
