#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::mapping {

/// Arithmetic beyond 64 bits, on decimal texts: rare, so that values stay small (reference C.9).
/// Digits a number may have; more is a failure, so that no expression can exhaust a server.
inline constexpr std::size_t kBigDigitsMax = 10'000;

/// The digits of `base` as a decimal number.
std::string decimal_of(std::string_view digits, unsigned base);

enum class BigOperation : std::uint8_t { add, subtract, multiply, divide, modulo };

/// Both are whole numbers in decimal. Nothing: division by zero, or too many digits.
std::optional<std::string> big_integer(BigOperation operation, std::string_view a, std::string_view b);
/// Both are decimal numbers, with an exponent or without. Quotients have 34 significant digits, as IEEE 754's
/// decimal128. The result is plain: no exponent.
std::optional<std::string> big_decimal(BigOperation operation, std::string_view a, std::string_view b);
/// -1, 0, 1. Both are decimal numbers.
int compare_decimal(std::string_view a, std::string_view b);
/// The number without an exponent; nothing when that takes too many digits.
std::optional<std::string> plain_decimal(std::string_view number);

}  // namespace headwater::mapping
