#pragma once

#include <curl/curl.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "http/client.h"

namespace headwater::http {

using SteadyTime = std::chrono::steady_clock::time_point;

struct SlistFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistFree>;

/// One request on its way, through all its redirects. libcurl's callbacks have it as their user data;
/// it stays at one address from start to end.
class Transfer {
 public:
  Transfer(const ClientOptions& options, ClientRequest request, ResponseSink& sink);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Puts the request into `easy`. Errors: invalid_argument for a header that cannot be sent; forbidden for
  /// an address that the policy refuses.
  Result<void> prepare(CURL* easy);
  /// What `easy` came to. True: finished, see outcome(). False: a redirect, to be prepared and sent again.
  bool finish(CURLcode code);
  void fail(Error error);

  /// When it is given up for lack of bytes; nullopt while connecting, for which curl keeps the time.
  std::optional<SteadyTime> idle_deadline();
  Error idle_error() const;
  /// When its speed is judged next; nullopt before the answer begins, or when any speed will do.
  std::optional<SteadyTime> slow_deadline();
  Error slow_error() const;
  /// Nobody read for so long: the source is not to blame.
  void pause(SteadyTime::duration span);

  CURL* easy = nullptr;
  bool done = false;
  /// Once, after `done`.
  Result<TransferStats> outcome();

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);

  Result<void> set_headers();
  void set_method();
  std::uint64_t received() const;
  Result<void> header_line(std::string_view line);
  Result<void> head_complete();
  Result<void> body_bytes(std::string_view bytes);
  Result<void> follow();
  void forget_body();
  Error error_of(CURLcode code) const;
  /// Runs `step`; false when it failed, after keeping the error or exception.
  template <class Step>
  bool keep_errors(Step step);

  const ClientOptions& options_;
  ClientRequest request_;
  ResponseSink& sink_;
  HeaderList headers_;
  std::string proxy_;

  ResponseHead head_;
  std::size_t head_bytes_ = 0;
  bool head_done_ = false;
  bool redirecting_ = false;
  int redirects_ = 0;
  std::uint64_t ignored_bytes_ = 0;  // of a redirect's own body

  std::optional<SteadyTime> slow_since_;  // when the stretch began whose speed is measured
  std::uint64_t slow_bytes_ = 0;          // that had come by then

  std::optional<Error> error_;
  std::optional<Error> refused_;  // by the egress policy
  std::exception_ptr exception_;
  TransferStats stats_;
  SteadyTime started_;
  SteadyTime last_byte_;
  bool connected_ = false;
  curl_off_t seen_bytes_ = 0;
};

}  // namespace headwater::http
