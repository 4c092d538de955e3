#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/url.h"
#include "json/value.h"

namespace headwater::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

/// Whoever sent a request. From any thread.
class Caller {
 public:
  virtual ~Caller() = default;
  /// True once its connection is closed, or nothing more can come from it: seen within a second. What it has
  /// asked for is finished all the same, unless the work is only for its answer.
  bool has_left() const { return left_; }

 protected:
  std::atomic<bool> left_ = false;
};

/// A request, whole. Header names are compared without case.
struct Request {
  Method method = Method::get;
  std::string target;  // as sent
  std::string path;    // percent-encoded, without the query
  QueryParams query;   // decoded
  std::vector<std::pair<std::string, std::string>> headers;
  /// json::RecordParser::kPadding readable bytes follow its end (not in a copy, not when it is empty).
  std::string body;
  std::vector<std::pair<std::string, std::string>> path_params;  // decoded: {"id", "..."}
  std::string remote;                                            // peer address
  std::string id;                                                // x-request-id: the client's, or a new one
  std::shared_ptr<const Caller> caller;                          // null: nobody who could leave

  std::optional<std::string_view> header(std::string_view name) const;
  std::optional<std::string_view> query_param(std::string_view name) const;
  std::string_view path_param(std::string_view name) const;  // "" when the route has none of that name
};

/// Gives a large body piece by piece. Called from a worker thread until it returns an empty string.
using BodySource = std::function<Result<std::string>()>;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  BodySource stream;                          // when set, `body` is not used
  std::optional<std::uint64_t> stream_bytes;  // Content-Length of a stream; absent: chunked

  static Response json(int status, const json::Value& value);
  static Response text(int status, std::string body,
                       std::string_view content_type = "text/plain; charset=utf-8");
  static Response empty(int status);
  Response&& with_header(std::string name, std::string value) &&;
};

/// An answer that is made where it is sent, on the connection's I/O thread: what the request took there is
/// freed there, which costs less than handing memory from thread to thread.
class DeferredAnswer {
 public:
  virtual ~DeferredAnswer() = default;
  /// Called at most once; bounded microseconds.
  virtual Response make() = 0;
};
/// Shared by its giver and the connection: whichever is last frees it.
using Answer = std::variant<Response, std::shared_ptr<DeferredAnswer>>;

/// Answers one request, once, from any thread. Destroyed unanswered, it answers 500.
class Responder {
 public:
  using Send = std::function<void(Answer)>;
  explicit Responder(Send send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder();
  void operator()(Answer answer);

 private:
  Send send_;
};

/// Takes the body of one request piece by piece, so that it is never whole in memory. Called from worker
/// threads, one call at a time; destroyed before `finish`: the transfer broke off.
class Upload {
 public:
  virtual ~Upload() = default;
  /// An answer ends the transfer there.
  virtual std::optional<Response> write(std::string_view bytes) = 0;
  virtual Response finish() = 0;
};
/// What takes a request's body, or the answer that refuses it before it was read.
struct UploadStart {
  std::shared_ptr<Upload> upload;  // Shared by the connection and the worker at its piece.
  Response refusal;                // when there is no upload
};

/// Routes are whole string literals with {name} segments: "/data/foundation/flowservice/flows/{id}". A last
/// segment {name...} stands for one or more segments. A trailing slash is optional. An unknown path answers
/// 404, a known path with another method 405 with Allow, both through the `not_found` hook so that the API's
/// problem shape is kept.
class Router {
 public:
  using Handler = std::function<Response(const Request&)>;
  using AsyncHandler = std::function<void(Request, Responder)>;  // on the I/O thread: bounded microseconds

  /// Where a handler runs. On the I/O thread it saves two changes of thread, and all else waits meanwhile:
  /// only for bounded microseconds that wait for nobody.
  enum class Thread : std::uint8_t { worker, io };
  void add(Method method, std::string_view pattern, Handler handler, Thread thread = Thread::worker);
  /// What the server answers for a route whose request no handler sees: body too large (413), malformed
  /// (400), another method (405).
  using RouteRefusal = std::function<Response(const Request&, int status, std::string_view detail)>;
  struct AsyncOptions {
    std::uint64_t body_bytes_max = 0;  // 0: the server's
    RouteRefusal refusal;              // unset: the router's; called on the I/O thread
  };
  void add_async(Method method, std::string_view pattern, AsyncHandler handler) {
    add_async(method, pattern, std::move(handler), AsyncOptions());
  }
  void add_async(Method method, std::string_view pattern, AsyncHandler handler, AsyncOptions options);
  /// A route whose body may have `bytes_max` bytes and is streamed. The handler sees the request without it.
  using UploadHandler = std::function<UploadStart(const Request&)>;  // on a worker thread
  void add_upload(Method method, std::string_view pattern, std::uint64_t bytes_max, UploadHandler handler);
  /// `allowed` is empty for an unknown path.
  using NotFound = std::function<Response(const Request&, const std::vector<Method>& allowed)>;
  void set_not_found(NotFound hook);
  /// What the server itself answers to a request that no handler sees: too large, malformed, no free worker.
  using Refusal = std::function<Response(int status, std::string_view detail, std::string_view request_id)>;
  void set_refusal(Refusal hook);
  /// Every route as "GET /flows/{id}".
  std::vector<std::string> routes() const;

  struct Match {
    const Handler* handler = nullptr;
    Thread thread = Thread::worker;  // of the handler
    const AsyncHandler* async_handler = nullptr;
    const UploadHandler* upload_handler = nullptr;
    const RouteRefusal* refusal = nullptr;  // of the route, if it has one of its own
    std::uint64_t body_bytes_max = 0;       // 0: the server's
    std::string_view pattern;               // for metrics labels
    std::vector<Method> allowed;
  };
  /// Fills request.path_params.
  Match match(Request& request) const;
  Response not_found(const Request& request, const std::vector<Method>& allowed) const;
  Response refusal(int status, std::string_view detail, std::string_view request_id) const;

 private:
  struct Route {
    Method method;
    std::string_view pattern;
    std::vector<std::string> segments;
    Handler handler;
    Thread thread = Thread::worker;
    AsyncHandler async_handler;
    UploadHandler upload_handler;
    RouteRefusal refusal;
    std::uint64_t body_bytes_max = 0;
  };
  Route& add_route(Method method, std::string_view pattern);
  static void take_params(const Route& route, const std::vector<std::string_view>& sent, Request& request);
  const Route* find(Method method, const std::vector<std::string_view>& sent) const;
  std::vector<Method> methods_of(const std::vector<std::string_view>& sent) const;

  std::vector<Route> routes_;
  /// Which routes have so many segments, by their number; those with a tail stand in every list from theirs
  /// on.
  std::vector<std::vector<std::size_t>> by_length_;
  NotFound not_found_;
  Refusal refusal_;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: a free one
  std::size_t io_threads = 1;
  std::size_t worker_threads = 8;
  std::size_t queue_max = 1024;              // waiting requests; past it 503 with Retry-After
  std::uint64_t body_bytes_max = 16U << 20;  // past it 413
  std::chrono::seconds idle_timeout{60};
  /// Past it a connection is answered 503. Lowered to what the process may open, after the soft limit of
  /// descriptors was raised as far as the hard one allows.
  std::size_t connections_max = 12'000;
};

/// An HTTP/1.1 server. Malformed requests answer 400, never a crash; every answer carries x-request-id.
class Server {
 public:
  /// Binds and listens; requests are served from `start` on. The router must outlive the server.
  static Result<std::unique_ptr<Server>> make(ServerOptions options, const Router& router);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual void start() = 0;
  /// Stops accepting, lets requests in progress finish within `grace`, closes, joins. Idempotent.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace headwater::http
