#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/server.h"

namespace headwater::http {

std::string_view method_text(Method method);
std::optional<Method> parse_method(std::string_view text);
std::string_view status_text(int status);

/// What the server itself has to say: {"type","title","status","detail"}, RFC 9457.
Response problem_response(int status, std::string_view detail);

/// False for HEAD, and for a status that never has a body.
bool sends_body(const Response& response, bool head_request);

struct HeadOptions {
  std::string_view request_id;
  std::string_view date;  // RFC 9110 form
  bool close = false;
  bool say_keep_alive = false;   // HTTP/1.0 clients need to hear it
  bool close_delimited = false;  // HTTP/1.0 clients know no chunks: the end of the connection ends the body
};

/// Appends status line and headers with the empty line after them.
void append_head(std::string& out, const Response& response, const HeadOptions& options);

}  // namespace headwater::http
