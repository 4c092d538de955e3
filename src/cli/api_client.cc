#include "cli/api_client.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

#include "base/output_file.h"

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
  const auto code = first_text(*document, {"type", "error_code"});
  if (!code.empty()) message += " [" + std::string(code.substr(code.rfind('/') + 1)) + "]";
  const auto detail =
      first_text(*document, {"errorMessage", "message", "detail", "error_description", "title"});
  if (!detail.empty()) message += ": " + std::string(detail);
  if (status == 401)
    message += ". Give a token of this server with --token or HEADWATER_TOKEN, or its --data-dir.";
  Error error{kind_of(status), std::move(message)};
  error.problems = problems_in(*document);
  return error;
}

// An answer's body as a file; that of a refusal as text.
class FileSink final : public http::ResponseSink {
 public:
  explicit FileSink(std::filesystem::path path) : path_(std::move(path)) {}

  Result<void> head(const http::ResponseHead& head) override {
    status_ = head.status;
    if (status_ < 400) file_.emplace(TRY(OutputFile::open(path_, OutputForm::file)));
    return {};
  }
  Result<void> body(std::string_view bytes) override {
    if (file_) return write_all(file_->fd(), bytes, path_.native());
    constexpr std::size_t kRefusalMax = 1U << 20;
    refusal_ += bytes.substr(0, kRefusalMax - std::min(kRefusalMax, refusal_.size()));
    return {};
  }
  Result<void> keep() { return file_ ? file_->keep() : Result<void>(); }
  int status() const { return status_; }
  const std::string& refusal() const { return refusal_; }

 private:
  std::filesystem::path path_;
  std::optional<OutputFile> file_;
  int status_ = 0;
  std::string refusal_;
};

}  // namespace

void ServerOptions::add_to(CLI::App& command) {
  command.add_option("--server", server, "URL of the server")
      ->envname("HEADWATER_URL")
      ->default_str("http://127.0.0.1:8080");
  command.add_option("--data-dir", data_dir, "Data directory of a server on this machine, to log in")
      ->type_name("FOLDER")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command.add_option("--token", token, "Access token; default: one from --data-dir")
      ->envname("HEADWATER_TOKEN");
  command.add_option("--api-key", api_key, "Client id that the token is for")->envname("HEADWATER_API_KEY");
  command.add_option("--org", org, "Organisation id")->envname("HEADWATER_ORG");
  command.add_option("--sandbox", sandbox, "Sandbox name; default: prod")->envname("HEADWATER_SANDBOX");
}

Result<http::ClientOptions> any_host() {
  http::ClientOptions client;
  for (const char* everywhere : {"0.0.0.0/0", "::/0"})
    client.egress.allowed.push_back(TRY(http::Network::parse(everywhere)));
  return client;
}

ApiClient::ApiClient(Url server, http::Headers headers, std::unique_ptr<http::Client> client)
    : server_(std::move(server)), headers_(std::move(headers)), client_(std::move(client)) {}

Result<ApiClient> ApiClient::make(const ServerOptions& options, const LocalLogin& login) {
  auto url = Url::parse(options.server.empty() ? "http://127.0.0.1:8080" : options.server);
  if (!url)
    return Error{ErrorKind::invalid_argument,
                 "--server \"" + options.server + "\" (or HEADWATER_URL) is no URL: " + url.error().message};
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
  auto client = TRY(any_host());
  return ApiClient(*std::move(url), std::move(headers), TRY(http::Client::make(std::move(client))));
}

std::string ApiClient::authorization() const {
  return std::string(http::find_header(headers_, "Authorization").value_or(""));
}

Result<http::ClientRequest> ApiClient::request(std::string_view method, std::string_view path) const {
  http::ClientRequest request;
  request.method = method;
  request.url = TRY(server_.resolve(path));
  request.headers = headers_;
  return request;
}

// The transport speaks of sources; here the other end is the user's own server.
Error ApiClient::explained(Error error) const {
  if (error.kind == ErrorKind::unavailable)
    error.message += " Is the server at " + server_.origin() +
                     " running? Name another one with --server or HEADWATER_URL.";
  return error;
}

Result<json::Value> ApiClient::call(std::string_view method, std::string_view path, std::string body,
                                    const http::Headers& more_headers, std::stop_token stop) {
  auto asked = TRY(request(method, path));
  std::erase_if(asked.headers, [&more_headers](const auto& each) {
    return http::find_header(more_headers, each.first).has_value();
  });
  if (!body.empty() && !http::find_header(more_headers, "Content-Type"))
    asked.headers.emplace_back("Content-Type", "application/json");
  asked.headers.insert(asked.headers.end(), more_headers.begin(), more_headers.end());
  asked.body = std::move(body);
  constexpr std::uint64_t kAnswerBytesMax = 256U << 20;
  http::StringSink sink(kAnswerBytesMax);
  const auto sent = client_->send(asked, sink, std::move(stop));
  if (!sent) return explained(sent.error());
  if (sink.answer.status >= 400) return server_error(sink.answer.status, sink.text);
  if (sink.text.empty()) return json::Value();
  auto document = json::parse(sink.text, json::ParseLimits{200, kAnswerBytesMax});
  if (!document)
    return Error{ErrorKind::upstream,
                 "What answers at " + server_.origin() + " is no Headwater server: its answer is no JSON."};
  return document;
}

Result<std::uint64_t> ApiClient::download(std::string_view path, const std::filesystem::path& file,
                                          std::stop_token stop) {
  const auto asked = TRY(request("GET", path));
  FileSink sink(file);
  const auto sent = client_->send(asked, sink, std::move(stop));
  if (!sent) return explained(sent.error());
  if (sink.status() >= 400) return server_error(sink.status(), sink.refusal());
  TRY(sink.keep());
  return sent->body_bytes;
}

}  // namespace headwater::cli
