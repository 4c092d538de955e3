#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/extract/page_spool.h"
#include "json/array_cutter.h"
#include "json/record.h"

namespace headwater::extract {

/// The array that the spec explodes, as it stands within an element. Immutable.
struct ExplodedArray {
  std::vector<std::string> path;  // from the element to the array; not empty
  std::function<bool(std::string_view name)> keep_sibling;
  std::size_t element_bytes_max = 64U << 20;
};

/// An element too large to be held, read from the spool as several of its shape: each has all members around
/// the exploded array and a part of that array, so that whatever explodes them makes the same records, and
/// memory does not depend on the element's size. Each part stands or falls for itself: where a nested element
/// is broken, the others of its part are rejected with it, and those of other parts are not. Confined to one
/// thread.
class LargeElement {
 public:
  /// The spool stands before the element's first piece; both outlive this object.
  LargeElement(PageSpool& spool, const ExplodedArray& array);
  ~LargeElement();

  /// Reads it through once for what stands around the array. False when it cannot be split (the array is not
  /// there, or the element is no JSON). The spool stands before the element again. Errors: storage.
  Result<bool> survey();
  /// Appends the next part. Errors: storage.
  Result<void> next(json::RecordGroup& group);
  /// The part given last was the last one; the spool stands behind the element.
  bool is_done() const { return done_; }

  /// Appends the element as it is. Errors: storage; too_large (the most that an element may have).
  Result<void> read_whole(json::RecordGroup& group);

 private:
  json::ArrayCutter::Options cut() const;

  PageSpool& spool_;
  const ExplodedArray& array_;
  json::ArrayCutter::Frame frame_;
  std::unique_ptr<json::ArrayCutter> cutter_;
  std::string unsplit_;   // why it cannot be split
  std::string elements_;  // of the part being put together, with commas
  bool done_ = false;
};

}  // namespace headwater::extract
