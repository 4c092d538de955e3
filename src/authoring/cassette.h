#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/source_spec.h"
#include "engine/extract/authenticator.h"
#include "engine/extract/secret_texts.h"
#include "http/server.h"
#include "json/value.h"

namespace headwater::authoring {

/// Takes the values of an account's credentials out of texts, in every notation of extract::SecretTexts. Its
/// other members (a region, a domain) are none. A credential that is too short, or that stands in the spec's
/// own text, would take other things with it: it is left out where it is sent instead. A number of four
/// digits and more goes where it stands alone, and not within another. Thread-safe.
class Scrubber {
 public:
  /// `spec_text`: what the source's spec says, whatever the account.
  explicit Scrubber(const extract::AuthSettings& account, std::string_view spec_text = {});
  /// One more, such as a token that was got.
  void add(std::string_view secret);
  std::string scrub(std::string text) const;
  /// The same, and the short ones where they are the whole text of a member.
  std::string scrub_answer(std::string text) const;
  /// Whether any of them stands in the text.
  bool finds(std::string_view text) const;
  /// Whether a credential is sent in that parameter, or in that member of a body.
  bool is_sent_in(std::string_view name) const;
  /// `{name}`: a text of the spec with placeholders; whether it takes a credential.
  bool is_taken_by(std::string_view written) const;

 private:
  std::string without_numbers(std::string text, bool is_answer) const;

  mutable std::mutex mutex_;
  extract::SecretTexts secrets_;
  std::vector<std::string> numbers_;
  std::vector<std::string> short_;   // as JSON writes them, with their quotes
  std::vector<std::string> places_;  // parameters and members of a body
  std::vector<std::string> names_;   // of the account's members that are credentials
};

/// What a request is known by in a cassette: without its credentials, the times of its window replaced, its
/// query in order.
struct CassetteKey {
  std::string method, path, query, body_hash;
  std::string text() const;
};
CassetteKey cassette_key(const http::Request& request, const domain::SourceSpec& spec,
                         const Scrubber& scrubber);

struct RecordedAnswer {
  CassetteKey key;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The answers of a source, in the order in which they came. Not thread-safe.
class Cassette {
 public:
  std::string source;  // the spec's name
  std::string origin;  // of the real API
  /// Members of the account that are no credentials and that the spec's requests hold.
  json::Object account;
  json::Object params;    // of the source connection, without credentials
  std::string host_path;  // what stood in its host's text behind that, "/api/v2", where a placeholder held it

  /// Errors: not_found, invalid_argument (no cassette, or of another version).
  static Result<Cassette> read(const std::filesystem::path& file);
  /// Errors: storage; forbidden, when a credential would stand in the file, which is then not written.
  Result<void> write(const std::filesystem::path& file, const Scrubber& scrubber) const;

  void add(RecordedAnswer answer);
  /// The next answer to that request: in the order of the recording, then the last one again.
  const RecordedAnswer* next(const CassetteKey& key);
  std::size_t size() const { return answers_.size(); }

 private:
  std::vector<RecordedAnswer> answers_;
  std::map<std::string, std::vector<std::size_t>> places_;  // by the key's text
  std::map<std::string, std::size_t> played_;
};

}  // namespace headwater::authoring
