#include "engine/extract/page_cycle.h"

#include <algorithm>
#include <charconv>

namespace headwater::extract {
namespace {

std::uint64_t with(std::uint64_t pages, std::uint64_t page) {
  const std::uint64_t mixed = (pages ^ page) * 0x9E3779B97F4A7C15ULL;
  return mixed ^ (mixed >> 29);
}

}  // namespace

std::optional<PageCycle::Circle> PageCycle::add(std::uint64_t number, std::uint64_t hash, bool has_records) {
  recent_[number % kRecent] = hash;
  if (recent_from_ == 0) recent_from_ = number;
  if (limit_ > 0) {
    ++age_;
    since_ = with(since_, hash);
  }
  if (length_ > 0) {
    running_ = with(running_, hash);
    if (++again_ % length_ != 0) return std::nullopt;
    if (running_ == turn_) {
      running_ = 0;
      if (again_ >= again_min_) return circle(number);
      return std::nullopt;
    }
    length_ = 0;  // one page came again, and nothing else
  } else if (limit_ > 0 && has_records && hash == tortoise_) {
    length_ = age_;
    turn_ = since_;
    again_ = running_ = 0;
    return std::nullopt;
  }
  if (age_ >= limit_ && has_records) {
    tortoise_ = hash;
    limit_ = std::max<std::uint64_t>(1, limit_ * 2);
    age_ = since_ = 0;
  }
  return std::nullopt;
}

PageCycle::Circle PageCycle::circle(std::uint64_t number) const {
  // The first page that is known to have come again, and any before it that did as well.
  std::uint64_t first = number - again_;
  const std::uint64_t oldest = std::max(recent_from_, number >= kRecent ? number - kRecent + 1 : 1);
  while (first > oldest + length_ &&
         recent_[(first - 1) % kRecent] == recent_[(first - 1 - length_) % kRecent])
    --first;
  return {first - 1, length_};
}

std::string PageCycle::state() const {
  std::string text;
  char digits[16];
  for (const auto number : {tortoise_, age_, limit_, since_, length_, turn_, again_, running_}) {
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    text.append(digits, end).push_back(' ');
  }
  return text;
}

void PageCycle::restore(std::string_view state) {
  PageCycle read(again_min_);
  const char* at = state.data();
  const char* const end = at + state.size();
  for (auto* number : {&read.tortoise_, &read.age_, &read.limit_, &read.since_, &read.length_, &read.turn_,
                       &read.again_, &read.running_}) {
    const auto [next, code] = std::from_chars(at, end, *number, 16);
    if (code != std::errc() || next == end) return;
    at = next + 1;
  }
  *this = read;
}

}  // namespace headwater::extract
