#include "engine/extract/neighbours.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_set>

namespace headwater::extract {

namespace {

constexpr std::size_t kTail = 32;

}  // namespace

// One text of hexadecimal numbers, hash and key in turn: it is written with every page.
json::Value marks_to_json(std::span<const ElementMark> marks) {
  std::string text;
  char digits[16];
  const auto add = [&](std::uint64_t number) {
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    text.append(digits, end).push_back(' ');
  };
  text.reserve(marks.size() * 2 * (sizeof digits + 1));
  for (const auto& mark : marks) {
    add(mark.hash);
    add(mark.key);
  }
  return json::Value(std::move(text));
}

std::vector<ElementMark> marks_from_json(const json::Value& value) {
  std::vector<ElementMark> marks;
  const auto* text = value.if_string();
  if (!text) return marks;
  const char* at = text->data();
  const char* const end = at + text->size();
  const auto take = [&](std::uint64_t& number) {
    const auto [next, code] = std::from_chars(at, end, number, 16);
    if (code != std::errc() || next == end) return false;
    at = next + 1;
    return true;
  };
  for (ElementMark mark; take(mark.hash) && take(mark.key);) marks.push_back(mark);
  return marks;
}

bool is_among(const ElementMark& mark, const std::vector<ElementMark>& marks) {
  return std::any_of(marks.begin(), marks.end(), [&mark](const ElementMark& other) {
    return mark.key != 0 ? mark.key == other.key : mark.hash == other.hash;
  });
}

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

bool Neighbours::holds(const ElementMark& mark) const { return is_among(mark, before_); }

void Neighbours::advance(const std::vector<ElementMark>& marks) {
  if (marks.empty()) return;  // An empty page hides no border.
  before_ = marks;
  keys_.clear();
  for (const auto& mark : marks)
    if (mark.key != 0) keys_[mark.key] = mark.hash;
}

json::Value Neighbours::state() const {
  return marks_to_json(std::span(before_).last(std::min(kTail, before_.size())));
}

void Neighbours::restore(const json::Value& state) {
  const auto marks = marks_from_json(state);
  if (!marks.empty()) advance(marks);
}

}  // namespace headwater::extract
