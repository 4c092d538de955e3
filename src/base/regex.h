#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater {

/// A compiled regular expression (PCRE2, JIT) with match limits, so that no pattern can hang a thread.
/// Immutable; every const function may be called from any thread, and none uses the heap per match.
class Regex {
 public:
  static constexpr std::uint32_t kStepsMax = 1'000'000;

  enum class Outcome : std::uint8_t {
    match,
    no_match,  // Also for a text that is not UTF-8.
    too_hard,  // Given up at a limit on steps or memory; whether the text matches is not known.
  };

  /// What the texts are. `bytes` is for protocols that are ASCII: any byte may stand there, none is
  /// checked, and one byte is one character.
  enum class Text : std::uint8_t { utf8, bytes };

  /// The part of a text that a group took: bytes [begin, end).
  struct Group {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t begin = kNone;
    std::size_t end = kNone;
    /// False for an optional group that took no part in the match.
    bool matched() const { return begin != kNone; }
    /// The part itself; empty when not matched.
    std::string_view in(std::string_view text) const;
  };

  /// Errors: invalid_argument, too_large at a limit of the engine, with the offset and PCRE2's reason.
  static Result<Regex> make(std::string_view pattern, Text text = Text::utf8);

  /// Looks for the first match that begins at byte `from` or later (inside a character: at the next one);
  /// what stands before `from` is seen by lookbehind. Fills `groups`: 0 is the whole match; those that the
  /// pattern does not have are not matched. `groups` may be shorter than the pattern has groups, also empty.
  /// `steps_max`: where a match is given up as too hard.
  Outcome find(std::string_view text, std::size_t from, std::span<Group> groups,
               std::uint32_t steps_max = kStepsMax) const;
  /// The same for a text in which `find` has found something: it is not checked again, so that going through
  /// all matches of a long text takes time in proportion to it. `from` is not inside a character.
  Outcome find_next(std::string_view text, std::size_t from, std::span<Group> groups,
                    std::uint32_t steps_max = kStepsMax) const;
  /// Whether all of `text` matches; `groups` as for find.
  Outcome find_whole(std::string_view text, std::span<Group> groups = {},
                     std::uint32_t steps_max = kStepsMax) const;
  /// The number of capture groups, without group 0.
  std::size_t group_count() const;

  /// True when some part of `text` matches. Too hard counts as no match.
  bool search(std::string_view text) const;
  /// True when all of `text` matches. Too hard counts as no match.
  bool matches(std::string_view text) const;

 private:
  struct Code;
  explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;  // Shared by copies of one expression.
};

}  // namespace headwater
