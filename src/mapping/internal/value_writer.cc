#include "mapping/internal/value_writer.h"

#include <array>
#include <charconv>

#include "base/time.h"

namespace headwater::mapping {
namespace {

using json::Kind;
using json::Node;
using json::Record;

std::uint32_t index_of(const Record& record, const Node& node) {
  return static_cast<std::uint32_t>(&node - record.nodes);
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

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
  for (auto i = index_of(record, node) + 1; i < node.next; ++i)
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

}  // namespace

ValueWriter::Outcome ValueWriter::write(std::string& out, const Record& record, const Node& node,
                                        std::uint32_t type) {
  if (type == kNone) return Outcome::nothing;
  if (node.kind == Kind::null) {
    if (!allow_nulls_) return Outcome::nothing;
    out.append("null");
    return Outcome::written;
  }
  switch (types_[type].kind) {
    case TargetType::Kind::any:
      return write_as_is(out, record, node);
    case TargetType::Kind::string:
      return write_string(out, record, node);
    case TargetType::Kind::boolean:
      return write_boolean(out, record, node);
    case TargetType::Kind::integer:
      return write_number(out, record, node, true);
    case TargetType::Kind::number:
      return write_number(out, record, node, false);
    case TargetType::Kind::date_time:
      return write_time(out, record, node, false);
    case TargetType::Kind::date:
      return write_time(out, record, node, true);
    case TargetType::Kind::object:
      return write_object(out, record, node, type);
    case TargetType::Kind::array:
      return write_array(out, record, node, type);
  }
  return Outcome::nothing;
}

ValueWriter::Outcome ValueWriter::write_as_is(std::string& out, const Record& record, const Node& node) {
  if (!allow_nulls_ && has_null_member(record, node))
    append_without_nulls(out, record, index_of(record, node));
  else
    out.append(record.raw(node));
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_string(std::string& out, const Record& record, const Node& node) {
  if (node.kind == Kind::object || node.kind == Kind::array)
    return fail("an object or array cannot become a string");
  if (node.kind == Kind::string)
    out.append(record.raw(node));
  else
    out.append("\"").append(record.raw(node)).append("\"");
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_boolean(std::string& out, const Record& record, const Node& node) {
  if (node.kind == Kind::boolean) {
    out.append(record.raw(node));
    return Outcome::written;
  }
  if (node.kind == Kind::string) {
    const auto text = record.characters(node, scratch_);
    for (const std::string_view word : {"y", "yes", "on", "true"})
      if (equal_ignoring_case(text, word)) return out.append("true"), Outcome::written;
    for (const std::string_view word : {"n", "no", "off", "false"})
      if (equal_ignoring_case(text, word)) return out.append("false"), Outcome::written;
  }
  return fail("the value cannot become a boolean");
}

ValueWriter::Outcome ValueWriter::write_number(std::string& out, const Record& record, const Node& node,
                                               bool whole) {
  std::string_view text;
  if (node.kind == Kind::number)
    text = record.raw(node);
  else if (node.kind == Kind::string)
    text = record.characters(node, scratch_);
  const bool numeric = node.kind == Kind::number || is_number_text(text);
  if (!numeric)
    return fail(whole ? "the value cannot become an integer" : "the value cannot become a number");
  if (whole && !is_integer_text(text)) {
    // "5.0" is integral, "5.5" and the text "5.0" are not.
    const auto value =
        node.kind == Kind::number ? json::Value(json::Number{std::string(text)}).as_int64() : std::nullopt;
    if (!value) return fail("the number has a fraction or is out of range");
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
    out.append(digits.data(), end);
    return Outcome::written;
  }
  if (whole && !fits_int64(text)) return fail("the integer is out of range");
  out.append(text);
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_time(std::string& out, const Record& record, const Node& node,
                                             bool date_only) {
  TimePoint time{};
  if (node.kind == Kind::number) {
    const auto millis = json::Value(json::Number{std::string(record.raw(node))}).as_int64();
    constexpr std::int64_t kMillisMax = 9'000'000'000'000;  // what nanoseconds in 64 bits can hold
    if (!millis || *millis > kMillisMax || *millis < -kMillisMax)
      return fail("the number is no time in milliseconds");
    time = from_epoch_millis(*millis);
  } else if (node.kind == Kind::string) {
    const auto text = record.characters(node, scratch_);
    const auto parsed = parse_rfc3339(text);
    if (!parsed) return fail("the text is no date or time in ISO 8601 form");
    // What already has the target's form is carried as it was written: an offset stays.
    const bool full =
        text.size() > 10 && (text.back() == 'Z' || text.find_first_of("+-", 10) != std::string_view::npos);
    if (date_only ? text.size() == 10 : full && text[10] == 'T')
      return out.append(record.raw(node)), Outcome::written;
    if (date_only) return out.append("\"").append(text.substr(0, 10)).append("\""), Outcome::written;
    time = *parsed;
  } else {
    return fail("the value cannot become a date");
  }
  const auto text = format_rfc3339(time);
  out.append("\"")
      .append(date_only ? std::string_view(text).substr(0, 10) : std::string_view(text))
      .append("\"");
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_object(std::string& out, const Record& record, const Node& node,
                                               std::uint32_t type) {
  if (node.kind != Kind::object) return fail("the value is no object, the target is one");
  const auto& target = types_[type];
  if (!target.closed && target.additional == kNone && target.members.empty())
    return write_as_is(out, record, node);
  out += '{';
  bool first = true;
  for (auto at = index_of(record, node) + 1; at < node.next;) {
    const auto& name = record.nodes[at];
    const auto& value = record.nodes[at + 1];
    const auto member = types_.member(type, record.characters(name, scratch_));
    if (member != kNone) {
      const auto mark = out.size();
      if (!first) out += ',';
      out.append(record.raw(name)).append(":");
      if (write(out, record, value, member) == Outcome::written)
        first = false;
      else
        out.resize(mark);
    }
    at = value.next;
  }
  out += '}';
  return Outcome::written;
}

ValueWriter::Outcome ValueWriter::write_array(std::string& out, const Record& record, const Node& node,
                                              std::uint32_t type) {
  const auto mark = out.size();
  const auto element_type = types_.element(type);
  out += '[';
  if (node.kind != Kind::array) {
    const auto outcome = write(out, record, node, element_type);
    if (outcome != Outcome::written) return out.resize(mark), outcome;
  } else {
    bool first = true;
    for (auto at = index_of(record, node) + 1; at < node.next; at = record.nodes[at].next) {
      if (!first) out += ',';
      first = false;
      const auto& element = record.nodes[at];
      if (element.kind == Kind::null)
        out.append("null");
      else if (const auto outcome = write(out, record, element, element_type); outcome != Outcome::written)
        return out.resize(mark), outcome;
    }
  }
  out += ']';
  return Outcome::written;
}

}  // namespace headwater::mapping
