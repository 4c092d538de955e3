#include "http/internal/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "http/internal/exchange.h"
#include "http/internal/job.h"
#include "http/internal/message.h"

namespace headwater::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Stream = beast::basic_stream<tcp, Executor>;
using Parser = beast::http::request_parser<beast::http::string_body>;

constexpr std::uint32_t kHeaderBytesMax = 64U << 10;
constexpr std::size_t kReadBytes = 16U << 10;
constexpr std::size_t kWriteBytes = 256U << 10;         // written before the deadline is set anew
constexpr std::size_t kUploadPieceBytes = 1U << 20;     // of a streamed body, handed to a worker at once
constexpr std::uint64_t kBodyBytesPerSecondMin = 1024;  // slower uploads are cut off, after idle_timeout
constexpr std::chrono::seconds kLinger{2};

class BeastConnection final : public Connection, public std::enable_shared_from_this<BeastConnection> {
 public:
  BeastConnection(Socket socket, Shared& shared)
      : stream_(std::move(socket)), shared_(shared), timer_(stream_.get_executor()) {
    error_code code;
    stream_.socket().set_option(tcp::no_delay(true), code);
    const auto peer = stream_.socket().remote_endpoint(code);
    if (!code) remote_ = peer.address().to_string();
    buffer_.reserve(kReadBytes);
  }

  Awaitable<void> run() override;
  bool idle() const override { return idle_; }
  void abort() override {
    aborted_ = true;
    if (close_waiting_) close_waiting_();
    timer_.cancel();
    error_code code;
    stream_.socket().close(code);
  }

 private:
  using Clock = steady_clock;

  Awaitable<bool> serve_one();
  Awaitable<bool> wait_for_first_byte();
  Awaitable<bool> read_header(Parser& parser);
  Awaitable<bool> begin_body(Parser& parser, std::uint64_t bytes_max);
  Awaitable<bool> read_body(Parser& parser);
  Awaitable<error_code> read_piece(Parser& parser, std::size_t bytes);
  Awaitable<bool> refuse_body(error_code code, std::uint64_t bytes_max);
  Awaitable<bool> serve_upload(Parser& parser, Job job, Clock::time_point started);
  Awaitable<std::optional<Response>> take_upload(Parser& parser, std::shared_ptr<Upload> upload,
                                                 std::uint64_t bytes_max);
  Awaitable<bool> refuse(int status, std::string_view detail);
  Awaitable<void> linger();
  Awaitable<bool> send(Response response, const Job& job, Clock::time_point started);
  Awaitable<bool> send_stream(Response response, const Job& job);
  Awaitable<bool> write(std::string_view bytes);
  template <class T>
  Awaitable<std::optional<T>> on_worker(std::shared_ptr<std::function<T()>> work);
  template <class T>
  Awaitable<void> wait_for(std::shared_ptr<Exchange<T>> exchange);
  template <class T>
  std::shared_ptr<Exchange<T>> make_exchange();

  /// nullopt with the reason, which is empty for an unknown method.
  std::optional<Job> make_job(Parser& parser, std::string& problem);
  std::shared_ptr<Exchange<Response>> dispatch(Job& job);
  void begin_head(const Response& response, const Job& job);
  std::string_view date();

  Stream stream_;
  Shared& shared_;
  Timer timer_;
  beast::flat_buffer buffer_;
  std::string out_;  // reused for every answer's head
  std::string remote_;
  std::string request_id_;
  std::string date_;
  std::int64_t date_second_ = -1;
  Clock::time_point body_begun_{};
  std::uint64_t body_received_ = 0;
  std::function<void()> close_waiting_;
  bool idle_ = false;
  bool aborted_ = false;
};

// True for bytes that are no HTTP; false when the peer only went away.
bool is_malformed(const error_code& code) {
  return code.category() == make_error_code(beast::http::error::bad_method).category() &&
         code != beast::http::error::end_of_stream && code != beast::http::error::partial_message;
}

Awaitable<void> BeastConnection::run() {
  try {
    while (!aborted_) {
      if (!co_await serve_one()) break;
    }
  } catch (const std::exception& exception) {
    log::error("connection failed", {{"remote", remote_}, {"reason", exception.what()}});
  }
  error_code code;
  stream_.socket().shutdown(tcp::socket::shutdown_both, code);
  stream_.socket().close(code);
}

// True when the connection goes on.
Awaitable<bool> BeastConnection::serve_one() {
  if (!co_await wait_for_first_byte()) co_return false;
  Parser parser;
  parser.header_limit(kHeaderBytesMax);
  // The route, which the header names, may allow less.
  parser.body_limit(std::max(shared_.options.body_bytes_max, shared_.router.upload_bytes_max()));
  request_id_.clear();
  if (!co_await read_header(parser)) co_return false;
  std::string problem;
  auto job = make_job(parser, problem);
  if (!job && problem.empty()) co_return co_await refuse(501, "This method is not known here.");
  if (!job) co_return co_await refuse(400, problem);
  if (job->match.upload_handler != nullptr)
    co_return co_await serve_upload(parser, std::move(*job), Clock::now());

  if (!co_await begin_body(parser, shared_.options.body_bytes_max)) co_return false;
  if (!co_await read_body(parser)) co_return false;
  job->request.body = std::move(parser.get().body());
  const auto started = Clock::now();
  if (job->match.handler != nullptr && job->match.thread == Router::Thread::io) {
    auto answer = run_handler(*job->match.handler, job->request);
    co_return co_await send(std::move(answer), *job, started);
  }
  auto exchange = dispatch(*job);
  co_await wait_for(exchange);
  auto response = exchange->take();
  exchange->close();
  if (!response || aborted_) co_return false;
  co_return co_await send(std::move(*response), *job, started);
}

Awaitable<bool> BeastConnection::wait_for_first_byte() {
  if (buffer_.size() > 0) co_return true;  // pipelined
  if (shared_.stopping) co_return false;
  idle_ = true;
  stream_.expires_after(shared_.options.idle_timeout);
  error_code code;
  auto space = buffer_.prepare(kReadBytes);
  const auto got = co_await stream_.async_read_some(space, asio::redirect_error(kUse, code));
  idle_ = false;
  buffer_.commit(got);
  co_return !code && got > 0;
}

// False when there was no acceptable header: it has been answered then, or came too slowly (a stream past its
// deadline is closed).
Awaitable<bool> BeastConnection::read_header(Parser& parser) {
  error_code code;
  stream_.expires_after(shared_.options.idle_timeout);  // for the header as a whole: no slow trickle
  co_await beast::http::async_read_header(stream_, buffer_, parser, asio::redirect_error(kUse, code));
  body_begun_ = Clock::now();
  body_received_ = 0;
  if (!code) co_return true;
  if (code == beast::http::error::header_limit || code == beast::http::error::buffer_overflow)
    co_await refuse(431, "The request's headers have more than 64 KB.");
  else if (code == beast::http::error::body_limit)
    co_await refuse_body(code, std::max(shared_.options.body_bytes_max, shared_.router.upload_bytes_max()));
  else if (is_malformed(code))
    co_await refuse(400, "This is no HTTP request.");
  co_return false;
}

// False when the body is announced as too large: that has been answered then.
Awaitable<bool> BeastConnection::begin_body(Parser& parser, std::uint64_t bytes_max) {
  const auto announced = parser.content_length();
  if (announced && *announced > bytes_max)
    co_return co_await refuse_body(beast::http::error::body_limit, bytes_max);
  parser.body_limit(bytes_max);
  if (parser.is_done() || parser.get().version() < 11 ||
      !beast::iequals(parser.get()[beast::http::field::expect], "100-continue"))
    co_return true;
  co_return co_await write("HTTP/1.1 100 Continue\r\n\r\n");
}

// Reads until the body is done or `bytes` of it wait.
Awaitable<error_code> BeastConnection::read_piece(Parser& parser, std::size_t bytes) {
  error_code code;
  while (!parser.is_done() && !code && parser.get().body().size() < bytes) {
    // Every read must bring something within the idle time, and all of them together a least rate.
    const auto allowed = body_begun_ + milliseconds(shared_.options.idle_timeout) +
                         std::chrono::seconds(body_received_ / kBodyBytesPerSecondMin);
    const auto silent = Clock::now() + milliseconds(shared_.options.idle_timeout);
    stream_.expires_at(std::min(allowed, silent));
    body_received_ +=
        co_await beast::http::async_read_some(stream_, buffer_, parser, asio::redirect_error(kUse, code));
  }
  co_return code;
}

Awaitable<bool> BeastConnection::read_body(Parser& parser) {
  const auto code = co_await read_piece(parser, SIZE_MAX);
  if (!code) co_return true;
  co_return co_await refuse_body(code, shared_.options.body_bytes_max);
}

Awaitable<bool> BeastConnection::refuse_body(error_code code, std::uint64_t bytes_max) {
  if (code == beast::http::error::body_limit)
    co_await refuse(413, "The request's body has more than " + std::to_string(bytes_max) + " bytes.");
  else if (is_malformed(code))
    co_await refuse(400, "The request's body is malformed.");
  co_return false;
}

// The handler looks at the head before the body is read: who may not upload sends nothing.
Awaitable<bool> BeastConnection::serve_upload(Parser& parser, Job job, Clock::time_point started) {
  const auto request = std::make_shared<Request>(job.request);
  const std::function<UploadStart()> begin = [request, handler = job.match.upload_handler] {
    return begin_upload(*handler, *request);
  };
  auto start = co_await on_worker(std::make_shared<std::function<UploadStart()>>(begin));
  if (!start) co_return false;
  std::optional<Response> response;
  if (start->upload) {
    if (!co_await begin_body(parser, job.match.upload_bytes_max)) co_return false;
    response = co_await take_upload(parser, start->upload, job.match.upload_bytes_max);
  } else {
    response = std::move(start->refusal);
  }
  if (!response || aborted_) co_return false;
  // What follows an unread body is no request.
  const bool whole = parser.is_done();
  job.keep_alive = job.keep_alive && whole;
  const bool goes_on = co_await send(std::move(*response), job, started);
  if (!whole) co_await linger();
  co_return goes_on;
}

// nullopt: the transfer broke off, or was refused and that has been answered.
Awaitable<std::optional<Response>> BeastConnection::take_upload(Parser& parser,
                                                                std::shared_ptr<Upload> upload,
                                                                std::uint64_t bytes_max) {
  using Step = std::function<std::optional<Response>()>;
  for (;;) {
    const auto code = co_await read_piece(parser, kUploadPieceBytes);
    if (code) {
      co_await refuse_body(code, bytes_max);
      co_return std::nullopt;
    }
    const auto piece = std::make_shared<std::string>(std::exchange(parser.get().body(), std::string()));
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

// Answers for the server itself and ends the connection: what follows in the stream cannot be trusted.
Awaitable<bool> BeastConnection::refuse(int status, std::string_view detail) {
  Job job;
  job.keep_alive = false;
  request_id_ = crypto::uuid();
  const auto response = shared_.router.refusal(status, detail, request_id_);
  begin_head(response, job);
  out_ += response.body;
  count_request(job, status, Clock::now());
  const std::string_view bytes = out_;
  if (co_await write(bytes)) co_await linger();
  co_return false;
}

// Lets the client read the answer: closing with unread input would send a reset that overtakes it.
Awaitable<void> BeastConnection::linger() {
  error_code code;
  stream_.socket().shutdown(tcp::socket::shutdown_send, code);
  stream_.expires_after(kLinger);
  std::size_t dropped = 0;
  while (!code && dropped < (64U << 20)) {
    buffer_.clear();
    auto space = buffer_.prepare(kReadBytes);
    dropped += co_await stream_.async_read_some(space, asio::redirect_error(kUse, code));
  }
}

std::optional<Job> BeastConnection::make_job(Parser& parser, std::string& problem) {
  auto& message = parser.get();
  Job job;
  auto& request = job.request;
  const auto method_name = message.method_string();
  const auto method = parse_method(std::string_view(method_name.data(), method_name.size()));
  if (!method) return std::nullopt;
  request.method = *method;
  request.target.assign(message.target().data(), message.target().size());
  std::string_view target = request.target;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (!target.starts_with('/') && target != "*") {
    problem = "The request's target is no path.";
    return std::nullopt;
  }
  const auto mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.query = parse_query(target.substr(mark + 1));
  std::size_t hosts = 0;
  for (const auto& field : message) {
    const auto name = field.name_string();
    request.headers.emplace_back(std::string(name.data(), name.size()),
                                 std::string(field.value().data(), field.value().size()));
    if (field.name() == beast::http::field::host) ++hosts;
  }
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    problem = "A request needs exactly one Host header.";
    return std::nullopt;
  }
  request.remote = remote_;
  request.id = request_id_ = choose_request_id(request);
  job.http10 = message.version() < 11;
  job.keep_alive = message.keep_alive();
  job.match = shared_.router.match(request);
  return job;
}

template <class T>
std::shared_ptr<Exchange<T>> BeastConnection::make_exchange() {
  // A late answer may find the connection gone.
  auto wake = [weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      const auto executor = self->timer_.get_executor();
      asio::post(executor, [self = std::move(self)] { self->timer_.cancel(); });
    }
  };
  return std::make_shared<Exchange<T>>(std::move(wake));
}

template <class T>
Awaitable<void> BeastConnection::wait_for(std::shared_ptr<Exchange<T>> exchange) {
  close_waiting_ = [exchange] { exchange->close(); };
  error_code code;
  while (!exchange->ready() && !aborted_) {
    timer_.expires_at(steady_clock::time_point::max());
    co_await timer_.async_wait(asio::redirect_error(kUse, code));
  }
  close_waiting_ = nullptr;
}

// Starts the work for a request; its answer arrives through the exchange. The request moves to whoever
// works on it: the connection may end first.
std::shared_ptr<Exchange<Response>> BeastConnection::dispatch(Job& job) {
  auto exchange = make_exchange<Response>();
  const auto& match = job.match;
  const auto request = std::make_shared<Request>(std::move(job.request));
  job.request = Request();
  job.request.method = request->method;
  if (match.async_handler != nullptr) {
    Responder responder([exchange](Response response) { exchange->give(std::move(response)); });
    try {
      (*match.async_handler)(std::move(*request), std::move(responder));
    } catch (const std::exception& exception) {
      log::error("request handler failed", {{"request", request_id_}, {"reason", exception.what()}});
      exchange->give(problem_response(500, {}));
    }
  } else if (match.handler != nullptr) {
    auto work = [exchange, request, handler = match.handler] {
      if (!exchange->closed()) exchange->give(run_handler(*handler, *request));
    };
    if (!shared_.workers.try_post(std::move(work)))
      exchange->give(shared_.router.refusal(503, "The server is busy: try again.", request_id_)
                         .with_header("Retry-After", "1"));
  } else {
    const Router::Handler unknown = [this, &match](const Request& sent) {
      return shared_.router.not_found(sent, match.allowed);
    };
    exchange->give(run_handler(unknown, *request));
  }
  return exchange;
}

std::string_view BeastConnection::date() {
  const auto now = SystemClock().now();
  if (const auto second = epoch_seconds(now); second != date_second_) {
    date_second_ = second;
    date_ = format_http_date(now);
  }
  return date_;
}

void BeastConnection::begin_head(const Response& response, const Job& job) {
  HeadOptions options;
  options.request_id = request_id_;
  options.date = date();
  options.close = !job.keep_alive;
  options.say_keep_alive = job.keep_alive && job.http10;
  options.close_delimited = job.close_delimited;
  out_.clear();
  append_head(out_, response, options);
}

Awaitable<bool> BeastConnection::send(Response response, const Job& answered, Clock::time_point started) {
  // What a worker took along stays with it; only method and flags are needed here.
  Job job;
  job.request.method = answered.request.method;
  job.match.pattern = answered.match.pattern;
  job.http10 = answered.http10;
  job.keep_alive = answered.keep_alive && !shared_.stopping;
  const auto status = response.status;
  const bool with_body = sends_body(response, job.request.method == Method::head);
  if (response.stream && with_body) {
    job.close_delimited = job.http10 && !response.stream_bytes;
    if (job.close_delimited) job.keep_alive = false;
    const bool whole = co_await send_stream(std::move(response), job);
    count_request(job, status, started);
    co_return whole&& job.keep_alive;
  }
  begin_head(response, job);
  bool sent = false;
  if (with_body && response.body.size() <= kReadBytes) {
    out_ += response.body;
    sent = co_await write(out_);
  } else {
    sent = co_await write(out_);
    if (sent && with_body) sent = co_await write(response.body);
  }
  count_request(job, status, started);
  co_return sent&& job.keep_alive;
}

// Waits for a worker to do this, and for what it gives; nullopt when the connection is being ended.
template <class T>
Awaitable<std::optional<T>> BeastConnection::on_worker(std::shared_ptr<std::function<T()>> work) {
  auto exchange = make_exchange<T>();
  auto step = [exchange, work] {
    if (!exchange->closed()) exchange->give((*work)());
  };
  error_code code;
  while (!aborted_ && !shared_.workers.try_post(step)) {
    timer_.expires_after(milliseconds(5));
    co_await timer_.async_wait(asio::redirect_error(kUse, code));
  }
  co_await wait_for(exchange);
  auto given = exchange->take();
  exchange->close();
  co_return given;
}

// The first piece is fetched before the head goes out, so that a source that cannot begin still gives a 500.
Awaitable<bool> BeastConnection::send_stream(Response response, const Job& job) {
  const std::function<Result<std::string>()> pull_next = [source = response.stream] { return pull(source); };
  const auto next = std::make_shared<std::function<Result<std::string>()>>(pull_next);
  const bool chunked = !response.stream_bytes && !job.close_delimited;
  std::uint64_t left = response.stream_bytes.value_or(UINT64_MAX);
  bool begun = false;
  for (;;) {
    auto piece = co_await on_worker(next);
    if (!piece) co_return false;
    if (!*piece) {
      log::error("answer's body failed", {{"request", request_id_}, {"reason", piece->error().message}});
      if (begun) co_return false;  // the missing end tells the client
      const auto problem = problem_response(500, {});
      begin_head(problem, job);
      out_ += problem.body;
      co_return co_await write(out_);
    }
    if (!begun)
      begin_head(response, job);
    else
      out_.clear();
    begun = true;
    const auto& bytes = **piece;
    if (bytes.size() > left || (bytes.empty() && response.stream_bytes && left > 0)) {
      log::error("answer's body has another length than announced", {{"request", request_id_}});
      co_return false;
    }
    if (chunked) {
      std::array<char, 24> size{};
      std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
      out_ += size.data();
    }
    out_ += bytes;
    if (chunked) out_ += "\r\n";
    left -= bytes.size();
    if (!co_await write(out_)) co_return false;
    if (bytes.empty()) co_return true;
  }
}

Awaitable<bool> BeastConnection::write(std::string_view bytes) {
  error_code code;
  while (!bytes.empty() && !code) {
    const auto part = bytes.substr(0, kWriteBytes);
    stream_.expires_after(shared_.options.idle_timeout);
    const asio::const_buffer piece(part.data(), part.size());
    co_await asio::async_write(stream_, piece, asio::redirect_error(kUse, code));
    bytes.remove_prefix(part.size());
  }
  co_return !code;
}

}  // namespace

std::shared_ptr<Connection> Connection::make(Socket socket, Shared& shared) {
  return std::make_shared<BeastConnection>(std::move(socket), shared);
}

}  // namespace headwater::http
