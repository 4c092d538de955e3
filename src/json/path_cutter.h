#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/array_cutter.h"
#include "json/json_path.h"

namespace headwater::json {

/// Cuts the elements of every array that a JSONPath query selects out of a document while its bytes arrive.
///
/// Names, wildcards, and indexes and slices that count from the start are followed on the stream, below `..`
/// as well: nothing is held but one element. A filter holds the value that it tests, an index or slice that
/// counts from the end the array that it counts in, and `$` inside a filter the whole document.
///
/// Elements come in the order of the document, each once, where the RFC's nodelist may repeat a value or name
/// an outer one first. It checks what it walks through and what it parses; the inside of what it passes over
/// is only counted through. Confined to one thread.
class PathCutter {
 public:
  /// `held_max` bounds one element, and whatever else must be held.
  PathCutter(const JsonPath& query, std::size_t held_max, ArrayCutter::ElementSink sink);
  ~PathCutter();

  /// Takes the next bytes of the document (without byte order mark).
  /// Errors: invalid_argument naming the byte offset; too_large; whatever the sink gave. After an error every
  /// call gives it again.
  Result<void> feed(std::string_view bytes);

  /// Ends the document: array (also when all that was selected is null, or when a wildcard, slice, filter or
  /// ".." was reached and selected nothing), missing when the names and indexes before those led nowhere,
  /// not_an_array when something else was selected. Errors: invalid_argument when it stops in the middle.
  Result<ArrayCutter::Found> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headwater::json
