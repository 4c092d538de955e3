#pragma once

#include <string>
#include <string_view>

namespace headwater::mapping {

/// A regular expression in Java's notation, as PCRE2 writes it: "\u00e9", "\p{Alpha}" and "\p{IsLatin}",
/// classes inside classes ("[a-z&&[^aeiou]]"), and the flags u and d. What both write alike, and what neither
/// knows, stays as it is. Source: data-prep reference, Part F.
std::string from_java_regex(std::string_view pattern);

}  // namespace headwater::mapping
