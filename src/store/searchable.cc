#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

#include "base/crypto.h"
#include "json/value.h"
#include "store/internal/list_conditions.h"
#include "store/internal/list_sql.h"

namespace headwater::store::internal {
namespace {

bool needs_replacement(const json::Value& value) {
  if (const auto* text = value.if_string())
    return text->size() > kSearchableStringMax || text->find('\0') != std::string::npos;
  if (value.is_number()) return !std::isfinite(value.as_double().value_or(HUGE_VAL));
  if (const auto* array = value.if_array())
    return std::any_of(array->begin(), array->end(), needs_replacement);
  if (const auto* object = value.if_object())
    return std::any_of(object->begin(), object->end(), [](const json::Member& member) {
      return member.name.find('\0') != std::string::npos || needs_replacement(member.value);
    });
  return false;
}

json::Value replaced(const json::Value& value) {
  if (const auto* text = value.if_string()) return searchable_string(without_nul(*text));
  if (value.is_number() && needs_replacement(value)) return searchable_string(value.if_number()->text);
  if (const auto* array = value.if_array()) {
    json::Array out;
    for (const auto& element : *array) out.push_back(replaced(element));
    return out;
  }
  if (const auto* object = value.if_object()) {
    json::Object out;
    for (const auto& [name, member] : *object) out.set(without_nul(name), replaced(member));
    return out;
  }
  return value;
}

}  // namespace

std::string without_nul(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
  return text;
}

std::string searchable_string(const std::string& text) {
  if (text.size() <= kSearchableStringMax) return text;
  // Cut between characters, and made unique again by a hash of the whole.
  auto end = kSearchableStringMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + crypto::hex(crypto::sha256(text));
}

std::string key_of_string(const std::string& text) { return "3" + searchable_string(text); }

std::string key_of_number(const json::Number& number) {
  double value = json::Value(number).as_double().value_or(0);
  if (std::abs(value) < 1e-300) value = 0;
  auto bits = std::bit_cast<std::uint64_t>(value);
  bits = (bits >> 63) != 0 ? ~bits : bits | std::uint64_t{1} << 63;
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(bits));
  return "2" + std::string(digits.data());
}

std::string searchable_document(const json::Value& body) {
  return needs_replacement(body) ? replaced(body).dump() : body.dump();
}

}  // namespace headwater::store::internal
