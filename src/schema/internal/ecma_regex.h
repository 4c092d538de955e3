#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::schema {

/// Rewrites an ECMA-262 pattern (unicode mode, without flags) for PCRE2, where both differ: \d \w \s \b by
/// ECMA's sets, "." and "$" by its line rules, \uXXXX, \cX, \v, [] and [^], long property names, and the
/// PCRE-only syntax that ECMA reads as literals or forbids. Needless escapes of punctuation ("\-") pass.
/// Errors: invalid_argument naming the position.
Result<std::string> translate_ecma_regex(std::string_view pattern);

}  // namespace headwater::schema
