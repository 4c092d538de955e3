#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/extract/page_builder.h"
#include "json/value.h"

namespace headwater::extract {

/// Marks as a cursor keeps them.
json::Value marks_to_json(std::span<const ElementMark> marks);
std::vector<ElementMark> marks_from_json(const json::Value& value);

/// Whether one of `marks` is the same record: by recordKey, or without one by its bytes.
bool is_among(const ElementMark& mark, const std::vector<ElementMark>& marks);

/// Compares each page with the one before it: records that come again mean that the source moved under the
/// reader. With a recordKey exactly, without one by the bytes at the border. Confined to one run.
class Neighbours {
 public:
  struct Overlap {
    std::vector<std::uint64_t> repeated;  // places whose key and bytes stood on the page before
    std::uint64_t changed = 0;            // same key, other bytes
    std::uint64_t within = 0;             // same key twice on this page
    std::uint64_t at_border = 0;          // no recordKey: leading records that ended the page before
    bool any() const { return !repeated.empty() || changed > 0 || within > 0 || at_border > 0; }
  };

  Overlap compare(const std::vector<ElementMark>& marks) const;
  /// Whether the record stood on the page before.
  bool holds(const ElementMark& mark) const;
  /// `marks` are the page before from now on.
  void advance(const std::vector<ElementMark>& marks);

  /// The end of the last page, bounded: an overlap by a shift shows there.
  json::Value state() const;
  void restore(const json::Value& state);

 private:
  std::vector<ElementMark> before_;
  std::unordered_map<std::uint64_t, std::uint64_t> keys_;  // key -> bytes' hash
};

}  // namespace headwater::extract
