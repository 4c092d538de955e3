#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/severity.h"

namespace headwater::domain {

/// Problems of a document, in the order in which they are found. Of each severity as many as a person reads:
/// a document may be wrong in a hundred thousand places.
class ProblemList {
 public:
  static constexpr std::size_t kMax = 200;  // in all, and of each severity

  bool is_full(Severity severity) const { return counted(severity) >= kMax; }

  void add(Problem problem) {
    if (is_full(problem.severity)) return;
    ++(problem.severity == Severity::error ? errors_ : warnings_);
    all_.push_back(std::move(problem));
  }
  void error(std::string pointer, std::string reason, std::string hint) {
    add({std::move(pointer), std::move(reason), std::move(hint), Severity::error});
  }
  /// Once for each place and reason.
  void warning(std::string pointer, std::string reason, std::string hint) {
    if (is_full(Severity::warning)) return;
    const auto same = [&](const Problem& each) { return each.pointer == pointer && each.reason == reason; };
    if (std::none_of(all_.begin(), all_.end(), same))
      add({std::move(pointer), std::move(reason), std::move(hint), Severity::warning});
  }

  const std::vector<Problem>& all() const { return all_; }
  /// No warning is told in the place of an error.
  std::vector<Problem> take() {
    std::size_t over = all_.size() - std::min(all_.size(), kMax);
    for (auto at = all_.end(); over > 0 && at != all_.begin();) {
      --at;
      if (at->severity == Severity::error) continue;
      at = all_.erase(at);
      --over;
    }
    return std::move(all_);
  }

 private:
  std::size_t counted(Severity severity) const { return severity == Severity::error ? errors_ : warnings_; }

  std::vector<Problem> all_;
  std::size_t errors_ = 0, warnings_ = 0;
};

}  // namespace headwater::domain
