#include "http/internal/connection.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>

#include "base/log.h"
#include "http/internal/beast_connection.h"
#include "http/internal/message.h"

namespace headwater::http {
namespace {

using std::chrono::milliseconds;
using HttpError = boost::beast::http::error;

constexpr std::size_t kIdleBytes = 4U << 10;  // what an idle connection keeps: most requests fit
constexpr std::size_t kReadBytes = 16U << 10;
constexpr std::size_t kBodyReadBytes = 64U << 10;
constexpr std::size_t kCopiedBytes = 4U << 10;   // a shorter body goes out behind its head, as one piece
constexpr std::size_t kWriteBytes = 256U << 10;  // written before the deadline is set anew
// What all connections together may hold of bodies that are not whole yet: whoever sends slowly from many
// places at once takes no more than that.
constexpr std::uint64_t kReceivingBytesMax = 256U << 20;
constexpr std::uint64_t kBodyBytesPerSecondMin = 1024;  // slower uploads are cut off, after idle_timeout

// True for bytes that are no HTTP; false when the peer only went away.
bool is_malformed(const error_code& code) {
  return code.category() == make_error_code(HttpError::bad_method).category() &&
         code != HttpError::end_of_stream && code != HttpError::partial_message;
}

template <class Handler>
class HeldHandler final : public Waiter {
 public:
  explicit HeldHandler(Handler handler) : handler_(std::move(handler)) {}
  void resume() override {
    auto handler = std::move(handler_);
    std::move(handler)();
  }

 private:
  Handler handler_;
};

/// Leaves a suspended coroutine with what it waits for.
struct Hold {
  Arrival* arrival;
  template <class Handler>
  void operator()(Handler handler) const {
    arrival->hold(std::make_unique<HeldHandler<Handler>>(std::move(handler)));
  }
};

/// One body's part of what all connections are receiving.
class Receiving {
 public:
  explicit Receiving(std::atomic<std::uint64_t>& total) : total_(total) {}
  ~Receiving() { total_ -= mine_; }
  Receiving(const Receiving&) = delete;
  Receiving& operator=(const Receiving&) = delete;
  /// False when that is too much for all together.
  bool set(std::uint64_t bytes) {
    const std::uint64_t all = total_ += bytes - mine_;
    mine_ = bytes;
    return all <= kReceivingBytesMax;
  }

 private:
  std::atomic<std::uint64_t>& total_;
  std::uint64_t mine_ = 0;
};

// The bytes of `body` that come after the first `written` of head and body.
std::string_view rest_of_body(std::string_view body, std::size_t head_bytes, std::size_t written) {
  return body.substr(written > head_bytes ? written - head_bytes : 0);
}

}  // namespace

BeastConnection::BeastConnection(Socket socket, Loop& loop, Shared& shared)
    : socket_(std::move(socket)), loop_(loop), shared_(shared) {
  error_code code;
  socket_.set_option(tcp::no_delay(true), code);
  socket_.non_blocking(true, code);
  const auto peer = socket_.remote_endpoint(code);
  if (!code) remote_ = peer.address().to_string();
}

void BeastConnection::look_after_client() {
  if (!awaited_ || awaited_->has_left()) return;
  char next = 0;  // stays where it is: it may be a pipelined request
  const auto got = ::recv(socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) awaited_->leave();
}

void BeastConnection::abort() {
  aborted_ = true;
  deadline_ = Clock::time_point::max();
  error_code code;
  socket_.close(code);
  if (!awaited_) return;
  awaited_->leave();
  awaited_->close();
  asio::post(socket_.get_executor(), [arrival = awaited_] { arrival->wake(); });
}

Awaitable<void> BeastConnection::run() {
  try {
    for (bool goes_on = true; goes_on && !aborted_;) {
      job_ = Job();              // an idle connection keeps nothing
      if (input_.size() == 0) {  // nothing pipelined
        if (shared_.stopping) break;
        if (input_.capacity() > kIdleBytes) input_.shrink_to_fit();
        idle_ = true;
        allow(idle_timeout());
        error_code code;
        auto space = input_.prepare(kIdleBytes);
        const auto got = co_await socket_.async_read_some(space, asio::redirect_error(kUse, code));
        idle_ = false;
        if (code || got == 0) break;
        input_.commit(got);
      }
      goes_on = co_await serve_one();
      if (!answer_) continue;
      // Waits here: what was needed to read the request is freed meanwhile, and used for others.
      if (answer_->await()) co_await wait_for(answer_);
      goes_on = co_await send_answer();
    }
  } catch (const std::exception& exception) {
    log::error("connection failed", {{"remote", remote_}, {"reason", exception.what()}});
  }
  error_code code;
  socket_.shutdown(tcp::socket::shutdown_both, code);
  socket_.close(code);
}

// Reads a request and answers it, or leaves in answer_ where its answer will come. True when the connection
// goes on.
Awaitable<bool> BeastConnection::serve_one() {
  Job& job = job_;
  RequestParser parser(job.request);
  request_id_.clear();
  auto code = feed(parser);
  if (code == HttpError::need_more) code = co_await read_header(parser);
  if (code) co_return co_await refuse_header(code, job);
  if (!parser.knows_method()) co_return co_await refuse(501, "This method is not known here.", job);
  if (!parser.only_chunked())
    co_return co_await refuse(501, "The only Transfer-Encoding that is known here is chunked.", job);
  const auto problem = complete_head(job, parser);
  if (!problem.empty()) co_return co_await refuse(400, std::string(problem), job);
  body_begun_ = started_ = Clock::now();
  if (job.match.upload_handler != nullptr) co_return co_await serve_upload(parser, job);

  code = begin_body(parser, body_bytes_max(job));
  if (!code && !parser.is_done()) {
    if (!parser.expects_continue()) code = feed(parser);
    if (code == HttpError::need_more) code = error_code();
    if (!code && !parser.is_done()) {
      code = co_await read_body(parser, job.request);
      started_ = Clock::now();
    }
  }
  if (code) co_return co_await refuse_body(code, job);

  deadline_ = Clock::time_point::max();
  if (job.match.handler != nullptr && job.match.thread == Router::Thread::io) {
    auto answer = run_handler(*job.match.handler, job.request);
    co_return co_await send(std::move(answer), job);
  }
  answer_ = dispatch(job);
  co_return true;
}

Awaitable<bool> BeastConnection::send_answer() {
  auto answer = std::exchange(answer_, nullptr)->take();
  if (!answer || aborted_) co_return false;
  auto response = response_of(*std::move(answer));
  co_return co_await send(std::move(response), job_);
}

Response BeastConnection::response_of(Answer answer) {
  if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
  try {
    return std::get<std::shared_ptr<DeferredAnswer>>(answer)->make();
  } catch (const std::exception& exception) {
    log::error("request handler failed", {{"request", request_id_}, {"reason", exception.what()}});
    return problem_response(500, {});
  }
}

// Gives the parser what is here. need_more: it cannot go on with that.
error_code BeastConnection::feed(RequestParser& parser) {
  error_code code;
  const auto bytes = input_.data();
  if (bytes.size() == 0) return make_error_code(HttpError::need_more);
  input_.consume(parser.put(asio::const_buffer(bytes), code));
  return code;
}

Awaitable<error_code> BeastConnection::receive(std::size_t bytes) {
  error_code code;
  auto space = input_.prepare(bytes);
  const auto got = co_await socket_.async_read_some(space, asio::redirect_error(kUse, code));
  input_.commit(got);
  if (!code && got == 0) code = make_error_code(HttpError::partial_message);
  co_return code;
}

// The deadline is for the header as a whole: no slow trickle.
Awaitable<error_code> BeastConnection::read_header(RequestParser& parser) {
  allow(idle_timeout());
  auto code = make_error_code(HttpError::need_more);
  while (code == HttpError::need_more) {
    code = co_await receive(kReadBytes);
    if (!code) code = feed(parser);
    if (!code && !parser.is_header_done()) code = make_error_code(HttpError::need_more);
  }
  co_return code;
}

// What the header's fields say beyond the grammar; the problem, or "".
std::string_view BeastConnection::complete_head(Job& job, const RequestParser& parser) {
  auto& request = job.request;
  std::string_view target = request.target;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (!target.starts_with('/') && target != "*") return "The request's target is no path.";
  const auto mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.query = parse_query(target.substr(mark + 1));
  if (parser.hosts() > 1 || (parser.hosts() == 0 && !parser.http10()))
    return "A request needs exactly one Host header.";
  request.remote = remote_;
  request.id = request_id_ = choose_request_id(request);
  job.http10 = parser.http10();
  job.keep_alive = parser.keep_alive();
  job.match = shared_.router.match(request);
  return {};
}

std::uint64_t BeastConnection::body_bytes_max(const Job& job) const {
  return job.match.body_bytes_max > 0 ? job.match.body_bytes_max : shared_.options.body_bytes_max;
}

// body_limit when the body is announced as too large.
error_code BeastConnection::begin_body(RequestParser& parser, std::uint64_t bytes_max) {
  const auto announced = parser.content_length();
  if (announced && *announced > bytes_max) return make_error_code(HttpError::body_limit);
  parser.body_limit(bytes_max);
  parser.eager(true);
  return {};
}

Awaitable<bool> BeastConnection::say_continue(const RequestParser& parser) {
  if (parser.is_done() || parser.http10() || !parser.expects_continue()) co_return true;
  co_return co_await write("HTTP/1.1 100 Continue\r\n\r\n");
}

// Reads until the body is done or `bytes` of it wait in the request.
Awaitable<error_code> BeastConnection::read_piece(RequestParser& parser, const Request& request,
                                                  std::size_t bytes) {
  Receiving receiving(shared_.receiving_bytes);
  while (!parser.is_done()) {
    auto code = feed(parser);
    if (code && code != HttpError::need_more) co_return code;
    if (parser.is_done() || request.body.size() >= bytes) break;
    if (!receiving.set(request.body.size()))
      co_return make_error_code(boost::system::errc::not_enough_memory);
    // What lies here now is a chunk's head or a trailer that has no end.
    if (input_.size() > kHeaderBytesMax) co_return make_error_code(HttpError::bad_chunk_extension);
    // Every read must bring something within the idle time, and all of them together a least rate.
    const auto allowed =
        body_begun_ + idle_timeout() + std::chrono::seconds(parser.received() / kBodyBytesPerSecondMin);
    deadline_ = std::min<Clock::time_point>(allowed, Clock::now() + idle_timeout());
    const auto left = parser.content_length_remaining().value_or(kBodyReadBytes);
    code = co_await receive(std::clamp<std::uint64_t>(left, kIdleBytes, kBodyReadBytes));
    if (code) co_return code;
  }
  co_return error_code();
}

Awaitable<error_code> BeastConnection::read_body(RequestParser& parser, const Request& request) {
  // Named: with the await in the condition, g++ 12 leaves the frame of this coroutine half made.
  const bool heard = co_await say_continue(parser);
  if (!heard) co_return make_error_code(HttpError::partial_message);
  co_return co_await read_piece(parser, request, SIZE_MAX);
}

// Suspends until the arrival is woken: on the loop's thread, by the mailbox or by abort().
Awaitable<void> BeastConnection::wait_for(std::shared_ptr<Arrival> arrival) {
  awaited_ = arrival;
  const Hold hold{arrival.get()};
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(hold, kUse);
  awaited_ = nullptr;
}

// Starts the work for a request; its answer arrives through the exchange. The request moves to whoever
// works on it: the connection may end first.
std::shared_ptr<Exchange<Answer>> BeastConnection::dispatch(Job& job) {
  auto exchange = std::make_shared<Exchange<Answer>>(loop_.mailbox);
  const auto& match = job.match;
  if (match.async_handler != nullptr) {
    Responder responder([exchange](Answer answer) { exchange->give(std::move(answer)); });
    try {
      (*match.async_handler)(std::move(job.request), std::move(responder));
    } catch (const std::exception& exception) {
      log::error("request handler failed", {{"request", request_id_}, {"reason", exception.what()}});
      exchange->give(problem_response(500, {}));
    }
  } else if (match.handler != nullptr) {
    job.request.caller = exchange;
    auto work = [exchange, request = std::make_shared<Request>(std::move(job.request)),
                 handler = match.handler] {
      if (!exchange->closed()) exchange->give(run_handler(*handler, *request));
    };
    if (!shared_.workers.try_post(std::move(work)))
      exchange->give(shared_.router.refusal(503, "The server is busy: try again.", request_id_)
                         .with_header("Retry-After", "1"));
  } else {
    const Router::Handler unknown = [this, &match](const Request& sent) {
      return shared_.router.not_found(sent, match.allowed);
    };
    exchange->give(run_handler(unknown, job.request));
  }
  return exchange;
}

// Into loop_.out, which is another connection's as soon as this one waits.
void BeastConnection::begin_head(const Response& response, const Job& job) {
  HeadOptions options;
  options.request_id = request_id_;
  options.date = loop_.date();
  options.close = !job.keep_alive;
  options.say_keep_alive = job.keep_alive && job.http10;
  options.close_delimited = job.close_delimited;
  loop_.out.clear();
  append_head(loop_.out, response, options);
}

Awaitable<bool> BeastConnection::send(Response response, Job& job) {
  job.keep_alive = job.keep_alive && !shared_.stopping;
  const auto status = response.status;
  const bool with_body = sends_body(response, job.request.method == Method::head);
  if (response.stream && with_body) {
    job.close_delimited = job.http10 && !response.stream_bytes;
    if (job.close_delimited) job.keep_alive = false;
    const bool whole = co_await send_stream(std::move(response), job);
    count_request(job, status, started_);
    co_return whole&& job.keep_alive;
  }
  begin_head(response, job);
  std::string_view body = with_body ? std::string_view(response.body) : std::string_view();
  if (body.size() <= kCopiedBytes) loop_.out.append(std::exchange(body, {}));
  error_code code;
  const std::size_t written =
      body.empty()
          ? socket_.write_some(asio::buffer(loop_.out), code)
          : socket_.write_some(std::array{asio::buffer(std::as_const(loop_.out)), asio::buffer(body)}, code);
  bool sent = written == loop_.out.size() + body.size();
  if (!sent && (!code || code == asio::error::would_block)) {
    auto head = loop_.out.substr(std::min(written, loop_.out.size()));
    sent = co_await send_rest(std::move(head), rest_of_body(body, loop_.out.size(), written));
  }
  count_request(job, status, started_);
  co_return sent&& job.keep_alive;
}

Awaitable<bool> BeastConnection::send_rest(std::string head, std::string_view body) {
  // Named: see read_body.
  bool sent = co_await write(head);
  if (sent) sent = co_await write(body);
  co_return sent;
}

Awaitable<bool> BeastConnection::write(std::string_view bytes) {
  error_code code;
  while (!bytes.empty() && !code) {
    const auto part = bytes.substr(0, kWriteBytes);
    allow(idle_timeout());
    const asio::const_buffer piece(part.data(), part.size());
    co_await asio::async_write(socket_, piece, asio::redirect_error(kUse, code));
    bytes.remove_prefix(part.size());
  }
  co_return !code;
}

// Answers for the server itself and ends the connection: what follows in the stream cannot be trusted.
Awaitable<bool> BeastConnection::refuse(int status, std::string detail, Job& job) {
  job.keep_alive = false;
  if (request_id_.empty()) request_id_ = new_request_id();
  auto response = job.match.refusal != nullptr ? run_refusal(*job.match.refusal, job.request, status, detail)
                                               : shared_.router.refusal(status, detail, request_id_);
  const bool heard = !aborted_;
  started_ = Clock::now();
  co_await send(std::move(response), job);
  if (heard) co_await linger();
  co_return false;
}

// A header that never came whole, of a client that left or of one that was cut off, gets no answer.
Awaitable<bool> BeastConnection::refuse_header(error_code code, Job& job) {
  if (code == HttpError::header_limit)
    co_await refuse(431, "The request's headers have more than 64 KB.", job);
  else if (is_malformed(code))
    co_await refuse(400, "This is no HTTP request.", job);
  co_return false;
}

Awaitable<bool> BeastConnection::refuse_body(error_code code, Job& job) {
  std::string().swap(job.request.body);  // nobody reads it, and the connection lingers
  if (code == HttpError::body_limit)
    co_await refuse(
        413, "The request's body has more than " + std::to_string(body_bytes_max(job)) + " bytes.", job);
  else if (code == boost::system::errc::not_enough_memory)
    co_await refuse(503, "Too many bodies are on their way at once; send it again later.", job);
  else if (is_malformed(code))
    co_await refuse(400, "The request's body is malformed.", job);
  co_return false;
}

std::shared_ptr<Connection> Connection::make(Socket socket, Loop& loop, Shared& shared) {
  return std::make_shared<BeastConnection>(std::move(socket), loop, shared);
}

}  // namespace headwater::http
