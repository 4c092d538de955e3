#include "cli/report.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace headwater::cli {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

constexpr std::size_t kCellMax = 120;
constexpr std::size_t kCellMin = 8;
constexpr std::size_t kColumnGap = 2;

bool is_number_or_empty(std::string_view text) {
  return text.find_first_not_of("0123456789.-+eE") == std::string_view::npos && text != "-";
}

// Takes from the widest column again and again; the first names the thing and stays whole.
void fit(std::vector<std::size_t>& widths, std::size_t line_max) {
  if (line_max == 0 || widths.size() < 2) return;
  auto sum = std::accumulate(widths.begin(), widths.end(), (widths.size() - 1) * kColumnGap);
  while (sum > line_max) {
    auto widest = std::max_element(widths.begin() + 1, widths.end());
    if (*widest <= kCellMin) return;
    --*widest;
    --sum;
  }
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
  return tame(std::move(out));
}

int report(const Error& error) {
  std::string text = "headwater: " + error.message;
  if (!error.where.empty()) text += " (" + error.where + ")";
  if (!error.code.empty()) text += fmt::format(" [{}]", error.code);
  text += '\n';
  // One problem that the message has told already needs no list.
  if (error.problems.size() != 1 || error.message.find(error.problems[0].reason) == std::string::npos)
    text += format_problems(error.problems);
  std::fputs(tame(std::move(text)).c_str(), stderr);
  if (error.kind == ErrorKind::cancelled) return kInterrupted;
  return error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::not_found ? kUsage : kFailed;
}

std::string printable(std::string_view text, std::size_t characters_max) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool starts_character = (byte & 0xc0) != 0x80;
    if (starts_character && count == characters_max) return tame(std::move(out)) + "…";
    if (starts_character) ++count;
    out += byte < 0x20 || byte == 0x7f ? ' ' : text[i];
  }
  return tame(std::move(out));
}

std::string tame(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) text[i] = ' ';
    // U+0080 to U+009F, which terminals obey as well.
    const bool is_high_control = byte == 0xc2 && i + 1 < text.size() &&
                                 static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                                 static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_high_control) text.replace(i, 2, 1, ' ');
  }
  return text;
}

std::size_t terminal_width(int fd) {
  constexpr std::size_t kUsual = 80;
  if (::isatty(fd) != 1) return 0;
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines{header};
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths(header.size(), 0);
  std::vector<bool> numbers(header.size(), !rows.empty());
  for (auto& line : lines) {
    line.resize(header.size());
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (&line != lines.data()) numbers[i] = numbers[i] && is_number_or_empty(line[i]);
      line[i] = printable(line[i], kCellMax);
      widths[i] = std::max(widths[i], characters(line[i]));
    }
  }
  fit(widths, terminal_width(STDOUT_FILENO));
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string text = characters(line[i]) > widths[i] ? printable(line[i], widths[i] - 1) : line[i];
      const std::size_t blanks = widths[i] - characters(text);
      if (numbers[i]) out.append(blanks, ' ');
      out += text;
      if (i + 1 < line.size()) out.append((numbers[i] ? 0 : blanks) + kColumnGap, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string format_bytes(double bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} {}", bytes, kUnits[unit])
                   : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

}  // namespace headwater::cli
