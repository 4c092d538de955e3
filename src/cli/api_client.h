#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/commands.h"
#include "http/client.h"
#include "json/value.h"

namespace CLI {
class App;
}

namespace headwater::cli {

/// Which server the client verbs speak to, and as whom.
struct ServerOptions {
  std::string server;
  std::string data_dir = "./headwater-data";
  std::string token, api_key, org, sandbox;

  void add_to(CLI::App& command);
};

/// For calls of a host that the user named: wherever it is, it may be called.
Result<http::ClientOptions> any_host();

/// Speaks a server's public HTTP API, nothing else. Confined to one thread.
class ApiClient {
 public:
  /// With a token given: as its owner. Otherwise `login` mints one from the data directory.
  static Result<ApiClient> make(const ServerOptions& options, const LocalLogin& login);

  /// One call; `path` starts with "/" and may hold a query. The parsed answer, null when it has no body.
  /// Errors: what the server's problem document says, with its code; cancelled.
  /// A body is JSON unless `more_headers` say what else it is; these replace the usual ones of their names.
  Result<json::Value> call(std::string_view method, std::string_view path, std::string body = {},
                           const http::Headers& more_headers = {}, std::stop_token stop = {});

  /// The value of the Authorization header of its calls.
  std::string authorization() const;

  /// Downloads what `path` answers into `file`, which appears whole or not at all. Gives its size.
  /// Errors: as `call`; storage; cancelled.
  Result<std::uint64_t> download(std::string_view path, const std::filesystem::path& file,
                                 std::stop_token stop);

 private:
  Result<http::ClientRequest> request(std::string_view method, std::string_view path) const;
  Error explained(Error error) const;
  ApiClient(Url server, http::Headers headers, std::unique_ptr<http::Client> client);
  Url server_;
  http::Headers headers_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace headwater::cli
