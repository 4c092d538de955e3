#include "authoring/observed_request.h"

#include <algorithm>
#include <utility>

#include "authoring/secret_scan.h"
#include "base/crypto.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;
using Place = ObservedCredential::Place;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What every client sends, or only a browser does.
bool is_of_the_transport(const std::string& name) {
  static constexpr std::string_view kNames[] = {"accept-encoding",
                                                "accept-language",
                                                "cache-control",
                                                "connection",
                                                "content-length",
                                                "dnt",
                                                "host",
                                                "if-none-match",
                                                "if-modified-since",
                                                "origin",
                                                "pragma",
                                                "priority",
                                                "referer",
                                                "te",
                                                "upgrade-insecure-requests",
                                                "user-agent",
                                                "x-requested-with",
                                                "expect",
                                                "transfer-encoding"};
  return name.starts_with("sec-") || name.starts_with(':') ||
         std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

void take_authorization(const std::string& value, ObservedRequest& request) {
  const auto blank = value.find(' ');
  const std::string scheme = lower(value.substr(0, blank));
  const std::string rest =
      blank == std::string::npos ? "" : value.substr(value.find_first_not_of(' ', blank));
  ObservedCredential credential;
  credential.name = "Authorization";
  if (scheme == "bearer" && !rest.empty()) {
    credential.place = Place::bearer;
    credential.value = Secret(rest);
    request.notes.emplace_back(
        "If the token expires, let authSpec renew it: the type OAuth2RefreshCode, or "
        "OAuth2ClientCredential.");
  } else if (scheme == "basic" && !rest.empty()) {
    credential.place = Place::basic;
    const auto pair = crypto::base64_decode(rest);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      credential.user = pair->substr(0, colon);
      credential.value = Secret(pair->substr(colon + 1));
    }
  } else {
    credential.place = Place::header;
    if (scheme == "digest" || scheme == "negotiate" || scheme == "ntlm" || scheme.starts_with("aws4-") ||
        scheme == "hmac" || scheme == "signature")
      request.notes.emplace_back("The header Authorization holds for this one request (" + scheme +
                                 "): no source can make another one. See what else the API takes.");
    if (!rest.empty()) credential.scheme = value.substr(0, value.size() - rest.size());
    credential.value = Secret(rest.empty() ? value : rest);
  }
  request.credentials.push_back(std::move(credential));
}

ObservedCredential key(Place place, std::string name, std::string value) {
  ObservedCredential credential;
  credential.place = place;
  credential.name = std::move(name);
  credential.value = Secret(std::move(value));
  return credential;
}

bool looks_secret(std::string_view value) { return !find_secrets(value).empty(); }

// What no server may be sent as a header, whoever copied it.
bool is_header(std::string_view name, std::string_view value) {
  const auto is_sign = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == ':' || c == 0x7f; };
  return !name.empty() && std::none_of(name.begin() + (name[0] == ':' ? 1 : 0), name.end(), is_sign) &&
         value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// JSON is asked for and sent without being told to.
bool is_sent_anyhow(const std::string& name, const std::string& value, bool has_body) {
  if (name == "accept") return value == "*/*" || value.starts_with("application/json");
  return name == "content-type" && (!has_body || value.starts_with("application/json"));
}

void take_headers(const http::Headers& headers, ObservedRequest& request) {
  for (const auto& [name, value] : headers) {
    const std::string plain = lower(name);
    if (!is_header(name, value)) {
      request.notes.emplace_back("A header was left out: its name or value holds signs that none may have.");
    } else if (plain == "authorization") {
      take_authorization(value, request);
    } else if (plain == "cookie") {
      request.notes.emplace_back(
          "The cookies were left out: they are a browser's session. Use a key or token of the API.");
    } else if (sounds_secret(name) || looks_secret(value)) {
      request.credentials.push_back(key(Place::header, name, value));
    } else if (!is_of_the_transport(plain) && !is_sent_anyhow(plain, value, !request.body.is_null())) {
      request.headers.emplace_back(name, value);
    }
  }
}

// Ids are numbers, UUIDs and long hexadecimal words; "v1" and "2024-01" are none.
bool is_id(std::string_view segment) {
  const bool number = !segment.empty() && std::all_of(segment.begin(), segment.end(), is_digit);
  if (number) return true;
  constexpr std::size_t kWordMin = 16;
  if (segment.size() < kWordMin) return false;
  return std::all_of(segment.begin(), segment.end(),
                     [](char c) {
                       return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
                     }) &&
         std::any_of(segment.begin(), segment.end(), is_digit);
}

std::string input_name(std::string_view before, const std::vector<ObservedInput>& taken) {
  std::string name;
  for (const char c : singular_of(before)) {
    const bool good = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (good) name += c;
  }
  if (name.empty() || is_digit(name[0])) name = "item";
  name += "Id";
  const auto is_taken = [&taken](const std::string& wanted) {
    return std::any_of(taken.begin(), taken.end(),
                       [&wanted](const ObservedInput& each) { return each.name == wanted; });
  };
  std::string unique = name;
  for (int i = 2; is_taken(unique); ++i) unique = name + std::to_string(i);
  return unique;
}

void take_path(const std::string& path, ObservedRequest& request) {
  std::string before;
  for (std::size_t begin = 0; begin < path.size();) {
    std::size_t end = path.find('/', begin + 1);
    if (end == std::string::npos) end = path.size();
    const std::string segment = path.substr(begin + 1, end - begin - 1);
    if (!is_id(segment) && looks_secret(percent_decode(segment))) {
      request.credentials.push_back(key(Place::path, "pathKey", percent_decode(segment)));
      request.path += "/${pathKey}";
    } else if (is_id(segment) && !before.empty()) {
      ObservedInput input;
      input.name = input_name(before, request.inputs);
      input.title = "Id of the " + singular_of(percent_decode(before));
      input.given = percent_decode(segment);
      request.path += "/${" + input.name + "}";
      request.inputs.push_back(std::move(input));
    } else {
      request.path += path.substr(begin, end - begin);
    }
    before = segment;
    begin = end;
  }
}

void take_query(const std::string& query, ObservedRequest& request) {
  for (auto& [name, value] : parse_query(query)) {
    if (sounds_of_paging(name) && looks_secret(value))  // some page's token: a source begins with the first
      request.query.push_back({std::move(name), "", "", true});
    else if (sounds_secret(name) || looks_secret(value))
      request.credentials.push_back(key(Place::query, std::move(name), std::move(value)));
    else
      request.query.push_back({std::move(name), std::move(value), "", false});
  }
}

// Below the body's own members no credential can be put back, so none is kept.
std::size_t remove_secrets(Value& value, int depth) {
  constexpr int kDepthMax = 100;
  std::size_t removed = 0;
  if (depth > kDepthMax) return removed;
  if (auto* list = value.if_array())
    for (Value& each : *list) removed += remove_secrets(each, depth + 1);
  auto* members = value.if_object();
  if (members == nullptr) return removed;
  std::vector<std::string> secret;
  for (auto& [name, member] : *members) {
    const auto* text = member.if_string();
    if (text != nullptr && (sounds_secret(name) || looks_secret(*text)))
      secret.push_back(name);
    else
      removed += remove_secrets(member, depth + 1);
  }
  for (const auto& name : secret) members->erase(name);
  return removed + secret.size();
}

void take_body(SentRequest& sent, ObservedRequest& request) {
  if (sent.body.empty()) return;
  if (request.method != "POST") {
    request.notes.emplace_back("The body was left out: a GET request of a source has none.");
    return;
  }
  const auto type = http::find_header(sent.headers, "Content-Type").value_or("");
  auto document = json::parse(sent.body);
  if (document && document->is_object()) {
    request.body = *std::move(document);
    // "curl -d" says form whatever the data are.
    if (lower(type).starts_with("application/x-www-form-urlencoded"))
      std::erase_if(sent.headers,
                    [](const auto& each) { return equal_ignoring_case(each.first, "Content-Type"); });
  } else if (lower(type).starts_with("application/x-www-form-urlencoded")) {
    Object form;
    for (auto& [name, value] : parse_query(sent.body)) form.set(name, std::move(value));
    request.body = std::move(form);
  } else {
    request.body = sent.body;
  }
  auto* members = request.body.if_object();
  if (members == nullptr) {
    if (!find_secrets(sent.body).empty()) {
      request.body = Value();
      request.notes.emplace_back("The body was left out: it holds what looks like a credential.");
    }
    return;
  }
  std::vector<std::string> secret;
  for (const auto& [name, value] : *members)
    if (const auto* text = value.if_string(); text != nullptr && (sounds_secret(name) || looks_secret(*text)))
      secret.push_back(name);
  for (const auto& name : secret) {
    request.credentials.push_back(key(Place::body, name, *members->find(name)->if_string()));
    members->erase(name);
  }
  if (remove_secrets(request.body, 0) > 0)
    request.notes.emplace_back("Credentials deep in the body were left out: check bodyParams.");
}

}  // namespace

std::string singular_of(std::string_view plural) {
  std::string word(plural);
  if (word.ends_with("ies") && word.size() > 4) return word.substr(0, word.size() - 3) + "y";
  for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zes"})
    if (word.ends_with(ending)) return word.substr(0, word.size() - 2);
  if (word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") &&
      word.size() > 2)
    word.pop_back();
  return word;
}

Result<ObservedRequest> observe(SentRequest sent) {
  ObservedRequest request;
  request.notes = std::move(sent.notes);
  request.method = sent.method;
  if (request.method != "GET" && request.method != "POST")
    return Error{ErrorKind::invalid_argument,
                 "The request's method is " + request.method + "; a source is read with GET or POST."};
  if (sent.url.find("://") == std::string::npos) {
    const bool here = sent.url.starts_with("localhost") || sent.url.starts_with("127.");
    sent.url.insert(0, here ? "http://" : "https://");
  }
  auto url = Url::parse(sent.url);
  if (!url)
    return Error{ErrorKind::invalid_argument, "The request's URL cannot be read: " + url.error().message};
  if (!url->userinfo.empty() && !sent.has_user) {
    const auto colon = url->userinfo.find(':');
    sent.has_user = true;
    sent.user = percent_decode(url->userinfo.substr(0, colon));
    if (colon != std::string::npos) sent.password = Secret(percent_decode(url->userinfo.substr(colon + 1)));
  }
  url->userinfo.clear();
  request.host = url->origin();
  take_path(url->path, request);
  take_query(url->query, request);
  take_body(sent, request);
  take_headers(sent.headers, request);
  if (sent.has_user) {
    ObservedCredential basic;
    basic.place = Place::basic;
    basic.name = "Authorization";
    basic.user = sent.user;
    basic.value = sent.password;
    request.credentials.insert(request.credentials.begin(), std::move(basic));
  }
  return request;
}

Result<http::ClientRequest> replayed(const ObservedRequest& request) {
  http::ClientRequest out;
  out.method = request.method;
  out.headers = request.headers;
  if (!http::find_header(out.headers, "Accept")) out.headers.emplace_back("Accept", "application/json");
  std::string path = request.path;
  for (const auto& input : request.inputs) {
    const std::string mark = "${" + input.name + "}";
    for (auto at = path.find(mark); at != std::string::npos; at = path.find(mark))
      path.replace(at, mark.size(), percent_encode(input.given));
  }
  for (const auto& credential : request.credentials) {
    const std::string mark = "${" + credential.name + "}";
    if (const auto at = path.find(mark); credential.place == Place::path && at != std::string::npos)
      path.replace(at, mark.size(), percent_encode(credential.value.reveal()));
  }
  out.url = TRY(Url::parse(request.host + path));
  QueryParams query;
  for (const auto& parameter : request.query)
    if (!parameter.optional) query.emplace_back(parameter.name, parameter.value);
  Value body = request.body;
  for (const auto& credential : request.credentials) {
    const std::string& value = credential.value.reveal();
    switch (credential.place) {
      case Place::basic:
        out.headers.emplace_back("Authorization", "Basic " + crypto::base64(credential.user + ":" + value));
        break;
      case Place::bearer:
      case Place::user_token:
        out.headers.emplace_back("Authorization", "Bearer " + value);
        break;
      case Place::client_credentials:
      case Place::path:  // stands in the URL already
        break;
      case Place::header:
        out.headers.emplace_back(credential.name, credential.scheme + value);
        break;
      case Place::query:
        query.emplace_back(credential.name, value);
        break;
      case Place::body:
        if (auto* members = body.if_object()) members->set(credential.name, value);
        break;
    }
  }
  if (!query.empty()) {
    out.url.query = format_query(query);
    out.url.has_query = true;
  }
  if (body.is_null()) return out;
  const auto type = http::find_header(out.headers, "Content-Type");
  const bool form = type && lower(*type).starts_with("application/x-www-form-urlencoded");
  if (!type) out.headers.emplace_back("Content-Type", "application/json");
  if (const auto* text = body.if_string()) {
    out.body = *text;
  } else if (form) {
    QueryParams fields;
    for (const auto& [name, value] : *body.if_object())
      fields.emplace_back(name, value.is_string() ? *value.if_string() : value.dump());
    out.body = format_query(fields);
  } else {
    out.body = body.dump();
  }
  return out;
}

}  // namespace headwater::authoring
