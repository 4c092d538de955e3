#include "inlet/answer.h"

#include <fmt/format.h>

#include "inlet/sender.h"
#include "json/value.h"

namespace headwater::inlet {
namespace {

using json::Object;
using json::Value;

constexpr std::string_view kInletProblem =
    "http://ns.adobe.com/adobecloud/problem/data-collection-service/inlet";
constexpr std::string_view kAuthorizationProblem =
    "https://ns.adobe.com/adobecloud/problem/data-collection-service-authorization";

http::Response json_response(int status, std::string body) {
  return http::Response::text(status, std::move(body), "application/json");
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
    case ErrorKind::conflict:
    case ErrorKind::precondition_required:
    case ErrorKind::stale_etag:
      return 400;
    case ErrorKind::unauthorized:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::unsupported:
      return 415;
    case ErrorKind::rate_limited:
      return 429;
    case ErrorKind::unavailable:
    case ErrorKind::upstream:
    case ErrorKind::timeout:
    case ErrorKind::cancelled:
    case ErrorKind::storage:
      return 503;
  }
  return 500;
}

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Invalid XDM Message Format";
    case 404:
      return "Inlet Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

// What another server's fault is called is nothing that a sender can act on.
std::string_view reason_of(const Error& error) {
  return error.kind == ErrorKind::storage
             ? std::string_view("The message could not be stored; send it again later.")
             : std::string_view(error.message);
}

}  // namespace

http::Response accepted(const Receipt& receipt, bool validated) {
  // The answer of nearly every event: without fmt, whose reading of a format shows in the inlet's profile.
  constexpr std::size_t kOwnBytes = 100;
  const fmt::format_int received(receipt.received_ms);
  std::string body;
  body.reserve(kOwnBytes + receipt.inlet.size() + receipt.transaction.size());
  body.append(R"({"inletId":")").append(receipt.inlet);
  body.append(R"(","xactionId":")").append(receipt.transaction);
  body.append(R"(","receivedTimeMs":)").append(received.data(), received.size());
  if (validated) body.append(R"(,"syncValidation":{"status":"pass"})");
  body += '}';
  return json_response(200, std::move(body));
}

http::Response batch_accepted(const Receipt& receipt, const std::vector<Outcome>& outcomes) {
  std::string body = fmt::format(R"({{"inletId":"{}","batchId":"{}","receivedTimeMs":{},"responses":[)",
                                 receipt.inlet, receipt.transaction, receipt.received_ms);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (i > 0) body += ',';
    if (outcomes[i].reason.empty()) {
      fmt::format_to(std::back_inserter(body), R"({{"xactionId":"{}:{}"}})", receipt.transaction, i);
      continue;
    }
    fmt::format_to(std::back_inserter(body), R"({{"statusCode":{},"message":)", outcomes[i].status);
    json::append_quoted(body, told(receipt, outcomes[i].reason));
    body += '}';
  }
  return json_response(207, std::move(body) + "]}");
}

std::string told(const Receipt& receipt, std::string_view reason) {
  if (receipt.org.empty()) return fmt::format("inletId: [{}] {}", receipt.inlet, reason);
  return fmt::format("inletId: [{}] imsOrgId: [{}] {}", receipt.inlet, receipt.org, reason);
}

http::Response problem(const Receipt& receipt, int status, std::string_view reason) {
  Object body{{"type", kInletProblem},
              {"status", status},
              {"title", title_of(status)},
              {"report", Object{{"message", told(receipt, reason)}}}};
  return json_response(status, Value(std::move(body)).dump());
}

http::Response problem(const Receipt& receipt, const Error& error) {
  const int status = status_of(error.kind);
  if (status != 401 && status != 403) {
    auto response = problem(receipt, status, reason_of(error));
    if (!error.retry_after) return response;
    return std::move(response).with_header("Retry-After", std::to_string(error.retry_after->count()));
  }
  Object report{{"message", fmt::format("[{}] {}", receipt.inlet, error.message)}};
  Object body{{"type", kAuthorizationProblem},
              {"status", std::to_string(status)},
              {"title", "Authorization"},
              {"report", std::move(report)}};
  auto response = json_response(status, Value(std::move(body)).dump());
  if (status == 403 || error.code == kBadSignature) return response;
  return std::move(response).with_header("WWW-Authenticate", "Bearer");
}

http::Response invalid(const Receipt& receipt, std::string_view violations) {
  std::string body = fmt::format(R"({{"type":"{}","status":400,"title":"{}","report":{{"message":)",
                                 kInletProblem, title_of(400));
  json::append_quoted(body, told(receipt, "Message is invalid"));
  body.append(R"(,"cause":{"_streamingValidation":[)").append(violations).append("]}}}");
  return json_response(400, std::move(body));
}

}  // namespace headwater::inlet
