#include "http/internal/job.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "base/log.h"
#include "base/metrics.h"
#include "http/internal/message.h"

namespace headwater::http {

namespace {

struct RouteMetrics {
  metrics::Counter requests;
  metrics::Seconds seconds;
};

RouteMetrics metrics_of(std::string_view pattern, Method method, int status) {
  const std::string route(pattern.empty() ? "unmatched" : pattern);
  const std::string name(method_text(method));
  return {
      metrics::counter("headwater_http_requests_total", "Requests answered, by route, method and status.",
                       {{"route", route}, {"method", name}, {"status", std::to_string(status)}}),
      metrics::seconds("headwater_http_request_seconds", "Time from a request's last byte to its answer's.",
                       {{"route", route}, {"method", name}})};
}

}  // namespace

void count_request(const Job& job, int status, std::chrono::steady_clock::time_point started) {
  // Patterns are literals: their address tells them apart. Neither they nor metrics ever go.
  using Key = std::tuple<const char*, Method, int>;
  struct HashKey {
    std::size_t operator()(const Key& key) const {
      return std::hash<const char*>()(std::get<0>(key)) * 31 +
             static_cast<std::size_t>(std::get<int>(key)) * 8 +
             static_cast<std::size_t>(std::get<Method>(key));
    }
  };
  thread_local std::unordered_map<Key, RouteMetrics, HashKey> known;
  const Key key(job.match.pattern.data(), job.request.method, status);
  auto found = known.find(key);
  if (found == known.end())
    found = known.emplace(key, metrics_of(job.match.pattern, job.request.method, status)).first;
  const std::chrono::duration<double> span = std::chrono::steady_clock::now() - started;
  found->second.requests.add();
  found->second.seconds.observe(span.count());
}

std::string new_request_id() {
  thread_local std::mt19937_64 numbers = [] {
    std::random_device system;
    std::seed_seq seed{system(), system(), system(), system(), system(), system(), system(), system()};
    return std::mt19937_64(seed);
  }();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(36, '-');
  std::uint64_t bits = 0;
  for (std::size_t at = 0, digit = 0; at < id.size(); ++at) {
    if (at == 8 || at == 13 || at == 18 || at == 23) continue;
    if (digit++ % 16 == 0) bits = numbers();
    id[at] = kDigits[bits & 15];
    bits >>= 4;
  }
  id[14] = '4';                                      // a random UUID,
  id[19] = kDigits[8 | (kDigits.find(id[19]) & 3)];  // RFC 9562
  return id;
}

std::string choose_request_id(const Request& request) {
  const auto sent = request.header("x-request-id");
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  if (sent && !sent->empty() && sent->size() <= 128 && std::all_of(sent->begin(), sent->end(), plain))
    return std::string(*sent);
  return new_request_id();
}

namespace {

// An exception is a bug: it ends here, and its text stays in the log.
template <class T>
std::optional<T> without_exceptions(const std::string& request, const std::function<T()>& step) {
  try {
    return step();
  } catch (const std::exception& exception) {
    log::error("request handler failed", {{"request", request}, {"reason", exception.what()}});
  } catch (...) {
    log::error("request handler failed", {{"request", request}});
  }
  return std::nullopt;
}

}  // namespace

Response run_handler(const Router::Handler& handler, const Request& request) {
  auto response = without_exceptions<Response>(request.id, [&] { return handler(request); });
  return response ? *std::move(response) : problem_response(500, {});
}

Response run_refusal(const Router::RouteRefusal& refusal, const Request& request, int status,
                     std::string_view detail) {
  auto response = without_exceptions<Response>(request.id, [&] { return refusal(request, status, detail); });
  return response ? *std::move(response) : problem_response(500, {});
}

UploadStart begin_upload(const Router::UploadHandler& handler, const Request& request) {
  auto start = without_exceptions<UploadStart>(request.id, [&] { return handler(request); });
  if (start && (start->upload || start->refusal.status >= 400)) return *std::move(start);
  return UploadStart{nullptr, problem_response(500, {})};
}

std::optional<Response> write_upload(Upload& upload, std::string_view piece) {
  if (piece.empty()) return std::nullopt;
  auto answer = without_exceptions<std::optional<Response>>("upload", [&] { return upload.write(piece); });
  return answer ? *std::move(answer) : problem_response(500, {});
}

Response finish_upload(Upload& upload) {
  auto response = without_exceptions<Response>("upload", [&] { return upload.finish(); });
  return response ? *std::move(response) : problem_response(500, {});
}

Result<std::string> pull(const BodySource& source) {
  try {
    return source();
  } catch (const std::exception& exception) {
    return Error{ErrorKind::storage, exception.what()};
  } catch (...) {
    return Error{ErrorKind::storage, "unknown exception"};
  }
}

}  // namespace headwater::http
