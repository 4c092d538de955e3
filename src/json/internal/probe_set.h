#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/record.h"
#include "json/value.h"

namespace headwater::json::internal {

/// The values that an ArrayCutter captures beside the array, found while members go by in document order.
/// Of repeated names the last decides.
class ProbeSet {
 public:
  using Ids = std::vector<std::size_t>;

  explicit ProbeSet(std::vector<std::vector<std::string>> paths);

  /// All probes: those that begin at the root.
  const Ids& all() const { return all_; }

  struct Match {
    Ids exact;   // end at this member
    Ids deeper;  // go on below it
  };
  /// Which of `ids`, whose first `depth` names led to this object, its member `name` goes on with. Their
  /// earlier values are forgotten.
  Match step(const Ids& ids, std::size_t depth, std::string_view name);

  void set(const Ids& ids, const Value& value);
  /// Looks the rest of their paths up in a captured value.
  void set_below(const Ids& ids, std::size_t depth, const Record& record);
  /// Those that name the cut array itself: known at the end.
  void set_array(Ids ids) { array_ = std::move(ids); }
  void finish(bool array_has_elements);

  std::vector<Value> take_values() { return std::move(values_); }
  const std::vector<bool>& found() const { return found_; }

 private:
  std::vector<std::vector<std::string>> paths_;
  std::vector<Value> values_;
  std::vector<bool> found_;
  Ids all_;
  Ids array_;
};

}  // namespace headwater::json::internal
