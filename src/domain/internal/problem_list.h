#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/severity.h"

namespace headwater::domain {

/// Problems of a document, in the order in which they are found.
class ProblemList {
 public:
  void error(std::string pointer, std::string reason, std::string hint) {
    all_.push_back({std::move(pointer), std::move(reason), std::move(hint), Severity::error});
  }
  /// Once for each place and reason.
  void warning(std::string pointer, std::string reason, std::string hint) {
    const auto same = [&](const Problem& each) { return each.pointer == pointer && each.reason == reason; };
    if (std::none_of(all_.begin(), all_.end(), same))
      all_.push_back({std::move(pointer), std::move(reason), std::move(hint), Severity::warning});
  }

  std::vector<Problem>& all() { return all_; }
  const std::vector<Problem>& all() const { return all_; }

 private:
  std::vector<Problem> all_;
};

}  // namespace headwater::domain
