#include "http/internal/message.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "http/client.h"
#include "http/server.h"

namespace headwater::http {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> kMethods{{{"GET", Method::get},
                                                                       {"HEAD", Method::head},
                                                                       {"POST", Method::post},
                                                                       {"PUT", Method::put},
                                                                       {"PATCH", Method::patch},
                                                                       {"DELETE", Method::del},
                                                                       {"OPTIONS", Method::options}}};

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

// A line break in a value would write further headers.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  out += value;
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  std::replace_if(out.begin() + begin, out.end(), breaks, ' ');
  out += "\r\n";
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  return find_header(headers, name);
}

std::optional<std::string_view> Request::query_param(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::string_view Request::path_param(std::string_view name) const {
  for (const auto& [key, value] : path_params)
    if (key == name) return value;
  return {};
}

Response Response::json(int status, const json::Value& value) {
  return text(status, value.dump(), "application/json");
}

Response Response::text(int status, std::string body, std::string_view content_type) {
  Response response = empty(status);
  response.headers.emplace_back("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response&& Response::with_header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Responder::~Responder() {
  if (!send_) return;
  log::error("request left unanswered");
  send_(problem_response(500, {}));
}

void Responder::operator()(Answer answer) {
  if (const auto send = std::exchange(send_, nullptr)) send(std::move(answer));
}

std::string_view method_text(Method method) {
  for (const auto& [text, value] : kMethods)
    if (value == method) return text;
  return "";
}

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& [name, value] : kMethods)
    if (name == text) return value;
  return std::nullopt;
}

std::string_view status_text(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 35> kTexts{{{100, "Continue"},
                                                                     {200, "OK"},
                                                                     {201, "Created"},
                                                                     {202, "Accepted"},
                                                                     {204, "No Content"},
                                                                     {206, "Partial Content"},
                                                                     {207, "Multi-Status"},
                                                                     {301, "Moved Permanently"},
                                                                     {302, "Found"},
                                                                     {303, "See Other"},
                                                                     {304, "Not Modified"},
                                                                     {307, "Temporary Redirect"},
                                                                     {308, "Permanent Redirect"},
                                                                     {400, "Bad Request"},
                                                                     {401, "Unauthorized"},
                                                                     {403, "Forbidden"},
                                                                     {404, "Not Found"},
                                                                     {405, "Method Not Allowed"},
                                                                     {406, "Not Acceptable"},
                                                                     {408, "Request Timeout"},
                                                                     {409, "Conflict"},
                                                                     {410, "Gone"},
                                                                     {412, "Precondition Failed"},
                                                                     {413, "Content Too Large"},
                                                                     {415, "Unsupported Media Type"},
                                                                     {416, "Range Not Satisfiable"},
                                                                     {422, "Unprocessable Content"},
                                                                     {428, "Precondition Required"},
                                                                     {429, "Too Many Requests"},
                                                                     {431, "Request Header Fields Too Large"},
                                                                     {500, "Internal Server Error"},
                                                                     {501, "Not Implemented"},
                                                                     {502, "Bad Gateway"},
                                                                     {503, "Service Unavailable"},
                                                                     {504, "Gateway Timeout"}}};
  for (const auto& [code, text] : kTexts)
    if (code == status) return text;
  return "Status";
}

Response problem_response(int status, std::string_view detail) {
  json::Object body;
  body.set("type", "about:blank");
  body.set("title", status_text(status));
  body.set("status", status);
  if (!detail.empty()) body.set("detail", detail);
  auto response = Response::json(status, json::Value(std::move(body)));
  response.headers.front().second = "application/problem+json";
  return response;
}

bool sends_body(const Response& response, bool head_request) {
  return !head_request && !has_no_body(response.status);
}

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += status_text(response.status);
  out += "\r\n";
  bool has_id = false;
  for (const auto& [name, value] : response.headers) {
    // The server alone decides how the body is delimited.
    if (equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "transfer-encoding") ||
        equal_ignoring_case(name, "connection"))
      continue;
    has_id = has_id || equal_ignoring_case(name, "x-request-id");
    append_header(out, name, value);
  }
  if (!has_id) append_header(out, "x-request-id", options.request_id);
  append_header(out, "Date", options.date);
  if (!has_no_body(response.status)) {
    if (!response.stream)
      append_header(out, "Content-Length", std::to_string(response.body.size()));
    else if (response.stream_bytes)
      append_header(out, "Content-Length", std::to_string(*response.stream_bytes));
    else if (!options.close_delimited)
      append_header(out, "Transfer-Encoding", "chunked");
  }
  if (options.close)
    append_header(out, "Connection", "close");
  else if (options.say_keep_alive)
    append_header(out, "Connection", "keep-alive");
  out += "\r\n";
}

}  // namespace headwater::http
