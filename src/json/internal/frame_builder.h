#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "json/array_cutter.h"

namespace headwater::json::internal {

/// Gathers the members around a cut array, one level for each object on the path, and writes the two texts
/// that are put around its elements.
class FrameBuilder {
 public:
  explicit FrameBuilder(std::size_t levels) : levels_(levels) {}

  /// Adds a member, or gives a repeated one its last value. Texts are JSON, the name with its quotes.
  void keep(std::size_t level, std::string_view name, std::string_view name_text,
            std::string_view value_text);
  void drop(std::string_view name);
  /// The path goes on with this member. False when it has been there before.
  bool enter(std::size_t level, std::string_view name_text);

  void write(ArrayCutter::Frame& frame) const;
  void write_dropped(ArrayCutter::Frame& frame) { frame.dropped = std::move(dropped_); }

 private:
  struct KeptMember {
    std::string name;
    std::string text;  // "name":value
    bool is_null = false;
  };
  struct Level {
    std::vector<KeptMember> members;
    std::unordered_map<std::string, std::size_t> places;
    bool entered = false;
    std::size_t split = 0;  // how many members stand before the path's own
    std::string path_name;  // its text
  };

  std::vector<Level> levels_;
  std::vector<std::string> dropped_;
  std::unordered_set<std::string> dropped_names_;
};

}  // namespace headwater::json::internal
