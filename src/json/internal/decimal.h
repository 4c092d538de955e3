#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headwater::json::internal {

/// A number's value as 0.DIGITS times ten to `exponent`, as views into its text. Digits have no leading or
/// trailing zeros. Exponents beyond 36 digits are taken as equally large.
struct Decimal {
  __extension__ using Exponent = __int128;

  bool negative = false;
  bool zero = false;
  std::string_view head;  // digits, from before the point
  std::string_view tail;  // the following digits, from behind it
  Exponent exponent = 0;

  /// Takes apart a valid JSON number.
  explicit Decimal(std::string_view number);

  std::size_t digits() const { return head.size() + tail.size(); }
  char digit(std::size_t i) const { return i < head.size() ? head[i] : tail[i - head.size()]; }
  std::optional<std::int64_t> as_int64() const;
};

/// <0, 0, >0.
int compare(const Decimal& a, const Decimal& b);

}  // namespace headwater::json::internal
