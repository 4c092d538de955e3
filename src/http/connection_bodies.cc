#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "base/log.h"
#include "http/internal/beast_connection.h"
#include "http/internal/message.h"

namespace headwater::http {
namespace {

constexpr std::size_t kUploadPieceBytes = 1U << 20;  // of a streamed body, handed to a worker at once
constexpr std::size_t kDroppedBytesMax = 64U << 20;
constexpr std::size_t kDropBytes = 16U << 10;
constexpr std::chrono::seconds kLinger{2};

}  // namespace

// The handler looks at the head before the body is read: who may not upload sends nothing.
Awaitable<bool> BeastConnection::serve_upload(RequestParser& parser, Job& job) {
  deadline_ = Clock::time_point::max();
  const auto request = std::make_shared<Request>(job.request);
  const std::function<UploadStart()> begin = [request, handler = job.match.upload_handler] {
    return begin_upload(*handler, *request);
  };
  auto start = co_await on_worker(std::make_shared<std::function<UploadStart()>>(begin));
  if (!start) co_return false;
  std::optional<Response> response;
  if (start->upload) {
    const auto code = begin_body(parser, body_bytes_max(job));
    if (code) co_return co_await refuse_body(code, job);
    const bool heard = co_await say_continue(parser);  // named: see read_body
    if (!heard) co_return false;
    response = co_await take_upload(parser, job, start->upload);
  } else {
    response = std::move(start->refusal);
  }
  if (!response || aborted_) co_return false;
  // What follows an unread body is no request.
  const bool whole = parser.is_done();
  job.keep_alive = job.keep_alive && whole;
  const bool goes_on = co_await send(std::move(*response), job);
  if (!whole) co_await linger();
  co_return goes_on;
}

// nullopt: the transfer broke off, or was refused and that has been answered.
Awaitable<std::optional<Response>> BeastConnection::take_upload(RequestParser& parser, Job& job,
                                                                std::shared_ptr<Upload> upload) {
  using Step = std::function<std::optional<Response>()>;
  for (;;) {
    const auto code = co_await read_piece(parser, job.request, kUploadPieceBytes);
    if (code) {
      co_await refuse_body(code, job);
      co_return std::nullopt;
    }
    deadline_ = Clock::time_point::max();
    const auto piece = std::make_shared<std::string>(std::exchange(job.request.body, std::string()));
    const bool last = parser.is_done();
    const Step step = [upload, piece, last]() -> std::optional<Response> {
      if (auto refused = write_upload(*upload, *piece)) return refused;
      return last ? std::optional<Response>(finish_upload(*upload)) : std::nullopt;
    };
    auto answer = co_await on_worker(std::make_shared<Step>(step));
    if (!answer) co_return std::nullopt;
    if (*answer) co_return std::move(*answer);
  }
}

// Waits for a worker to do this, and for what it gives; nullopt when the connection is being ended.
template <class T>
Awaitable<std::optional<T>> BeastConnection::on_worker(std::shared_ptr<std::function<T()>> work) {
  const auto exchange = std::make_shared<Exchange<T>>(loop_.mailbox);
  auto step = [exchange, work] {
    if (!exchange->closed()) exchange->give((*work)());
  };
  error_code code;
  while (!aborted_ && !shared_.workers.try_post(step)) {
    Timer pause(socket_.get_executor(), std::chrono::milliseconds(5));
    co_await pause.async_wait(asio::redirect_error(kUse, code));
  }
  if (aborted_) co_return std::nullopt;
  if (exchange->await()) co_await wait_for(exchange);
  auto given = exchange->take();
  co_return given;
}

// The first piece is fetched before the head goes out, so that a source that cannot begin still gives a 500.
Awaitable<bool> BeastConnection::send_stream(Response response, const Job& job) {
  const std::function<Result<std::string>()> pull_next = [source = response.stream] { return pull(source); };
  const auto next = std::make_shared<std::function<Result<std::string>()>>(pull_next);
  const bool chunked = !response.stream_bytes && !job.close_delimited;
  std::uint64_t left = response.stream_bytes.value_or(UINT64_MAX);
  bool begun = false;
  std::string out;
  for (;;) {
    deadline_ = Clock::time_point::max();
    auto piece = co_await on_worker(next);
    if (!piece) co_return false;
    if (!*piece) {
      // A source that gave its body up on purpose is no fault of the server's.
      if (piece->error().kind != ErrorKind::cancelled)
        log::error("answer's body failed", {{"request", request_id_}, {"reason", piece->error().message}});
      if (begun) co_return false;  // the missing end tells the client
      const auto problem = problem_response(500, {});
      begin_head(problem, job);
      out = loop_.out + problem.body;
      co_return co_await write(out);
    }
    out.clear();
    if (!begun) {
      begin_head(response, job);
      out = loop_.out;
    }
    begun = true;
    const auto& bytes = **piece;
    if (bytes.size() > left || (bytes.empty() && response.stream_bytes && left > 0)) {
      log::error("answer's body has another length than announced", {{"request", request_id_}});
      co_return false;
    }
    if (chunked) {
      std::array<char, 24> size{};
      std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
      out += size.data();
    }
    out += bytes;
    if (chunked) out += "\r\n";
    left -= bytes.size();
    const bool sent = co_await write(out);  // named: see read_body
    if (!sent) co_return false;
    if (bytes.empty()) co_return true;
  }
}

// Lets the client read the answer: closing with unread input would send a reset that overtakes it.
Awaitable<void> BeastConnection::linger() {
  error_code code;
  socket_.shutdown(tcp::socket::shutdown_send, code);
  allow(kLinger);
  std::size_t dropped = 0;
  while (!code && dropped < kDroppedBytesMax) {
    input_.clear();
    auto space = input_.prepare(kDropBytes);
    dropped += co_await socket_.async_read_some(space, asio::redirect_error(kUse, code));
  }
}

}  // namespace headwater::http
