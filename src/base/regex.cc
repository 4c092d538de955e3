#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include <pcre2.h>

namespace headwater {
namespace {

constexpr std::uint32_t kMatchSteps = 1'000'000;
constexpr std::uint32_t kHeapKib = 4096;

struct MatchState {
  pcre2_match_context* context = nullptr;
  pcre2_match_data* data = nullptr;
  MatchState() {
    context = pcre2_match_context_create(nullptr);
    data = pcre2_match_data_create(1, nullptr);
    pcre2_set_match_limit(context, kMatchSteps);
    pcre2_set_depth_limit(context, kMatchSteps);
    pcre2_set_heap_limit(context, kHeapKib);
  }
  ~MatchState() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
};

}  // namespace

struct Regex::Code {
  pcre2_code* anywhere = nullptr;
  pcre2_code* whole = nullptr;
  ~Code() {
    pcre2_code_free(anywhere);
    pcre2_code_free(whole);
  }
};

namespace {

Result<pcre2_code*> compile(std::string_view pattern, std::uint32_t options) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                             PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | options, &error, &offset, nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR reason[160];
    pcre2_get_error_message(error, reason, sizeof reason);
    return Error{ErrorKind::invalid_argument, "The regular expression is not valid at position " +
                                                  std::to_string(offset) + ": " +
                                                  reinterpret_cast<const char*>(reason) + "."};
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return code;
}

bool run(const pcre2_code* code, std::string_view text) {
  thread_local const MatchState state;
  return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, state.data,
                     state.context) >= 0;
}

}  // namespace

Result<Regex> Regex::make(std::string_view pattern) {
  auto code = std::make_shared<Code>();
  code->anywhere = TRY(compile(pattern, 0));
  code->whole = TRY(compile(pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED));
  return Regex(std::move(code));
}

bool Regex::search(std::string_view text) const { return run(code_->anywhere, text); }
bool Regex::matches(std::string_view text) const { return run(code_->whole, text); }

}  // namespace headwater
