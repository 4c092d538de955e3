#include "json/internal/probe_set.h"

#include <utility>

namespace headwater::json::internal {

ProbeSet::ProbeSet(std::vector<std::vector<std::string>> paths)
    : paths_(std::move(paths)), values_(paths_.size()), found_(paths_.size(), false) {
  for (std::size_t i = 0; i < paths_.size(); ++i)
    if (!paths_[i].empty()) all_.push_back(i);
}

ProbeSet::Match ProbeSet::step(const Ids& ids, std::size_t depth, std::string_view name) {
  Match match;
  for (const std::size_t id : ids) {
    const auto& path = paths_[id];
    if (path[depth] != name) continue;
    values_[id] = Value();
    found_[id] = false;
    (path.size() == depth + 1 ? match.exact : match.deeper).push_back(id);
  }
  return match;
}

void ProbeSet::set(const Ids& ids, const Value& value) {
  for (const std::size_t id : ids) {
    values_[id] = value;
    found_[id] = true;
  }
}

void ProbeSet::set_below(const Ids& ids, std::size_t depth, const Record& record) {
  for (const std::size_t id : ids) {
    const Node* node = &record.root();
    for (std::size_t i = depth; node != nullptr && i < paths_[id].size(); ++i)
      node = record.find(*node, paths_[id][i]);
    if (node == nullptr) continue;
    values_[id] = to_value(record, *node);
    found_[id] = true;
  }
}

void ProbeSet::finish(bool array_has_elements) {
  set(array_, array_has_elements ? Value(Array{Value()}) : Value(Array{}));
}

}  // namespace headwater::json::internal
