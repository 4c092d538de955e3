#include "json/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "json/internal/decimal.h"
#include "json/internal/grammar.h"
#include "json/record.h"

namespace headwater::json {
namespace {

// Below this many members a scan beats an index.
constexpr std::size_t kIndexFrom = 16;

/// Line and column (in characters) of a byte offset, both from 1.
std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto characters = std::count_if(
      line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(characters + 1);
}

bool equal_objects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  // Most equal documents have their members in one order.
  auto other = b.begin();
  auto member = a.begin();
  while (member != a.end() && member->name == other->name) {
    if (!(member->value == other->value)) return false;
    ++member;
    ++other;
  }
  if (member == a.end()) return true;
  if (b.size() < kIndexFrom) {
    return std::all_of(member, a.end(), [&b](const Member& mine) {
      const Value* theirs = b.find(mine.name);
      return theirs != nullptr && mine.value == *theirs;
    });
  }
  std::unordered_map<std::string_view, const Value*> index;
  for (; other != b.end(); ++other) index.emplace(other->name, &other->value);
  return std::all_of(member, a.end(), [&index](const Member& mine) {
    const auto theirs = index.find(mine.name);
    return theirs != index.end() && mine.value == *theirs->second;
  });
}

class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::null:
        out_ += "null";
        break;
      case Kind::boolean:
        out_ += *value.if_boolean() ? "true" : "false";
        break;
      case Kind::number:
        out_ += value.if_number()->text;
        break;
      case Kind::string:
        append_quoted(out_, *value.if_string());
        break;
      case Kind::array:
        write_all('[', ']', *value.if_array(), [this](const Value& element) { write(element); });
        break;
      case Kind::object:
        write_all('{', '}', *value.if_object(), [this](const Member& member) {
          append_quoted(out_, member.name);
          out_ += indent_ < 0 ? ":" : ": ";
          write(member.value);
        });
        break;
    }
  }

 private:
  template <class Container, class WriteOne>
  void write_all(char open, char close, const Container& container, const WriteOne& write_one) {
    out_ += open;
    ++level_;
    bool first = true;
    for (const auto& one : container) {
      if (!first) out_ += ',';
      first = false;
      break_line();
      write_one(one);
    }
    --level_;
    if (!first) break_line();
    out_ += close;
  }
  void break_line() {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * level_, ' ');
  }

  std::string& out_;
  int indent_;
  std::size_t level_ = 0;
};

// Whether the next eight bytes need no escape: ASCII, no control characters, neither quote nor backslash.
bool eight_are_plain(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  // The top bit of a byte that is zero; borrows reach only bytes above one that counts already.
  const auto zero = [](std::uint64_t word) { return (word - kOnes) & ~word; };
  const auto found =
      bytes | (bytes - kOnes * 0x20) | zero(bytes ^ (kOnes * '"')) | zero(bytes ^ (kOnes * '\\'));
  return (found & (kOnes * 0x80)) == 0;
}

}  // namespace

Object::Object(std::initializer_list<Member> members) {
  for (const Member& member : members) set(member.name, member.value);
}

Object Object::from_members(std::vector<Member> members) {
  Object object;
  if (members.size() < kIndexFrom) {
    object.members_.reserve(members.size());
    for (Member& member : members) object.set(member.name, std::move(member.value));
    return object;
  }
  std::unordered_map<std::string, std::size_t> places;
  places.reserve(members.size());
  for (Member& member : members) {
    const auto [place, is_new] = places.emplace(member.name, object.members_.size());
    if (is_new)
      object.members_.push_back(std::move(member));
    else
      object.members_[place->second].value = std::move(member.value);
  }
  return object;
}

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member.value;
  return nullptr;
}

Value* Object::find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).find(name)); }

Value& Object::operator[](std::string_view name) {
  if (Value* value = find(name)) return *value;
  members_.push_back({std::string(name), Value()});
  return members_.back().value;
}

void Object::set(std::string_view name, Value value) { (*this)[name] = std::move(value); }

bool Object::erase(std::string_view name) {
  const auto place = std::find_if(members_.begin(), members_.end(),
                                  [name](const Member& member) { return member.name == name; });
  if (place == members_.end()) return false;
  members_.erase(place);
  return true;
}

Value::Value(double value) {
  if (!std::isfinite(value)) return;  // JSON has no such number
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  data_ = Number{std::string(text, end)};
}

std::optional<std::int64_t> Value::as_int64() const {
  const Number* number = if_number();
  if (number == nullptr) return std::nullopt;
  return internal::Decimal(number->text).as_int64();
}

std::optional<double> Value::as_double() const {
  const Number* number = if_number();
  if (number == nullptr) return std::nullopt;
  const std::string& text = number->text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) return value;
  // Out of range: too small is zero, too large is no double.
  if (internal::Decimal(text).exponent > 0) return std::nullopt;
  return text.starts_with('-') ? -0.0 : 0.0;
}

std::optional<std::int64_t> Value::as_int64_lenient() const {
  const std::string* text = if_string();
  if (text == nullptr) return as_int64();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size()) return value;
  if (!internal::is_number(*text)) return std::nullopt;
  return internal::Decimal(*text).as_int64();
}

std::optional<bool> Value::as_bool_lenient() const {
  if (const bool* value = if_boolean()) return *value;
  const std::string* text = if_string();
  if (text == nullptr) return std::nullopt;
  if (equal_ignoring_case(*text, "true")) return true;
  if (equal_ignoring_case(*text, "false")) return false;
  return std::nullopt;
}

const Value* Value::find(std::string_view name) const {
  const Object* object = if_object();
  return object == nullptr ? nullptr : object->find(name);
}

Value* Value::find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).find(name)); }

const Value* Value::find_path(std::string_view dotted) const {
  const Value* value = this;
  while (value != nullptr) {
    const std::size_t dot = dotted.find('.');
    value = value->find(dotted.substr(0, dot));
    if (dot == std::string_view::npos) return value;
    dotted.remove_prefix(dot + 1);
  }
  return nullptr;
}

std::string_view Value::string_at(std::string_view name) const {
  const Value* value = find(name);
  const std::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

bool Value::operator==(const Value& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return *if_boolean() == *other.if_boolean();
    case Kind::number:
      return compare_numbers(if_number()->text, other.if_number()->text) == 0;
    case Kind::string:
      return *if_string() == *other.if_string();
    case Kind::array:
      return *if_array() == *other.if_array();
    case Kind::object:
      return equal_objects(*if_object(), *other.if_object());
  }
  return false;
}

std::string Value::dump(int indent) const {
  std::string out;
  Writer(out, indent).write(*this);
  return out;
}

Result<Value> parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Error{ErrorKind::too_large, "The JSON text has " + std::to_string(text.size()) +
                                           " bytes; the limit is " + std::to_string(limits.bytes_max) + "."};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // editors write it; it carries nothing
  std::vector<Node> nodes;
  std::vector<internal::OpenContainer> open;
  const auto depth_max = static_cast<std::uint32_t>(std::min<std::size_t>(limits.depth_max, 0xFFFFFFFFU));
  if (const auto error = internal::parse_strictly(text, depth_max, nodes, open)) {
    const std::string place = line_and_column(text, error->offset);
    if (error->limit)
      return Error{ErrorKind::too_large, "The JSON text passes a limit: " + std::string(error->reason) +
                                             " (limit " + std::to_string(limits.depth_max) + ") at " + place +
                                             "."};
    return Error{ErrorKind::invalid_argument,
                 "Not valid JSON: " + std::string(error->reason) + " at " + place + "."};
  }
  const Record record{text, nodes.data(), static_cast<std::uint32_t>(nodes.size())};
  return to_value(record, record.root());
}

bool mend_half_pairs(std::string& json_text) { return internal::mend_half_pairs(json_text); }

void append_quoted(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text.size() - at >= 8 && eight_are_plain(text.data() + at)) {
      at += 8;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++at;
      continue;
    }
    if (byte >= 0x80) {
      if (const std::size_t length = internal::utf8_length(text.substr(at))) {
        at += length;
        continue;
      }
    }
    out.append(text, done, at - done);
    done = ++at;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte >= 0x80) {
          out += "\xEF\xBF\xBD";
        } else {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 0xF];
        }
    }
  }
  out.append(text, done);
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

int compare_numbers(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  return internal::compare(internal::Decimal(a), internal::Decimal(b));
}

}  // namespace headwater::json
