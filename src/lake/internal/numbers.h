#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headwater::lake {

__extension__ using Int128 = __int128;

/// A JSON number's text taken apart without changing its value: digits * 10^exponent.
struct NumberParts {
  bool negative = false;
  bool has_point = false;
  bool has_exponent = false;
  bool trailing_zero =
      false;  // "19.90": a zero was written that the value does not need ("5.0" does not count)
  std::uint32_t digits = 0;         // significant, without leading zeros, as written
  std::int64_t integer_digits = 0;  // in front of the point, without leading zeros (no exponent)
  std::int64_t scale = 0;           // behind the point, as written (no exponent)
};

/// `text` must be a valid JSON number.
NumberParts parts_of(std::string_view text);

/// The whole number that the text stands for ("5", "5.0", "5e0"), when it has 64 bits.
std::optional<std::int64_t> to_integer(std::string_view text);

/// The value times 10^scale, when that is whole and has no more than `width` digits.
std::optional<Int128> to_decimal(std::string_view text, unsigned width, unsigned scale);

struct DoubleValue {
  double value;
  bool exact;  // writing the double in its shortest form gives the text's value again
};
/// nullopt past the range of doubles.
std::optional<DoubleValue> to_double(std::string_view text);

/// Days since 1970-01-01 of "YYYY-MM-DD".
std::optional<std::int32_t> to_date(std::string_view text);

struct TimestampValue {
  std::int64_t micros;  // since the epoch, UTC
  bool exact;           // nothing behind the microseconds was cut off
};
/// RFC 3339; a time without offset is UTC, a date alone is its midnight.
std::optional<TimestampValue> to_timestamp(std::string_view text);

}  // namespace headwater::lake
