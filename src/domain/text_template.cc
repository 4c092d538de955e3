#include "domain/text_template.h"

#include <algorithm>
#include <utility>

#include "base/next_find.h"
#include "base/trim.h"

namespace headwater::domain {

namespace {

constexpr std::size_t kTextMax = 1U << 20;
constexpr std::size_t kNameMax = 256;
constexpr std::size_t kBlankNameMax = 4 * kNameMax;  // with the blanks around it

bool is_placeholder_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

bool is_placeholder_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax &&
         std::all_of(name.begin(), name.end(), is_placeholder_char);
}

std::optional<TextTemplate::PartKind> reserved(std::string_view name) {
  if (name == "START_TIME") return TextTemplate::PartKind::start_time;
  if (name == "END_TIME") return TextTemplate::PartKind::end_time;
  if (name == "SCHEDULE_QUERY") return TextTemplate::PartKind::schedule_query;
  return std::nullopt;
}

Error template_error(std::string message, std::size_t position) {
  return Error{ErrorKind::invalid_argument,
               std::move(message) + " at character " + std::to_string(position) + "."};
}

}  // namespace

std::vector<const TextTemplate::Part*> TextTemplate::placeholders() const {
  std::vector<const Part*> all;
  for (const auto& part : parts_) {
    if (part.kind != PartKind::literal) all.push_back(&part);
    for (const auto& each : part.inside) all.push_back(&each);
  }
  return all;
}

bool TextTemplate::uses(PartKind placeholder) const {
  const auto all = placeholders();
  return std::any_of(all.begin(), all.end(),
                     [placeholder](const Part* part) { return part->kind == placeholder; });
}

Result<TextTemplate> TextTemplate::parse(std::string_view text, Braces braces) {
  return split(text, braces, Expressions::read, 0);
}

Result<TextTemplate> TextTemplate::parse_literal(std::string_view text, Braces braces) {
  return split(text, braces, Expressions::none, 0);
}

Result<std::vector<TextTemplate::Part>> TextTemplate::inside(const Expression& expression, Braces braces) {
  std::vector<Part> all;
  for (const auto& literal : expression.literals()) {
    auto parsed = TRY(split(literal.text, braces, Expressions::none, literal.position));
    for (auto& part : parsed.parts_)
      if (part.kind != PartKind::literal) all.push_back(std::move(part));
  }
  return all;
}

// `offset` is where `text` stands in the whole.
Result<TextTemplate> TextTemplate::split(std::string_view text, Braces braces, Expressions expressions,
                                         std::size_t offset) {
  if (text.size() > kTextMax) return template_error("The text is too long", kTextMax);
  TextTemplate result;
  std::string literal;
  std::size_t literal_position = offset + 1;
  const auto flush = [&result, &literal, &literal_position] {
    if (literal.empty()) return;
    result.parts_.push_back({PartKind::literal, std::move(literal), literal_position, std::nullopt, {}});
    literal.clear();
  };
  std::size_t at = 0;
  NextFind brace(text, "}");
  NextFind braces_end(text, "}}");
  const auto name_up_to = [&](std::size_t close, std::size_t begin) {
    const bool is_near = close != std::string_view::npos && close - begin <= kBlankNameMax;
    return is_near ? text.substr(begin, close - begin) : std::string_view();
  };
  const auto add = [&](PartKind kind, std::string name, std::size_t length) {
    flush();
    result.parts_.push_back({kind, std::move(name), offset + at + 1, std::nullopt, {}});
    at += length;
    literal_position = offset + at + 1;
  };
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("${")) {
      const std::size_t close = brace.from(at + 2);
      if (close == std::string_view::npos)
        return template_error("\"${\" is not closed with \"}\"", offset + at + 1);
      const auto name = trimmed(name_up_to(close, at + 2));
      if (!is_placeholder_name(name))
        return template_error("\"${...}\" needs a name of letters, digits, '_', '-' or '.'", offset + at + 1);
      add(PartKind::name, std::string(name), close + 1 - at);
      continue;
    }
    if (rest.starts_with("{{")) {
      const std::size_t close = braces_end.from(at + 2);
      const auto name = trimmed(name_up_to(close, at + 2));
      // Text such as a query language may hold "{{" of its own; only a name makes it a placeholder.
      if (is_placeholder_name(name)) {
        add(PartKind::name, std::string(name), close + 2 - at);
        continue;
      }
    } else if (expressions == Expressions::read && rest.starts_with("@{")) {
      auto parsed = TRY(Expression::parse(rest.substr(2), at + 2));
      auto placeholders = TRY(inside(parsed.expression, braces));
      flush();
      result.parts_.push_back(
          {PartKind::expression, {}, at + 1, std::move(parsed.expression), std::move(placeholders)});
      at += 2 + parsed.length;
      literal_position = offset + at + 1;
      continue;
    } else if (expressions == Expressions::read && rest.starts_with("@@")) {
      literal += '@';
      at += 2;
      continue;
    } else if (rest.front() == '{') {
      const std::size_t close = brace.from(at + 1);
      const auto name = name_up_to(close, at + 1);
      if (const auto kind = reserved(name)) {
        add(*kind, std::string(name), close + 1 - at);
        continue;
      }
      if (braces == Braces::may_be_names && is_placeholder_name(name)) {
        add(PartKind::brace_name, std::string(name), close + 1 - at);
        continue;
      }
    }
    literal += rest.front();
    ++at;
  }
  flush();
  return result;
}

}  // namespace headwater::domain
