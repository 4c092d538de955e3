#include "schema/internal/formats.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/regex.h"
#include "schema/internal/ecma_regex.h"
#include "schema/internal/idn.h"
#include "schema/internal/uri.h"

namespace headwater::schema {
namespace {

struct Entry {
  Format format;
  std::string_view name;
  std::string_view example;
};

constexpr std::array<Entry, 17> kFormats = {{
    {Format::date_time, "date-time", "2024-03-05T09:07:03Z"},
    {Format::date, "date", "2024-03-05"},
    {Format::time, "time", "09:07:03Z"},
    {Format::email, "email", "ada@example.com"},
    {Format::idn_email, "idn-email", "ada@example.com"},
    {Format::hostname, "hostname", "api.example.com"},
    {Format::idn_hostname, "idn-hostname", "api.example.com"},
    {Format::ipv4, "ipv4", "192.0.2.7"},
    {Format::ipv6, "ipv6", "2001:db8::7"},
    {Format::uri, "uri", "https://example.com/a"},
    {Format::uri_reference, "uri-reference", "/a?b=c"},
    {Format::iri, "iri", "https://example.com/a"},
    {Format::iri_reference, "iri-reference", "/a?b=c"},
    {Format::uri_template, "uri-template", "/lists/{listId}"},
    {Format::json_pointer, "json-pointer", "/a/b"},
    {Format::relative_json_pointer, "relative-json-pointer", "1/a"},
    {Format::regex, "regex", "^[a-z]+$"},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Reads exactly `count` digits; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return false;
  const int month = take_digits(text, 2);
  if (month < 1 || month > 12 || !take(text, '-')) return false;
  const int day = take_digits(text, 2);
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= kDays[static_cast<std::size_t>(month)] + (month == 2 && leap ? 1 : 0);
}

bool is_time(std::string_view text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return false;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return false;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) return false;
  if (take(text, '.')) {
    if (text.empty() || !is_digit(text.front())) return false;
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  int offset = 0;
  if (!take(text, 'Z') && !take(text, 'z')) {
    const int sign = take(text, '-') ? -1 : 1;
    if (sign > 0 && !take(text, '+')) return false;
    const int hours = take_digits(text, 2);
    if (hours < 0 || hours > 23 || !take(text, ':')) return false;
    const int minutes = take_digits(text, 2);
    if (minutes < 0 || minutes > 59) return false;
    offset = sign * (hours * 60 + minutes);
  }
  if (!text.empty()) return false;
  // A leap second is the last second of a day in UTC.
  constexpr int kDay = 24 * 60;
  return second < 60 || (hour * 60 + minute - offset + kDay) % kDay == kDay - 1;
}

bool is_date_time(std::string_view text) {
  return take_date(text) && (take(text, 'T') || take(text, 't')) && is_time(text);
}

// RFC 5321, section 4.1.3: its numbers, unlike those of RFC 2673, may have leading zeros.
bool is_address_literal(std::string_view text) {
  constexpr std::string_view kTag = "ipv6:";
  const auto same_letter = [](char a, char b) { return (is_letter(a) ? a | 0x20 : a) == b; };
  if (text.size() > kTag.size() && std::equal(kTag.begin(), kTag.end(), text.begin(),
                                              [&](char tag, char given) { return same_letter(given, tag); }))
    return is_ipv6(text.substr(kTag.size()));
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return false;
    std::size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digits < 3 && is_digit(text[digits]))
      value = value * 10 + (text[digits++] - '0');
    if (digits == 0 || value > 255) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

// RFC 5321 Mailbox; RFC 6531 with `international`.
bool is_email(std::string_view text, bool international) {
  const auto is_atom = [international](char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos ||
           (international && is_beyond_ascii(c));
  };
  std::size_t at = 0;
  if (!text.empty() && text.front() == '"') {
    for (at = 1; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
      if (at >= text.size() || static_cast<unsigned char>(text[at]) < 0x20 || text[at] == 0x7F) return false;
      if (!international && is_beyond_ascii(text[at])) return false;
    }
    ++at;
  } else {
    bool dot = true;
    for (; at < text.size() && text[at] != '@'; ++at) {
      const bool is_dot = text[at] == '.';
      if (is_dot ? dot : !is_atom(text[at])) return false;
      dot = is_dot;
    }
    if (dot) return false;
  }
  if (at == 0 || at >= text.size() || text[at] != '@') return false;
  auto domain = text.substr(at + 1);
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
    return is_address_literal(domain.substr(1, domain.size() - 2));
  }
  return international ? is_idn_hostname(domain) : is_hostname(domain);
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 >= text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

bool take_whole_number(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  text.remove_prefix(digits);
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  if (!take_whole_number(text)) return false;
  // The later drafts step among array elements: "0+1", "1-2/a".
  if ((take(text, '+') || take(text, '-')) && !take_whole_number(text)) return false;
  return text == "#" || is_json_pointer(text);
}

// What stands between the braces of a template (RFC 6570, section 2.2).
bool is_template_expression(std::string_view text) {
  if (!text.empty() && std::string_view("+#./;?&=,!@|").find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  while (true) {
    std::size_t name = 0;
    while (name < text.size()) {
      if (text[name] == '%' && name + 2 < text.size() && is_hex(text[name + 1]) && is_hex(text[name + 2]))
        name += 3;
      else if (is_alphanumeric(text[name]) || text[name] == '_' ||
               (text[name] == '.' && name > 0 && text[name - 1] != '.'))
        ++name;
      else
        break;
    }
    if (name == 0 || text[name - 1] == '.') return false;
    text.remove_prefix(name);
    if (take(text, ':')) {
      std::size_t digits = 0;
      while (digits < text.size() && is_digit(text[digits])) ++digits;
      if (digits == 0 || digits > 4 || text.front() == '0') return false;
      text.remove_prefix(digits);
    } else {
      take(text, '*');
    }
    if (text.empty()) return true;
    if (!take(text, ',')) return false;
  }
}

bool is_uri_template(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      const auto end = text.find('}', i);
      if (end == std::string_view::npos || !is_template_expression(text.substr(i + 1, end - i - 1)))
        return false;
      i = end;
    } else if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      // An apostrophe is a literal: erratum 6937 of the RFC.
    } else if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ||
               std::string_view("\"<>\\^`|}").find(c) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_regex(std::string_view text) {
  const auto translated = translate_ecma_regex(text);
  return translated.has_value() && Regex::make(*translated).has_value();
}

}  // namespace

std::optional<Format> find_format(std::string_view name) {
  for (const auto& entry : kFormats)
    if (entry.name == name) return entry.format;
  return std::nullopt;
}

std::string_view format_name(Format format) { return kFormats[static_cast<std::size_t>(format)].name; }
std::string_view format_example(Format format) { return kFormats[static_cast<std::size_t>(format)].example; }

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return false;
    std::size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digits < 4 && is_digit(text[digits]))
      value = value * 10 + (text[digits++] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  } else if (text.starts_with(":")) {
    return false;
  }
  while (!text.empty()) {
    if (text.find(':') == std::string_view::npos && text.find('.') != std::string_view::npos) {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    std::size_t digits = 0;
    while (digits < text.size() && is_hex(text[digits])) ++digits;
    if (digits == 0 || digits > 4) return false;
    text.remove_prefix(digits);
    ++groups;
    if (text.empty()) break;
    if (text.starts_with("::")) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(2);
    } else if (!take(text, ':') || text.empty()) {
      return false;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_uri(std::string_view text, bool relative, bool international) {
  for (const char c : text)
    if (is_beyond_ascii(c) && !international) return false;
  const auto all_of = [](std::string_view part, std::string_view extra) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      const char c = part[i];
      if (c == '%') {
        if (i + 2 >= part.size() || !is_hex(part[i + 1]) || !is_hex(part[i + 2])) return false;
      } else if (!is_alphanumeric(c) && !is_beyond_ascii(c) &&
                 std::string_view("-._~!$&'()*+,;=").find(c) == std::string_view::npos &&
                 extra.find(c) == std::string_view::npos) {
        return false;
      }
    }
    return true;
  };
  const UriReference uri(text);
  if (uri.scheme) {
    if (!is_letter(uri.scheme->front())) return false;
    for (const char c : *uri.scheme)
      if (!is_alphanumeric(c) && c != '+' && c != '-' && c != '.') return false;
  } else if (!relative ||
             (!uri.authority && uri.path.substr(0, uri.path.find('/')).find(':') != std::string_view::npos)) {
    return false;
  }
  if (uri.authority) {
    auto host = *uri.authority;
    if (const auto sign = host.rfind('@'); sign != std::string_view::npos) {
      if (!all_of(host.substr(0, sign), ":")) return false;
      host = host.substr(sign + 1);
    }
    std::string_view port;
    if (host.starts_with('[')) {
      const auto end = host.find(']');
      if (end == std::string_view::npos) return false;
      const auto address = host.substr(1, end - 1);
      const bool future = (address.starts_with('v') || address.starts_with('V')) && address.size() > 3 &&
                          is_hex(address[1]) && address.find('.') != std::string_view::npos &&
                          all_of(address, ":");
      if (!future && !is_ipv6(address)) return false;
      port = host.substr(end + 1);
    } else {
      const auto colon = host.find(':');
      if (!all_of(host.substr(0, colon), "")) return false;
      if (colon != std::string_view::npos) port = host.substr(colon);
    }
    if (!port.empty()) {
      if (port.front() != ':') return false;
      for (const char c : port.substr(1))
        if (!is_digit(c)) return false;
    }
  }
  return all_of(uri.path, ":@/") && (!uri.query || all_of(*uri.query, ":@/?")) &&
         (!uri.fragment || all_of(*uri.fragment, ":@/?"));
}

bool conforms(Format format, std::string_view text) {
  switch (format) {
    case Format::date_time:
      return is_date_time(text);
    case Format::date:
      return take_date(text) && text.empty();
    case Format::time:
      return is_time(text);
    case Format::email:
      return is_email(text, false);
    case Format::idn_email:
      return is_email(text, true);
    case Format::hostname:
      return is_hostname(text);
    case Format::idn_hostname:
      return is_idn_hostname(text);
    case Format::ipv4:
      return is_ipv4(text);
    case Format::ipv6:
      return is_ipv6(text);
    case Format::uri:
      return is_uri(text, false, false);
    case Format::uri_reference:
      return is_uri(text, true, false);
    case Format::iri:
      return is_uri(text, false, true);
    case Format::iri_reference:
      return is_uri(text, true, true);
    case Format::uri_template:
      return is_uri_template(text);
    case Format::json_pointer:
      return is_json_pointer(text);
    case Format::relative_json_pointer:
      return is_relative_json_pointer(text);
    case Format::regex:
      return is_regex(text);
  }
  return true;
}

}  // namespace headwater::schema
