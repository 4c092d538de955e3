#include <utility>

#include "authoring/member_secrets.h"
#include "authoring/placeholders.h"
#include "authoring/request_parts.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;
using Place = ObservedCredential::Place;

constexpr int kDepthMax = 100;

bool is_form_type(std::string_view type) {
  return lower(type).starts_with("application/x-www-form-urlencoded");
}

// "a=1&b=2", of which some record-keepers tell no type.
bool looks_like_form(std::string_view text) {
  const auto is_sign = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '"' || c == '{';
  };
  if (text.empty() || std::any_of(text.begin(), text.end(), is_sign)) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('&', begin), text.size());
    if (const auto equals = text.find('=', begin); equals == begin || equals >= end) return false;
    begin = end + 1;
  }
  return true;
}

void tell_number(const Value& value, std::string_view name, ObservedRequest& request) {
  if (!value.is_number()) return;
  std::string note =
      "\"" + std::string(name) + "\" is a number and a credential: it is sent as a text from now on.";
  if (std::find(request.notes.begin(), request.notes.end(), note) == request.notes.end())
    request.notes.push_back(std::move(note));
}

enum class Holder : std::uint8_t { object, list };

void replace_scalar(Value& value, std::string_view name, Holder holder, ObservedRequest& request) {
  const auto* text = value.if_string();
  if (text != nullptr && text->find("${") != std::string::npos) return;
  const Secrecy secrecy = name.empty()             ? Secrecy::none
                          : holder == Holder::list ? secrecy_of_element(name, value)
                                                   : secrecy_of_member(name, value);
  if (secrecy != Secrecy::none) {
    tell_number(value, name, request);
    value = key_reference(sent_text(value), request);
  } else if (text != nullptr) {
    value = with_keys(*text, request);
  }
}

// Below the body's own members a credential has no name that an account could send it by: the text refers to
// it. A list's elements have its name. The token of some page is not kept.
void replace_keys(Value& value, std::string_view name, Holder holder, int depth, ObservedRequest& request) {
  if (depth > kDepthMax) return;
  if (depth != 1) replace_scalar(value, name, holder, request);
  if (auto* list = value.if_array())
    for (Value& each : *list)
      replace_keys(each, name, Holder::list, depth + 1 + (depth == 0 ? 1 : 0), request);
  auto* members = value.if_object();
  if (members == nullptr) return;
  std::vector<std::string> tokens;
  for (auto& [own, member] : *members) {
    const auto* text = member.if_string();
    if (depth > 0 && text != nullptr && sounds_of_paging(own) && looks_secret(*text))
      tokens.push_back(own);
    else
      replace_keys(member, own, Holder::object, depth + 1, request);
  }
  for (const auto& own : tokens) members->erase(own);
}

void replace_open_members(Value& body, const std::string& name, int depth, ObservedRequest& request) {
  if (depth > kDepthMax) return;
  if (const auto* text = body.if_string(); text != nullptr && sole_placeholder(*text))
    body = with_inputs(*text, name, request);
  if (auto* list = body.if_array())
    for (Value& each : *list) replace_open_members(each, name, depth + 1, request);
  if (auto* members = body.if_object())
    for (auto& [own, member] : *members) replace_open_members(member, own, depth + 1, request);
}

// The body's own members: those that are credentials are sent by the account, under their names.
void take_members(Object& members, ObservedRequest& request) {
  std::vector<std::string> secret, tokens, logins;
  QueryParams texts;
  for (auto& [name, value] : members) {
    if (value.is_string() || value.is_number()) texts.emplace_back(name, "");
    if (const auto* text = value.if_string(); text != nullptr && !sounds_secret(name))
      value = with_keys(*text, request);  // a query language's own
  }
  for (const auto& [name, value] : members) {
    if (const auto* text = value.if_string()) {
      if (sounds_of_paging(name) && looks_secret(*text))
        tokens.push_back(name);
      else if (is_credential(name, *text, request))
        secret.push_back(name);
      else if (is_login_of(name, texts))
        logins.push_back(name);
    } else if (secrecy_of_member(name, value) != Secrecy::none) {
      tell_number(value, name, request);
      secret.push_back(name);
    }
  }
  for (const auto& name : tokens) {
    members.erase(name);
    request.query.push_back({name, "", "", true, true});
  }
  for (const auto* names : {&logins, &secret})
    for (const auto& name : *names) {
      request.credentials.push_back(key_at(Place::body, name, sent_text(*members.find(name))));
      request.credentials.back().is_login = names == &logins;
      members.erase(name);
    }
}

Value read_body(SentRequest& sent) {
  const std::string type(http::find_header(sent.headers, "Content-Type").value_or(""));
  auto document = json::parse(sent.body);
  if (document && (document->is_object() || document->is_array())) {
    // "curl -d" says form whatever the data are.
    if (is_form_type(type))
      std::erase_if(sent.headers,
                    [](const auto& each) { return equal_ignoring_case(each.first, "Content-Type"); });
    return *std::move(document);
  }
  const bool untyped = type.empty() && looks_like_form(sent.body);
  if (!untyped && !is_form_type(type)) return sent.body;
  if (untyped) sent.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  Object form;
  for (auto& [name, value] : parse_query(sent.body)) form.set(name, std::move(value));
  return form;
}

}  // namespace

void take_inner_keys(Value& body, ObservedRequest& request) {
  replace_keys(body, "", Holder::object, 0, request);
}

void take_body(SentRequest& sent, ObservedRequest& request) {
  if (sent.body.empty()) return;
  if (request.method != "POST") {
    request.notes.emplace_back("The body was left out: a GET request of a source has none.");
    return;
  }
  request.body = read_body(sent);
  const auto before = request.credentials.size();
  if (auto* members = request.body.if_object()) {
    take_members(*members, request);
    replace_open_members(request.body, "", 0, request);
  }
  take_inner_keys(request.body, request);
  if (std::any_of(request.credentials.begin() + static_cast<std::ptrdiff_t>(before),
                  request.credentials.end(), [](const auto& each) { return each.place == Place::text; }))
    request.notes.emplace_back("Credentials within the body became inputs of the account: check bodyParams.");
  if (request.body.is_object()) return;
  // A source's body is an object or a text.
  if (request.body.is_array()) request.body = request.body.dump();
  if (!find_secrets(*request.body.if_string()).empty()) {
    request.body = Value();
    std::erase_if(request.credentials, [](const auto& each) { return each.place == Place::text; });
    request.notes.emplace_back("The body was left out: it holds what looks like a credential.");
  }
}

}  // namespace headwater::authoring
