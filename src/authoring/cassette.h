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
#include "http/server.h"
#include "json/value.h"

namespace headwater::authoring {

/// Takes the values of credentials out of texts: as they are, percent-encoded, in JSON, as Basic's base64.
/// Thread-safe.
class Scrubber {
 public:
  explicit Scrubber(const extract::AuthSettings& account);
  /// One more, such as a token that was got.
  void add(std::string_view secret);
  std::string scrub(std::string text) const;
  /// Whether any of them stands in the text.
  bool finds(std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> needles_;  // longest first
};

/// What a request is known by in a cassette: its credentials scrubbed, the times of its window replaced, its
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
  std::string source;     // the spec's name
  std::string origin;     // of the real API
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
