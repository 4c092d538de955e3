#include "authoring/secret_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/text.h"

namespace headwater::authoring {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '_' || c == '-' || c == '+' || c == '/' ||
         c == '=' || c == '.';
}
bool is_token(char c) { return is_word(c) && c != '/' && c != '.'; }

struct Form {
  std::string_view prefix;
  std::size_t length_min;  // with its prefix
  std::string_view what;
};

// Prefixes that their issuers chose so that such scans find them.
constexpr Form kForms[] = {
    {"AKIA", 20, "an AWS access key"},       {"ASIA", 20, "an AWS access key"},
    {"ghp_", 20, "a GitHub token"},          {"gho_", 20, "a GitHub token"},
    {"ghu_", 20, "a GitHub token"},          {"ghs_", 20, "a GitHub token"},
    {"github_pat_", 24, "a GitHub token"},   {"glpat-", 16, "a GitLab token"},
    {"xoxb-", 16, "a Slack token"},          {"xoxp-", 16, "a Slack token"},
    {"xoxa-", 16, "a Slack token"},          {"sk_live_", 16, "a Stripe key"},
    {"rk_live_", 16, "a Stripe key"},        {"sk_test_", 16, "a Stripe key"},
    {"AIza", 30, "a Google API key"},        {"ya29.", 20, "a Google access token"},
    {"SG.", 30, "a SendGrid key"},           {"npm_", 30, "an npm token"},
    {"shpat_", 20, "a Shopify token"},       {"shpss_", 20, "a Shopify secret"},
    {"dop_v1_", 30, "a DigitalOcean token"}, {"pat-na1-", 20, "a HubSpot token"},
    {"pk_live_", 16, "a live key"},          {"whsec_", 16, "a webhook's signing secret"},
};

bool is_uuid(std::string_view word) {
  constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};
  if (word.size() != 36) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool dash = std::find(kDashes.begin(), kDashes.end(), i) != kDashes.end();
    const char c = word[i];
    if (dash ? c != '-' : !(is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
  }
  return true;
}

double bits_per_character(std::string_view word) {
  std::array<std::size_t, 256> counts{};
  for (const char c : word) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(word.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

// Names have words in them: digits that stand among letters again and again are rare in names.
bool looks_random(std::string_view word) {
  constexpr std::size_t kLengthMin = 24;
  if (word.size() < kLengthMin || is_uuid(word)) return false;
  std::size_t changes = 0;
  std::size_t digits = 0;
  bool hex = true;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (is_digit(c)) ++digits;
    if (!(is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) hex = false;
    if (i > 0 && is_digit(c) != is_digit(word[i - 1])) ++changes;
  }
  if (digits < 3 || digits == word.size() || changes < 4) return false;
  constexpr double kHexBits = 3.0;
  constexpr double kBits = 3.9;
  return bits_per_character(word) >= (hex ? kHexBits : kBits);
}

// "Bearer abc", "Basic YWRh": a placeholder behind the scheme is what should stand there.
void find_authorizations(std::string_view text, std::vector<SecretFound>& found) {
  for (const std::string_view scheme : {"Bearer ", "Basic "}) {
    for (std::size_t at = 0; at + scheme.size() < text.size(); ++at) {
      if (!equal_ignoring_case(text.substr(at, scheme.size()), scheme)) continue;
      if (at > 0 && (is_word(text[at - 1]))) continue;
      const std::size_t begin = at + scheme.size();
      std::size_t end = begin;
      while (end < text.size() && is_word(text[end])) ++end;
      const std::string_view word = text.substr(begin, end - begin);
      // A sentence's next word ("Bearer tokens are ...") has no digit in it.
      const bool digits = std::any_of(word.begin(), word.end(), is_digit);
      const bool mixed = std::any_of(word.begin(), word.end(), is_upper) &&
                         std::any_of(word.begin() + (word.empty() ? 0 : 1), word.end(), is_lower);
      constexpr std::size_t kLengthMin = 8;
      if (word.size() >= kLengthMin && (digits || mixed) && word != "Authentication")
        found.push_back({begin, "the value of an Authorization header", true});
    }
  }
}

// Telegram's, in the address: "bot110201543:AAHdq3...".
void find_bots(std::string_view text, std::vector<SecretFound>& found) {
  constexpr std::string_view kBot = "bot";
  constexpr std::size_t kDigitsMin = 5;
  constexpr std::size_t kKeyMin = 6;
  for (auto at = text.find(kBot); at != std::string_view::npos; at = text.find(kBot, at + 1)) {
    std::size_t end = at + kBot.size();
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - at - kBot.size() < kDigitsMin || end == text.size() || text[end] != ':') continue;
    const std::size_t key = end + 1;
    for (end = key; end < text.size() && is_token(text[end]);) ++end;
    const std::string_view word = text.substr(key, end - key);
    if (word.size() >= kKeyMin && (word.starts_with("AA") || std::any_of(word.begin(), word.end(), is_digit)))
      found.push_back({at, "a bot's token", true});
  }
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (is_digit(c) || is_lower(c) || is_upper(c)) plain += ascii_lower(c);
  return plain;
}

namespace {

// "page_access_token", Facebook's, and "sync_secret": whatever else such a name says, it is a key's.
bool ends_as_a_key(std::string plain) {
  while (!plain.empty() && is_digit(plain.back())) plain.pop_back();
  constexpr std::array<std::string_view, 5> kEndings{"accesstoken", "apikey", "password", "secret",
                                                     "secretkey"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&plain](std::string_view ending) { return plain.ends_with(ending); });
}

}  // namespace

bool sounds_of_paging(std::string_view name) {
  const std::string plain = plain_name(name);
  if (ends_as_a_key(plain)) return false;
  constexpr std::array<std::string_view, 8> kWords{"page", "next",   "continuation", "cursor",
                                                   "sync", "scroll", "after",        "bookmark"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&plain](std::string_view word) { return plain.find(word) != std::string::npos; });
}

namespace {

// "pin", and as a header "X-Pin".
bool is_or_header(std::string_view plain, std::string_view whole) {
  return plain == whole || (plain.starts_with('x') && plain.substr(1) == whole);
}

template <std::size_t N>
bool is_any(std::string_view name, const std::array<std::string_view, N>& wholes) {
  const std::string plain = plain_name(name);
  return std::any_of(wholes.begin(), wholes.end(),
                     [&plain](std::string_view whole) { return is_or_header(plain, whole); });
}

}  // namespace

bool sounds_of_login(std::string_view name) {
  return is_any(name, std::array<std::string_view, 8>{"login", "user", "username", "userid", "email", "uid",
                                                      "account", "loginname"});
}

bool sounds_of_password(std::string_view name) {
  return is_any(name, std::array<std::string_view, 6>{"pw", "pwd", "pass", "password", "passwd", "passcode"});
}

Secrecy secrecy_of(std::string_view name, std::string_view value) {
  if (sounds_secret(name) || !find_secrets(value).empty()) return Secrecy::surely;
  constexpr std::size_t kKeyMin = 6;
  if (value.size() < kKeyMin) return Secrecy::none;
  const auto is_letter = [](char c) { return is_lower(c) || is_upper(c); };
  if (!std::all_of(value.begin(), value.end(), is_word)) return Secrecy::none;
  const bool mixed =
      std::any_of(value.begin(), value.end(), is_digit) && std::any_of(value.begin(), value.end(), is_letter);
  if (is_any(name, std::array<std::string_view, 3>{"sid", "session", "sess"})) return Secrecy::perhaps;
  if (mixed && is_any(name, std::array<std::string_view, 4>{"code", "pin", "ticket", "access"}))
    return Secrecy::perhaps;
  return Secrecy::none;
}

bool sounds_secret(std::string_view name) {
  if (sounds_of_paging(name)) return false;
  std::string plain = plain_name(name);
  while (!plain.empty() && is_digit(plain.back())) plain.pop_back();  // "token2"
  for (const std::string_view ending :
       {"password",    "passwd",     "secret",    "token",           "apikey",         "accesskey",
        "privatekey",  "passphrase", "authkey",   "subscriptionkey", "applicationkey", "secretkey",
        "consumerkey", "licensekey", "userkey",   "signingkey",      "authorization",  "apisecret",
        "signature",   "credential", "sessionid", "passcode"})
    if (plain.ends_with(ending)) return true;
  for (const std::string_view whole : {"key", "auth", "pwd", "pass", "appid", "appkey", "clientkey", "jwt",
                                       "sig", "bearer", "pw", "otp", "hmac", "creds", "authcode", "sas"})
    if (is_or_header(plain, whole)) return true;
  return plain.starts_with("xauth") || plain.starts_with("authkey") || plain.starts_with("apikey");
}

std::vector<SecretFound> find_secrets(std::string_view text) {
  std::vector<SecretFound> found;
  for (std::size_t at = text.find("-----BEGIN "); at != std::string_view::npos;
       at = text.find("-----BEGIN ", at + 1)) {
    constexpr std::size_t kHeadMax = 64;
    if (text.substr(at, kHeadMax).find("PRIVATE KEY-----") != std::string_view::npos)
      found.push_back({at, "a private key", true});
  }
  find_authorizations(text, found);
  find_bots(text, found);
  std::size_t wide = 0;  // the end of what dots hold together, looked for once for all of its words
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_token(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_token(text[end])) ++end;
    wide = std::max(wide, end);
    while (wide < text.size() && (is_token(text[wide]) || text[wide] == '.')) ++wide;
    const std::string_view word = text.substr(begin, end - begin);
    const std::string_view dotted = text.substr(begin, wide - begin);
    const auto* form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& each) {
      return dotted.size() >= each.length_min && dotted.starts_with(each.prefix);
    });
    const bool web_token = dotted.starts_with("eyJ") && dotted.find(".eyJ") != std::string_view::npos;
    if (form != std::end(kForms))
      found.push_back({begin, std::string(form->what), true});
    else if (web_token)
      found.push_back({begin, "a JSON web token", true});
    else if (looks_random(word))
      found.push_back({begin, "a word as random as a key", false});
    begin = web_token || form != std::end(kForms) ? wide : end;
  }
  // One word is told once, by its surest name.
  std::stable_sort(found.begin(), found.end(), [](const SecretFound& a, const SecretFound& b) {
    return a.position != b.position ? a.position < b.position : a.certain && !b.certain;
  });
  found.erase(
      std::unique(found.begin(), found.end(),
                  [](const SecretFound& a, const SecretFound& b) { return a.position == b.position; }),
      found.end());
  return found;
}

}  // namespace headwater::authoring
