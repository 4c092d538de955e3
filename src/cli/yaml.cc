#include "cli/yaml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "base/text.h"

namespace headwater::cli {
namespace {

bool is_word_of_yaml(std::string_view text) {
  constexpr std::array kWords{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [text](std::string_view word) { return equal_ignoring_case(word, text); });
}

// Few texts are plain: those nobody could read otherwise. They start with a letter, so none is a number, a
// date or an indicator.
bool is_plain(std::string_view text) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || !(letter(text.front()) || text.front() == '_' || text.front() == '$')) return false;
  if (text.back() == ' ' || text.back() == ':' || is_word_of_yaml(text)) return false;
  constexpr std::string_view kInside = " _-./@$+:()";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!letter(c) && (c < '0' || c > '9') && kInside.find(c) == std::string_view::npos) return false;
    if (c == ':' && text[i + 1] == ' ') return false;  // the last is no colon
  }
  return true;
}

// JSON's escapes are YAML's; what YAML does not call printable is escaped as well.
std::string double_quoted(std::string_view text) {
  const std::string json_text = json::quoted(text);
  std::string out;
  const auto byte_at = [&json_text](std::size_t i) {
    return i < json_text.size() ? static_cast<unsigned char>(json_text[i]) : 0U;
  };
  for (std::size_t i = 0; i < json_text.size(); ++i) {
    const unsigned first = byte_at(i);
    const unsigned second = byte_at(i + 1);
    const unsigned third = byte_at(i + 2);
    unsigned character = 0;
    if (first == 0x7f) character = first;
    if (first == 0xc2 && second < 0xa0) character = second;  // C1 controls
    if (first == 0xe2 && second == 0x80 && (third | 1U) == 0xa9) character = 0x2000U + (third & 0x3fU);
    if (first == 0xef && second == 0xbb && third == 0xbf) character = 0xfeff;
    if (character == 0) {
      out += json_text[i];
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", character);
    out += escape.data();
    i += first == 0x7f ? 0 : first == 0xc2 ? 1 : 2;
  }
  return out;
}

// A literal block keeps what stands in it; lines of blanks and unprintable characters are safer in quotes.
bool fits_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.find(" \n") != std::string_view::npos || text.back() == ' ') return false;
  if (text.ends_with("\n\n")) return false;
  const auto control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7f;
  };
  if (std::any_of(text.begin(), text.end(), control)) return false;
  return double_quoted(text) == json::quoted(text);
}

void append_block(std::string& out, std::string_view text, std::size_t indent) {
  out += text.ends_with('\n') ? "|\n" : "|-\n";
  if (text.ends_with('\n')) text.remove_suffix(1);
  while (true) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (!line.empty()) out.append(indent, ' ').append(line);
    out += '\n';
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// YAML 1.1 takes "1e3" for a string: its floats have a point and a sign.
std::string number_text(const std::string& text) {
  const auto e = text.find_first_of("eE");
  if (e == std::string::npos) return text;
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  const bool sign = text[e + 1] == '-' || text[e + 1] == '+';
  return mantissa + "e" + (sign ? "" : "+") + text.substr(e + 1);
}

std::string scalar(const json::Value& value) {
  if (const auto* text = value.if_string()) return is_plain(*text) ? *text : double_quoted(*text);
  if (const auto* number = value.if_number()) return number_text(number->text);
  return value.dump();  // null, true, false, [] and {} are the same in both
}

bool is_block(const json::Value& value) {
  if (const auto* list = value.if_array()) return !list->empty();
  const auto* members = value.if_object();
  return members != nullptr && !members->empty();
}

// What stands behind "name:" or "-", up to the end of the line or block.
void append_behind(std::string& out, const json::Value& value, std::size_t indent) {
  const auto* text = value.if_string();
  if (text != nullptr && fits_block(*text)) {
    out += ' ';
    append_block(out, *text, indent + 2);
  } else {
    out += ' ' + scalar(value) + '\n';
  }
}

}  // namespace

void append_yaml(std::string& out, const json::Value& value, std::size_t indent) {
  bool first = true;
  const auto start_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  if (!is_block(value)) {
    out += scalar(value) + '\n';
    return;
  }
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) {
      start_line();
      out += '-';
      if (is_block(item)) {
        out += ' ';
        append_yaml(out, item, indent + 2);
      } else {
        append_behind(out, item, indent);
      }
    }
    return;
  }
  for (const auto& [name, member] : *value.if_object()) {
    start_line();
    out += (is_plain(name) ? name : double_quoted(name)) + ':';
    if (!is_block(member)) {
      append_behind(out, member, indent);
      continue;
    }
    // A list's dashes may stand below their name; members are indented.
    const std::size_t inner = member.is_array() ? indent : indent + 2;
    out.append("\n").append(inner, ' ');
    append_yaml(out, member, inner);
  }
}

}  // namespace headwater::cli
