#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/value.h"

namespace headwater::schema {

/// A subschema: where it stands and what relative references in it resolve against.
struct Location {
  const json::Value* value = nullptr;
  std::string base;     // absolute URI without fragment
  std::string pointer;  // within the document that holds it
};

/// All schema resources that references can reach, by URI ($id, anchors, documents). Holds pointers into
/// the documents, which must outlive it.
class Resources {
 public:
  /// Registers a document, every $id in it and every "#name" anchor. `uri` is without fragment.
  void add(const json::Value& document, const std::string& uri);
  bool contains(const std::string& uri) const { return resources_.contains(uri); }
  /// The base URI in force at the document's root.
  std::string root_base(const json::Value& document, const std::string& uri) const;

  /// What an absolute URI with an optional fragment names. `document_known` tells a wrong fragment from an
  /// unknown document.
  std::optional<Location> find(std::string_view absolute, bool& document_known);

  /// The base URI in force inside a subschema whose surroundings have `base`. It is kept for each schema
  /// within: a longer $id is none.
  static constexpr std::size_t kIdBytesMax = 2'000;
  static std::string base_within(const json::Value& schema, const std::string& base);

 private:
  void walk(const json::Value& schema, const std::string& base, const std::string& pointer);
  void walk_list(const json::Value& list, const std::string& base, const std::string& pointer);

  const json::Value* member(const json::Value& holder, const std::string& name);

  std::unordered_map<const json::Object*, std::unordered_map<std::string_view, const json::Value*>> members_;
  std::unordered_map<std::string, Location> resources_;  // absolute URI; anchors with "#name"
};

/// Appends one reference token, escaped (RFC 6901).
void append_token(std::string& pointer, std::string_view token);

}  // namespace headwater::schema
