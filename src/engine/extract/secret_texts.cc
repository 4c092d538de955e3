#include "engine/extract/secret_texts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "base/url.h"
#include "json/value.h"

namespace headwater::extract {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kLeast = 3;         // less than that is in every text
constexpr std::size_t kEncodedLeast = 5;  // shorter ones have digits that other things have, too
constexpr std::size_t kNone = std::string_view::npos;

std::optional<std::uint32_t> number(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  constexpr std::uint32_t kLast = 0x10FFFF;
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U), put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U), put(0x80U | (code >> 6U & 0x3FU)), put(0x80U | (code & 0x3FU));
  } else if (code <= kLast) {
    put(0xF0U | code >> 18U), put(0x80U | (code >> 12U & 0x3FU)), put(0x80U | (code >> 6U & 0x3FU)),
        put(0x80U | (code & 0x3FU));
  }
}

// Enough for what is written to be read: it takes one or two of a byte.
std::size_t steps_for(std::string_view text) {
  constexpr std::size_t kPerByte = 16;
  constexpr std::size_t kAtLeast = 1U << 16;
  return text.size() * kPerByte + kAtLeast;
}

struct Escape {
  std::string bytes;  // what it stands for
  std::size_t length = 0;
};

// "\u00e4", a pair of them for what UTF-16 writes in two, "\n", "\"".
Escape backslash(std::string_view rest) {
  constexpr std::size_t kUnit = 6;
  const auto unit = [rest](std::size_t at) -> std::optional<std::uint32_t> {
    if (rest.size() < at + kUnit || rest[at] != '\\' || (rest[at + 1] != 'u' && rest[at + 1] != 'U'))
      return std::nullopt;
    return number(rest.substr(at + 2, 4), 16);
  };
  Escape out;
  if (const auto first = unit(0)) {
    const auto second = unit(kUnit);
    const bool pair = *first >= 0xD800 && *first < 0xDC00 && second && *second >= 0xDC00 && *second < 0xE000;
    append_utf8(out.bytes, pair ? 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00) : *first);
    out.length = pair ? 2 * kUnit : kUnit;
    return out;
  }
  if (rest.size() < 2) return out;
  constexpr std::array<std::pair<char, char>, 5> kLetters{
      {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'f', '\f'}}};
  for (const auto& [letter, sign] : kLetters)
    if (rest[1] == letter) return {std::string(1, sign), 2};
  if (std::string_view("\"\\/'").find(rest[1]) != kNone) return {std::string(1, rest[1]), 2};
  return out;
}

// "&amp;", "&#39;", "&#xe4;"
Escape entity(std::string_view rest) {
  constexpr std::size_t kLongest = 12;
  const auto end = rest.substr(0, kLongest).find(';');
  if (end == kNone || end < 2) return {};
  const auto name = rest.substr(1, end - 1);
  Escape out;
  out.length = end + 1;
  if (name[0] == '#') {
    const bool hex = name.size() > 1 && ascii_lower(name[1]) == 'x';
    const auto code = number(name.substr(hex ? 2 : 1), hex ? 16 : 10);
    if (!code) return {};
    append_utf8(out.bytes, *code);
    return out;
  }
  constexpr std::array<std::pair<std::string_view, char>, 5> kNames{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, sign] : kNames)
    if (name == known) {
      out.bytes = sign;
      return out;
    }
  return {};
}

Escape escape_at(std::string_view rest) {
  if (rest[0] == '%' && rest.size() >= 3) {
    const auto byte = number(rest.substr(1, 2), 16);
    return byte ? Escape{std::string(1, static_cast<char>(*byte)), 3} : Escape{};
  }
  if (rest[0] == '+') return {" ", 1};
  if (rest[0] == '\\') return backslash(rest);
  if (rest[0] == '&') return entity(rest);
  return {};
}

// Where the secret ends that begins at `at`, or kNone. Whoever wrote secret and text may have chosen them so
// that a sign may be itself or begin an escape at every place: `steps` bounds what is tried.
std::size_t end_of(std::string_view text, std::size_t at, std::string_view secret, std::size_t& steps) {
  std::vector<std::pair<std::size_t, std::size_t>>
      others;  // places, and how much of the secret is behind them
  for (std::size_t used = 0; used < secret.size() && steps > 0; --steps) {
    const bool same = at < text.size() && text[at] == secret[used];
    Escape escape;
    if (at < text.size() && (!same || text[at] == '%' || text[at] == '\\' || text[at] == '&'))
      escape = escape_at(text.substr(at));
    const bool fits = !escape.bytes.empty() && secret.substr(used).starts_with(escape.bytes);
    if (same && fits) others.emplace_back(at + escape.length, used + escape.bytes.size());
    if (same) {
      ++at, ++used;
    } else if (fits) {
      at += escape.length, used += escape.bytes.size();
    } else if (others.empty()) {
      return kNone;
    } else {
      std::tie(at, used) = others.back();
      others.pop_back();
    }
    if (used == secret.size()) return at;
  }
  return kNone;
}

// The base64 characters that are the secret's alone when it stands behind `before` other bytes.
std::string base64_within(std::string_view secret, std::size_t before) {
  const std::string whole = crypto::base64(std::string(before, 'x') + std::string(secret));
  const std::size_t skipped = before == 0 ? 0 : before + 1;
  const std::size_t end = (secret.size() + before) * 8 / 6;
  return end > skipped ? whole.substr(skipped, end - skipped) : std::string();
}

// A JSON text in ASCII alone: "\\u00e4".
std::string in_ascii(std::string_view quoted, std::string_view digits) {
  std::string out;
  const auto put = [&](std::uint32_t unit) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> static_cast<unsigned>(shift) & 0xFU];
  };
  for (std::size_t at = 0; at < quoted.size();) {
    const auto byte = static_cast<unsigned char>(quoted[at]);
    const std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (length == 1 || at + length > quoted.size()) {
      out += quoted[at++];
      continue;
    }
    std::uint32_t code = byte & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i)
      code = code << 6U | (static_cast<unsigned char>(quoted[at + i]) & 0x3FU);
    if (code >= 0x10000) put(0xD800 + ((code - 0x10000) >> 10U));
    put(code >= 0x10000 ? 0xDC00 + (code & 0x3FFU) : code & 0xFFFFU);
    at += length;
  }
  return out;
}

std::string as_of_urls(std::string base64) {
  std::replace(base64.begin(), base64.end(), '+', '-');
  std::replace(base64.begin(), base64.end(), '/', '_');
  return base64;
}

std::string upper_digits(std::string hex) {
  for (char& c : hex)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return hex;
}

}  // namespace

void SecretTexts::add_needle(std::string needle) {
  if (needle.size() < kLeast || std::find(needles_.begin(), needles_.end(), needle) != needles_.end()) return;
  needles_.push_back(std::move(needle));
  std::stable_sort(needles_.begin(), needles_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void SecretTexts::add(std::string_view secret) {
  if (secret.size() < kLeast) return;
  add_needle(std::string(secret));
  // Escapes of an escaped text.
  const std::string quoted = json::quoted(secret);
  add_needle(percent_encode(secret));
  const std::string_view inner = std::string_view(quoted).substr(1, quoted.size() - 2);
  add_needle(std::string(inner));
  for (const std::string_view digits : {"0123456789abcdef", "0123456789ABCDEF"})
    add_needle(in_ascii(inner, digits));
  if (secret.size() < kEncodedLeast) return;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string digits = base64_within(secret, before);
    add_needle(digits);
    add_needle(as_of_urls(digits));
  }
  add_needle(crypto::base64(secret));  // up to its padding
  const std::string hex = crypto::hex(secret);
  add_needle(hex);
  add_needle(upper_digits(hex));
}

SecretTexts::Match SecretTexts::first_in(std::string_view text, std::size_t from, const std::string& needle,
                                         std::size_t& steps) const {
  std::array<bool, 256> begins{};
  const auto mark = [&begins](char c) { begins[static_cast<unsigned char>(c)] = true; };
  for (const char c : {needle[0], '%', '\\', '&'}) mark(c);
  if (needle[0] == ' ') mark('+');
  for (std::size_t at = from; at < text.size() && steps > 0; ++at) {
    if (!begins[static_cast<unsigned char>(text[at])]) continue;
    if (const auto end = end_of(text, at, needle, steps); end != kNone) return {at, end};
  }
  return {};
}

std::string SecretTexts::concealed(std::string text) const {
  for (const auto& needle : needles_) {
    auto steps = steps_for(text);
    auto found = first_in(text, 0, needle, steps);
    std::string out;
    std::size_t done = 0;
    for (; found.end != 0; found = first_in(text, done, needle, steps)) {
      out.append(text, done, found.begin - done).append(kMask);
      done = found.end;
    }
    if (steps == 0) return std::string(kMask);
    if (done == 0) continue;
    out.append(text, done);
    text = std::move(out);
  }
  return text;
}

bool SecretTexts::stand_in(std::string_view text) const {
  return std::any_of(needles_.begin(), needles_.end(), [this, text](const std::string& needle) {
    auto steps = steps_for(text);
    return first_in(text, 0, needle, steps).end != 0 || steps == 0;
  });
}

}  // namespace headwater::extract
