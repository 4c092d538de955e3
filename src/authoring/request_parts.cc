#include "authoring/request_parts.h"

#include <utility>

#include "authoring/placeholders.h"

namespace headwater::authoring {

using Place = ObservedCredential::Place;

ObservedCredential key_at(Place place, std::string name, std::string value) {
  ObservedCredential credential;
  credential.place = place;
  credential.name = std::move(name);
  credential.value = Secret(std::move(value));
  return credential;
}

bool looks_secret(std::string_view value) { return !find_secrets(value).empty(); }

bool is_credential(std::string_view name, std::string_view value, ObservedRequest& request) {
  const Secrecy secrecy = secrecy_of(name, value);
  if (secrecy == Secrecy::perhaps)
    request.notes.push_back(
        "\"" + std::string(name) +
        "\" was taken for a credential, since its value looks like one: it became an input "
        "of the account. Write it into the spec if it is none.");
  return secrecy != Secrecy::none;
}

std::string input_for(const std::string& name, const std::string& title, ObservedRequest& request) {
  request.has_placeholders = true;
  const auto same = [&name](const ObservedInput& each) { return each.name == name; };
  if (std::none_of(request.inputs.begin(), request.inputs.end(), same)) {
    ObservedInput input;
    input.name = name;
    input.title = title;
    request.inputs.push_back(std::move(input));
  }
  return "${" + name + "}";
}

// "<SOME_STRING_VALUE>" tells less than its parameter's name.
std::string with_inputs(const std::string& value, const std::string& parameter, ObservedRequest& request) {
  const auto place = plain_name(parameter) == "query" ? TextPlace::query : TextPlace::value;
  return replace_placeholders(value, place, [&](const std::string& name) {
    const bool says_nothing = name.starts_with("some_") && name.ends_with("_value");
    return input_for(says_nothing ? input_name_of(parameter) : name, "", request);
  });
}

std::string key_reference(std::string value, ObservedRequest& request) {
  std::size_t number = 1;
  for (const auto& each : request.credentials) number += each.place == Place::text ? 1 : 0;
  std::string name = "requestKey" + (number > 1 ? std::to_string(number) : std::string());
  request.credentials.push_back(key_at(Place::text, name, std::move(value)));
  return "${" + name + "}";
}

std::string with_keys(const std::string& text, ObservedRequest& request) {
  auto found = find_named_secrets(text);
  std::string out;
  std::size_t done = 0;
  for (const auto& each : found) {
    out.append(text, done, each.begin - done);
    out += key_reference(text.substr(each.begin, each.end - each.begin), request);
    done = each.end;
  }
  return out.append(text, done);
}

}  // namespace headwater::authoring
