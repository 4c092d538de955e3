#include "http/internal/job.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>

#include "base/crypto.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/internal/message.h"

namespace headwater::http {

void count_request(const Job& job, int status, std::chrono::steady_clock::time_point started) {
  const std::string route(job.match.pattern.empty() ? "unmatched" : job.match.pattern);
  const std::string method(method_text(job.request.method));
  metrics::count("headwater_http_requests_total", "Requests answered, by route, method and status.", 1,
                 metrics::Labels{{"route", route}, {"method", method}, {"status", std::to_string(status)}});
  const std::chrono::duration<double> span = std::chrono::steady_clock::now() - started;
  metrics::observe_seconds("headwater_http_request_seconds",
                           "Time from a request's last byte to its answer's.", span.count(),
                           metrics::Labels{{"route", route}, {"method", method}});
}

std::string choose_request_id(const Request& request) {
  const auto sent = request.header("x-request-id");
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  if (sent && !sent->empty() && sent->size() <= 128 && std::all_of(sent->begin(), sent->end(), plain))
    return std::string(*sent);
  return crypto::uuid();
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
