#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater {

/// Decodes a gzip text of one or more members (RFC 1952). Decoding stops as soon as there are more than
/// `bytes_max` bytes: a small text that stands for a huge one costs no more than that.
/// Errors: too_large; invalid_argument (no gzip, broken off, or with something behind it).
Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max);

/// Encodes as one gzip member.
std::string gzip(std::string_view bytes);

}  // namespace headwater
