#include "domain/entity_path.h"

#include <algorithm>

namespace headwater::domain {

bool keeps_sibling(const EntityPath& path, std::string_view name) {
  if (!path.wrapper.empty() && name == path.wrapper) return false;
  if (path.keep && std::find(path.keep->begin(), path.keep->end(), name) == path.keep->end()) return false;
  return !path.skip || std::find(path.skip->begin(), path.skip->end(), name) == path.skip->end();
}

std::function<bool(std::string_view)> keep_sibling_rule(const EntityPath& path) {
  return [path](std::string_view name) { return keeps_sibling(path, name); };
}

}  // namespace headwater::domain
