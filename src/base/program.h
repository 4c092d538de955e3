#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater {

/// Another program, started without a shell: no text of anybody's becomes a command.
struct Program {
  std::filesystem::path file;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"; all that it gets
  std::string input;                     // what it reads
  std::chrono::milliseconds time_max{60'000};
  std::size_t output_max = 1U << 20;
  std::uint64_t file_bytes_max = 0;    // of any one file that it writes; 0: as large as the disk takes
  std::uint64_t memory_bytes_max = 0;  // of its data (RLIMIT_DATA); 0: as much as there is
};

struct ProgramEnd {
  int exit_code = 0;  // 128 + the signal that ended it
  std::string output;
  std::string errors;  // its last 8 KiB
};

/// Runs it to its end; with it end the programs that it has started.
/// Errors: unavailable (it cannot be started), timeout, too_large (it says more than `output_max`),
/// cancelled (`stopped` is asked ten times a second).
Result<ProgramEnd> execute(const Program& program, const std::function<bool()>& stopped);

/// Where a program of this name is, by PATH. Errors: not_found.
Result<std::filesystem::path> find_program(std::string_view name);

}  // namespace headwater
