#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/resource.h"

namespace headwater::domain {

/// A resource that another one names, and how its absence is told.
struct Reference {
  ResourceKind kind;
  std::string id;
  std::string where;  // JSON pointer into the document that names it
  std::string_view code;
};

/// What a resource names and cannot be stored without. A target connection that is a draft may name what does
/// not exist yet: its publication asks again.
std::vector<Reference> references_of(const Resource& resource);

/// Errors of kind invalid_argument, with the reference's code.
Error missing(const Reference& reference);

}  // namespace headwater::domain
