#pragma once

#include <string_view>

#include "base/error.h"

namespace headwater {

/// As reports say it.
constexpr std::string_view word(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

}  // namespace headwater
