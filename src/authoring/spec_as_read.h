#pragma once

#include <string_view>
#include <vector>

#include "domain/source_spec.h"
#include "json/value.h"

namespace headwater::authoring {

/// Before the name of an execution attribute, where the newest documents have it.
inline constexpr std::string_view kAttributesPlace = "/sourceSpec/attributes/";

/// What the engine takes a document for: attributes have several places and spellings. Its problems are
/// told elsewhere.
inline domain::SourceSpec spec_as_read(const json::Value& spec) {
  std::vector<Problem> scratch;
  return domain::read_source_spec(spec, nullptr, scratch);
}

}  // namespace headwater::authoring
