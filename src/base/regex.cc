#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include <pcre2.h>

#include <algorithm>
#include <cassert>
#include <mutex>

namespace headwater {
namespace {

constexpr std::uint32_t kHeapKib = 4096;
constexpr std::size_t kStackBytesFirst = 32 << 10;
constexpr std::size_t kStackBytesMost = 1 << 20;
constexpr std::uint32_t kGroupsFirst = 16;

// What a thread's matches use. The stack of JIT code grows by pages up to its bound; without one of its own a
// match has 32 KB, which an alternative in a loop exhausts after some hundred characters.
struct MatchState {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(kStackBytesFirst, kStackBytesMost, nullptr);
  pcre2_match_data* data = pcre2_match_data_create(kGroupsFirst, nullptr);
  MatchState() {
    pcre2_set_depth_limit(context, Regex::kStepsMax);
    pcre2_set_heap_limit(context, kHeapKib);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  MatchState(const MatchState&) = delete;
  MatchState& operator=(const MatchState&) = delete;
  ~MatchState() {
    pcre2_match_data_free(data);
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
  }
  void make_room_for(std::size_t groups) {
    if (groups <= pcre2_get_ovector_count(data)) return;
    pcre2_match_data_free(data);
    data = pcre2_match_data_create(static_cast<std::uint32_t>(groups), nullptr);
  }
};

// A limit of the engine, and not a fault of the pattern.
bool is_too_much(int error) {
  return error == PCRE2_ERROR_QUANTIFIER_TOO_BIG || error == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP ||
         error == PCRE2_ERROR_PATTERN_TOO_LARGE || error == PCRE2_ERROR_PATTERN_TOO_COMPLICATED;
}

Result<pcre2_code*> compile(std::string_view pattern, std::uint32_t options) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                             PCRE2_NEVER_BACKSLASH_C | options, &error, &offset, nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR reason[160];
    pcre2_get_error_message(error, reason, sizeof reason);
    return Error{is_too_much(error) ? ErrorKind::too_large : ErrorKind::invalid_argument,
                 "The regular expression is not valid at position " + std::to_string(offset) + ": " +
                     reinterpret_cast<const char*>(reason) + "."};
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return code;
}

Regex::Outcome outcome_of(int code) {
  if (code >= 0) return Regex::Outcome::match;
  const bool not_text = code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21;
  return code == PCRE2_ERROR_NOMATCH || not_text ? Regex::Outcome::no_match : Regex::Outcome::too_hard;
}

Regex::Outcome run(const pcre2_code* code, std::string_view text, std::size_t from,
                   std::span<Regex::Group> groups, std::uint32_t steps_max, std::uint32_t options = 0) {
  thread_local MatchState state;
  state.make_room_for(groups.size());
  pcre2_set_match_limit(state.context, steps_max);
  const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, options,
                                state.data, state.context);
  if (groups.empty()) return outcome_of(found);
  std::size_t known = 0;
  // Zero means that the pattern has more groups than there was room for: all of the room is filled.
  if (found >= 0)
    known = found == 0 ? groups.size() : std::min(groups.size(), static_cast<std::size_t>(found));
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(state.data);
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = i < known ? Regex::Group{offsets[2 * i], offsets[2 * i + 1]} : Regex::Group{};
  return outcome_of(found);
}

}  // namespace

static_assert(Regex::Group::kNone == PCRE2_UNSET);

struct Regex::Code {
  std::string pattern;
  std::uint32_t options = 0;
  pcre2_code* anywhere = nullptr;
  // Few expressions are asked for both ways, and compiling takes longer than many matches: made when first
  // wanted.
  mutable std::once_flag whole_wanted;
  mutable pcre2_code* whole = nullptr;
  ~Code() {
    pcre2_code_free(anywhere);
    pcre2_code_free(whole);
  }
};

std::string_view Regex::Group::in(std::string_view text) const {
  // \K inside a lookaround can set the begin behind the end.
  return matched() && begin <= end ? text.substr(begin, end - begin) : std::string_view();
}

Result<Regex> Regex::make(std::string_view pattern, Text text) {
  auto code = std::make_shared<Code>();
  code->pattern = pattern;
  code->options = text == Text::utf8 ? PCRE2_UTF : PCRE2_NEVER_UTF;
  code->anywhere = TRY(compile(pattern, code->options));
  return Regex(std::move(code));
}

Regex::Outcome Regex::find(std::string_view text, std::size_t from, std::span<Group> groups,
                           std::uint32_t steps_max) const {
  if ((code_->options & PCRE2_UTF) != 0)
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  if (from > text.size()) {
    std::ranges::fill(groups, Group{});
    return Outcome::no_match;
  }
  return run(code_->anywhere, text, from, groups, steps_max);
}

Regex::Outcome Regex::find_next(std::string_view text, std::size_t from, std::span<Group> groups,
                                std::uint32_t steps_max) const {
  assert(from <= text.size());
  return run(code_->anywhere, text, from, groups, steps_max, PCRE2_NO_UTF_CHECK);
}

Regex::Outcome Regex::find_whole(std::string_view text, std::span<Group> groups,
                                 std::uint32_t steps_max) const {
  std::call_once(code_->whole_wanted, [this] {
    auto compiled = compile(code_->pattern, code_->options | PCRE2_ANCHORED | PCRE2_ENDANCHORED);
    if (compiled) code_->whole = *compiled;
  });
  assert(code_->whole != nullptr);  // The pattern compiled before; anchors do not make it wrong.
  return run(code_->whole, text, 0, groups, steps_max);
}

std::size_t Regex::group_count() const {
  std::uint32_t count = 0;
  pcre2_pattern_info(code_->anywhere, PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

bool Regex::search(std::string_view text) const { return find(text, 0, {}) == Outcome::match; }
bool Regex::matches(std::string_view text) const { return find_whole(text) == Outcome::match; }

}  // namespace headwater
