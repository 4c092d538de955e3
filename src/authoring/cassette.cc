#include "authoring/cassette.h"

#include <algorithm>

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
constexpr std::size_t kSecretLeast = 3;  // less than that is in every text
constexpr std::size_t kPublicLeast = 6;  // a user's name is scrubbed when it is no common word
constexpr std::int64_t kVersion = 1;

bool is_address(std::string_view text) { return text.find("://") != std::string_view::npos; }

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

Object encode(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Object out;
  for (const auto& [name, value] : pairs) out.set(name, value);
  return out;
}

}  // namespace

Scrubber::Scrubber(const extract::AuthSettings& account) {
  const auto* params = account.params.if_object();
  if (params == nullptr) return;
  std::string user;
  std::string password;
  for (const auto& [name, value] : *params) {
    const std::string text = value.is_object() || value.is_array() ? std::string() : domain::text_of(value);
    const auto& names = account.secret_names;
    const bool is_secret = std::find(names.begin(), names.end(), name) != names.end();
    if (text.size() >= kPublicLeast && !is_address(text)) add(text);
    if (is_secret && text.size() >= kSecretLeast) add(text);
    if (name == "username") user = text;
    if (name == "password") password = text;
  }
  if (!password.empty()) add(crypto::base64(user + ":" + password));
}

void Scrubber::add(std::string_view secret) {
  if (secret.size() < kSecretLeast) return;
  const std::string quoted = json::quoted(secret);
  const std::lock_guard lock(mutex_);
  for (const auto& form : {std::string(secret), percent_encode(secret), quoted.substr(1, quoted.size() - 2)})
    if (std::find(needles_.begin(), needles_.end(), form) == needles_.end()) needles_.push_back(form);
  std::sort(needles_.begin(), needles_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Scrubber::scrub(std::string text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& needle : needles_)
    for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + kMask.size()))
      text.replace(at, needle.size(), kMask);
  return text;
}

bool Scrubber::finds(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(needles_.begin(), needles_.end(), [text](const std::string& needle) {
    return text.find(needle) != std::string_view::npos;
  });
}

std::string CassetteKey::text() const {
  std::string out = method + " " + path;
  if (!query.empty()) out += "?" + query;
  if (!body_hash.empty()) out += " body " + body_hash.substr(0, 12);
  return out;
}

CassetteKey cassette_key(const http::Request& request, const domain::SourceSpec& spec,
                         const Scrubber& scrubber) {
  CassetteKey key;
  key.method = request.method == http::Method::post ? "POST" : "GET";
  key.path = scrubber.scrub(percent_decode(request.path));
  QueryParams query;
  for (const auto& [name, value] : request.query)
    query.emplace_back(name, scrubber.scrub(without_times(name, value, spec.schedule)));
  std::sort(query.begin(), query.end());
  key.query = format_query(query);
  if (!request.body.empty())
    key.body_hash =
        crypto::hex(crypto::sha256(scrubber.scrub(without_times({}, request.body, spec.schedule))));
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
