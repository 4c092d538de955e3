#include "engine/extract/neighbours.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_set>

namespace headwater::extract {

namespace {

constexpr std::size_t kTail = 32;

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

// One text of hexadecimal numbers, hash and key in turn: it is written with every page.
json::Value Neighbours::state() const {
  std::string tail;
  char digits[16];
  const auto add = [&](std::uint64_t number) {
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    tail.append(digits, end).push_back(' ');
  };
  tail.reserve(kTail * 2 * (sizeof digits + 1));
  for (std::size_t i = before_.size() - std::min(kTail, before_.size()); i < before_.size(); ++i) {
    add(before_[i].hash);
    add(before_[i].key);
  }
  return json::Value(std::move(tail));
}

void Neighbours::restore(const json::Value& state) {
  const auto* tail = state.if_string();
  if (!tail) return;
  std::vector<ElementMark> marks;
  const char* at = tail->data();
  const char* const end = at + tail->size();
  const auto take = [&](std::uint64_t& number) {
    const auto [next, code] = std::from_chars(at, end, number, 16);
    if (code != std::errc() || next == end) return false;
    at = next + 1;
    return true;
  };
  for (ElementMark mark; take(mark.hash) && take(mark.key);) marks.push_back(mark);
  advance(marks);
}

}  // namespace headwater::extract
