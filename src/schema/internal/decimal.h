#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::schema {

/// A JSON number text taken apart, without copying: +-digits * 10^exponent, digits without leading and
/// trailing zeros. Zero has no digits. The text must outlive it and be a valid JSON number.
class Decimal {
 public:
  explicit Decimal(std::string_view number);

  bool negative() const { return negative_; }
  bool is_zero() const { return first_ == last_; }
  bool is_integer() const { return is_zero() || exponent_ >= 0; }
  std::size_t digit_count() const { return last_ - first_; }
  /// Digit i of the stripped digits, 0 to 9.
  unsigned digit(std::size_t i) const;
  std::int64_t exponent() const { return exponent_; }
  /// Equal numbers hash equally.
  std::uint64_t hash() const;

 private:
  std::string_view whole_, fraction_;
  std::size_t first_ = 0, last_ = 0;  // in whole_ + fraction_
  std::int64_t exponent_ = 0;         // of the last digit kept; saturated at +-10^15
  bool negative_ = false;
};

/// True when value / divisor is a whole number, exactly. `divisor` is greater than zero.
bool is_multiple_of(std::string_view value, std::string_view divisor);

bool is_whole_number(std::string_view number);

/// The value of an integer text of at most 18 digits, without fraction and exponent.
std::optional<std::int64_t> small_integer(std::string_view number);

/// A number of a schema, ready to compare with.
class Bound {
 public:
  Bound() = default;
  explicit Bound(std::string text) : text_(std::move(text)), small_(small_integer(text_)) {}
  /// <0, 0, >0: how `number` compares to the bound.
  int compare_to(std::string_view number) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::optional<std::int64_t> small_;
};

}  // namespace headwater::schema
