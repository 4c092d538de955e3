#pragma once

#include <cstddef>
#include <cstdint>
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
///
/// It checks the structure on the way to the array and around it (strings closed, brackets balanced, commas
/// between elements, nothing after the root), and everything that it keeps. The inside of an element is
/// checked by RecordParser later; the inside of a dropped member is only counted through.
/// Half a surrogate pair in what is kept becomes the replacement character; elements stay as written.
/// A byte order mark at the start is skipped. Confined to one thread.
class ArrayCutter {
 public:
  struct Options {
    /// Member names from the root to the array ("data", "rows"); empty: the root itself. A root array's
    /// elements are cut; any other root and an empty path give one element, the whole root (a root that is
    /// null gives none: Found::null_array).
    std::vector<std::string> path;
    /// Decides which members beside the array (same object) are kept in the frame. Members of outer
    /// objects on the path are always kept. Empty: all are kept.
    std::function<bool(std::string_view name)> keep_sibling;
    /// Paths (member names from the root, no array inside) of other values to capture for paging ("meta",
    /// "after_cursor"), captured whether or not the sibling rule keeps what they stand in. They may stand
    /// anywhere outside the cut array. A probe that names the array itself is found and gives [] or, when
    /// it has elements, [null]; one that names an object on the path gives an object with the path's next
    /// member, null: enough to tell empty from full.
    std::vector<std::vector<std::string>> probes;
    bool probes_only = false;  // no array is cut and no member kept: `path` is not looked at
    std::size_t element_bytes_max = 64U << 20;
    /// With a part sink: an element of more bytes than this is given in parts as it arrives, held nowhere and
    /// without a limit.
    std::size_t whole_bytes_max = 1U << 20;
    std::size_t frame_bytes_max = 16U << 20;  // all kept siblings together
  };

  /// Receives each element's text, in order; the view is valid during the call.
  using ElementSink = std::function<Result<void>(std::string_view element)>;
  /// Receives a large element's text part by part; the last one may be empty.
  using PartSink = std::function<Result<void>(std::string_view part, bool last)>;

  ArrayCutter(Options options, ElementSink sink, PartSink part_sink = {});
  ~ArrayCutter();

  /// Takes the next bytes of the document.
  /// Errors: invalid_argument naming the byte offset; too_large naming the limit; whatever the sink gave.
  /// After an error every call gives it again. A member of the path that stands twice is an error:
  /// elements may have been given out already.
  Result<void> feed(std::string_view bytes);

  enum class Found : std::uint8_t {
    array,           // the array was there (possibly empty)
    whole_document,  // no path: the root is no array and was given as the one element
    null_array,      // the path ends at an explicit null: no records, no error
    missing,         // a member on the path is absent, or what should hold it is no object (CONNECTOR-1313)
    not_an_array,    // the path ends at something else (CONNECTOR-1315)
  };

  /// What surrounds the array, ready to be put around each element: `before`, then `"name":`, then the
  /// element, then `after`. The commas are part of the frame: `before` ends with `{` or, when a kept sibling
  /// stands before the wrapper, with a comma; `after` starts with a comma or a closing brace. Kept members
  /// stand as they were written, without white space outside strings; of repeated names the last value
  /// stands at the first place.
  struct Frame {
    Found found = Found::missing;
    std::string before;         // `{"total":2,"data":{"page":1,`; empty unless found is array and has a path
    std::string after;          // `,"next":null}}`
    std::vector<Value> probes;  // in the order of Options::probes; null when absent
    std::vector<bool> probe_found;  // whether the path existed (an explicit null exists)
    std::size_t element_count = 0;
    std::size_t bytes = 0;             // bytes fed
    std::vector<std::string> dropped;  // names of siblings that the rule left out, each once
    std::vector<std::string> kept;     // names of siblings (same object) that stand in before/after
    bool has_null_sibling = false;     // a member in before/after is null
  };

  /// Ends the document. Errors: invalid_argument when it stops in the middle ("truncated at byte N") or
  /// holds nothing ("empty body").
  Result<Frame> finish();

  /// Gives the document up in the middle of the array (a preview that has seen enough): the frame as far as
  /// it is known; members behind the array are missing. Also after an error of the sink; ends this object's
  /// use.
  Frame give_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headwater::json
