#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/mock_records.h"
#include "base/result.h"
#include "domain/source_spec.h"
#include "domain/text_template.h"
#include "engine/extract/authenticator.h"
#include "json/value.h"

namespace headwater::authoring {

/// Where a mock's token endpoint and its test of credentials are.
inline constexpr std::string_view kMockTokenPath = "/mock/oauth/token";
inline constexpr std::string_view kMockTestPath = "/mock/whoami";

struct MockOptions {
  std::uint64_t records = 0;  // 0: some that make three pages
  std::uint64_t seed = 1;
  json::Value params;  // the source connection's, where the mock cannot make them up; an object or null
};

/// One step of a JSONPath below its first member names: a name, every element, or the element at an index.
struct MockStep {
  enum class Kind : std::uint8_t { name, every, index };
  Kind kind = Kind::name;
  std::string name;
  std::size_t index = 0;
};

/// What a fake API has to be so that it is what a connection spec describes. Immutable.
struct MockPlan {
  std::string name;
  json::Value connection_spec;        // the one given
  domain::SourceSpec spec;            // read for `params`
  json::Value params;                 // of a source connection that reads the mock
  std::string path_pattern;           // of the one address with data; "*" stands for any text
  std::vector<std::string> content;   // where the array of records is; empty: the answer itself
  std::vector<MockStep> wrapping;     // what a full JSONPath goes through from there to it
  std::vector<std::string> siblings;  // members beside it that keep or skip name
  MockRecordShape shape;
  std::uint64_t records = 0;
  std::uint64_t page_size = 100;          // when the request names none
  std::uint64_t records_per_element = 1;  // more where the spec explodes

  /// Errors: invalid_argument: the spec cannot run, or a fake API for it cannot be made (with why).
  static Result<MockPlan> make(const json::Value& connection_spec, const MockOptions& options);

  /// Credentials of a mock at `base`, one account for each entry of authSpec: {"specName", "params"}. Where
  /// nothing is asked for there is one, null.
  std::vector<json::Value> accounts(std::string_view base) const;
  /// The spec as it is, its host replaced: the path that the host ends in stays.
  json::Value spec_at(std::string_view base) const { return with_host(connection_spec, base); }

  /// The params; a host among them, where the spec leaves it to the user, is the mock's, and the path that it
  /// ends in stays.
  json::Value params_at(std::string_view base) const { return params_with_host(params, base); }

  static json::Value with_host(json::Value connection_spec, std::string_view base);
  static json::Value params_with_host(json::Value params, std::string_view base);
};

/// Whether `text` is what the pattern describes; "*" stands for any text, also none.
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace headwater::authoring
