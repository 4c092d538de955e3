#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "authoring/observed_request.h"
#include "authoring/secret_scan.h"

namespace headwater::authoring {

/// Steps of observe() that every part of a request takes.

ObservedCredential key_at(ObservedCredential::Place place, std::string name, std::string value);

bool looks_secret(std::string_view value);

/// Whether a member is a credential; of one that may be something else the author is told.
bool is_credential(std::string_view name, std::string_view value, ObservedRequest& request);

/// A login is half of the credential that its password beside it is. `names`: pairs of name and value.
template <class Names>
bool is_login_of(std::string_view name, const Names& names) {
  return sounds_of_login(name) && std::any_of(names.begin(), names.end(), [](const auto& each) {
           return sounds_of_password(each.first);
         });
}

/// The reference to the input that takes a documentation's placeholder.
std::string input_for(const std::string& name, const std::string& title, ObservedRequest& request);

/// A value as documentations write it, with references to inputs in the place of its placeholders.
std::string with_inputs(const std::string& value, const std::string& parameter, ObservedRequest& request);

/// A value that is a key, as an input of the account: gives the reference to it.
std::string key_reference(std::string value, ObservedRequest& request);

/// A text of another language (XML, GraphQL, a query) with references in the place of the values that it
/// gives to names of credentials.
std::string with_keys(const std::string& text, ObservedRequest& request);

/// Puts references in the place of the credentials that stand below a body's own members.
void take_inner_keys(json::Value& body, ObservedRequest& request);

/// Takes the body apart. Its type may be changed, or added, in `sent.headers`.
void take_body(SentRequest& sent, ObservedRequest& request);

}  // namespace headwater::authoring
