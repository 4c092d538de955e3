#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/source_folder.h"
#include "base/url.h"
#include "json/value.h"

namespace headwater::authoring {

/// The providers and flow specs of the two kinds of sources (REST-source reference, section 1; streaming
/// reference, section 1).
inline constexpr std::string_view kRestProvider = "0ed90a81-07f4-4586-8190-b40eccef1c5a";
inline constexpr std::string_view kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";
inline constexpr std::string_view kRestFlowSpec = "6499120c-0b15-42dc-936e-847ea3c24d72";
inline constexpr std::string_view kStreamingFlowSpec = "e77fde5a-22a8-11ed-861d-0242ac120002";

/// How a REST source executes, as far as it is known, in the words of a connection spec.
struct RestDescription {
  std::string host, path;  // "https://api.example.com", "/v1/stores/${storeId}/orders"
  std::string method = "GET";
  QueryParams query;
  std::vector<std::pair<std::string, std::string>> headers;
  json::Value body;        // of a POST, or null
  json::Array auth_specs;  // authSpec
  json::Value content;     // contentPath, or null: the whole answer
  json::Value paging;      // paginationParams, or null: not known
  json::Value schedule;    // scheduleParams, or null
  json::Object inputs;     // properties of the user's parameters
  json::Array required;    // names of those that must be given
};

/// What people read about a source.
struct SourceTexts {
  std::string name, label, description, category;
};

/// The REST source that `init` starts with: each part stands there once, to be changed.
RestDescription rest_template();

/// A connection spec for development: label and description as texts, icon and category as keys.
json::Value rest_spec(const SourceTexts& texts, const RestDescription& description);
json::Value streaming_spec(const SourceTexts& texts);

/// A plain icon with the label's first letter, until the author has a better one.
std::string plain_icon(std::string_view label);

/// The five artifacts of a spec and its texts.
SourceArtifacts make_artifacts(const SourceTexts& texts, const json::Value& spec);

}  // namespace headwater::authoring
