#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace headwater::log {

enum class Level : std::uint8_t { debug, info, warn, error };
enum class Format : std::uint8_t { pretty, json };

/// One named value of a log line. Never holds a Secret: there is no conversion from it.
struct Field {
  std::string_view name;
  std::string value;
  bool quoted = true;  // Strings are quoted in JSON, numbers and booleans are not.

  Field(std::string_view field_name, std::string text) : name(field_name), value(std::move(text)) {}
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view field_name, T number) : name(field_name), quoted(false) {
    if constexpr (std::is_same_v<T, bool>)
      value = number ? "true" : "false";
    else
      value = std::to_string(number);
  }
};

/// Sets where lines go (standard error) and how they look. Thread-safe; called once by app.
void configure(Level least, Format format);

/// Writes one line: `event` is a short constant phrase, the fields carry what varies. Thread-safe.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace headwater::log
