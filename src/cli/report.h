#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"

namespace headwater::cli {

/// Prints an error and all its problems to standard error; gives the exit code that fits its kind.
int report(const Error& error);

/// "error  /sourceSpec/...: reason\n       hint", one block a problem.
std::string format_problems(const std::vector<Problem>& problems);

/// A plain table with a header line; columns of numbers stand to the right. On a terminal lines are kept
/// within its width: long cells, but never those of the first column, are cut with an ellipsis.
std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows);

/// The text in at most so many characters, an ellipsis in place of the rest, control characters blanked:
/// those of somebody's data must not move the terminal's cursor.
std::string printable(std::string_view text, std::size_t characters_max);

/// The text with all control characters but line ends blanked: for whole outputs that hold somebody's words.
std::string tame(std::string text);

/// Characters in a line of standard output (or error), when it is a terminal; 0 when it is none.
std::size_t terminal_width(int fd);

/// "1 page", "12 pages"
std::string counted(std::uint64_t count, std::string_view noun);

/// "1.2 MB"
std::string format_bytes(double bytes);

}  // namespace headwater::cli
