#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace headwater::cli {

/// What `inlet tail` takes from the command line.
struct TailArguments {
  ServerOptions server;
  std::string id;
  std::string output;       // "text", "json"
  std::uint64_t count = 0;  // end after so many events; 0: never
};

/// Prints what happens at an inlet from now on, a line an event, until Ctrl-C. Gives the exit code.
/// Errors: those of ApiClient.
Result<int> tail_inlet(const TailArguments& arguments, ApiClient& client);

}  // namespace headwater::cli
