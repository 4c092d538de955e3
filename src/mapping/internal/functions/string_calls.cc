#include "mapping/internal/functions/string_calls.h"

#include <algorithm>
#include <array>

#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using In = StringCalls::In;

// Bytes that a call may look at again and again.
constexpr std::size_t kWorkMax = std::size_t{16} << 20U;

// Positions and lengths may be any 64-bit number; texts are far shorter.
std::size_t clamped(std::int64_t number) { return number < 0 ? 0 : static_cast<std::size_t>(number); }

Value part_before(std::string_view text, std::int64_t units) {
  return Value::of(text.substr(0, offset_of_unit(text, clamped(units), Half::before)));
}

// What a regular expression stands for when it has no operators: itself, or the character behind a backslash.
std::string_view plain_text(std::string_view pattern) {
  constexpr std::string_view kOperators = "\\^$.|?*+()[]{}";
  if (pattern.find_first_of(kOperators) == std::string_view::npos) return pattern;
  if (pattern.size() == 2 && pattern[0] == '\\' && kOperators.find(pattern[1]) != std::string_view::npos)
    return pattern.substr(1);
  return {};
}

Value explode_plain(Arena& arena, std::string_view text, std::string_view delimiter) {
  ArrayBuilder parts(arena);
  for (;;) {
    const auto at = find_text(text, delimiter);
    parts.push_back(Value::of(text.substr(0, at)));
    if (at == std::string_view::npos) return parts.finish();
    text.remove_prefix(at + delimiter.size());
  }
}

// A set of characters. Asked for once per character of a text, so ASCII has a table.
class Separators {
 public:
  /// Past the arena's limit, those beyond ASCII are missing.
  Separators(Arena& arena, std::string_view separators) {
    auto* others = arena.take<std::uint32_t>(separators.size());
    std::size_t count = 0;
    for (std::size_t at = 0; at < separators.size();) {
      const auto character = decode_utf8(separators, at);
      at += std::max(character.size, 1U);
      if (character.code < 0x80)
        ascii_[character.code] = true;
      else if (others != nullptr)
        others[count++] = character.code;
    }
    others_ = std::span(others, count);
    std::ranges::sort(others_);
  }
  bool contain(std::uint32_t character) const {
    return character < 0x80 ? ascii_[character] : std::ranges::binary_search(others_, character);
  }

 private:
  std::array<bool, 0x80> ascii_{};
  std::span<std::uint32_t> others_;
};

enum class Side : std::uint8_t { start, end };

Value pad(Evaluation& run, std::string_view function, In values, Side side) {
  Arguments in(run, function, values);
  const auto text = in.text(0, "input");
  const auto size = clamped(in.whole(1, "size"));
  auto padding = in.text(2, "pad");
  if (in.failed()) return in.failure();
  if (padding.empty()) padding = " ";
  const auto length = utf16_length(text);
  if (length >= size) return Value::of(text);
  const auto missing = size - length;
  if (missing > Arena::kLimit) return Value::failure(kTooLarge);
  const auto units = utf16_length(padding);
  const auto rest = padding.substr(0, offset_of_unit(padding, missing % units, Half::before));
  const auto bytes = text.size() + missing / units * padding.size() + rest.size();
  auto* out = run.arena().take<char>(bytes);
  if (out == nullptr) return Value::failure(kTooLarge);
  auto* at = out;
  if (side == Side::end) at = std::copy(text.begin(), text.end(), at);
  for (auto count = missing / units; count > 0; --count) at = std::copy(padding.begin(), padding.end(), at);
  at = std::copy(rest.begin(), rest.end(), at);
  if (side == Side::start) std::copy(text.begin(), text.end(), at);
  return Value::of(std::string_view(out, bytes));
}

}  // namespace

Value StringCalls::concat(Evaluation& run, In values) {
  constexpr std::size_t kParts = 16;
  if (values.size() > kParts) {
    TextBuilder out(run.arena());
    for (const auto& value : values) out.append(run.text(value));
    return out.finish();
  }
  std::array<std::string_view, kParts> parts;
  std::size_t size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    parts[i] = values[i].is_string() ? values[i].characters() : run.text(values[i]);
    size += parts[i].size();
  }
  auto* out = run.arena().take<char>(size);
  if (out == nullptr) return Value::failure(kTooLarge);
  auto* at = out;
  for (std::size_t i = 0; i < values.size(); ++i) at = std::copy(parts[i].begin(), parts[i].end(), at);
  return Value::of(std::string_view(out, size));
}

Value StringCalls::explode(Evaluation& run, In values) {
  Arguments in(run, "explode", values);
  const auto text = in.text(0, "input");
  const auto pattern = in.given(1) ? in.text(1, "regex") : std::string_view(",");
  if (in.failed()) return in.failure();
  if (const auto plain = plain_text(pattern); !plain.empty()) return explode_plain(run.arena(), text, plain);
  std::string_view reason;
  const auto* regex = run.regex(pattern, reason);
  if (regex == nullptr) return in.fail_for("regex", reason);

  ArrayBuilder parts(run.arena());
  std::size_t part = 0;  // where the part that is not finished begins
  std::size_t from = 0;
  while (from <= text.size()) {
    Regex::Group match;
    const std::span groups(&match, 1);
    const auto where = from == 0 ? Evaluation::Where::anywhere : Evaluation::Where::next;
    const auto outcome = run.match(*regex, where, text, from, groups);
    if (outcome == Regex::Outcome::too_hard) return in.fail({"the text takes too many steps to split"});
    if (outcome == Regex::Outcome::no_match) break;
    const bool empty = match.end <= match.begin;
    from = empty ? match.end + (match.end < text.size() ? character_size(text, match.end) : 1) : match.end;
    if (match.end == 0) continue;  // nothing before it, and it takes nothing
    parts.push_back(Value::of(text.substr(part, match.begin - part)));
    part = match.end;
  }
  parts.push_back(Value::of(text.substr(part)));
  return parts.finish();
}

Value StringCalls::instr(Evaluation& run, In values) {
  Arguments in(run, "instr", values);
  const auto text = in.text(0, "input");
  const auto wanted = in.text(1, "search");
  const auto start = in.whole_or(2, "start", 0);
  auto occurrence = in.whole_or(3, "occurrence", 1);
  if (in.failed()) return in.failure();
  constexpr std::int64_t kNowhere = -1;
  if (in[1].is_null() || occurrence < 1) return Value::of(kNowhere);
  auto at = offset_of_unit(text, clamped(start), Half::behind);
  // Places may overlap: "aa" stands twice in "aaa".
  std::size_t work = 0;
  for (at = find_text(text, wanted, at); at != std::string_view::npos && --occurrence > 0;) {
    work += wanted.size() + 1;
    if (work > kWorkMax) return in.fail({"the text takes too many steps to look through"});
    at = find_text(text, wanted, at + 1);
  }
  if (at == std::string_view::npos) return Value::of(kNowhere);
  return Value::of(static_cast<std::int64_t>(utf16_length(text.substr(0, at))));
}

Value StringCalls::replacestr(Evaluation& run, In values) {
  Arguments in(run, "replacestr", values);
  auto text = in.text(0, "input");
  const auto wanted = in.text(1, "find");
  const auto replacement = in.text(2, "replacement");
  if (in.failed()) return in.failure();
  auto at = wanted.empty() || in[2].is_null() ? std::string_view::npos : find_text(text, wanted);
  if (at == std::string_view::npos) return Value::of(text);
  TextBuilder out(run.arena());
  for (; at != std::string_view::npos; at = find_text(text, wanted)) {
    out.append(text.substr(0, at));
    out.append(replacement);
    text.remove_prefix(at + wanted.size());
  }
  out.append(text);
  return out.finish();
}

Value StringCalls::substr(Evaluation& run, In values) {
  Arguments in(run, "substr", values);
  const auto text = in.text(0, "input");
  const auto start = in.whole(1, "start");
  const auto length = in.whole(2, "length");
  if (in.failed()) return in.failure();
  const auto rest = text.substr(offset_of_unit(text, clamped(start), Half::behind));
  return part_before(rest, length);
}

Value StringCalls::lower(Evaluation& run, In values) {
  Arguments in(run, "lower", values);
  const auto text = in.text(0, "input");
  return in.failed() ? in.failure() : to_lower(run.arena(), text);
}

Value StringCalls::upper(Evaluation& run, In values) {
  Arguments in(run, "upper", values);
  const auto text = in.text(0, "input");
  return in.failed() ? in.failure() : to_upper(run.arena(), text);
}

Value StringCalls::split(Evaluation& run, In values) {
  Arguments in(run, "split", values);
  const auto text = in.text(0, "input");
  const auto characters = in.text(1, "separators");
  if (in.failed()) return in.failure();
  const Separators separators(run.arena(), characters);
  ArrayBuilder parts(run.arena());
  std::size_t part = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_utf8(text, at);
    const auto size = std::max(character.size, 1U);
    if (separators.contain(character.code)) {
      if (at > part) parts.push_back(Value::of(text.substr(part, at - part)));
      part = at + size;
    }
    at += size;
  }
  if (part < text.size()) parts.push_back(Value::of(text.substr(part)));
  return parts.finish();
}

Value StringCalls::join(Evaluation& run, In values) {
  Arguments in(run, "join", values);
  const auto separator = in.text(0, "separator");
  if (in.failed()) return in.failure();
  if (values.size() == 2 && values[1].is_null()) return {};
  TextBuilder out(run.arena());
  bool first = true;
  const auto append = [&](const Value& value) {
    if (!first) out.append(separator);
    first = false;
    out.append(run.text(value));
  };
  for (const auto& value : values.subspan(1)) {
    if (value.is_array())
      for (const auto& element : run.elements(value)) append(element);
    else
      append(value);
  }
  return out.finish();
}

Value StringCalls::lpad(Evaluation& run, In values) { return pad(run, "lpad", values, Side::start); }
Value StringCalls::rpad(Evaluation& run, In values) { return pad(run, "rpad", values, Side::end); }

Value StringCalls::left(Evaluation& run, In values) {
  Arguments in(run, "left", values);
  const auto text = in.text(0, "input");
  const auto count = in.whole(1, "count");
  return in.failed() ? in.failure() : part_before(text, count);
}

Value StringCalls::right(Evaluation& run, In values) {
  Arguments in(run, "right", values);
  const auto text = in.text(0, "input");
  const auto count = clamped(in.whole(1, "count"));
  if (in.failed()) return in.failure();
  const auto length = utf16_length(text);
  if (count >= length) return Value::of(text);
  return Value::of(text.substr(offset_of_unit(text, length - count, Half::behind)));
}

Value StringCalls::ltrim(Evaluation& run, In values) {
  Arguments in(run, "ltrim", values);
  const auto text = in.text(0, "input");
  return in.failed() ? in.failure() : Value::of(trim_start(text));
}

Value StringCalls::rtrim(Evaluation& run, In values) {
  Arguments in(run, "rtrim", values);
  const auto text = in.text(0, "input");
  return in.failed() ? in.failure() : Value::of(trim_end(text));
}

Value StringCalls::trim(Evaluation& run, In values) {
  Arguments in(run, "trim", values);
  const auto text = in.text(0, "input");
  return in.failed() ? in.failure() : Value::of(mapping::trim(text));
}

Value StringCalls::equals(Evaluation& run, In values) {
  if (values[0].is_null() || values[1].is_null()) return Value::of(false);
  return Value::of(run.text(values[0]) == run.text(values[1]));
}

Value StringCalls::equals_ignoring_case(Evaluation& run, In values) {
  if (values[0].is_null() || values[1].is_null()) return Value::of(false);
  return Value::of(equal_ignoring_case(run.text(values[0]), run.text(values[1])));
}

}  // namespace headwater::mapping
