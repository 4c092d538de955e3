#include "engine/extract/link_header.h"

#include "base/text.h"

namespace headwater::extract {
namespace {

constexpr std::string_view kWhite = " \t";

// Takes what stands before the next `end` outside of quotes, and that with it.
std::string_view take_until(std::string_view& text, std::string_view ends) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && ends.find(text[at]) != std::string_view::npos) {
      break;
    }
  }
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at, text.size()));
  return taken;
}

std::string_view bare(std::string_view text) {
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin, text.find_last_not_of(kWhite) + 1 - begin);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

// A relation may be one of several, with blanks between them.
bool holds_next(std::string_view relations) {
  while (!relations.empty()) {
    const auto end = std::min(relations.find_first_of(kWhite), relations.size());
    if (equal_ignoring_case(relations.substr(0, end), "next")) return true;
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
  return false;
}

// The target of one link value, "<...>; rel=next"; empty when its relation is another.
std::string_view next_of(std::string_view link) {
  const auto open = link.find('<');
  const auto close = link.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  const auto target = link.substr(open + 1, close - open - 1);
  link.remove_prefix(close + 1);
  while (!link.empty()) {
    if (link.front() == ';') link.remove_prefix(1);
    const auto parameter = take_until(link, ";");
    const auto equals = parameter.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(bare(parameter.substr(0, equals)), "rel") &&
        holds_next(bare(parameter.substr(equals + 1))))
      return target;
  }
  return {};
}

}  // namespace

std::string next_link_in(const http::Headers& headers, std::string_view name) {
  const bool is_link = equal_ignoring_case(name, "link");
  for (const auto& [given, value] : headers) {
    if (!equal_ignoring_case(given, name)) continue;
    if (!is_link) return value;
    std::string_view rest = value;
    while (!rest.empty()) {
      // Addresses may hold commas: a link ends at the first one behind its ">".
      const auto close = std::min(rest.find('>'), rest.size());
      std::string_view behind = rest.substr(close);
      const auto parameters = take_until(behind, ",");
      const auto target = next_of(rest.substr(0, close + parameters.size()));
      if (!target.empty()) return std::string(target);
      rest.remove_prefix(std::min(close + parameters.size() + 1, rest.size()));
    }
  }
  return {};
}

}  // namespace headwater::extract
