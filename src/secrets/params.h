#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "json/value.h"

namespace headwater::secrets {

/// What stands in a credential's place in stored documents and answers.
inline constexpr std::string_view kRedacted = "********";

/// Members that hold tokens whatever a schema says.
inline constexpr std::string_view kTokenNames[] = {"accessToken", "refreshToken"};

/// Credentials by the JSON pointer of their place in the params ("/password", "/headers/0/value"). A string
/// is kept as it is, anything else as JSON behind a NUL; merge_params gives back what was there.
using SecretsByPointer = std::map<std::string, Secret>;

/// A params document without its credentials.
struct SplitParams {
  json::Value open;  // the document with kRedacted in each credential's place
  SecretsByPointer secrets;
  std::vector<std::string> unchanged;  // pointers whose value was kRedacted: the stored one stays
};

/// Takes out every value that `schema` marks with `format: password` in any branch that may describe it
/// (properties, patternProperties, additionalProperties, items, allOf/anyOf/oneOf/if/then/else, local $ref),
/// every member named in `secret_names`, at any depth, and what no schema describes but sounds like a
/// credential
/// ("password", "client_secret"). Nulls and empty strings are no credentials.
SplitParams split_params(const json::Value& schema, const json::Value& params,
                         std::span<const std::string_view> secret_names = kTokenNames);

/// The same for a document whose schema decides alone: nothing is taken by its name.
SplitParams split_described(const json::Value& schema, const json::Value& params);

/// The credentials that a changed document leaves: new ones, and stored ones whose place still says
/// kRedacted.
SecretsByPointer kept_secrets(const SplitParams& split, const SecretsByPointer& stored);

/// Puts the credentials back: the inverse of split_params. A pointer whose place is gone is left out.
json::Value merge_params(const json::Value& open, const SecretsByPointer& secrets);

/// The document for answers: split_params(...).open without keeping the credentials.
json::Value redact_params(const json::Value& schema, const json::Value& params,
                          std::span<const std::string_view> secret_names = kTokenNames);

}  // namespace headwater::secrets
