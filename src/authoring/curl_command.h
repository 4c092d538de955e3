#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/observed_request.h"
#include "base/result.h"

namespace headwater::authoring {

/// The value of a shell variable, or nullopt when it is not set.
using ShellVariables = std::function<std::optional<std::string>(const std::string& name)>;

/// Splits a command line into words as a shell does: quotes of all kinds ('', "", $''), backslashes, line
/// continuations and variables. It ends at a pipe, a redirection or the next command.
/// Errors: invalid_argument (an open quote, a variable that is not set, a command substitution).
Result<std::vector<std::string>> split_command(std::string_view text, const ShellVariables& variables);

/// Reads a curl command. Options of curl that say how to reach the host, and not what to ask, are passed
/// over. Errors: invalid_argument, naming the option that cannot be used.
Result<SentRequest> read_curl(std::string_view command, const ShellVariables& variables);

}  // namespace headwater::authoring
