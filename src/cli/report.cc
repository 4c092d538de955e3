#include "cli/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace headwater::cli {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Control characters of a source's data must not move the terminal's cursor.
std::string cell_text(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool starts_character = (byte & 0xc0) != 0x80;
    if (starts_character && count == most) return out + "…";
    if (starts_character) ++count;
    out += byte < 0x20 || byte == 0x7f ? ' ' : text[i];
  }
  return out;
}

}  // namespace

std::string format_problems(const std::vector<Problem>& problems) {
  std::string out;
  for (const auto& problem : problems) {
    const bool error = problem.severity == Severity::error;
    out += fmt::format("{}  {}: {}\n", error ? "error  " : "warning",
                       problem.pointer.empty() ? "/" : problem.pointer, problem.reason);
    if (!problem.hint.empty()) out += fmt::format("         {}\n", problem.hint);
  }
  return out;
}

int report(const Error& error) {
  std::string text = "headwater: " + error.message;
  if (!error.where.empty()) text += " (" + error.where + ")";
  if (!error.code.empty()) text += fmt::format(" [{}]", error.code);
  text += '\n';
  // One problem that the message has told already needs no list.
  if (error.problems.size() != 1 || error.message.find(error.problems[0].reason) == std::string::npos)
    text += format_problems(error.problems);
  std::fputs(text.c_str(), stderr);
  if (error.kind == ErrorKind::cancelled) return kInterrupted;
  return error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::not_found ? kUsage : kFailed;
}

std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows, std::size_t cell_max) {
  std::vector<std::size_t> widths;
  for (const auto& name : header) widths.push_back(characters(name));
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows) {
    std::vector<std::string> line;
    for (std::size_t i = 0; i < header.size(); ++i) {
      line.push_back(i < row.size() ? cell_text(row[i], cell_max) : "");
      widths[i] = std::max(widths[i], characters(line.back()));
    }
    cells.push_back(std::move(line));
  }
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += line[i];
      if (i + 1 < line.size()) out.append(widths[i] - characters(line[i]) + 2, ' ');
    }
    out += '\n';
  };
  add_line(header);
  for (const auto& line : cells) add_line(line);
  return out;
}

std::string format_bytes(double bytes) {
  constexpr std::array units{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < units.size()) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} {}", bytes, units[unit])
                   : fmt::format("{:.1f} {}", bytes, units[unit]);
}

}  // namespace headwater::cli
