#include "domain/dataset.h"

#include <charconv>
#include <string>

namespace headwater::domain {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kLongest = 365'000 * kDay;

struct Unit {
  char letter;
  bool of_time;  // behind the T
  std::int64_t seconds;
};
// In the order in which they may stand.
constexpr Unit kUnits[] = {
    {'Y', false, 365 * kDay}, {'M', false, 30 * kDay}, {'W', false, 7 * kDay}, {'D', false, kDay},
    {'H', true, 3600},        {'M', true, 60},         {'S', true, 1}};

}  // namespace

std::optional<std::chrono::seconds> parse_iso_duration(std::string_view text) {
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  bool time = false;
  std::size_t next = 0;
  std::int64_t sum = 0;
  while (!text.empty()) {
    if (text.front() == 'T' && !time) {
      time = true;
      text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
      continue;
    }
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (failed != std::errc() || number < 0 || digits == text.size() || number > kLongest)
      return std::nullopt;
    while (next < std::size(kUnits) && (kUnits[next].letter != text[digits] || kUnits[next].of_time != time))
      ++next;
    if (next == std::size(kUnits) || number > kLongest / kUnits[next].seconds) return std::nullopt;
    sum += number * kUnits[next++].seconds;
    text.remove_prefix(digits + 1);
  }
  if (sum <= 0 || sum > kLongest) return std::nullopt;
  return std::chrono::seconds(sum);
}

Result<std::optional<std::chrono::seconds>> read_retention(const json::Value& dataset) {
  const json::Value* expiration = dataset.find_path("extensions.adobe_lakeHouse.rowExpiration");
  if (expiration == nullptr || expiration->is_null()) return std::optional<std::chrono::seconds>{};
  const json::Value* ttl = expiration->find("ttlValue");
  if (ttl == nullptr || ttl->is_null()) return std::optional<std::chrono::seconds>{};
  const std::string* text = ttl->if_string();
  const auto span = text == nullptr ? std::nullopt : parse_iso_duration(*text);
  if (!span)
    return Error{ErrorKind::invalid_argument,
                 "ttlValue must be an ISO 8601 duration longer than zero, for example \"P30D\".",
                 "/extensions/adobe_lakeHouse/rowExpiration/ttlValue"};
  return span;
}

}  // namespace headwater::domain
