#pragma once

#include <cstddef>
#include <string>

#include "json/value.h"

namespace headwater::authoring {

/// How much may be copied out of a document whose references lead to one value again and again. Copies are
/// counted with what is held around their texts. Confined to one thread.
class CopyBudget {
 public:
  explicit CopyBudget(std::size_t bytes) : left_(bytes) {}

  /// Takes a copy of the value off. False when that is more than is left, then and for all after it; takes no
  /// longer than the copy would.
  bool take(const json::Value& value);

 private:
  void weigh(const json::Value& value);
  void spend(std::size_t bytes);

  std::size_t left_;
  bool exceeded_ = false;
};

}  // namespace headwater::authoring
