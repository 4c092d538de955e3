#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/internal/first_match.h"

namespace headwater::mapping {

/// The patterns of uap-core (regexes.yaml): which text names which browser, system and device.
/// Immutable; any thread.
class AgentPatterns {
 public:
  /// Browser or system. Empty texts: not known. Versions from major to the least.
  struct Named {
    std::string family;
    std::array<std::string, 4> version;
  };
  struct Device {
    std::string family;
    std::string brand;
    std::string model;
  };

  /// Errors: invalid_argument, naming the line of the YAML or the pattern.
  static Result<AgentPatterns> make(std::string_view yaml);

  Named agent(std::string_view text, const Grams& grams) const;
  Named system(std::string_view text, const Grams& grams) const;
  Device device(std::string_view text, const Grams& grams) const;

 private:
  // A list of the file. `outputs` are the replacement texts of each pattern in the order of its groups;
  // empty: the group.
  struct List {
    FirstMatch patterns;
    std::vector<std::array<std::string, 5>> outputs;
  };
  struct Entry;
  Result<void> add(std::string_view list, const Entry& entry);
  static Named named(const List& list, std::string_view text, const Grams& grams);

  List agents_;
  List systems_;
  List devices_;
};

}  // namespace headwater::mapping
