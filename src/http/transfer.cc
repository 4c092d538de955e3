#include "http/internal/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"
#include "base/trim.h"
#include "http/internal/egress.h"
#include "http/internal/proxy.h"

namespace headwater::http {
namespace {

constexpr std::size_t kHeadBytesMax = 256U << 10;
constexpr std::uint64_t kRedirectBodyMax = 1U << 20;

constexpr std::string_view kWhite = " \t\r\n";

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<Address> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return Address::from_bytes(&v4.sin_addr, 4);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return Address::from_bytes(&v6.sin6_addr, 16);
  }
  return std::nullopt;
}

// The refused address that a host is sure to mean: written out in any form ("127.1", "0x7f000001"), or
// localhost.
std::optional<Address> refused_address(const EgressPolicy& policy, std::string_view written) {
  const auto when_refused = [&policy](const Address& address) {
    return may_reach(policy, address) ? std::nullopt : std::optional(address);
  };
  std::string host = percent_decode(written);
  if (host.ends_with('.')) host.pop_back();
  if (const auto address = Address::parse(host)) return when_refused(*address);
  std::transform(host.begin(), host.end(), host.begin(), ascii_lower);
  if (host == "localhost" || host.ends_with(".localhost"))
    return may_reach(policy, *Address::parse("::1")) ? std::nullopt
                                                     : when_refused(*Address::parse("127.0.0.1"));
  in_addr v4{};
  if (host.find(' ') != std::string::npos || ::inet_aton(host.c_str(), &v4) == 0) return std::nullopt;
  return when_refused(Address::from_bytes(&v4, 4));
}

// Whether a name like this can exist: its labels not empty, too long, or of other characters than names have.
bool is_host_name(std::string_view written) {
  const std::string host = percent_decode(written);
  if (host.starts_with('[')) return true;
  std::string_view rest = host;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (rest.empty() || rest.size() > 253) return false;
  while (true) {
    const auto label = rest.substr(0, rest.find('.'));
    const auto is_good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    if (label.empty() || label.size() > 63 || label.front() == '-' ||
        !std::all_of(label.begin(), label.end(), is_good))
      return false;
    if (label.size() == rest.size()) return true;
    rest.remove_prefix(label.size() + 1);
  }
}

Error no_such_host(const std::string& origin) {
  return Error{ErrorKind::invalid_argument, "No call can be made to " + origin + ": the host is not valid."};
}

// A name or value that would end its line would write headers of the source's choosing.
bool can_be_sent(std::string_view name, std::string_view value) {
  const auto bad_name = [](char c) { return c <= ' ' || c == ':' || c == 0x7f; };
  const auto bad_value = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  return !name.empty() && std::none_of(name.begin(), name.end(), bad_name) &&
         std::none_of(value.begin(), value.end(), bad_value);
}

}  // namespace

Transfer::Transfer(const ClientOptions& options, ClientRequest request, ResponseSink& sink)
    : options_(options),
      request_(std::move(request)),
      sink_(sink),
      started_(std::chrono::steady_clock::now()) {}

Result<void> Transfer::set_headers() {
  curl_slist* list = nullptr;
  const auto add = [&list](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
  Result<void> outcome;
  bool has_type = false;
  for (const auto& [name, value] : request_.headers) {
    if (!can_be_sent(name, value)) {
      outcome = Error{ErrorKind::invalid_argument,
                      "A request header's name or value holds characters that no header can carry."};
      break;
    }
    has_type = has_type || equal_ignoring_case(name, "content-type");
    // libcurl reads "Name:" as "leave this header out", and "Name;" as one without value.
    std::string line = name;
    line.append(value.empty() ? ";" : ": ").append(value);
    add(line);
  }
  if (!has_type) add("Content-Type:");
  add("Expect:");
  headers_.reset(list);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  return outcome;
}

void Transfer::set_method() {
  const auto& method = request_.method;
  if (method == "GET" && request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  } else if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  } else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method == "POST" ? nullptr : method.c_str());
  }
}

Result<void> Transfer::prepare(CURL* handle) {
  easy = handle;
  if (!is_host_name(request_.url.host)) return no_such_host(request_.url.origin());
  // A proxy resolves names itself, and some names never need to be resolved: those are judged here.
  if (const auto address = refused_address(options_.egress, request_.url.host))
    return egress_refused(options_.egress, request_.url.host, *address);
  proxy_ = choose_proxy(options_, request_.url);
  head_ = ResponseHead{};
  head_.final_url = request_.url.text();
  head_bytes_ = 0;
  head_done_ = redirecting_ = connected_ = false;
  slow_since_.reset();
  ignored_bytes_ = 0;
  seen_bytes_ = 0;

  curl_easy_setopt(easy, CURLOPT_URL, head_.final_url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy_.c_str());
  set_method();
  TRY(set_headers());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  return {};
}

template <class Step>
bool Transfer::keep_errors(Step step) {
  if (error_ || exception_) return false;
  try {
    if (auto result = step(); !result) {
      error_ = std::move(result).error();
      return false;
    }
    return true;
  } catch (...) {  // libcurl's C frames must not see it; outcome() throws it again
    exception_ = std::current_exception();
    return false;
  }
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  return transfer.keep_errors([&] { return transfer.header_line(line); }) ? line.size() : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view bytes(data, size * count);
  return transfer.keep_errors([&] { return transfer.body_bytes(bytes); }) ? bytes.size()
                                                                          : CURL_WRITEFUNC_ERROR;
}

curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  // The proxy itself was named by whoever configured this client.
  if (transfer.proxy_.empty()) {
    const auto ip = address_of(address->addr);
    if (!ip || !may_reach(transfer.options_.egress, *ip)) {
      transfer.refused_ =
          egress_refused(transfer.options_.egress, transfer.request_.url.host, ip.value_or(Address{}));
      return CURL_SOCKET_BAD;
    }
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::on_connected(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.connected_ = true;
  transfer.last_byte_ = std::chrono::steady_clock::now();
  return CURL_PREREQFUNC_OK;
}

Result<void> Transfer::header_line(std::string_view line) {
  if (head_done_) return {};  // trailers
  last_byte_ = std::chrono::steady_clock::now();
  if (!slow_since_) {
    slow_since_ = last_byte_;
    slow_bytes_ = 0;
  }
  if (line.starts_with("HTTP/")) {
    head_.headers.clear();
    const auto space = line.find(' ');
    head_.status = 0;
    if (space != std::string_view::npos) {
      const auto digits = trimmed(line.substr(space), kWhite);
      std::from_chars(digits.data(), digits.data() + digits.size(), head_.status);
    }
    return {};
  }
  head_bytes_ += line.size();
  if (head_bytes_ > kHeadBytesMax)
    return Error{ErrorKind::too_large,
                 "The answer of " + request_.url.origin() + " has more than 256 KB of headers."};
  if (trimmed(line, kWhite).empty()) return head_.status >= 200 ? head_complete() : Result<void>{};
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  head_.headers.emplace_back(trimmed(line.substr(0, colon), kWhite), trimmed(line.substr(colon + 1), kWhite));
  return {};
}

Result<void> Transfer::head_complete() {
  head_done_ = true;
  const auto& method = request_.method;
  const bool may_follow =
      options_.redirects_max > 0 && (method == "GET" || method == "HEAD" || method == "POST");
  if (may_follow && is_redirect(head_.status) && find_header(head_.headers, "location")) {
    redirecting_ = true;
    return {};
  }
  curl_off_t length = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  const bool plain = !find_header(head_.headers, "content-encoding");
  if (plain && request_.method != "HEAD" && length > 0 &&
      static_cast<std::uint64_t>(length) > options_.response_bytes_max)
    return Error{ErrorKind::too_large,
                 "The answer of " + request_.url.origin() + " has " + std::to_string(length) +
                     " bytes; at most " + std::to_string(options_.response_bytes_max) +
                     " are accepted. Ask for smaller pages, or raise " + "response-bytes-max."};
  return sink_.head(head_);
}

Result<void> Transfer::body_bytes(std::string_view bytes) {
  last_byte_ = std::chrono::steady_clock::now();
  if (redirecting_) {
    ignored_bytes_ += bytes.size();
    if (ignored_bytes_ <= kRedirectBodyMax) return {};
    return Error{ErrorKind::too_large, "A redirect of " + request_.url.origin() + " has an endless body."};
  }
  if (bytes.size() > options_.response_bytes_max - stats_.body_bytes)
    return Error{ErrorKind::too_large, "The answer of " + request_.url.origin() + " has more than " +
                                           std::to_string(options_.response_bytes_max) +
                                           " bytes, the most that is accepted. Ask for smaller pages, or " +
                                           "raise response-bytes-max."};
  stats_.body_bytes += bytes.size();
  return sink_.body(bytes);
}

// What 301, 302 and 303 make of a POST in every browser: a GET of the target, without the body and what
// describes it. 307 and 308 mean the same request again.
void Transfer::forget_body() {
  request_.method = "GET";
  request_.body.clear();
  std::erase_if(request_.headers,
                [](const Header& header) { return lower(header.first).starts_with("content-"); });
}

// The redirect's target becomes the request's URL when it lies on the same host.
Result<void> Transfer::follow() {
  const auto origin = request_.url.origin();
  if (++redirects_ > options_.redirects_max)
    return Error{ErrorKind::upstream,
                 origin + " redirected more than " + std::to_string(options_.redirects_max) + " times."};
  const auto resolved = request_.url.resolve(*find_header(head_.headers, "location"));
  if (!resolved)
    return Error{ErrorKind::upstream, origin + " redirected to something that is no http or https URL."};
  auto next = *resolved;
  if (next.host != request_.url.host)
    return Error{ErrorKind::upstream,
                 origin + " redirected to another host, " + next.origin() +
                     ". Redirects are followed on the same host only; name that host in the "
                     "connection if it is meant."};
  if (request_.url.scheme == "https" && next.scheme == "http")
    return Error{ErrorKind::upstream, origin + " redirected from https to http, which is not followed."};
  const bool upgrade =
      request_.url.scheme == "http" && next.scheme == "https" && request_.url.port == 80 && next.port == 443;
  if (next.port != request_.url.port && !upgrade)
    return Error{ErrorKind::upstream, origin + " redirected to another port, " + next.origin() +
                                          ". Redirects are followed on the same host and port only."};
  next.userinfo = request_.url.userinfo;
  request_.url = std::move(next);
  if (request_.method == "POST" && head_.status != 307 && head_.status != 308) forget_body();
  return {};
}

bool Transfer::finish(CURLcode code) {
  if (error_ || exception_ || code != CURLE_OK) {
    if (!error_ && !exception_) error_ = error_of(code);
  } else if (redirecting_) {
    if (keep_errors([this] { return follow(); })) return false;
  } else if (!head_done_) {
    error_ =
        Error{ErrorKind::unavailable, request_.url.origin() + " closed the connection without an answer."};
  }
  stats_.elapsed =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started_);
  done = true;
  return true;
}

void Transfer::fail(Error error) {
  if (!error_ && !exception_) error_ = std::move(error);
  done = true;
}

Result<TransferStats> Transfer::outcome() {
  if (exception_) std::rethrow_exception(exception_);
  if (error_) return *std::move(error_);
  return stats_;
}

std::optional<SteadyTime> Transfer::idle_deadline() {
  if (!connected_) return std::nullopt;
  const auto deadline = last_byte_ + options_.idle_timeout;
  if (std::chrono::steady_clock::now() < deadline) return deadline;
  // An upload, or compressed bytes that decode to nothing yet, pass by the callbacks.
  curl_off_t down = 0;
  curl_off_t up = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
  if (down + up == seen_bytes_) return deadline;
  seen_bytes_ = down + up;
  last_byte_ = std::chrono::steady_clock::now();
  return last_byte_ + options_.idle_timeout;
}

Error Transfer::idle_error() const {
  return Error{ErrorKind::timeout, request_.url.origin() + " sent nothing for " +
                                       std::to_string(options_.idle_timeout.count()) + " ms."};
}

// Of headers and body, as they came over the wire.
std::uint64_t Transfer::received() const {
  curl_off_t down = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  return head_bytes_ + static_cast<std::uint64_t>(down);
}

std::optional<SteadyTime> Transfer::slow_deadline() {
  if (!slow_since_ || options_.bytes_per_second_min == 0) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  if (now < *slow_since_ + options_.slow_time) return *slow_since_ + options_.slow_time;
  const std::chrono::duration<double> span = now - *slow_since_;
  const auto bytes = received();
  if (static_cast<double>(bytes - slow_bytes_) <
      span.count() * static_cast<double>(options_.bytes_per_second_min))
    return now;
  slow_since_ = now;
  slow_bytes_ = bytes;
  return now + options_.slow_time;
}

Error Transfer::slow_error() const {
  const std::chrono::duration<double> span = options_.slow_time;
  return Error{ErrorKind::timeout, request_.url.origin() + " sent fewer than " +
                                       std::to_string(options_.bytes_per_second_min) +
                                       " bytes a second for " + std::to_string(std::lround(span.count())) +
                                       " seconds. If it is meant to be so slow, lower bytes-per-second-min."};
}

void Transfer::pause(SteadyTime::duration span) {
  if (slow_since_) *slow_since_ += span;
}

// libcurl's own message may quote what the source sent, so the texts are ours.
Error Transfer::error_of(CURLcode code) const {
  const auto origin = request_.url.origin();
  const auto unavailable = [](std::string message) {
    return Error{ErrorKind::unavailable, std::move(message)};
  };
  if (refused_ && code == CURLE_COULDNT_CONNECT) return *refused_;
  long system_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
  const auto reason =
      system_error != 0 ? std::string(": ") + std::strerror(static_cast<int>(system_error)) : std::string();
  // Only the codes that say something of their own are named; the rest go by libcurl's name for them.
  const auto number = static_cast<int>(code);
  if (number == CURLE_OPERATION_TIMEDOUT)
    return Error{ErrorKind::timeout, "Could not connect to " + origin + " within " +
                                         std::to_string(options_.connect_timeout.count()) + " ms."};
  if (number == CURLE_URL_MALFORMAT) return no_such_host(origin);
  if (number == CURLE_COULDNT_RESOLVE_HOST)
    return unavailable("The name of " + origin + " does not resolve.");
  if (number == CURLE_COULDNT_RESOLVE_PROXY) return unavailable("The proxy's name does not resolve.");
  if (number == CURLE_COULDNT_CONNECT)
    return unavailable("Could not connect to " + (proxy_.empty() ? origin : "the proxy for " + origin) +
                       reason + ".");
  if (number == CURLE_PARTIAL_FILE || number == CURLE_HTTP2_STREAM)
    return unavailable("The answer of " + origin + " is truncated: it ended after " +
                       std::to_string(stats_.body_bytes) + " bytes.");
  if (number == CURLE_RECV_ERROR || number == CURLE_SEND_ERROR)
    return unavailable("The connection to " + origin + " broke after " + std::to_string(stats_.body_bytes) +
                       " bytes" + reason + ".");
  if (number == CURLE_GOT_NOTHING) return unavailable(origin + " closed the connection without an answer.");
  const auto encoding = find_header(head_.headers, "content-encoding");
  const bool was_offered =
      encoding && (equal_ignoring_case(*encoding, "gzip") || equal_ignoring_case(*encoding, "br"));
  if (number == CURLE_BAD_CONTENT_ENCODING && !was_offered)
    return Error{ErrorKind::upstream,
                 "The answer of " + origin + " is compressed in a way that was not offered."};
  if (number == CURLE_BAD_CONTENT_ENCODING)
    return unavailable("The compressed answer of " + origin + " cannot be decoded.");
  if (number == CURLE_PEER_FAILED_VERIFICATION)
    return Error{ErrorKind::upstream,
                 "The certificate of " + origin +
                     " cannot be verified. Name the authority that signed it as CA bundle."};
  if (number == CURLE_SSL_CACERT_BADFILE)
    return Error{ErrorKind::invalid_argument, "The CA bundle \"" + options_.ca_bundle + "\" cannot be read."};
  if (number == CURLE_SSL_CERTPROBLEM)
    return Error{ErrorKind::invalid_argument,
                 "The client certificate or its key cannot be used (" +
                     (options_.client_certificate_text.empty() ? "\"" + options_.client_certificate + "\""
                                                               : "the account's own") +
                     "): they must be PEM, and belong together."};
  return unavailable("The exchange with " + origin + " failed: " + curl_easy_strerror(code) + reason + ".");
}

}  // namespace headwater::http
