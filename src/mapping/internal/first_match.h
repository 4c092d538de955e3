#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "base/result.h"

namespace headwater::mapping {

/// Which runs of two and three characters a text holds, whatever their case: a set that may say yes to a
/// run that is not there, never no to one that is.
class Grams {
 public:
  static constexpr std::size_t kBits = 8192;
  explicit Grams(std::string_view text);
  bool has(std::uint16_t gram) const { return bits_[gram]; }
  /// The numbers that stand for a literal: a text without one of them does not hold the literal. None for
  /// fewer than two characters.
  static std::vector<std::uint16_t> of_literal(std::string_view literal);

 private:
  std::bitset<kBits> bits_;
};

/// An ordered list of regular expressions over bytes, of which the first one that matches is wanted. Most
/// are ruled out by the literals they need, so a text is run through a few of a thousand expressions.
/// Immutable once filled; `find` may be called from any thread.
class FirstMatch {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Errors: those of Regex::make.
  Result<void> add(std::string_view pattern, bool any_case);
  /// The number (order of `add`, from 0) of the first expression that matches; kNone without one.
  /// `grams` are those of `text`.
  std::size_t find(std::string_view text, const Grams& grams, std::span<Regex::Group> groups) const;
  std::size_t size() const { return rules_.size(); }

 private:
  // One of the literals must be in the text; each is given by its grams.
  using AnyOf = std::vector<std::vector<std::uint16_t>>;
  struct Rule {
    Regex regex;
    std::vector<AnyOf> needs;  // all of them
  };
  static bool possible(const Rule& rule, const Grams& grams);
  std::vector<Rule> rules_;
};

/// What a text must hold to match a pattern: of each inner list one literal at least. An empty list: not
/// known, or nothing. Literals are as in the pattern, whatever case the pattern asks for.
std::vector<std::vector<std::string>> needed_literals(std::string_view pattern);

}  // namespace headwater::mapping
