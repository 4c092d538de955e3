#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/internal/connection.h"
#include "http/internal/exchange.h"
#include "http/internal/job.h"
#include "http/internal/request_parser.h"

// Only connection.cc and connection_bodies.cc include this: Beast is slow to compile.
namespace headwater::http {

using boost::system::error_code;

/// The usual request is here with the first read and its answer is taken by the first write: that way leads
/// through plain functions and one coroutine. What has to wait further does so in coroutines of its own.
class BeastConnection final : public Connection, public std::enable_shared_from_this<BeastConnection> {
 public:
  BeastConnection(Socket socket, Loop& loop, Shared& shared);

  Awaitable<void> run() override;
  bool idle() const override { return idle_; }
  std::chrono::steady_clock::time_point deadline() const override { return deadline_; }
  void look_after_client() override;
  void abort() override;

 private:
  using Clock = std::chrono::steady_clock;

  // Requests.
  Awaitable<bool> serve_one();
  error_code feed(RequestParser& parser);
  Awaitable<error_code> receive(std::size_t bytes);
  Awaitable<error_code> read_header(RequestParser& parser);
  std::string_view complete_head(Job& job, const RequestParser& parser);
  std::uint64_t body_bytes_max(const Job& job) const;
  error_code begin_body(RequestParser& parser, std::uint64_t bytes_max);
  Awaitable<bool> say_continue(const RequestParser& parser);
  Awaitable<error_code> read_piece(RequestParser& parser, const Request& request, std::size_t bytes);
  Awaitable<error_code> read_body(RequestParser& parser, const Request& request);
  std::shared_ptr<Exchange<Answer>> dispatch(Job& job);

  // Answers.
  void begin_head(const Response& response, const Job& job);
  Awaitable<bool> send_answer();
  Response response_of(Answer answer);
  Awaitable<bool> send(Response response, Job& job);
  Awaitable<bool> send_rest(std::string head, std::string_view body);
  Awaitable<bool> write(std::string_view bytes);
  Awaitable<bool> refuse(int status, std::string detail, Job& job);
  Awaitable<bool> refuse_header(error_code code, Job& job);
  Awaitable<bool> refuse_body(error_code code, Job& job);
  Awaitable<void> linger();

  // Bodies that workers take or give piece by piece.
  Awaitable<bool> serve_upload(RequestParser& parser, Job& job);
  Awaitable<std::optional<Response>> take_upload(RequestParser& parser, Job& job,
                                                 std::shared_ptr<Upload> upload);
  Awaitable<bool> send_stream(Response response, const Job& job);
  template <class T>
  Awaitable<std::optional<T>> on_worker(std::shared_ptr<std::function<T()>> work);

  Awaitable<void> wait_for(std::shared_ptr<Arrival> arrival);
  void allow(std::chrono::milliseconds span) { deadline_ = Clock::now() + span; }
  std::chrono::milliseconds idle_timeout() const { return shared_.options.idle_timeout; }

  Socket socket_;
  Loop& loop_;
  Shared& shared_;
  boost::beast::flat_buffer input_;
  std::string remote_;
  std::string request_id_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Job job_;                                   // the request on its way
  std::shared_ptr<Exchange<Answer>> answer_;  // shared with the worker or responder that gives it
  Clock::time_point started_{};               // when the request was here whole
  Clock::time_point body_begun_{};
  std::shared_ptr<Arrival> awaited_;  // shared with who brings it
  bool idle_ = false;
  bool aborted_ = false;
};

}  // namespace headwater::http
