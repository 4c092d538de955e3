#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "json/patch.h"
#include "json/pointer.h"
#include "json/value.h"

namespace headwater::secrets {

/// What stands in a credential's place in stored documents and answers.
inline constexpr std::string_view kRedacted = "********";

/// Credentials by the JSON pointer of their place in the params ("/password", "/headers/0/value"). A string
/// is kept as it is, anything else as JSON behind a NUL; merge_params gives back what was there.
using SecretsByPointer = std::map<std::string, Secret>;

/// JSON pointers of credentials.
using Places = std::set<std::string, std::less<>>;

/// A params document without its credentials.
struct SplitParams {
  json::Value open;  // the document with kRedacted in each credential's place
  SecretsByPointer secrets;
};

/// Takes out every value that `schema` marks with `format: password` in any branch that may describe it
/// (properties, patternProperties, additionalProperties, items, allOf/anyOf/oneOf/if/then/else, local $ref),
/// the members accessToken and refreshToken at any depth, what no schema describes but sounds like a
/// credential ("password", "client_secret"), and what stands in `sealed`, whatever the schema says. Nulls and
/// empty strings are no credentials; a place that says kRedacted holds none.
SplitParams split_params(const json::Value& schema, const json::Value& params, const Places& sealed = {});

/// The same for a document whose schema decides alone: nothing is taken by its name.
SplitParams split_described(const json::Value& schema, const json::Value& params, const Places& sealed = {});

/// The places of `open` that say kRedacted and whose credential is in `stored`: they stay sealed.
Places sealed_places(const json::Value& open, const SecretsByPointer& stored);

/// `stored` by the places that the credentials have once `patch` was applied to `before`, a document whose
/// params stand at `params_at` ("/auth/params"): what a patch moves or an element that it removes before them
/// takes them along. One that was overwritten keeps its place, as whoever writes kRedacted there means it.
SecretsByPointer moved_along(const json::Value& before, const json::Patch& patch,
                             const json::Pointer& params_at, const SecretsByPointer& stored);

/// `changed`, a changed version of the stored document `before`, with the credentials back that it leaves:
/// where it says kRedacted, and where it says what `before` says (a token's expiry that was renewed since).
json::Value restore_params(const json::Value& changed, const json::Value& before,
                           const SecretsByPointer& stored);

/// Puts the credentials back: the inverse of split_params. A pointer whose place is gone is left out.
json::Value merge_params(const json::Value& open, const SecretsByPointer& secrets);

/// The document for answers: split_params(...).open without keeping the credentials.
json::Value redact_params(const json::Value& schema, const json::Value& params);

}  // namespace headwater::secrets
