#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::authoring {

/// The value of a shell variable, or nullopt when it is not set.
using ShellVariables = std::function<std::optional<std::string>(const std::string& name)>;

/// Splits a command line into words as a shell does: quotes of all kinds ('', "", $''), backslashes, line
/// continuations and variables. It ends at a pipe, a redirection or the next command. A command as browsers
/// copy it for Windows (carets before line ends, quotes and signs) is split as cmd.exe and its programs do.
/// Errors: invalid_argument (an open quote, a variable that is not set, a command substitution).
Result<std::vector<std::string>> split_command(std::string_view text, const ShellVariables& variables);

}  // namespace headwater::authoring
