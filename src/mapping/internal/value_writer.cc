#include "mapping/internal/value_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/value.h"
#include "mapping/internal/date_pattern.h"
#include "mapping/internal/numbers.h"
#include "mapping/internal/text.h"
#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {
namespace {

using json::Kind;
using json::Node;
using json::Record;

bool is_digits(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return !text.empty();
}

// A JSON integer: no leading zeros, no plus.
bool is_integer_text(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return is_digits(text) && (text.size() == 1 || text.front() != '0');
}

// A JSON number, by its grammar.
bool is_number_text(std::string_view text) {
  const auto e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    auto exponent = text.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!is_digits(exponent)) return false;
    text = text.substr(0, e);
  }
  const auto dot = text.find('.');
  if (dot != std::string_view::npos && !is_digits(text.substr(dot + 1))) return false;
  return is_integer_text(text.substr(0, dot));
}

bool fits_int64(std::string_view integer) {
  std::int64_t value = 0;
  return std::from_chars(integer.data(), integer.data() + integer.size(), value).ec == std::errc();
}

// True when the subtree holds a member that is null.
bool has_null_member(const Record& record, const Node& node) {
  for (auto i = static_cast<std::uint32_t>(&node - record.nodes) + 1; i < node.next; ++i)
    if (record.nodes[i].kind == Kind::null) return true;
  return false;
}

std::uint32_t append_without_nulls(std::string& out, const Record& record, std::uint32_t index) {
  const auto& node = record.nodes[index];
  if (node.kind != Kind::object && node.kind != Kind::array) {
    out.append(record.raw(node));
    return node.next;
  }
  const bool object = node.kind == Kind::object;
  out += object ? '{' : '[';
  bool first = true;
  for (auto at = index + 1; at < node.next;) {
    const auto value = object ? at + 1 : at;
    if (object && record.nodes[value].kind == Kind::null) {
      at = record.nodes[value].next;
      continue;
    }
    if (!first) out += ',';
    first = false;
    if (object) out.append(record.raw(record.nodes[at])).append(":");
    at = append_without_nulls(out, record, value);
  }
  out += object ? '}' : ']';
  return node.next;
}

// "2022-03-04T05:06:07Z": what the target's form asks for already, so that an offset and digits stay.
bool is_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
  return text.back() == 'Z' ||
         (text[text.size() - 3] == ':' && text.find_first_of("+-", 19) == text.size() - 6);
}

bool is_null(const Value& value) {
  return value.is_null() || (value.kind == Value::Kind::node && value.node->kind == Kind::null);
}

}  // namespace

ValueWriter::Outcome ValueWriter::write(std::string& out, const Value& value, std::uint32_t type) {
  if (type == kNone) return Outcome::nothing;
  if (is_null(value)) {
    if (!allow_nulls_) return Outcome::nothing;
    out.append("null");
    return Outcome::written;
  }
  const auto kind = types_[type].kind;
  if (kind == TargetType::Kind::any) return write_as_is(out, value);
  if (kind == TargetType::Kind::object) return write_object(out, value, type);
  if (kind == TargetType::Kind::array) return write_array(out, value, type);
  if (value.is_object() || value.is_array()) {
    return fail(kind == TargetType::Kind::string ? "an object or array cannot become a string"
                                                 : "an object or array cannot become a single value");
  }
  return write_scalar(out, scalar(value), kind);
}

ValueWriter::Scalar ValueWriter::scalar(const Value& value) {
  Scalar out;
  switch (value.kind) {
    case Value::Kind::node:
      if (value.node->kind == Kind::string) {
        out.raw = record().raw(*value.node);
        out.text = record().characters(*value.node, characters_);
      } else {
        out.kind = value.node->kind == Kind::number ? Scalar::Kind::number : Scalar::Kind::boolean;
        out.text = record().raw(*value.node);
      }
      return out;
    case Value::Kind::boolean:
      out.kind = Scalar::Kind::boolean;
      out.text = value.boolean ? "true" : "false";
      return out;
    case Value::Kind::string:
      out.text = value.characters();
      return out;
    case Value::Kind::date:
      out.kind = Scalar::Kind::date;
      out.date = value.date;
      return out;
    default:
      break;
  }
  out.kind = Scalar::Kind::number;
  out.text = value.characters();
  const bool lexeme = (value.flags & Value::kLexeme) != 0;
  if (value.kind == Value::Kind::integer) {
    std::array<char, 24> digits{};
    digits_.assign(digits.data(),
                   std::to_chars(digits.data(), digits.data() + digits.size(), value.integer).ptr);
    out.text = digits_;
  } else if (value.kind == Value::Kind::real && !lexeme) {
    digits_.clear();
    append_real(digits_, value.real, (value.flags & Value::kSingle) != 0);
    out.text = digits_;
  }
  return out;
}

ValueWriter::Outcome ValueWriter::write_scalar(std::string& out, const Scalar& scalar,
                                               TargetType::Kind kind) {
  switch (kind) {
    case TargetType::Kind::boolean:
      return write_boolean(out, scalar);
    case TargetType::Kind::integer:
      return write_number(out, scalar, true);
    case TargetType::Kind::number:
      return write_number(out, scalar, false);
    case TargetType::Kind::date_time:
      return write_time(out, scalar, false);
    case TargetType::Kind::date:
      return write_time(out, scalar, true);
    default:
      return write_string(out, scalar);
  }
}

ValueWriter::Outcome ValueWriter::write_string(std::string& out, const Scalar& scalar) {
  if (!scalar.raw.empty()) {
    out.append(scalar.raw);
  } else if (scalar.kind == Scalar::Kind::string) {
    json::append_quoted(out, scalar.text);
  } else {
    out += '"';
    if (scalar.date != nullptr)
      append_iso(out, *scalar.date);
    else
      out.append(scalar.text);
    out += '"';
  }
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_boolean(std::string& out, const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::boolean) {
    out.append(scalar.text);
    return Outcome::written;
  }
  if (scalar.kind == Scalar::Kind::string) {
    for (const std::string_view word : {"y", "yes", "on", "true"})
      if (equal_ignoring_case(scalar.text, word)) return out.append("true"), Outcome::written;
    for (const std::string_view word : {"n", "no", "off", "false"})
      if (equal_ignoring_case(scalar.text, word)) return out.append("false"), Outcome::written;
  }
  return fail("the value cannot become a boolean");
}

ValueWriter::Outcome ValueWriter::write_number(std::string& out, const Scalar& scalar, bool whole) {
  const auto text = scalar.text;
  const bool numeric =
      scalar.kind == Scalar::Kind::number || (scalar.kind == Scalar::Kind::string && is_number_text(text));
  if (!numeric)
    return fail(whole ? "the value cannot become an integer" : "the value cannot become a number");
  if (whole && !is_integer_text(text)) {
    // "5.0" is integral, "5.5" and the text "5.0" are not.
    const auto value = scalar.kind == Scalar::Kind::number
                           ? json::Value(json::Number{std::string(text)}).as_int64()
                           : std::nullopt;
    if (!value) return fail("the number has a fraction or is out of range");
    std::array<char, 24> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
    out.append(digits.data(), end);
    return Outcome::written;
  }
  if (whole && !fits_int64(text)) return fail("the integer is out of range");
  out.append(text);
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_time(std::string& out, const Scalar& scalar, bool date_only) {
  std::optional<ZonedTime> time;
  if (scalar.date != nullptr) {
    time = *scalar.date;
  } else if (scalar.kind == Scalar::Kind::number) {
    const auto millis = json::Value(json::Number{std::string(scalar.text)}).as_int64();
    if (millis) time = from_millis(*millis);
    if (!time) return fail("the number is no time in milliseconds");
  } else if (scalar.kind == Scalar::Kind::string) {
    time = parse_any_date(scalar.text, *run_.environment().zones);
    if (!time) return fail("the text is no date or time in one of the known forms");
    const bool as_it_is = date_only
                              ? scalar.text.size() == 10 && scalar.text[4] == '-' && scalar.text[7] == '-'
                              : is_rfc3339(scalar.text);
    if (as_it_is && !scalar.raw.empty()) return out.append(scalar.raw), Outcome::written;
  } else {
    return fail("the value cannot become a date");
  }
  out += '"';
  const auto begin = out.size();
  append_iso(out, *time);
  if (date_only) out.resize(begin + 10);
  out += '"';
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_as_is(std::string& out, const Value& value) {
  if (value.kind == Value::Kind::node) {
    if (!allow_nulls_ && has_null_member(record(), *value.node))
      append_without_nulls(out, record(), index_of(*value.node));
    else
      out.append(record().raw(*value.node));
    return Outcome::written;
  }
  if (value.is_array()) return write_array(out, value, types_.any());
  if (value.is_object()) return write_object(out, value, types_.any());
  const auto seen = scalar(value);
  if (seen.kind == Scalar::Kind::number || seen.kind == Scalar::Kind::boolean) {
    out.append(seen.text);
    return Outcome::written;
  }
  return write_string(out, seen);
}

ValueWriter::Outcome ValueWriter::write_object(std::string& out, const Value& value, std::uint32_t type) {
  if (!value.is_object()) return fail("the value is no object, the target is one");
  if (value.kind == Value::Kind::node) return write_node_object(out, *value.node, type);
  out += '{';
  bool first = true;
  for (const auto& [name, member] : std::span(value.members, value.size)) {
    const auto member_type = types_.member(type, name);
    if (member_type == kNone) continue;
    const auto mark = out.size();
    if (!first) out += ',';
    json::append_quoted(out, name);
    out += ':';
    if (write(out, member, member_type) == Outcome::written)
      first = false;
    else
      out.resize(mark);
  }
  out += '}';
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_node_object(std::string& out, const Node& node, std::uint32_t type) {
  const auto& target = types_[type];
  if (!target.closed && target.additional == kNone && target.members.empty())
    return write_as_is(out, as_node(node));
  out += '{';
  bool first = true;
  for (auto at = index_of(node) + 1; at < node.next;) {
    const auto& name = record().nodes[at];
    const auto& value = record().nodes[at + 1];
    const auto member = types_.member(type, record().characters(name, characters_));
    if (member != kNone) {
      const auto mark = out.size();
      if (!first) out += ',';
      out.append(record().raw(name)).append(":");
      if (write(out, as_node(value), member) == Outcome::written)
        first = false;
      else
        out.resize(mark);
    }
    at = value.next;
  }
  out += '}';
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_element(std::string& out, const Value& element, std::uint32_t type) {
  if (!is_null(element)) return write(out, element, type);
  out.append("null");  // an array keeps its places
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_array(std::string& out, const Value& value, std::uint32_t type) {
  const auto mark = out.size();
  const auto element_type = types_.element(type);
  auto outcome = Outcome::written;
  out += '[';
  if (!value.is_array()) {
    outcome = write(out, value, element_type);
  } else if (value.kind == Value::Kind::node) {
    const auto& node = *value.node;
    const auto first = index_of(node) + 1;
    for (auto at = first; at < node.next && outcome == Outcome::written; at = record().nodes[at].next) {
      if (at != first) out += ',';
      outcome = write_element(out, as_node(record().nodes[at]), element_type);
    }
  } else {
    for (std::uint32_t i = 0; i < value.size && outcome == Outcome::written; ++i) {
      if (i > 0) out += ',';
      outcome = write_element(out, value.elements[i], element_type);
    }
  }
  if (outcome != Outcome::written) return out.resize(mark), outcome;
  out += ']';
  return Outcome::written;
}

}  // namespace headwater::mapping
