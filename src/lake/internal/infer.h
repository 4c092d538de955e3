#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "json/record.h"
#include "lake/layout.h"

namespace headwater::lake {

/// Merges the types of records into a layout. Confined to one thread.
///
/// Whole numbers become BIGINT, or DECIMAL(38,0) past 64 bits; other numbers DOUBLE as long as doubles hold
/// every one of them exactly, else DECIMAL; a number written with a trailing zero ("19.90") speaks for
/// DECIMAL too. Mixed kinds, maps (very many different members), empty containers and members that were
/// only null become JSON text.
class LayoutGuess {
 public:
  LayoutGuess();
  ~LayoutGuess();
  /// Takes one record; its root is an object.
  void add(const json::Record& record);
  Layout layout() const;

  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

/// Whether a member of that name can have a column; else its values go to `_other`.
bool can_name_column(std::string_view name);
/// The name as SQL compares it.
std::string folded(std::string_view name);

}  // namespace headwater::lake
