#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What went wrong, in the terms a caller can act on. Add a kind only when some
/// caller would act differently on it; otherwise say it in `message`.
enum class ErrorKind : std::uint8_t {
  invalid_argument,
  unauthorized,
  forbidden,
  not_found,
  conflict,
  precondition_required,
  stale_etag,
  too_large,
  rate_limited,
  unsupported,
  unavailable,
  upstream,
  timeout,
  cancelled,
  storage,
};

enum class Severity : std::uint8_t { error, warning };

/// One thing that is wrong with a document that a caller sent.
struct Problem {
  std::string pointer;  // JSON pointer, "/sourceSpec/attributes/paginationParams/type".
  std::string reason;
  std::string hint;  // What to do about it; or empty.
  Severity severity = Severity::error;
};

struct Error {
  ErrorKind kind;
  std::string message;         // One sentence for the caller. Never a secret or a stack trace.
  std::string where = {};      // JSON pointer into the caller's input, "/auth/params/token"; or empty.
  std::string_view code = {};  // "FLOW-1413-400", a literal from a table; or empty.
  std::optional<std::chrono::seconds> retry_after = {};
  std::vector<Problem> problems = {};  // All that is wrong, when more than one thing is.
};

}  // namespace headwater
