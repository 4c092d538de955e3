#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace headwater::authoring {

/// On which line of a JSON text each of its values stands: findings have pointers, editors want lines.
class JsonLines {
 public:
  /// `text` is JSON; of anything else only a part is known.
  explicit JsonLines(std::string_view text);

  /// The line, from 1, of the member or element that a JSON pointer names; of the nearest one around it when
  /// there is none.
  std::size_t line_of(std::string_view pointer) const;

 private:
  std::map<std::string, std::size_t, std::less<>> lines_;
};

}  // namespace headwater::authoring
