#include "cli/api_client.h"

#include <CLI/CLI.hpp>

namespace headwater::cli {
namespace {

ErrorKind kind_of(int status) {
  switch (status) {
    case 400:
    case 422:
      return ErrorKind::invalid_argument;
    case 401:
      return ErrorKind::unauthorized;
    case 403:
      return ErrorKind::forbidden;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    case 412:
      return ErrorKind::stale_etag;
    case 429:
      return ErrorKind::rate_limited;
    default:
      return ErrorKind::upstream;
  }
}

std::string_view first_text(const json::Value& document, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto text = document.string_at(name); !text.empty()) return text;
  return {};
}

std::vector<Problem> problems_in(const json::Value& document) {
  std::vector<Problem> out;
  const auto* list = document.find_path("report.problems");
  if (list == nullptr || !list->is_array()) return out;
  for (const auto& item : *list->if_array())
    out.push_back(Problem{std::string(item.string_at("pointer")), std::string(item.string_at("reason")),
                          std::string(item.string_at("hint")),
                          item.string_at("severity") == "warning" ? Severity::warning : Severity::error});
  return out;
}

// Every documented error variant carries its sentence under another name.
Error server_error(int status, std::string_view text) {
  const auto document = json::parse(text);
  std::string message = "The server answered " + std::to_string(status);
  if (!document) return Error{kind_of(status), message + "."};
  const auto detail =
      first_text(*document, {"errorMessage", "message", "detail", "error_description", "title"});
  const auto code = first_text(*document, {"type", "error_code"});
  if (!detail.empty()) message += ": " + std::string(detail);
  if (!code.empty()) message += " [" + std::string(code.substr(code.rfind('/') + 1)) + "]";
  Error error{kind_of(status), std::move(message)};
  error.problems = problems_in(*document);
  return error;
}

}  // namespace

void ServerOptions::add_to(CLI::App& command) {
  command.add_option("--server", server, "URL of the server")
      ->envname("HEADWATER_URL")
      ->default_str("http://127.0.0.1:8080");
  command.add_option("--data-dir", data_dir, "Data directory of a server on this machine, to log in")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command.add_option("--token", token, "Access token; default: one from --data-dir")
      ->envname("HEADWATER_TOKEN");
  command.add_option("--api-key", api_key, "Client id that the token is for")->envname("HEADWATER_API_KEY");
  command.add_option("--org", org, "Organisation id")->envname("HEADWATER_ORG");
  command.add_option("--sandbox", sandbox, "Sandbox name; default: prod")->envname("HEADWATER_SANDBOX");
}

ApiClient::ApiClient(Url server, http::Headers headers, std::unique_ptr<http::Client> client)
    : server_(std::move(server)), headers_(std::move(headers)), client_(std::move(client)) {}

Result<ApiClient> ApiClient::make(const ServerOptions& options, const LocalLogin& login) {
  auto url = TRY(Url::parse(options.server.empty() ? "http://127.0.0.1:8080" : options.server));
  Credentials who{options.token, options.api_key, options.org, options.sandbox};
  if (who.access_token.empty()) {
    const auto given = [](const std::string& text) {
      return text.empty() ? std::nullopt : std::optional(text);
    };
    who = TRY(login(options.data_dir, given(options.org), given(options.sandbox)));
  } else if (who.api_key.empty() || who.org.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "With --token also give --api-key and --org (or their HEADWATER_ variables)."};
  }
  http::Headers headers{{"Authorization", "Bearer " + who.access_token},
                        {"x-api-key", who.api_key},
                        {"x-gw-ims-org-id", who.org},
                        {"Accept", "application/json"}};
  if (!who.sandbox.empty()) headers.emplace_back("x-sandbox-name", who.sandbox);
  http::ClientOptions client;
  // The user named this server: wherever it is, it may be called.
  for (const char* everywhere : {"0.0.0.0/0", "::/0"})
    client.egress.allowed.push_back(TRY(http::Network::parse(everywhere)));
  return ApiClient(std::move(url), std::move(headers), TRY(http::Client::make(std::move(client))));
}

Result<json::Value> ApiClient::call(std::string_view method, std::string_view path, std::string body,
                                    const http::Headers& more_headers) {
  http::ClientRequest request;
  request.method = method;
  request.url = TRY(server_.resolve(path));
  request.headers = headers_;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.headers.insert(request.headers.end(), more_headers.begin(), more_headers.end());
  request.body = std::move(body);
  constexpr std::uint64_t answer_bytes_max = 256U << 20;
  http::StringSink sink(answer_bytes_max);
  TRY(client_->send(request, sink, {}));
  if (sink.answer.status >= 400) return server_error(sink.answer.status, sink.text);
  if (sink.text.empty()) return json::Value();
  return json::parse(sink.text, json::ParseLimits{200, answer_bytes_max});
}

}  // namespace headwater::cli
