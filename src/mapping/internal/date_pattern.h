#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {

struct NumberLetter;
class DateFields;

/// A date pattern of the data-prep reference (E.2), compiled once. Immutable; every call from any thread, and
/// none allocates but for `out`.
class DatePattern {
 public:
  DatePattern() = default;  // of the empty text
  /// Errors: invalid_argument for a letter that E.2 does not have, too many of one, or an open quote; the
  /// message names it and its position, counted from 1.
  static Result<DatePattern> compile(std::string_view pattern);

  /// Matches the whole text, each value in its range and none contradicting another. Fields that the pattern
  /// lacks are those of 1970-01-01T00:00:00Z. A fraction is kept only when the text names a zone (DP-20).
  /// Narrow names ("J") are ambiguous: they never match.
  std::optional<ZonedTime> parse(std::string_view text, const Zones& zones) const;

  void format(std::string& out, const ZonedTime& time) const;

 private:
  struct Item {
    char letter = 0;  // 0: a literal
    std::size_t count = 0;
    const NumberLetter* number = nullptr;  // null: a text
    std::size_t digits_min = 0, digits_max = 0;
    std::size_t digits_behind = 0;   // what the numbers without a gap behind this one need at least
    std::size_t begin = 0, end = 0;  // of a literal, in literals_
  };

  static Result<Item> compile_letters(char letter, std::size_t count, std::size_t index);
  void add_literal(std::string_view text);
  static bool take_number(const Item& item, std::size_t digits, std::string_view& text, DateFields& fields);

  std::vector<Item> items_;
  std::string literals_;
};

/// Text without a stated pattern: the default patterns of E.3 in their order, then ISO 8601 as E.4 has it.
std::optional<ZonedTime> parse_any_date(std::string_view text, const Zones& zones);

}  // namespace headwater::mapping
