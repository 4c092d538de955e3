#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "cli/api_client.h"

namespace headwater::cli {

/// What `inlet send` takes from the command line.
struct SendArguments {
  ServerOptions server;
  std::string to;    // an inlet's id or URL
  std::string file;  // "-": standard input
  std::string flow;  // empty: the only flow of the inlet
  std::string secret_file;
  std::string output;  // "text", "json"
  std::size_t batch = 500;
  std::size_t connections = 4;
  double events_per_second = 0;  // 0: as fast as it goes
  bool single = false;
  bool bearer = false;
  bool timestamp = false;
};

/// Where events are sent and how the sender shows that it may.
struct SendTarget {
  Url single;
  Url batch;
  std::string authorization;  // the header's value; empty: none
  std::optional<Secret> secret;
  bool timestamp = false;
};

/// The two addresses of an inlet, from either of them. Errors: invalid_argument.
Result<SendTarget> target_of(const std::string& url);

/// Sends the events of a file to an inlet and prints what became of them. Gives the exit code: 4 when some
/// were rejected.
/// Errors: those of ApiClient (the inlet's id), of the file, and of the inlet when it takes nothing at all.
Result<int> send_events(const SendArguments& arguments, const LocalLogin& login);

}  // namespace headwater::cli
