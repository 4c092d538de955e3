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

/// One event as a line: "10:11:12.345Z  quarantined  8d1b1f3a  Event 3: ...  {"id":"x"}", the time in UTC,
/// the message cut to the width of the terminal unless that is 0.
std::string event_line(const json::Value& event, std::size_t width);

/// Prints what happens at an inlet from now on, a line an event, until Ctrl-C. Gives the exit code.
/// Errors: those of ApiClient.
Result<int> tail_inlet(const TailArguments& arguments, ApiClient& client);

}  // namespace headwater::cli
