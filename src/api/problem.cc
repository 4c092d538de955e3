#include "api/problem.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/time.h"
#include "domain/spec_check.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kTypeBase = "https://ns.adobe.com/aep/errors/";

int status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return 400;
    case ErrorKind::unauthorized:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::precondition_required:
      return 400;
    case ErrorKind::stale_etag:
      return 412;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::rate_limited:
      return 429;
    case ErrorKind::unsupported:
      return 400;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::upstream:
      return 502;
    case ErrorKind::timeout:
      return 504;
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::storage:
      return 500;
  }
  return 500;
}

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Resource not found";
    case 405:
      return "Method not allowed";
    case 406:
      return "Not acceptable";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition failed";
    case 413:
      return "Payload too large";
    case 415:
      return "Unsupported media type";
    case 416:
      return "Range not satisfiable";
    case 422:
      return "Unprocessable content";
    case 429:
      return "Too many requests";
    case 431:
      return "Request header fields too large";
    case 501:
      return "Not implemented";
    case 502:
      return "Upstream error";
    case 503:
      return "Service unavailable";
    case 504:
      return "Upstream timeout";
    default:
      return "Internal error";
  }
}

// What an error without a code of its own is called. The catalogue's entry for its status (section 20.1).
std::string default_code(int status) {
  switch (status) {
    case 400:
      return "CONNECTOR-1302-400";
    case 401:
      return "FLOW-2114-401";
    case 403:
      return "FLOW-2120-403";
    case 404:
      return "FLOW-1439-404";
    case 412:
      return "FLOW-1404-412";
    case 500:
      return "FLOW-1400-500";
    case 502:
      return "FLOW-1102-502";
    case 503:
      return "FLOW-1103-503";
    case 504:
      return "FLOW-1104-504";
    default:
      return "FLOW-1400-" + std::to_string(status);
  }
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The text by which older clients recognise a spec that does not exist (reference section 20 C).
constexpr std::string_view kInvalidSpec = "Please provide a valid spec id";

// A person who reads only the message still learns what is wrong first.
std::string detail_of(const Error& error) {
  if (error.problems.empty()) return error.message;
  const Problem& first = error.problems.front();
  std::string detail = error.message;
  if (detail.find(first.reason) == std::string::npos) {
    detail += " " + (first.pointer.empty() ? std::string() : first.pointer + ": ") + first.reason;
    if (error.problems.size() > 1) detail += " (and " + std::to_string(error.problems.size() - 1) + " more)";
  }
  return detail;
}

// The registry's own texts and codes where the description names them.
std::string registry_code(const std::string& code, int status) {
  if (code.starts_with("XDM-")) return code;
  if (status == 404) return "XDM-1012-404";
  return "XDM-1400-" + std::to_string(status);
}

std::string_view registry_title(const std::string& code, int status) {
  if (code == "XDM-1006-400" || code == "XDM-1007-400") return "Accept header invalid";
  return status == 404 ? "Resource Not Found" : title_of(status);
}

Value registry_body(const std::string& code, int status, const std::string& detail, const Error& error,
                    const http::Request& request) {
  const std::string own_code = registry_code(code, status);
  const std::string type = "http://ns.adobe.com/aep/errors/" + own_code;
  Array sub_errors;
  for (const Problem& item : error.problems)
    sub_errors.emplace_back(
        Object{{"type", type},
               {"title", item.reason},
               {"status", status},
               {"detail", item.pointer + ": " + item.reason + (item.hint.empty() ? "" : ". " + item.hint)}});
  return Object{{"type", type},
                {"title", registry_title(own_code, status)},
                {"status", status},
                {"report", Object{{"registryRequestId", request.id},
                                  {"timestamp", format_rfc3339(SystemClock().now())},
                                  {"detailed-message", detail},
                                  {"sub-errors", std::move(sub_errors)}}},
                {"detail", detail}};
}

}  // namespace

int status_of(const Error& error) {
  const auto dash = error.code.rfind('-');
  if (dash != std::string_view::npos) {
    const std::string_view tail = error.code.substr(dash + 1);
    int status = 0;
    const auto [end, failed] = std::from_chars(tail.data(), tail.data() + tail.size(), status);
    if (failed == std::errc() && end == tail.data() + tail.size() && status >= 400 && status < 600)
      return status;
  }
  return status_of_kind(error.kind);
}

http::Response problem(const Error& error, const http::Request& request, std::string_view collection,
                       Dialect dialect) {
  const int status = status_of(error);
  if (error.code == kContentTypeCode)
    return http::Response::json(400, Object{{"type", "/placeholder/type/uri"},
                                            {"status", 400},
                                            {"title", "BadRequestError"},
                                            {"detail", error.message}});
  if (all_digits(error.code))
    return http::Response::json(status, Object{{"error_code", error.code}, {"message", error.message}});
  const std::string code = error.code.empty() ? default_code(status) : std::string(error.code);
  const std::string detail = detail_of(error);
  if (dialect == Dialect::registry)
    return http::Response::json(status, registry_body(code, status, detail, error, request));

  Object report{{"detailed-message", detail}};
  const std::string_view id = request.path_param("id");
  if (status == 404 && !id.empty() && !collection.empty()) {
    report.set("id", id);
    report.set("type", collection);
  }
  if (!error.where.empty()) report.set("pointer", error.where);
  if (!error.problems.empty()) report.set("problems", domain::encode(error.problems));
  report.set("request-id", request.id);
  Object body{{"type", std::string(kTypeBase) + code}, {"title", title_of(status)}, {"status", status},
              {"report", std::move(report)},           {"errorMessage", detail},    {"errorDetails", detail}};
  if (detail.starts_with(kInvalidSpec)) body.set("message", kInvalidSpec);
  auto response = http::Response::json(status, body);
  if (error.retry_after)
    response.headers.emplace_back("Retry-After", std::to_string(error.retry_after->count()));
  return response;
}

http::Response broken(const std::exception& bug, const http::Request& request) {
  log::error("request broke", {{"id", request.id}, {"path", request.path}, {"exception", bug.what()}});
  return problem(Error{ErrorKind::storage, "An internal error happened; the log names it by the request id.",
                       "", "FLOW-1400-500"},
                 request);
}

}  // namespace headwater::api
