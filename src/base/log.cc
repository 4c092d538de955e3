#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "base/time.h"

namespace headwater::log {
namespace {

Format format = Format::pretty;

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("headwater");
    made->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "info";
}

// JSON needs every control character escaped; a log line must stay one line in the pretty form too.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

void configure(Level least, Format new_format) {
  format = new_format;
  if (format == Format::json) logger().set_pattern("%v");
  logger().set_level(level_of(least));
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  auto& out = logger();
  if (!out.should_log(level_of(level))) return;
  std::string line;
  if (format == Format::json) {
    line = "{\"time\":\"" + format_rfc3339(SystemClock().now()) + "\",\"level\":\"";
    line.append(name_of(level)).append("\",\"event\":\"");
    append_escaped(line, event);
    line += '"';
    for (const auto& field : fields) {
      line += ",\"";
      append_escaped(line, field.name);
      line += field.quoted ? "\":\"" : "\":";
      append_escaped(line, field.value);
      if (field.quoted) line += '"';
    }
    line += '}';
  } else {
    line = event;
    for (const auto& field : fields) {
      line.append("  ").append(field.name).append("=");
      append_escaped(line, field.value);
    }
  }
  out.log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace headwater::log
