#include "mapping/internal/row_program.h"

#include <algorithm>
#include <utility>

namespace headwater::mapping {
namespace {

constexpr std::size_t kExpressionCharactersMax = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A string literal that is the whole text: 'x' or "x" with backslash escapes.
std::optional<json::Value> string_literal(std::string_view text) {
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"') || text.back() != text.front())
    return std::nullopt;
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    char c = text[i];
    if (c == quote) return std::nullopt;
    if (c == '\\') {
      if (i + 2 >= text.size()) return std::nullopt;
      constexpr std::string_view kLetters = "btnfr";
      constexpr std::string_view kControls = "\b\t\n\f\r";
      const char next = text[i + 1];
      if (next == 'u') return std::nullopt;  // \uXXXX comes with the language
      const auto letter = kLetters.find(next);
      if (letter != std::string_view::npos)
        c = kControls[letter];
      else if (next == '\\' || next == quote)
        c = next;
      // Before any other character the backslash stays.
      if (c != '\\' || next == '\\') ++i;
    }
    out += c;
  }
  return json::Value(std::move(out));
}

std::optional<json::Value> literal(std::string_view text) {
  if (auto value = string_literal(text)) return value;
  if (text == "true" || text == "false") return json::Value(text == "true");
  if (text == "null") return json::Value();
  if (!text.empty() && (is_digit(text.front()) || text.front() == '-')) {
    auto value = json::parse(text);
    if (value && value->is_number()) return *std::move(value);
  }
  return std::nullopt;
}

// The position of the first character that makes a text more than an attribute path; npos when none does.
std::size_t beyond_path(std::string_view text) {
  bool start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[') {
      const auto end = text.find(']', i);
      const auto inside =
          end == std::string_view::npos ? std::string_view("?") : text.substr(i + 1, end - i - 1);
      if (inside != "*" && (inside.empty() || !std::all_of(inside.begin(), inside.end(), is_digit))) return i;
      i = end;
    } else if (c == '{' && i > 0 && text[i - 1] == '$') {
      const auto end = text.find('}', i);
      if (end == std::string_view::npos) return i;
      i = end;
    } else if (c == '\\' && i + 1 < text.size()) {
      ++i;
    } else if (c == '.') {
      if (start) return i;
      start = true;
      continue;
    } else if (!is_name_start(c) && (start || !is_digit(c))) {
      return i;
    }
    start = false;
  }
  return std::string_view::npos;
}

class RowCompiler {
 public:
  RowCompiler(const Row& row, std::size_t index, std::vector<RowProblem>& problems)
      : row_(row), index_(index), problems_(problems) {}

  std::optional<RowProgram> run() {
    const auto before = problems_.size();
    program_.destination = path(row_.destination, "destination");
    switch (row_.type) {
      case SourceType::attribute:
        program_.source = path(row_.source, "source");
        break;
      case SourceType::constant:
        program_.kind = RowProgram::Kind::constant;
        program_.constant = json::Value(row_.source);
        break;
      case SourceType::expression:
        expression();
        break;
    }
    if (problems_.size() != before) return std::nullopt;
    const auto wanted = wildcard_count(program_.destination);
    const auto given = wildcard_count(program_.source);
    if (wanted != given) {
      problem("destination",
              "has " + std::to_string(wanted) + " [*], the source " + std::to_string(given) + ".",
              "Each [*] of the source needs one in the destination.");
      return std::nullopt;
    }
    return std::move(program_);
  }

 private:
  void problem(const char* member, std::string reason, std::string hint, std::size_t position = 0) {
    problems_.push_back(RowProblem{index_, member, std::move(reason), std::move(hint), position});
  }

  Path path(std::string_view text, const char* member) {
    PathError error;
    auto parsed = parse_path(text, error);
    if (!error.reason.empty())
      problem(member, "is no path: " + error.reason + " (position " + std::to_string(error.position) + ").",
              "Write member names with dots between them, \"person.name\".", error.position);
    return parsed;
  }

  void expression() {
    if (row_.source.size() > kExpressionCharactersMax)
      return problem("source", "is longer than 4096 characters.", "Shorten the expression.");
    const auto text = trimmed(row_.source);
    if (text.empty()) return problem("source", "is empty.", "Give an attribute path or a constant.");
    if (auto value = literal(text)) {
      program_.kind = RowProgram::Kind::constant;
      program_.constant = *std::move(value);
      return;
    }
    const auto beyond = beyond_path(text);
    if (beyond != std::string_view::npos) {
      const auto position = static_cast<std::size_t>(text.data() - row_.source.data()) + beyond;
      return problem("source",
                     "the expression language is not available yet (row " + std::to_string(index_) +
                         ", position " + std::to_string(position) + ").",
                     "Use an attribute path, a quoted constant, a number, true, false or null.", position);
    }
    program_.source = path(text, "source");
  }

  const Row& row_;
  std::size_t index_;
  std::vector<RowProblem>& problems_;
  RowProgram program_;
};

}  // namespace

std::optional<RowProgram> compile_row(const Row& row, std::size_t index, std::vector<RowProblem>& problems) {
  return RowCompiler(row, index, problems).run();
}

}  // namespace headwater::mapping
