#include "http/internal/job.h"

#include <algorithm>
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

Response run_handler(const Router::Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& exception) {
    log::error("request handler failed",
               {{"request", request.id}, {"path", request.path}, {"reason", exception.what()}});
  } catch (...) {
    log::error("request handler failed", {{"request", request.id}, {"path", request.path}});
  }
  return problem_response(500, {});
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
