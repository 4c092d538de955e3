#include "authoring/sent_credentials.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "authoring/spec_as_read.h"
#include "authoring/template_names.h"
#include "base/text.h"
#include "domain/source_spec.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using json::Value;
using Reach = BreakingChange::Reach;

constexpr std::string_view kAuthorization = "authorization";

// A text that is sent, by its place. Texts of one place (a parameter given twice) follow each other.
struct Sent {
  std::string shown;  // 'header "Authorization"'
  std::string value;
};
using SentTexts = std::map<std::string, Sent>;

void add(SentTexts& out, std::string pointer, std::string shown, const std::string& value) {
  auto& entry = out[std::move(pointer)];
  entry.shown = std::move(shown);
  entry.value += value + "\n";
}

void add_body(SentTexts& out, const Value& body, const std::string& pointer, std::string_view name,
              int depth) {
  constexpr int kDepthMax = 100;
  if (depth > kDepthMax) return;
  if (const auto* text = body.if_string())
    add(out, pointer, name.empty() ? "body" : "member \"" + std::string(name) + "\" of the body", *text);
  if (const auto* list = body.if_array())
    for (std::size_t i = 0; i < list->size(); ++i)
      add_body(out, (*list)[i], pointer + "/" + std::to_string(i), name, depth + 1);
  if (const auto* members = body.if_object())
    for (const auto& [member, value] : *members)
      add_body(out, value, pointer + "/" + json::escape_pointer_token(member), member, depth + 1);
}

SentTexts sent_headers(const Value& spec) {
  SentTexts out;
  if (domain::needs_no_requests(spec)) return out;
  for (const auto& [name, value] : spec_as_read(spec).headers)
    // Two spellings are one header.
    add(out, std::string(kAttributesPlace) + "headerParams/" + json::escape_pointer_token(lower(name)),
        "header \"" + name + "\"", value);
  return out;
}

SentTexts sent_texts(const Value& spec) {
  SentTexts out = sent_headers(spec);
  if (domain::needs_no_requests(spec)) return out;
  const auto source = spec_as_read(spec);
  for (const auto& [name, value] : source.url.query)
    add(out, std::string(kAttributesPlace) + "urlParams/queryParams/" + json::escape_pointer_token(name),
        "parameter \"" + name + "\"", value);
  add_body(out, source.body, std::string(kAttributesPlace) + "bodyParams", "", 0);
  return out;
}

// The authentications that have an input of a name.
using AccountsByInput = std::map<std::string, std::set<std::string>, std::less<>>;
AccountsByInput accounts_by_input(const Value& spec) {
  AccountsByInput out;
  const Value* list = spec.find("authSpec");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& each : *list->if_array())
    if (const Value* inputs = each.find_path("spec.properties"); inputs != nullptr && inputs->is_object())
      for (const auto& [name, property] : *inputs->if_object())
        out[name].insert(std::string(each.string_at("name")));
  return out;
}

bool is_authorization(std::string_view pointer) {
  return pointer == std::string(kAttributesPlace) + "headerParams/" + std::string(kAuthorization);
}

const std::string* value_at(const SentTexts& texts, const std::string& pointer) {
  const auto found = texts.find(pointer);
  return found == texts.end() ? nullptr : &found->second.value;
}

// The authentications that a text asks for an input of.
std::set<std::string> accounts_of(const std::string& text, const AccountsByInput& accounts) {
  std::set<std::string> out;
  for (const auto& name : names_asked_for(Value(text)))
    if (const auto found = accounts.find(name); found != accounts.end())
      out.insert(found->second.begin(), found->second.end());
  return out;
}

}  // namespace

std::vector<BreakingChange> broken_credentials(const Value& before, const Value& after) {
  std::vector<BreakingChange> out;
  constexpr std::size_t kEnough = 10'000;  // more than anybody is told
  const auto inputs = accounts_by_input(before);
  const auto old_texts = sent_texts(before);
  const auto new_texts = sent_texts(after);
  for (const auto& [pointer, sent] : old_texts) {
    const auto* now = value_at(new_texts, pointer);
    if (now != nullptr && *now == sent.value) continue;
    const std::string message = "The " + sent.shown + " carries a credential and " +
                                (now == nullptr ? "is no longer sent." : "is sent otherwise.");
    if (out.size() > kEnough) break;
    const auto accounts = accounts_of(sent.value, inputs);
    for (const auto& account : accounts)
      out.push_back({Reach::flows_of_the_account, account, pointer, message});
    if (accounts.empty() && is_authorization(pointer))
      out.push_back({Reach::every_flow, "", pointer, message});
  }
  // It takes the place of what the authentication would send.
  for (const auto& [pointer, sent] : new_texts)
    if (is_authorization(pointer) && !old_texts.contains(pointer))
      out.push_back({Reach::every_flow, "", pointer, "The " + sent.shown + " is sent from now on."});
  return out;
}

bool other_headers_differ(const Value& before, const Value& after) {
  const auto others = [](const Value& spec) {
    std::map<std::string, std::string> out;
    for (const auto& [pointer, sent] : sent_headers(spec))
      if (!is_authorization(pointer)) out.emplace(pointer, sent.value);
    return out;
  };
  return others(before) != others(after);
}

}  // namespace headwater::authoring
