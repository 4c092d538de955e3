#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace headwater::json {

class Value;
struct Member;

/// Members in the order they were written. Names are unique: a repeated name keeps its first place and
/// its last value.
class Object {
 public:
  using const_iterator = std::vector<Member>::const_iterator;
  using iterator = std::vector<Member>::iterator;

  Object();
  Object(std::initializer_list<Member> members);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();
  /// Takes members in order; a repeated name keeps its first place and its last value. For many members
  /// at once: `set` looks for the name each time.
  static Object from_members(std::vector<Member> members);

  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// Finds, or appends a null.
  Value& operator[](std::string_view name);
  void set(std::string_view name, Value value);
  /// False when there was none.
  bool erase(std::string_view name);

  std::size_t size() const;
  bool empty() const;
  const_iterator begin() const;
  const_iterator end() const;
  iterator begin();
  iterator end();

 private:
  std::vector<Member> members_;
};

using Array = std::vector<Value>;

/// A number as it was written: "1.0", "12345678901234567890" and "1e400" come back unchanged.
struct Number {
  std::string text;
};

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

/// A JSON document or a part of it, for control-plane documents: members keep their order and numbers
/// their text, so that what was sent is given back verbatim. Not for records (see record.h).
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : Value(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : data_(Number{std::to_string(value)}) {}
  Value(std::uint64_t value) : data_(Number{std::to_string(value)}) {}
  Value(double value);
  Value(Number value) : data_(std::move(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Object value) : data_(std::move(value)) {}

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_boolean() const { return kind() == Kind::boolean; }
  bool is_number() const { return kind() == Kind::number; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }

  /// The typed content, or nullptr/nullopt when the kind is another.
  const bool* if_boolean() const { return std::get_if<bool>(&data_); }
  const Number* if_number() const { return std::get_if<Number>(&data_); }
  const std::string* if_string() const { return std::get_if<std::string>(&data_); }
  const Array* if_array() const { return std::get_if<Array>(&data_); }
  Array* if_array() { return std::get_if<Array>(&data_); }
  const Object* if_object() const { return std::get_if<Object>(&data_); }
  Object* if_object() { return std::get_if<Object>(&data_); }

  /// A number whose value is a whole number within 64 bits ("5", "5.0", "5e0").
  std::optional<std::int64_t> as_int64() const;
  std::optional<double> as_double() const;
  /// as_int64, also of a string that holds a whole number: clients send both.
  std::optional<std::int64_t> as_int64_lenient() const;
  /// true/false, also as text in any letter case.
  std::optional<bool> as_bool_lenient() const;

  /// The member of that name, or nullptr; also nullptr when this is no object.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  /// Follows dotted member names ("auth.params.host").
  const Value* find_path(std::string_view dotted) const;
  /// The text of the string member of that name, or "".
  std::string_view string_at(std::string_view name) const;

  /// Deep equality: member order does not matter, numbers compare by value.
  bool operator==(const Value& other) const;

  /// Compact JSON text, or indented by `indent` spaces.
  std::string dump(int indent = -1) const;

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> data_;
};

struct Member {
  std::string name;
  Value value;
};

// Defined here, where a Member is complete.
inline Object::Object() = default;
inline Object::Object(const Object& other) = default;
inline Object::Object(Object&& other) noexcept = default;
inline Object& Object::operator=(const Object& other) = default;
inline Object& Object::operator=(Object&& other) noexcept = default;
inline Object::~Object() = default;
inline std::size_t Object::size() const { return members_.size(); }
inline bool Object::empty() const { return members_.empty(); }
inline Object::const_iterator Object::begin() const { return members_.begin(); }
inline Object::const_iterator Object::end() const { return members_.end(); }
inline Object::iterator Object::begin() { return members_.begin(); }
inline Object::iterator Object::end() { return members_.end(); }

struct ParseLimits {
  std::size_t depth_max = 200;
  std::size_t bytes_max = 64U << 20;
};

/// Parses one JSON text (RFC 8259, UTF-8). Errors: invalid_argument with line and column; too_large
/// past a limit.
Result<Value> parse(std::string_view text, const ParseLimits& limits = {});

/// Makes escapes that are half a surrogate pair ("\ud800" alone), which `parse` refuses, stand for the
/// replacement character; in place, for the text keeps its length. For what a source wrote around its
/// records: one such string must not cost the page. False when there were none.
bool mend_half_pairs(std::string& json_text);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);
std::string quoted(std::string_view text);

/// Compares two JSON number texts by value, exactly: <0, 0, >0. Both must be valid JSON numbers.
int compare_numbers(std::string_view a, std::string_view b);

}  // namespace headwater::json
