#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::schema {

/// Reads a text (a command-line parameter) as the type that its schema declares: "5" for an integer is 5,
/// "true" for a boolean is true, JSON text for an object or array. Without a declared type, or for a string,
/// the text itself. Of several types the first that fits, `string` last.
/// Errors: invalid_argument saying what was expected; the text of a `format: password` is not repeated.
Result<json::Value> coerce_text(std::string_view text, const json::Value& schema);

/// Coerces `k=v` parameters by the `properties` of an object schema ("$ref" into its own definitions
/// followed). A dotted name of no property reaches into nested objects. Later values replace earlier.
/// Errors: invalid_argument, `where` naming the parameter, all problems at once.
Result<json::Object> coerce_params(const std::vector<std::pair<std::string, std::string>>& params,
                                   const json::Value& schema);

}  // namespace headwater::schema
