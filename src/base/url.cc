#include "base/url.h"

#include <algorithm>
#include <boost/url.hpp>
#include <charconv>

#include "base/text.h"

namespace headwater {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Sources and users write spaces, brackets and non-ASCII letters into URLs; as a browser does, they are
// encoded instead of refused. Control characters never are.
Result<std::string> tolerant(std::string_view text) {
  std::string out;
  const auto slashes = text.find("//");
  const auto authority_end = slashes == std::string_view::npos ? 0 : text.find_first_of("/?#", slashes + 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      return Error{ErrorKind::invalid_argument,
                   "A URL holds a control character at position " + std::to_string(i) + "."};
    const bool in_authority = authority_end == std::string_view::npos || i < authority_end;
    const bool stray_percent =
        c == '%' && (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0);
    const bool odd = c == ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' ||
                     c == '{' || c == '|' || c == '}' || byte >= 0x80 || stray_percent ||
                     (!in_authority && (c == '[' || c == ']'));
    if (odd) {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

Result<Url> split(const boost::urls::url_view& view) {
  Url url;
  url.scheme = lower(std::string_view(view.scheme().data(), view.scheme().size()));
  if (url.scheme != "http" && url.scheme != "https")
    return Error{ErrorKind::invalid_argument, "A URL must start with http:// or https://."};
  const auto host = view.encoded_host();
  url.host = lower(std::string_view(host.data(), host.size()));
  if (url.host.empty()) return Error{ErrorKind::invalid_argument, "A URL has no host."};
  const auto userinfo = view.encoded_userinfo();
  url.userinfo.assign(userinfo.data(), userinfo.size());
  const std::uint16_t standard = url.scheme == "https" ? 443 : 80;
  if (view.has_port() && !view.port().empty()) {
    const std::string_view digits(view.port().data(), view.port().size());
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (code != std::errc() || end != digits.data() + digits.size() || url.port == 0)
      return Error{ErrorKind::invalid_argument, "A URL's port must be between 1 and 65535."};
  } else {
    url.port = standard;
  }
  const auto path = view.encoded_path();
  url.path.assign(path.data(), path.size());
  if (url.path.empty()) url.path = "/";
  const auto query = view.encoded_query();
  url.has_query = view.has_query();
  url.query.assign(query.data(), query.size());
  return url;
}

// RFC 3986, section 5.2.4. Boost's own resolve (1.81) does the same and decodes %2F on the way: that makes
// two segments of one.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    // The next segment with the slash before it.
    const auto end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    const std::string_view name = segment.starts_with('/') ? segment.substr(1) : segment;
    path.remove_prefix(end);
    if (name == "..") out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
    if (name != "." && name != "..") out.append(segment);
    if ((name == "." || name == "..") && path.empty()) out += '/';
  }
  return out.starts_with('/') ? out : "/" + out;
}

Error not_a_url() {
  return Error{ErrorKind::invalid_argument, "This is not a valid URL; write it as https://host/path."};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  const std::string clean = TRY(tolerant(text));
  const auto parsed = boost::urls::parse_uri(clean);
  if (!parsed) return not_a_url();
  return split(*parsed);
}

Result<Url> Url::resolve(std::string_view reference) const {
  const std::string clean = TRY(tolerant(reference));
  const auto parsed = boost::urls::parse_uri_reference(clean);
  if (!parsed) return not_a_url();
  if (parsed->has_scheme() || parsed->has_authority()) {
    auto url = TRY(parse(parsed->has_scheme() ? clean : scheme + ":" + clean));
    url.path = without_dot_segments(url.path);
    return url;
  }
  Url url = *this;
  const std::string relative(parsed->encoded_path());
  if (relative.empty() && !parsed->has_query()) return url;
  if (!relative.empty())
    url.path = without_dot_segments(relative.front() == '/' ? relative
                                                            : path.substr(0, path.rfind('/') + 1) + relative);
  url.has_query = parsed->has_query();
  url.query = std::string(parsed->encoded_query());
  return url;
}

std::string Url::text() const {
  std::string out = scheme + "://";
  if (!userinfo.empty()) out += userinfo + "@";
  out += host;
  if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
  out += path;
  if (has_query) out += "?" + query;
  return out;
}

std::string Url::origin() const {
  std::string out = scheme + "://" + host;
  if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::redacted(const std::vector<std::string>& open) const {
  std::string out = origin() + path;
  if (!has_query) return out;
  char joint = '?';
  for (const auto& [name, value] : parse_query(query)) {
    out += joint;
    const bool shows = std::find(open.begin(), open.end(), name) != open.end();
    out.append(percent_encode(name)).append("=").append(shows ? percent_encode(value) : "***");
    joint = '&';
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  const bool plain = text.find('%') == std::string_view::npos &&
                     !(plus_is_space && text.find('+') != std::string_view::npos);
  if (plain) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

QueryParams parse_query(std::string_view query) {
  QueryParams out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    out.emplace_back(percent_decode(pair.substr(0, equals), true),
                     equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1), true));
  }
  return out;
}

std::string format_query(const QueryParams& params) {
  std::string out;
  for (const auto& [name, value] : params) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

}  // namespace headwater
