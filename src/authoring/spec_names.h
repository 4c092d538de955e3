#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "authoring/source_folder.h"
#include "json/value.h"

namespace headwater::authoring {

/// What a server knows a spec by: its name and version ("1.0" where none is written).
using SpecName = std::pair<std::string, std::string>;
SpecName spec_name_of(const json::Value& spec);

/// Which folders of a `Sources` have a spec of which name and version. Two that have the same one would be
/// published over each other.
class SpecNames {
 public:
  /// Of the folders beside `place`, itself among them; of nothing where it stands in no `Sources`. What
  /// cannot be read there has no name.
  static SpecNames beside(const SourcePlace& place);

  void add(const SpecName& name, const std::string& folder) { folders_[name].insert(folder); }

  /// The folder that a spec belongs to: the one that is called as the spec, else `published` when it is one
  /// of them, else the first. Empty when there is none.
  std::string owner(const SpecName& name, std::string_view published = {}) const;

 private:
  std::map<SpecName, std::set<std::string, std::less<>>> folders_;
};

/// What is said of a folder whose spec belongs to another one.
std::string same_name_message(const SpecName& name, std::string_view owner);
inline constexpr std::string_view kSameNameHint =
    "Give this one's spec a name of its own, as its folder's; a copy keeps the name of what it was copied "
    "from.";

}  // namespace headwater::authoring
