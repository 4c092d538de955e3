#include "api/internal/embedded_file.h"

#include <algorithm>
#include <string>

#include "api/problem.h"
#include "base/gzip.h"
#include "base/trim.h"

namespace headwater::api {
namespace {

// Whether a list such as "gzip, deflate;q=0.5" (RFC 9110, 12.5.3) allows gzip. Who sends none may be given
// anything, and can often decode nothing.
bool takes_gzip(const http::Request& request) {
  const auto header = request.header("Accept-Encoding");
  if (!header) return false;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto semicolon = std::min(entry.find(';'), entry.size());
    const std::string_view coding = trimmed(entry.substr(0, semicolon));
    const std::string_view weight = trimmed(entry.substr(std::min(semicolon + 1, entry.size())));
    const bool refused =
        weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos;
    if ((coding == "gzip" || coding == "x-gzip" || coding == "*") && !refused) return true;
  }
  return false;
}

bool is_known(const http::Request& request, std::string_view etag) {
  const auto header = request.header("If-None-Match");
  return header && (*header == "*" || header->find(etag) != std::string_view::npos);
}

// The version of a file that is kept compressed, when it travels decoded: other bytes, another tag.
std::string decoded_etag(std::string_view etag) {
  std::string out(etag);
  out.insert(out.rfind('"'), "00");
  return out;
}

}  // namespace

const EmbeddedFile* find_file(std::span<const EmbeddedFile> files, std::string_view name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const EmbeddedFile& each) { return each.name == name; });
  return found == files.end() ? nullptr : &*found;
}

http::Response answer_file(const http::Request& request, const EmbeddedFile& file,
                           std::string_view content_security_policy, std::string_view cache_control) {
  constexpr std::size_t kDecodedMax = 256U << 20;
  const bool decode = !file.encoding.empty() && !takes_gzip(request);
  const std::string etag = decode ? decoded_etag(file.etag) : std::string(file.etag);
  const bool known = is_known(request, etag);
  auto response = http::Response::empty(304);
  if (!known && decode) {
    auto decoded = gunzip(file.bytes, kDecodedMax);
    if (!decoded) return problem(decoded.error(), request);
    response = http::Response::text(200, *std::move(decoded), file.content_type);
  } else if (!known) {
    response = http::Response::text(200, std::string(file.bytes), file.content_type);
    if (!file.encoding.empty()) response.headers.emplace_back("Content-Encoding", file.encoding);
  }
  if (!file.encoding.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  return std::move(response)
      .with_header("ETag", etag)
      .with_header("Cache-Control", std::string(cache_control))
      .with_header("Content-Security-Policy", std::string(content_security_policy))
      .with_header("X-Content-Type-Options", "nosniff")
      .with_header("Referrer-Policy", "no-referrer");
}

}  // namespace headwater::api
