#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater {

/// A compiled regular expression (PCRE2, UTF-8, JIT) with match limits, so that no pattern can hang a
/// thread. Immutable; `search` may be called from any thread.
class Regex {
 public:
  /// Errors: invalid_argument with the offset and PCRE2's reason.
  static Result<Regex> make(std::string_view pattern);
  /// True when some part of `text` matches. A match that exceeds the limits counts as no match.
  bool search(std::string_view text) const;
  /// True when all of `text` matches.
  bool matches(std::string_view text) const;

 private:
  struct Code;
  explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;  // Shared by copies of one expression; immutable.
};

}  // namespace headwater
