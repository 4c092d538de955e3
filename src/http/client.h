#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"

namespace headwater::http {

using Header = std::pair<std::string, std::string>;
using Headers = std::vector<Header>;

/// First value of a header, names compared without case; nullopt when absent.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

/// An address range such as "127.0.0.0/8" or "::1/128".
struct Network {
  static Result<Network> parse(std::string_view cidr);
  bool contains(std::string_view ip_text) const;
  std::string text;
};

/// Which addresses outgoing calls may reach. Public addresses always; loopback, private, link-local and
/// other special ranges only where an allowed network names them. Checked on the resolved address at
/// connect time, so a name that resolves inward is refused as well.
struct EgressPolicy {
  std::vector<Network> allowed;
  bool allowed_only = false;  // public addresses neither
};

struct ClientOptions {
  EgressPolicy egress;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  // no byte for so long
  /// An answer that has begun and brings fewer bytes than this over `slow_time` is given up; 0: however slow.
  std::uint64_t bytes_per_second_min = 100;
  std::chrono::milliseconds slow_time{60'000};
  std::uint64_t response_bytes_max = 1ULL << 30;  // decoded bytes of one answer
  int redirects_max = 5;                          // of one call; 0: a redirect is an answer like any other
  std::string proxy;  // "http://proxy:3128"; empty: HTTPS_PROXY/HTTP_PROXY from the environment
  std::string no_proxy;
  std::string ca_bundle;                // PEM file; empty: the system's
  std::string client_certificate;       // PEM file
  std::string client_key;               // PEM file
  std::string client_certificate_text;  // PEM, instead of the files; may hold the key as well
  Secret client_key_text;               // PEM
};

struct ClientRequest {
  std::string method = "GET";
  Url url;
  Headers headers;  // an Authorization header or a secret header never follows to another host
  std::string body;
};

struct ResponseHead {
  int status = 0;
  Headers headers;        // of the final answer
  std::string final_url;  // after redirects
};

/// Receives one answer. `head` comes once before the first body byte; a false return from either, or an
/// error, ends the transfer with that error.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual Result<void> head(const ResponseHead& head) = 0;
  virtual Result<void> body(std::string_view bytes) = 0;
};

struct TransferStats {
  std::uint64_t body_bytes = 0;  // decoded
  std::chrono::microseconds elapsed{0};
};

/// An HTTP/1.1 and HTTP/2 client with kept-alive connections, gzip and br. Everything runs on the calling
/// thread: sinks are called from inside `send` and `wait`. Confined to one thread. Redirects of GET, HEAD and
/// POST are followed within the same host only; another host's is an error. A POST comes again as it was
/// after 307 and 308, and as a GET after 301, 302 and 303.
class Client {
 public:
  /// Makes the process ignore SIGPIPE: a closed connection is an error here, not the end.
  static Result<std::unique_ptr<Client>> make(ClientOptions options);
  virtual ~Client() = default;

  /// Sends one request and waits for the end of its answer.
  /// Errors: unavailable (could not connect, reset, truncated body), timeout (silent, or too slow),
  /// too_large, forbidden (egress policy), upstream (redirect elsewhere or without end, certificate that
  /// cannot be verified), invalid_argument (a host that cannot be, a header or certificate file of ours),
  /// cancelled (stop), or the sink's own. No message ever holds a query value or a header.
  virtual Result<TransferStats> send(const ClientRequest& request, ResponseSink& sink,
                                     std::stop_token stop) = 0;

  /// Several at once: starts a transfer; `sink` must live until it is finished. Progress is made in `wait`
  /// and `advance`.
  using TransferId = std::uint64_t;
  virtual TransferId start(ClientRequest request, ResponseSink& sink) = 0;
  /// Sends and reads what is possible without waiting, so that started transfers get on while the caller
  /// works.
  virtual void advance() = 0;
  /// Makes progress on all transfers until `id` is finished, and gives its outcome. Same errors as send.
  virtual Result<TransferStats> wait(TransferId id, std::stop_token stop) = 0;
  /// Gives a transfer up; its sink is not called again.
  virtual void abandon(TransferId id) = 0;
};

/// A sink that keeps the whole answer.
class StringSink final : public ResponseSink {
 public:
  explicit StringSink(std::uint64_t bytes_max = 16U << 20) : bytes_max_(bytes_max) {}
  Result<void> head(const ResponseHead& head) override;
  Result<void> body(std::string_view bytes) override;
  ResponseHead answer;
  std::string text;

 private:
  std::uint64_t bytes_max_;
};

}  // namespace headwater::http
