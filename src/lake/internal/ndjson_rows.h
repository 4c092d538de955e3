#pragma once

#include <string>
#include <vector>

#include "lake/layout.h"

namespace headwater::lake {

/// SQL that reads NDJSON files as typed rows. `files` is a list in SQL.
struct NdjsonRows {
  std::string files;
  const Layout& layout;

  /// One column for each of the layout's, and, with `with_other`, `_other`. A layout that was inferred from
  /// the first records promises nothing about the later ones: what does not fit its column exactly reads as
  /// null there and stands in `_other` as it was written, as do members without a column.
  std::string select(bool with_other) const;
  /// One row when there is something in `_other`, else none.
  std::string any_other() const;
};

}  // namespace headwater::lake
