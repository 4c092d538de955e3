#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/source_lint.h"

namespace headwater::authoring {

/// The findings of one folder, as many as a person would read: a folder is anybody's, and a server keeps what
/// is wrong with it. Of errors and of warnings each a thousand; texts and pointers are cut.
class FindingList {
 public:
  static constexpr std::size_t kEachMax = 1'000;  // of a severity
  static constexpr std::size_t kTextBytesMax = 2'000;

  void add(Finding finding);
  /// Whether another one would be dropped: what is costly to say need not be said.
  bool is_full(Severity severity) const { return counted(severity) >= kEachMax; }

  std::vector<Finding>& all() { return all_; }

 private:
  std::size_t counted(Severity severity) const { return severity == Severity::error ? errors_ : warnings_; }

  std::vector<Finding> all_;
  std::size_t errors_ = 0, warnings_ = 0;
};

/// The pointer itself, or, when that is longer than a finding's text may be, the one of a value around it.
std::string short_pointer(std::string_view pointer);

}  // namespace headwater::authoring
