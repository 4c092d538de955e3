#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::json {

/// Cuts the elements of one array out of a JSON document while its bytes arrive, at the speed of a
/// bracket scan, holding no more than one element and the members that the caller asked to keep.
/// It checks the structure only (balanced brackets, strings closed, commas between elements); each
/// element's inside is checked by RecordParser later. Confined to one thread.
class ArrayCutter {
 public:
  struct Options {
    /// Member names from the root to the array ("data", "rows"); empty: the root itself. A root array's
    /// elements are cut; a root that is an object and an empty path gives one element, the whole root.
    std::vector<std::string> path;
    /// Decides which members beside the array (same object) are kept in the frame. Members of outer
    /// objects on the path are always kept.
    std::function<bool(std::string_view name)> keep_sibling;
    /// Dotted paths of other values to capture for paging ("meta.after_cursor"); kept whether or not the
    /// sibling rule keeps them.
    std::vector<std::vector<std::string>> probes;
    std::size_t element_bytes_max = 64U << 20;
    std::size_t frame_bytes_max = 16U << 20;  // all kept siblings together
  };

  /// Receives each element's text, in order; the view is valid during the call.
  using ElementSink = std::function<Result<void>(std::string_view element)>;

  ArrayCutter(Options options, ElementSink sink);
  ~ArrayCutter();

  /// Takes the next bytes of the document.
  /// Errors: invalid_argument naming the byte offset; too_large naming the limit; whatever the sink gave.
  Result<void> feed(std::string_view bytes);

  enum class Found {
    array,           // the array was there (possibly empty)
    whole_document,  // no path: the root is no array and was given as the one element
    null_array,      // the path ends at an explicit null: no records, no error
    missing,         // a member on the path is absent (reference: CONNECTOR-1313)
    not_an_array,    // the path ends at something else (CONNECTOR-1315)
  };

  /// What surrounds the array, ready to be put around each element by plain concatenation.
  struct Frame {
    Found found = Found::missing;
    std::string before;   // `{"total":2,"data":{"page":1,` - up to where the wrapper's name goes
    std::string after;    // `,"next":null}}` - from behind the element; both empty for a root array
    std::vector<Value> probes;          // in the order of Options::probes; null when absent
    std::vector<bool> probe_found;      // whether the path existed (an explicit null exists)
    std::size_t element_count = 0;
    std::size_t bytes = 0;              // bytes fed
    std::vector<std::string> dropped;   // names of members that the sibling rule left out
    std::vector<std::string> kept;      // names of siblings that stand in before/after
    bool has_null_sibling = false;
  };

  /// Ends the document. Errors: invalid_argument when it stops in the middle ("truncated at byte N").
  Result<Frame> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headwater::json
