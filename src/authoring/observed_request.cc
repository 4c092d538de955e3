#include "authoring/observed_request.h"

#include <algorithm>
#include <utility>

#include "authoring/parameter_names.h"
#include "authoring/placeholders.h"
#include "authoring/request_parts.h"
#include "authoring/secret_scan.h"
#include "base/crypto.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

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
    } else if (is_credential(name, value, request)) {
      request.credentials.push_back(key_at(Place::header, name, value));
    } else if (is_login_of(name, headers)) {
      request.credentials.push_back(key_at(Place::header, name, value));
      request.credentials.back().is_login = true;
    } else if (!is_of_the_transport(plain) && !is_sent_anyhow(plain, value, !request.body.is_null())) {
      request.headers.emplace_back(name, with_keys(with_inputs(value, name, request), request));
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

// "/rest/api/3", "/v/2": which version of the API it is.
bool is_version(std::string_view before, std::string_view segment) {
  constexpr std::size_t kDigitsMax = 3;
  const std::string plain = plain_name(before);
  return segment.size() <= kDigitsMax &&
         (plain == "api" || plain == "v" || plain == "version" || plain == "rest");
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

// The reference to the account's input that a key in the path becomes. One key that stands there twice is
// one.
std::string path_key(const std::string& name, const std::string& value, ObservedRequest& request) {
  for (const auto& each : request.credentials)
    if (each.place == Place::path && !value.empty() && each.value.reveal() == value)
      return "${" + each.name + "}";
  const auto is_taken = [&request](const std::string& wanted) {
    const auto same = [&wanted](const auto& each) { return each.name == wanted; };
    return std::any_of(request.credentials.begin(), request.credentials.end(), same) ||
           std::any_of(request.inputs.begin(), request.inputs.end(), same);
  };
  std::string unique = name;
  for (int i = 2; is_taken(unique); ++i) unique = name + std::to_string(i);
  request.credentials.push_back(key_at(Place::path, unique, value));
  return "${" + unique + "}";
}

// "orders;jsessionid=1A2B": a session is left out, as a cookie is; another key becomes the account's.
std::string without_matrix_keys(const std::string& segment, ObservedRequest& request) {
  std::string out = segment.substr(0, segment.find(';'));
  for (auto begin = out.size(); begin < segment.size();) {
    const auto end = std::min(segment.find(';', begin + 1), segment.size());
    const std::string one = segment.substr(begin, end - begin);
    begin = end;
    const auto equals = std::min(one.find('='), one.size());
    const std::string name = one.substr(1, equals - 1);
    const std::string value = percent_decode(one.substr(std::min(equals + 1, one.size())));
    const std::string plain = plain_name(name);
    if (plain.ends_with("sessionid") || plain == "phpsessid" || plain == "sid" || plain == "session") {
      request.notes.push_back("\"" + name + "\" of the path was left out: it is a browser's session.");
    } else if (is_credential(name, value, request)) {
      out.append(";").append(name).append("=").append(path_key(input_name_of(name), value, request));
    } else {
      out += one;
    }
  }
  return out;
}

void take_path(const std::string& path, ObservedRequest& request) {
  std::string before;
  for (std::size_t begin = 0; begin < path.size();) {
    std::size_t end = path.find('/', begin + 1);
    if (end == std::string::npos) end = path.size();
    const std::string segment = without_matrix_keys(path.substr(begin + 1, end - begin - 1), request);
    if (segment.find(';') == std::string::npos && !is_id(segment) && looks_secret(percent_decode(segment))) {
      request.path += "/" + path_key("pathKey", percent_decode(segment), request);
    } else if (is_id(segment) && !before.empty() && !is_version(before, segment)) {
      ObservedInput input;
      // Behind a placeholder nobody knows whose id it is.
      const bool known = before.find("hwopen") == std::string::npos;
      input.name = input_name(known ? before : "", request.inputs);
      input.title = known ? "Id of the " + singular_of(percent_decode(before)) : "Id";
      input.given = percent_decode(segment);
      request.path += "/${" + input.name + "}";
      request.inputs.push_back(std::move(input));
    } else {
      request.path += path.substr(begin, 1) + segment;
    }
    before = segment;
    begin = end;
  }
}

void take_query(const std::string& query, ObservedRequest& request) {
  const auto parameters = parse_query(query);
  for (const auto& [name, value] : parameters) {
    const bool is_open = sole_placeholder(value).has_value();
    if ((sounds_of_paging(name) &&
         looks_secret(value)) ||  // some page's token: a source begins with the first
        (is_open && is_of_paging_or_window(name)))
      request.query.push_back({name, "", "", true});
    else if (is_credential(name, value, request))
      request.credentials.push_back(key_at(Place::query, name, value));
    else if (is_login_of(name, parameters)) {
      request.credentials.push_back(key_at(Place::query, name, value));
      request.credentials.back().is_login = true;
    } else
      request.query.push_back({name, with_keys(with_inputs(value, name, request), request), "", false});
  }
}

// A URL whose placeholders are words that every part of one may hold, until it is taken apart.
class OpenUrl {
 public:
  explicit OpenUrl(std::string& url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    // "/", "?" and "#" stand in no placeholder.
    const auto path = std::min(url.find_first_of("/?#", begin), url.size());
    const auto query = std::min(url.find_first_of("?#", path), url.size());
    const auto login = url.substr(begin, path - begin).rfind('@');
    const auto host = login == std::string::npos ? begin : begin + login + 1;
    std::string authority = marked(url.substr(host, path - host), TextPlace::host);
    // A port is a number, so one that is to be given is put back behind the host.
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (authority.ends_with(":" + mark(i))) {
        port_ = names_[i];
        authority.resize(authority.rfind(':'));
      }
    url = url.substr(0, host) + authority + marked(url.substr(path, query - path), TextPlace::path) +
          url.substr(query);
  }

  const std::string& port() const { return port_; }

  const std::vector<std::string>& names() const { return names_; }

  // The words, as what `put` gives for the names.
  template <class Put>
  void fill(std::string& text, const Put& put) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string sign = mark(i);
      for (auto at = text.find(sign); at != std::string::npos;) {
        const std::string name = put(names_[i]);  // which may hold the sign itself
        text.replace(at, sign.size(), name);
        at = text.find(sign, at + name.size());
      }
    }
  }

 private:
  static std::string mark(std::size_t index) { return "hwopen" + std::to_string(index) + "x"; }

  std::string marked(std::string text, TextPlace place) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string escape = text[i] == '%' ? lower(text.substr(i, 3)) : std::string();
      const char sign = escape == "%7b"   ? '{'
                        : escape == "%7d" ? '}'
                        : escape == "%3c" ? '<'
                        : escape == "%3e" ? '>'
                                          : '\0';
      plain += sign == '\0' ? text[i] : sign;
      if (sign != '\0') i += 2;
    }
    return replace_placeholders(plain, place, [this](const std::string& name) {
      names_.push_back(name);
      return mark(names_.size() - 1);
    });
  }

  std::vector<std::string> names_;
  std::string port_;  // the name that stands in its place
};

// A token that belongs into the path is the account's, any other value a parameter of the source.
std::string reference_in_url(const std::string& name, ObservedRequest& request) {
  if (!sounds_secret(name)) return input_for(name, "", request);
  request.has_placeholders = true;
  const auto same = [&name](const ObservedCredential& each) { return each.name == name; };
  if (std::none_of(request.credentials.begin(), request.credentials.end(), same))
    request.credentials.push_back(key_at(Place::path, name, ""));
  return "${" + name + "}";
}

void tell_placeholders(ObservedRequest& request) {
  std::string names;
  for (const auto& input : request.inputs)
    if (input.given.empty()) names += (names.empty() ? "${" : ", ${") + input.name + "}";
  if (!names.empty())
    request.notes.push_back("The request has placeholders where values belong; they became inputs: " + names +
                            ".");
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
  const OpenUrl open(sent.url);
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
  const auto reference = [&request](const std::string& name) { return reference_in_url(name, request); };
  open.fill(request.host, reference);
  if (!open.port().empty()) request.host += ":" + reference(open.port());
  for (const auto& name : open.names()) reference(name);  // before ids get names of their own
  take_path(url->path, request);
  open.fill(request.path, reference);
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
  for (auto& credential : request.credentials)
    if (sole_placeholder(credential.value.reveal())) {
      credential.is_open = true;
      request.has_placeholders = true;
    }
  tell_placeholders(request);
  return request;
}

}  // namespace headwater::authoring
