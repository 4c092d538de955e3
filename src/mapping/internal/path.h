#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::mapping {

/// One step of a path: a member name, an array index, or every element.
struct Step {
  enum class Kind : std::uint8_t { name, index, every };
  Kind kind = Kind::name;
  std::string name;
  std::uint32_t index = 0;
  bool operator==(const Step&) const = default;
};

using Path = std::vector<Step>;

/// What is wrong with a text, and where.
struct PathError {
  std::size_t position = 0;
  std::string reason;  // empty: nothing
};

/// Parses "a.b[1].c", "a[*].b", "office.room\.no", "${a.b}". Source: data-prep reference, B.2 and B.3.
Path parse_path(std::string_view text, PathError& error);

std::size_t wildcard_count(const Path& path);
/// The path as text again, in one normal form.
std::string path_text(const Path& path);

}  // namespace headwater::mapping
