#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "schema/internal/program.h"

namespace headwater::schema {

/// The regular expressions of one schema. A short one may take 100 KB once it is compiled, and most schemas
/// have few, again and again: each is compiled once, and of different ones there are not any number.
class Patterns {
 public:
  static constexpr std::size_t kMax = 1'000;

  /// Errors: what is wrong with it; too_large (it is one too many).
  Result<Pattern> compiled(const std::string& text);

 private:
  std::unordered_map<std::string, Pattern> known_;
};

}  // namespace headwater::schema
