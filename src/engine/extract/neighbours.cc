#include "engine/extract/neighbours.h"

#include <algorithm>
#include <unordered_set>

namespace headwater::extract {

namespace {

constexpr std::size_t kTail = 32;

std::uint64_t number_of(const json::Value& value) {
  const auto* text = value.if_string();
  std::uint64_t number = 0;
  if (text)
    for (const char c : *text)
      if (c >= '0' && c <= '9') number = number * 10 + static_cast<std::uint64_t>(c - '0');
  return number;
}

}  // namespace

Neighbours::Overlap Neighbours::compare(const std::vector<ElementMark>& marks) const {
  Overlap overlap;
  std::unordered_set<std::uint64_t> here;
  bool has_keys = false;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i].key == 0) continue;
    has_keys = true;
    if (!here.insert(marks[i].key).second) ++overlap.within;
    const auto earlier = keys_.find(marks[i].key);
    if (earlier == keys_.end()) continue;
    if (earlier->second == marks[i].hash)
      overlap.repeated.push_back(i);
    else
      ++overlap.changed;
  }
  if (has_keys || marks.empty() || before_.empty()) return overlap;
  // A shift by n puts the last n records of the page before at this page's start.
  const std::size_t longest = std::min(marks.size(), before_.size());
  for (std::size_t n = longest; n > 0; --n) {
    const auto* tail = before_.data() + (before_.size() - n);
    if (tail[0].hash != marks[0].hash) continue;
    if (std::equal(tail, tail + n, marks.begin(),
                   [](const ElementMark& a, const ElementMark& b) { return a.hash == b.hash; })) {
      overlap.at_border = n;
      break;
    }
  }
  return overlap;
}

void Neighbours::advance(const std::vector<ElementMark>& marks) {
  if (marks.empty()) return;  // An empty page hides no border.
  before_ = marks;
  keys_.clear();
  for (const auto& mark : marks)
    if (mark.key != 0) keys_[mark.key] = mark.hash;
}

json::Value Neighbours::state() const {
  json::Array tail;
  for (std::size_t i = before_.size() - std::min(kTail, before_.size()); i < before_.size(); ++i) {
    tail.emplace_back(std::to_string(before_[i].hash));
    tail.emplace_back(std::to_string(before_[i].key));
  }
  return json::Value(std::move(tail));
}

void Neighbours::restore(const json::Value& state) {
  const auto* tail = state.if_array();
  if (!tail) return;
  std::vector<ElementMark> marks;
  for (std::size_t i = 0; i + 1 < tail->size(); i += 2)
    marks.push_back({number_of((*tail)[i]), number_of((*tail)[i + 1])});
  advance(marks);
}

}  // namespace headwater::extract
