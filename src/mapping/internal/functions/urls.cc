#include <algorithm>
#include <charconv>
#include <optional>

#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "URL";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// base/url.h knows http and https and refuses what it would not send; records hold any scheme, and one wants
// to see what stands there.
struct UrlParts {
  std::string_view scheme;
  std::optional<std::string_view> host;  // none: no authority, or an empty one
  std::optional<std::uint16_t> port;
  std::optional<std::string_view> path;  // none: "mailto:x" has none
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

// From the end: what follows `mark` leaves `text`.
std::optional<std::string_view> cut_behind(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

bool split_authority(std::string_view authority, UrlParts& out) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  const auto host_end = authority.starts_with('[') ? authority.find(']') : 0;
  if (host_end == std::string_view::npos) return false;
  if (const auto colon = authority.find(':', host_end); colon != std::string_view::npos) {
    const auto digits = authority.substr(colon + 1);
    if (!digits.empty()) {
      std::uint16_t port = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
      if (error != std::errc() || end != digits.data() + digits.size()) return false;
      out.port = port;
    }
    authority = authority.substr(0, colon);
  }
  if (!authority.empty()) out.host = authority;
  return true;
}

// Nothing: the text is no URL. A scheme of one letter is a drive, and no URL has white space.
std::optional<UrlParts> split_url(std::string_view text) {
  constexpr std::size_t kSchemeMin = 2;
  UrlParts out;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < kSchemeMin) return std::nullopt;
  out.scheme = text.substr(0, colon);
  const auto belongs = [](char c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; };
  if (!std::ranges::all_of(out.scheme, belongs) || !is_letter_or_digit(out.scheme[0]) || out.scheme[0] <= '9')
    return std::nullopt;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
  if (std::ranges::any_of(text, is_control)) return std::nullopt;

  auto rest = text.substr(colon + 1);
  out.fragment = cut_behind(rest, '#');
  out.query = cut_behind(rest, '?');
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const auto authority = rest.substr(0, rest.find('/'));
    if (!split_authority(authority, out)) return std::nullopt;
    out.path = rest.substr(authority.size());
  } else if (rest.starts_with('/')) {
    out.path = rest;
  }
  return out;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  struct Default {
    std::string_view scheme;
    std::uint16_t port;
  };
  static constexpr Default kDefaults[] = {{"http", 80}, {"https", 443}, {"ftp", 21},   {"ftps", 990},
                                          {"sftp", 22}, {"ssh", 22},    {"scp", 22},   {"ws", 80},
                                          {"wss", 443}, {"smtp", 25},   {"ldap", 389}, {"ldaps", 636}};
  for (const auto& known : kDefaults)
    if (equal_ignoring_case(scheme, known.scheme)) return known.port;
  return std::nullopt;
}

Value or_null(const std::optional<std::string_view>& text) { return text ? Value::of(*text) : Value(); }

Value get_url_protocol(Evaluation& run, In values) {
  Arguments in(run, "get_url_protocol", values);
  const auto url = split_url(in.text(0, "url"));
  if (in.failed()) return in.failure();
  return url ? to_lower(run.arena(), url->scheme) : Value();
}

Value get_url_host(Evaluation& run, In values) {
  Arguments in(run, "get_url_host", values);
  const auto url = split_url(in.text(0, "url"));
  if (in.failed()) return in.failure();
  return url ? or_null(url->host) : Value();
}

Value get_url_port(Evaluation& run, In values) {
  Arguments in(run, "get_url_port", values);
  const auto url = split_url(in.text(0, "url"));
  if (in.failed()) return in.failure();
  if (!url) return {};
  const auto port = url->port ? url->port : default_port(url->scheme);
  return port ? Value::of(std::int64_t{*port}) : Value();
}

Value get_url_path(Evaluation& run, In values) {
  Arguments in(run, "get_url_path", values);
  const auto url = split_url(in.text(0, "url"));
  const bool full = in.boolean_or(1, "full", true);
  if (in.failed()) return in.failure();
  if (!url || !url->path) return {};
  return Value::of(full ? *url->path : url->path->substr(url->path->rfind('/') + 1));
}

Value get_url_query_str(Evaluation& run, In values) {
  Arguments in(run, "get_url_query_str", values);
  const auto url = split_url(in.text(0, "url"));
  const auto anchor = in.text(1, "anchor");
  if (in.failed()) return in.failure();
  const bool retain = anchor == "retain";
  const bool append = anchor == "append";
  if (!retain && !append && anchor != "remove")
    return in.fail({R"(anchor must be "retain", "remove" or "append", it is )", in.shown(in[1])});
  if (!url) return {};

  ObjectBuilder members(run.arena());
  std::string_view last;
  std::string_view last_value;
  auto query = url->query;
  while (query) {
    auto name = *query;
    query = cut_behind(name, '&');
    if (name.empty()) continue;
    last_value = cut_behind(name, '=').value_or(std::string_view(""));
    last = name;
    members.set(last, Value::of(last_value));
  }
  if (url->fragment && retain && members.size() > 0) {
    TextBuilder value(run.arena());
    value.append(last_value);
    value.push_back('#');
    value.append(*url->fragment);
    members.set(last, value.finish());
  }
  if (url->fragment && append) members.set("_anchor_", Value::of(*url->fragment));
  return members.finish();
}

Value get_url_encoded(Evaluation& run, In values) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  Arguments in(run, "get_url_encoded", values);
  const auto text = in.text(0, "input");
  if (in.failed()) return in.failure();
  const auto stays = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
  if (std::ranges::all_of(text, stays)) return Value::of(text);
  TextBuilder out(run.arena());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char escape[] = {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    out.append(stays(c) ? std::string_view(&c, 1) : std::string_view(escape, 3));
  }
  return out.finish();
}

Value get_url_decoded(Evaluation& run, In values) {
  Arguments in(run, "get_url_decoded", values);
  const auto text = in.text(0, "input");
  if (in.failed()) return in.failure();
  if (text.find('%') == std::string_view::npos) return Value::of(text);
  TextBuilder bytes(run.arena());
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const auto* digits = text.data() + at + 1;
    const bool escape = text[at] == '%' && at + 2 < text.size() &&
                        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    bytes.push_back(escape ? static_cast<char>(byte) : text[at]);
    if (escape) at += 2;
  }
  if (bytes.full()) return Value::failure(kTooLarge);
  TextBuilder out(run.arena());
  append_repaired(out, bytes.view());
  return out.finish();
}

Function row(std::string_view name, std::string_view description, std::string_view returns, Type type,
             std::vector<Example> examples, decltype(Function::call) call) {
  return {.info = {.name = name,
                   .category = kCategory,
                   .description = description,
                   .returns = returns,
                   .return_type = type,
                   .parameters = {{"url", "an absolute URL", Type::string}},
                   .examples = std::move(examples)},
          .call = call,
          .works_on = 0};
}

void add_parts(std::vector<Function>& out) {
  out.push_back(row("get_url_protocol", "Gives the scheme of a URL.",
                    "The scheme in lower case, without the colon; null when the text is no URL.",
                    Type::string,
                    {{R"(get_url_protocol("ftp://h.example/x"))", R"("ftp")"},
                     {R"(get_url_protocol("HTTPS://h.example"))", R"("https")"},
                     {R"(get_url_protocol("mailto:a@h.example"))", R"("mailto")"},
                     {R"(get_url_protocol("h.example/x"))", "null"},
                     {R"(get_url_protocol("not a url: x"))", "null"},
                     {R"(get_url_protocol("C:\dir"))", "null"},
                     {R"(get_url_protocol(""))", "null"},
                     {R"(get_url_protocol(12))", "null"},
                     {R"(get_url_protocol(null))", "null"}},
                    &get_url_protocol));
  out.push_back(row("get_url_host", "Gives the host of a URL.",
                    "The host as written, without port and user; null when the text is no URL or names none.",
                    Type::string,
                    {{R"(get_url_host("http://u@h.example:81/"))", R"("h.example")"},
                     {R"(get_url_host("https://u:p@ss@h.example?q=@x"))", R"("h.example")"},
                     {R"(get_url_host("http://[2001:db8::1]:8080/"))", R"("[2001:db8::1]")"},
                     {R"(get_url_host("file:///etc/hosts"))", "null"},
                     {R"(get_url_host("mailto:a@h.example"))", "null"},
                     {R"(get_url_host("http://h.example:99999/"))", "null"},
                     {R"(get_url_host("h.example"))", "null"},
                     {R"(get_url_host(null))", "null"}},
                    &get_url_host));
  out.push_back(row("get_url_port", "Gives the port of a URL, or the usual one of its scheme.",
                    "The port; null when the text is no URL, or names none and its scheme has no usual one.",
                    Type::integer,
                    {{R"(get_url_port("https://h.example/"))", "443"},
                     {R"(get_url_port("http://h.example:8080/"))", "8080"},
                     {R"(get_url_port("sftp://h.example"))", "22"},
                     {R"(get_url_port("http://h.example:/x"))", "80"},
                     {R"(get_url_port("gopher://h.example/"))", "null"},
                     {R"(get_url_port("http://h.example:x/"))", "null"},
                     {R"(get_url_port("nothing"))", "null"},
                     {R"(get_url_port(null))", "null"}},
                    &get_url_port));
}

void add_path_and_query(std::vector<Function>& out) {
  auto path = row("get_url_path", "Gives the path of a URL, not decoded, without query and fragment.",
                  "The path; null when the text is no URL.", Type::string,
                  {{R"(get_url_path("http://h.example/a/b.txt?x=1"))", R"("/a/b.txt")"},
                   {R"(get_url_path("http://h.example/a/b.txt?x=1", false))", R"("b.txt")"},
                   {R"(get_url_path("http://h.example//a//b%20c#f"))", R"("//a//b%20c")"},
                   {R"(get_url_path("http://h.example/a/", false))", R"("")"},
                   {R"(get_url_path("http://h.example"))", R"("")"},
                   {R"(get_url_path("http://h.example/a", null))", R"("/a")"},
                   {R"(get_url_path("http://h.example/a/b", "FALSE"))", R"("b")"},
                   {R"(get_url_path("/a/b"))", "null"},
                   {R"(get_url_path(null))", "null"}},
                  &get_url_path);
  path.info.parameters.push_back({"full", "false: only the last segment; true when left out", Type::boolean});
  path.info.optional = 1;
  out.push_back(std::move(path));

  auto query =
      row("get_url_query_str", "Reads the query of a URL into a map; nothing is decoded.",
          "Values by name in their order, the last of repeated names; {} without a query; null when the "
          "text is no URL.",
          Type::map,
          {{R"(get_url_query_str("http://h.example/p?a=1&b=2#top", "append"))",
            R"({"a":"1","b":"2","_anchor_":"top"})"},
           {R"(get_url_query_str("http://h.example/p?a=1&b=2#top", "retain"))", R"({"a":"1","b":"2#top"})"},
           {R"(get_url_query_str("http://h.example/p?a=1&b=2#top", "remove"))", R"({"a":"1","b":"2"})"},
           {R"(get_url_query_str("http://h.example/p?a=1&b=2&a=3#x", "retain"))", R"({"a":"3#x","b":"2"})"},
           {R"(get_url_query_str("http://h.example/?flag&e=&&x=a%20b=c", "remove"))",
            R"({"flag":"","e":"","x":"a%20b=c"})"},
           {R"(get_url_query_str("http://h.example/p", "append"))", "{}"},
           {R"(get_url_query_str("http://h.example/p#f", "append"))", R"({"_anchor_":"f"})"},
           {R"(get_url_query_str("http://h.example/p#f?a=1", "retain"))", "{}"},
           {R"(get_url_query_str("p?a=1", "retain"))", "null"},
           {R"(get_url_query_str(null, "retain"))", "null"}},
          &get_url_query_str);
  query.info.parameters.push_back({"anchor",
                                   "what to do with the #fragment: \"retain\" leaves it at the last value, "
                                   "\"remove\" drops it, \"append\" makes it the entry _anchor_",
                                   Type::string});
  out.push_back(std::move(query));
}

void add_encoding(std::vector<Function>& out) {
  auto encoded =
      row("get_url_encoded", "Percent-encodes a text: all but letters, digits, -, _ and .",
          "The text with %XX for each byte of the other characters.", Type::string,
          {{R"(get_url_encoded("a b&c=1"))", R"("a%20b%26c%3D1")"},
           {R"(get_url_encoded("AZaz09-_."))", R"("AZaz09-_.")"},
           {R"(get_url_encoded(" !\"#$%&'()*+,/:;<=>?@[]^~`\\|"))",
            R"("%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5D%5E%7E%60%5C%7C")"},
           {R"(get_url_encoded("{é}"))", R"("%7B%C3%A9%7D")"},
           {R"(get_url_encoded("😀"))", R"("%F0%9F%98%80")"},
           {R"(get_url_encoded(1.5))", R"("1.5")"},
           {R"(get_url_encoded(""))", R"("")"},
           {R"(get_url_encoded(null))", "null"}},
          &get_url_encoded);
  encoded.info.parameters = {{"input", "the text to encode", Type::string}};
  out.push_back(std::move(encoded));
  auto decoded =
      row("get_url_decoded", "Decodes the %XX of a text as UTF-8. A plus sign stays one.",
          "The decoded text; what is no %XX stays, bytes that are no UTF-8 become U+FFFD.", Type::string,
          {{R"(get_url_decoded("x%2Fy%20z"))", R"("x/y z")"},
           {R"(get_url_decoded("a+b%2b"))", R"("a+b+")"},
           {R"(get_url_decoded("100%"))", R"("100%")"},
           {R"(get_url_decoded("%4%zz%+1%-1"))", R"("%4%zz%+1%-1")"},
           {R"(get_url_decoded("caf%C3%A9 %F0%9F%98%80"))", R"("café 😀")"},
           {R"(get_url_decoded("caf%E9s"))", "\"caf\uFFFDs\""},
           {R"(get_url_decoded("é%41"))", R"("éA")"},
           {R"(get_url_decoded(null))", "null"}},
          &get_url_decoded);
  decoded.info.parameters = {{"input", "the text to decode", Type::string}};
  out.push_back(std::move(decoded));
}

}  // namespace

std::vector<Function> url_functions() {
  std::vector<Function> out;
  add_parts(out);
  add_path_and_query(out);
  add_encoding(out);
  return out;
}

}  // namespace headwater::mapping
