#include "json/internal/path_plan.h"

#include <algorithm>
#include <unordered_set>

namespace headwater::json::internal {
namespace {

constexpr std::size_t kSegmentsMax = 63;

bool asks_root(const PathQuery& query);

bool asks_root(const Operand& operand) {
  if (const auto* query = std::get_if<PathQuery>(&operand)) return asks_root(*query);
  const auto* call = std::get_if<std::shared_ptr<const FunctionCall>>(&operand);
  return call != nullptr && std::any_of((*call)->arguments.begin(), (*call)->arguments.end(),
                                        [](const Operand& one) { return asks_root(one); });
}

bool asks_root(const Logical& logical) {
  return std::any_of(logical.parts.begin(), logical.parts.end(),
                     [](const Logical& part) { return asks_root(part); }) ||
         std::any_of(logical.operands.begin(), logical.operands.end(),
                     [](const Operand& one) { return asks_root(one); });
}

bool filters_ask_root(const std::vector<Segment>& segments) {
  for (const Segment& segment : segments)
    for (const Selector& selector : segment.selectors)
      if (const auto* filter = std::get_if<FilterSelector>(&selector);
          filter && asks_root(*filter->condition))
        return true;
  return false;
}

bool asks_root(const PathQuery& query) { return query.from_root || filters_ask_root(query.segments); }

bool is_filter(const Selector& selector) { return std::holds_alternative<FilterSelector>(selector); }

bool counts_from_end(const Selector& selector) {
  if (const auto* index = std::get_if<IndexSelector>(&selector)) return index->index < 0;
  const auto* slice = std::get_if<SliceSelector>(&selector);
  return slice != nullptr && (slice->step < 0 || slice->start.value_or(0) < 0 || slice->end.value_or(0) < 0);
}

bool takes_name(const Selector& selector, std::string_view name) {
  const auto* own = std::get_if<NameSelector>(&selector);
  return own != nullptr && own->name == name;
}

bool takes_index(const Selector& selector, std::int64_t at) {
  if (const auto* index = std::get_if<IndexSelector>(&selector)) return index->index == at;
  const auto* slice = std::get_if<SliceSelector>(&selector);
  if (slice == nullptr || slice->step <= 0) return false;
  const std::int64_t start = slice->start.value_or(0);
  return at >= start && (!slice->end || at < *slice->end) && (at - start) % slice->step == 0;
}

}  // namespace

PathPlan::PathPlan(const PathQuery& query) : whole_(query) {
  const auto& segments = whole_.segments;
  needs_document_ = segments.size() > kSegmentsMax || filters_ask_root(segments);
  if (needs_document_) return;
  const auto first_open = std::find_if(segments.begin(), segments.end(), [](const Segment& segment) {
    return !PathQuery{false, {segment}}.is_singular();
  });
  if (first_open != segments.end()) open_end_ = Set{1} << (first_open - segments.begin());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto from = segments.begin() + static_cast<std::ptrdiff_t>(i);
    rest_.push_back(PathQuery{false, {from, segments.end()}});
    filtered_.push_back(rest_.back());
    auto& first = filtered_.back().segments.front();
    first.descendant = false;
    std::erase_if(first.selectors, [](const Selector& selector) { return !is_filter(selector); });
    if (!first.selectors.empty()) with_filter_ |= Set{1} << i;
    if (std::any_of(from->selectors.begin(), from->selectors.end(), counts_from_end))
      from_end_ |= Set{1} << i;
  }
}

template <class Matches>
PathPlan::Child PathPlan::step(Set parent, const Matches& matches) const {
  Child child;
  child.filters = parent & with_filter_;
  for (std::size_t i = 0; i < whole_.segments.size(); ++i) {
    if ((parent >> i & 1U) == 0) continue;
    const Segment& segment = whole_.segments[i];
    if (segment.descendant) child.set |= Set{1} << i;
    for (const Selector& selector : segment.selectors)
      if (std::holds_alternative<WildcardSelector>(selector) || matches(selector)) child.set |= Set{2} << i;
  }
  return child;
}

PathPlan::Child PathPlan::member(Set parent, std::string_view name) const {
  return step(parent, [name](const Selector& selector) { return takes_name(selector, name); });
}

PathPlan::Child PathPlan::element(Set parent, std::int64_t index) const {
  return step(parent, [index](const Selector& selector) { return takes_index(selector, index); });
}

bool PathPlan::names(Set set, std::string_view name) const {
  for (std::size_t i = 0; i < whole_.segments.size(); ++i)
    if ((set >> i & 1U) != 0)
      for (const Selector& selector : whole_.segments[i].selectors)
        if (takes_name(selector, name)) return true;
  return false;
}

std::vector<const Value*> PathPlan::select(const Value& holder, const Child& child) const {
  const Value& value = holder.if_array()->front();
  std::vector<const Value*> out;
  const auto add = [&out](const std::vector<const Value*>& values) {
    out.insert(out.end(), values.begin(), values.end());
  };
  if (needs_document_) {
    add(evaluate(whole_, value, value));
  } else if ((child.set & selected()) != 0) {
    out.push_back(&value);
  }
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    if ((child.filters >> i & 1U) != 0) add(evaluate(filtered_[i], value, holder));
    if ((child.set >> i & 1U) != 0) add(evaluate(rest_[i], value, value));
  }
  std::unordered_set<const Value*> known;
  std::erase_if(out, [&known](const Value* one) { return !known.insert(one).second; });
  return out;
}

}  // namespace headwater::json::internal
