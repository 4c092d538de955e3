#include "authoring/member_secrets.h"

#include <algorithm>
#include <array>

namespace headwater::authoring {
namespace {

using json::Value;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <std::size_t N>
bool ends_with_any(std::string_view plain, const std::array<std::string_view, N>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [plain](std::string_view ending) { return plain.ends_with(ending); });
}

std::string without_number(std::string_view name) {
  std::string plain = plain_name(name);
  while (!plain.empty() && is_digit(plain.back())) plain.pop_back();  // "apiKey2"
  return plain;
}

// Names of credentials. "appIds", "userKeys" and "sessionId" may be those of records, "tokens" the words of a
// text.
bool may_mean_a_key(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOfRecords{"key", "appid", "userkey", "sessionid", "tokens"};
  const std::string plain = without_number(name);
  return sounds_secret(name) && std::find(kOfRecords.begin(), kOfRecords.end(), plain) == kOfRecords.end();
}

// And those of nothing else.
bool means_a_key(std::string_view name) {
  constexpr std::array<std::string_view, 17> kEndings{
      "password",    "passwd",          "passcode",  "passphrase", "secret",     "secretkey",
      "apikey",      "accesskey",       "authkey",   "privatekey", "signingkey", "consumerkey",
      "accesstoken", "subscriptionkey", "authtoken", "apitoken",   "licensekey"};
  const std::string plain = without_number(name);
  return sounds_secret(name) &&
         (ends_with_any(plain, kEndings) || sounds_of_password(name) || plain == "token");
}

// A token of four digits is how many there are.
bool is_secret_number(std::string_view name, std::string_view number) {
  constexpr std::array<std::string_view, 5> kCounts{"max", "min", "num", "total", "count"};
  constexpr std::array<std::string_view, 4> kPasswords{"password", "passwd", "passcode", "secret"};
  const std::string plain = plain_name(name);
  const bool counts = std::any_of(kCounts.begin(), kCounts.end(),
                                  [&plain](std::string_view word) { return plain.starts_with(word); });
  if (counts || !may_mean_a_key(name)) return false;
  const std::size_t least = sounds_of_password(name) || ends_with_any(plain, kPasswords) ? 3 : 6;
  return static_cast<std::size_t>(std::count_if(number.begin(), number.end(), is_digit)) >= least;
}

bool looks_like_key(std::string_view text) {
  constexpr std::size_t kLeast = 6;
  return text.size() >= kLeast && std::any_of(text.begin(), text.end(), is_digit) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || is_letter(c) || std::string_view("_-+/=.").find(c) != std::string_view::npos;
         });
}

bool is_surely(std::string_view text) {
  const auto found = find_secrets(text);
  return std::any_of(found.begin(), found.end(), [](const SecretFound& each) { return each.certain; });
}

}  // namespace

Secrecy secrecy_of_member(std::string_view name, const Value& value) {
  if (const auto* text = value.if_string()) return secrecy_of(name, *text);
  const auto* number = value.if_number();
  return number != nullptr && is_secret_number(name, number->text) ? Secrecy::surely : Secrecy::none;
}

Secrecy secrecy_of_element(std::string_view list, const Value& value) {
  const std::string_view one = list.substr(0, list.empty() ? 0 : list.size() - 1);
  const std::string_view name = list.ends_with('s') && sounds_secret(one) ? one : list;
  const auto* text = value.if_string();
  if (text != nullptr && is_surely(*text)) return Secrecy::surely;
  const bool is_token = plain_name(name) == "token";
  if (is_token && name != list) return Secrecy::none;  // words
  if (text == nullptr) return secrecy_of_member(name, value);
  const bool alone = means_a_key(name) && !is_token && !text->empty();
  const bool secret = alone || (may_mean_a_key(name) && looks_like_key(*text));
  return secret ? Secrecy::surely : Secrecy::none;
}

std::string sent_text(const Value& scalar) {
  const auto* text = scalar.if_string();
  return text == nullptr ? scalar.dump() : *text;
}

}  // namespace headwater::authoring
