#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "json/internal/path_query.h"

namespace headwater::json::internal {

/// A query taken apart for walking a document that is not in memory. Where the walk stands is a set of
/// segments, those to be applied to the children of the value it is in; the set holds `segment count` when
/// the value is selected.
class PathPlan {
 public:
  using Set = std::uint64_t;

  explicit PathPlan(const PathQuery& query);

  /// At the root.
  Set start() const { return 1; }
  Set selected() const { return needs_document_ ? 0 : Set{1} << whole_.segments.size(); }
  /// Held by a place behind which anything may be selected, or nothing: a wildcard, slice, filter or ".."
  /// comes.
  Set open_end() const { return open_end_; }
  /// The document must be at hand as one.
  bool needs_document() const { return needs_document_; }
  /// An array whose elements these are applied to must be at hand as one: they count from its end.
  bool needs_array(Set set) const { return (set & from_end_) != 0; }

  struct Child {
    Set set = 0;      // what is sure from the child's name or place
    Set filters = 0;  // segments of the parent whose filters must see the child
  };
  Child member(Set parent, std::string_view name) const;
  Child element(Set parent, std::int64_t index) const;
  /// Whether one of the segments names this member.
  bool names(Set set, std::string_view name) const;

  /// All that a value selects in itself, each once. `holder` is an array with that one value in it.
  std::vector<const Value*> select(const Value& holder, const Child& child) const;

 private:
  template <class Matches>
  Child step(Set parent, const Matches& matches) const;

  PathQuery whole_;
  std::vector<PathQuery> rest_;  // from each segment on, of "@"
  std::vector<PathQuery>
      filtered_;  // the same, of the first segment only its filters, applied without descending
  Set with_filter_ = 0;
  Set from_end_ = 0;
  Set open_end_ = 0;
  bool needs_document_ = false;
};

}  // namespace headwater::json::internal
