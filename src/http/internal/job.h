#pragma once

#include <chrono>
#include <string>

#include "http/server.h"

namespace headwater::http {

/// One request as it travels to a worker and back.
struct Job {
  Request request;
  Router::Match match;
  bool keep_alive = true;
  bool close_delimited = false;
  bool http10 = false;
};

/// Runs a handler; an exception, which is a bug, becomes a 500 without its reason, and a line in the log.
Response run_handler(const Router::Handler& handler, const Request& request);

/// The same for what a route answers in the server's stead.
Response run_refusal(const Router::RouteRefusal& refusal, const Request& request, int status,
                     std::string_view detail);

/// The same for the three steps of an upload.
UploadStart begin_upload(const Router::UploadHandler& handler, const Request& request);
std::optional<Response> write_upload(Upload& upload, std::string_view piece);
Response finish_upload(Upload& upload);

/// The next piece of a body, exceptions as errors.
Result<std::string> pull(const BodySource& source);

/// A UUID that tells requests apart: no secret, so the system's generator only seeds it.
std::string new_request_id();
/// The client's x-request-id when it is short plain text (anything else could forge log lines), or a new one.
std::string choose_request_id(const Request& request);

/// Counts an answered request in the metrics.
void count_request(const Job& job, int status, std::chrono::steady_clock::time_point started);

}  // namespace headwater::http
