#include "authoring/cassette.h"

#include <algorithm>

#include "authoring/secret_scan.h"
#include "base/crypto.h"
#include "base/output_file.h"
#include "base/url.h"
#include "domain/expression.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kMask = "***";
constexpr std::string_view kOfSource = "param ";  // extract::secrets_of: of the source's parameters
constexpr std::size_t kSecretLeast = 3;           // less than that is in every text
constexpr std::size_t kDigitsLeast = 8;           // shorter numbers are those of records and pages, too
constexpr std::size_t kAloneLeast = 4;  // digits of a number that is looked for where it stands alone
constexpr std::int64_t kVersion = 2;

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// As JSON writes one.
bool is_any_number(std::string_view text) {
  const auto read = json::parse(text);
  return read && read->is_number() && std::count_if(text.begin(), text.end(), [](char c) {
                                        return c >= '0' && c <= '9';
                                      }) >= static_cast<std::ptrdiff_t>(kAloneLeast);
}

bool is_of_a_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '+' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// The text of an ADVANCE template up to its first time.
std::string_view first_literal(std::string_view written) { return written.substr(0, written.find('{')); }

// Window times differ from recording to replay: what tells them is replaced by its name.
std::string without_times(std::string_view name, std::string value, const domain::ScheduleParams& schedule) {
  if (!schedule.advance) {
    if (name == schedule.start_name) return "{START_TIME}";
    if (name == schedule.end_name) return "{END_TIME}";
    return value;
  }
  // The incremental text first: the other one may be a part of it.
  for (const auto* written : {&schedule.incremental, &schedule.backfill}) {
    const auto literal = first_literal(*written);
    const auto at = literal.empty() ? std::string::npos : value.find(literal);
    if (at != std::string::npos) return value.substr(0, at) + *written;
  }
  return value;
}

bool is_credential(const extract::AuthSettings& account, std::string_view name) {
  return contains(account.secret_names, name) || sounds_secret(name);
}

// A number behind a placeholder says nothing of itself; `written`: what the spec has there.
bool mask_numbers(Value& body, const Value& written, const Scrubber& scrubber) {
  const auto* text = written.if_string();
  if (body.is_number() && text != nullptr && scrubber.is_taken_by(*text)) {
    body = Value(kMask);
    return true;
  }
  bool changed = false;
  if (auto* members = body.if_object()) {
    for (auto& [name, value] : *members)
      if (const auto* own = written.find(name)) changed = mask_numbers(value, *own, scrubber) || changed;
  } else if (auto* elements = body.if_array(); elements != nullptr && written.is_array()) {
    const auto count = std::min(elements->size(), written.if_array()->size());
    for (std::size_t i = 0; i < count; ++i)
      changed = mask_numbers((*elements)[i], (*written.if_array())[i], scrubber) || changed;
  }
  return changed;
}

// A body whose members that hold a key are left out.
std::string without_credentials(const http::Request& request, const domain::SourceSpec& spec,
                                const Scrubber& scrubber) {
  auto body = json::parse(request.body);
  if (body && body->is_object()) {
    bool changed = mask_numbers(*body, spec.body, scrubber);
    Object kept;
    for (const auto& [name, value] : *body->if_object()) {
      if (scrubber.is_sent_in(name))
        changed = true;
      else
        kept.set(name, value);
    }
    return changed ? Value(std::move(kept)).dump() : request.body;
  }
  const auto type = request.header("Content-Type");
  if (!type || type->find("x-www-form-urlencoded") == std::string_view::npos) return request.body;
  auto fields = parse_query(request.body);
  std::erase_if(fields, [&scrubber](const auto& field) { return scrubber.is_sent_in(field.first); });
  return format_query(fields);
}

Object encode(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Object out;
  for (const auto& [name, value] : pairs) out.set(name, value);
  return out;
}

}  // namespace

Scrubber::Scrubber(const extract::AuthSettings& account, std::string_view spec_text) {
  for (const auto& key : account.keys)
    if (key.place != extract::KeyPlacement::Place::header) places_.push_back(key.name);
  const auto* params = account.params.if_object();
  if (params == nullptr) return;
  for (const auto& [name, value] : *params) {
    if (!is_credential(account, name)) continue;
    names_.push_back(name.starts_with(kOfSource) ? name.substr(kOfSource.size()) : name);
    const std::string text = value.is_object() || value.is_array() ? std::string() : domain::text_of(value);
    const bool is_of_spec = spec_text.find(text) != std::string_view::npos;
    if (!is_of_spec && is_any_number(text)) numbers_.push_back(text);
    const bool is_common =
        text.size() < kSecretLeast || (is_number(text) && text.size() < kDigitsLeast) || is_of_spec;
    if (!is_common)
      add(text);
    else if (!text.empty())
      short_.push_back(json::quoted(text));
  }
  const auto text_at = [params](std::string_view name) {
    const auto* value = params->find(name);
    return value == nullptr ? std::string() : domain::text_of(*value);
  };
  if (const auto password = text_at("password"); !password.empty())
    add(crypto::base64(text_at("username") + ":" + password));
}

void Scrubber::add(std::string_view secret) {
  const std::lock_guard lock(mutex_);
  secrets_.add(secret);
}

// A number of an answer becomes a text, so that it is still JSON.
std::string Scrubber::without_numbers(std::string text, bool is_answer) const {
  if (numbers_.empty()) return text;
  const bool is_json = is_answer && json::parse(text).has_value();
  std::string out;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && is_of_a_word(text[end])) ++end;
    if (end > at) {
      const std::string word = text.substr(at, end - at);
      const bool alone = contains(numbers_, word);
      if (alone && is_json && !in_text)
        out += json::quoted(kMask);
      else
        out += alone ? std::string(kMask) : word;
      at = end;
      continue;
    }
    if (is_json && in_text && text[at] == '\\' && at + 1 < text.size())
      out += text[at++];
    else if (text[at] == '"')
      in_text = !in_text;
    out += text[at++];
  }
  return out;
}

std::string Scrubber::scrub(std::string text) const {
  text = without_numbers(std::move(text), false);
  const std::lock_guard lock(mutex_);
  return secrets_.concealed(std::move(text));
}

std::string Scrubber::scrub_answer(std::string text) const {
  text = scrub(without_numbers(std::move(text), true));
  const std::string mask = json::quoted(kMask);
  for (const auto& whole : short_)
    for (auto at = text.find(whole); at != std::string::npos; at = text.find(whole, at + mask.size()))
      text.replace(at, whole.size(), mask);
  return text;
}

bool Scrubber::is_sent_in(std::string_view name) const { return contains(places_, name); }

bool Scrubber::is_taken_by(std::string_view written) const {
  if (written.find_first_of("{$") == std::string_view::npos) return false;
  const auto is_letter = [written](std::size_t at) {
    return at < written.size() && is_of_a_word(written[at]) && written[at] != '.';
  };
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    for (auto at = written.find(name); at != std::string_view::npos; at = written.find(name, at + 1))
      if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + name.size())) return true;
    return false;
  });
}

bool Scrubber::finds(std::string_view text) const {
  if (without_numbers(std::string(text), false) != text) return true;
  const std::lock_guard lock(mutex_);
  return secrets_.stand_in(text);
}

std::string CassetteKey::text() const {
  std::string out = method + " " + path;
  if (!query.empty()) out += "?" + query;
  if (!body_hash.empty()) out += " body " + body_hash.substr(0, 12);
  return out;
}

CassetteKey cassette_key(const http::Request& request, const domain::SourceSpec& spec,
                         const Scrubber& scrubber) {
  const auto holds_credential = [&](const std::string& name) {
    return scrubber.is_sent_in(name) ||
           std::any_of(spec.url.query.begin(), spec.url.query.end(), [&](const auto& written) {
             return written.first == name && scrubber.is_taken_by(written.second);
           });
  };
  CassetteKey key;
  key.method = request.method == http::Method::post ? "POST" : "GET";
  key.path = scrubber.scrub(percent_decode(request.path));
  QueryParams query;
  for (const auto& [name, value] : request.query)
    if (!holds_credential(name))
      query.emplace_back(name, scrubber.scrub(without_times(name, value, spec.schedule)));
  std::sort(query.begin(), query.end());
  key.query = format_query(query);
  if (!request.body.empty())
    key.body_hash = crypto::hex(crypto::sha256(
        scrubber.scrub(without_times({}, without_credentials(request, spec, scrubber), spec.schedule))));
  return key;
}

void Cassette::add(RecordedAnswer answer) {
  places_[answer.key.text()].push_back(answers_.size());
  answers_.push_back(std::move(answer));
}

const RecordedAnswer* Cassette::next(const CassetteKey& key) {
  const auto found = places_.find(key.text());
  if (found == places_.end()) return nullptr;
  auto& played = played_[found->first];
  const auto at = std::min(played++, found->second.size() - 1);
  return &answers_[found->second[at]];
}

Result<Cassette> Cassette::read(const std::filesystem::path& file) {
  const auto text = TRY(read_file(file));
  const auto document = json::parse(text);
  const auto* version = document ? document->find("headwaterCassette") : nullptr;
  const auto* answers = document ? document->find("answers") : nullptr;
  if (version == nullptr || version->as_int64() != kVersion || answers == nullptr || !answers->is_array())
    return Error{
        ErrorKind::invalid_argument,
        file.string() + " is no cassette of this version; headwater source verify --record FILE makes one."};
  Cassette out;
  out.source = document->string_at("source");
  out.origin = document->string_at("origin");
  out.host_path = document->string_at("hostPath");
  if (const auto* account = document->find("account"); account != nullptr && account->is_object())
    out.account = *account->if_object();
  if (const auto* params = document->find("params"); params != nullptr && params->is_object())
    out.params = *params->if_object();
  for (const auto& each : *answers->if_array()) {
    RecordedAnswer answer;
    answer.key = CassetteKey{std::string(each.string_at("method")), std::string(each.string_at("path")),
                             std::string(each.string_at("query")), std::string(each.string_at("bodyHash"))};
    const auto* status = each.find("status");
    answer.status = status == nullptr ? 0 : static_cast<int>(status->as_int64().value_or(0));
    if (const auto* headers = each.find("headers"); headers != nullptr && headers->is_object())
      for (const auto& [name, value] : *headers->if_object())
        answer.headers.emplace_back(name, domain::text_of(value));
    answer.body = each.string_at("body");
    if (answer.status < 100 || answer.status > 599)
      return Error{ErrorKind::invalid_argument, file.string() + " has an answer without a status."};
    out.add(std::move(answer));
  }
  return out;
}

Result<void> Cassette::write(const std::filesystem::path& file, const Scrubber& scrubber) const {
  Array answers;
  for (const auto& each : answers_) {
    Object answer{{"method", each.key.method}, {"path", each.key.path}};
    if (!each.key.query.empty()) answer.set("query", each.key.query);
    if (!each.key.body_hash.empty()) answer.set("bodyHash", each.key.body_hash);
    answer.set("status", each.status);
    answer.set("headers", encode(each.headers));
    answer.set("body", each.body);
    answers.emplace_back(std::move(answer));
  }
  Object document{{"headwaterCassette", kVersion}, {"source", source}, {"origin", origin}};
  if (!host_path.empty()) document.set("hostPath", scrubber.scrub(host_path));
  if (!account.empty()) document.set("account", account);
  if (!params.empty()) document.set("params", params);
  document.set("answers", std::move(answers));
  const std::string text = Value(std::move(document)).dump(1) + "\n";
  if (scrubber.finds(text))
    return Error{
        ErrorKind::forbidden,
        "A credential's value would stand in the cassette, so it is not written: it is a part of the spec "
        "or of its host. Use an account whose credentials are no common words."};
  return write_output_file(file, text);
}

}  // namespace headwater::authoring
