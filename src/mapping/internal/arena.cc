#include "mapping/internal/arena.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

namespace headwater::mapping {
namespace {
constexpr std::size_t kBlockMin = 16U << 10U;
}

void* Arena::take_block(std::size_t bytes) {
  if (bytes > kLimit || total_ + bytes > kLimit) return nullptr;
  const auto size = std::min(std::max({kBlockMin, bytes, total_}), kLimit - total_);
  blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  block_ = blocks_.back().bytes.get();
  block_size_ = size;
  used_ = bytes;
  total_ += size;
  return block_;
}

void Arena::reset() {
  if (blocks_.size() > 1) {
    // One block that holds as much: the next record of this size allocates nothing.
    const auto size = total_;
    blocks_.clear();
    total_ = 0;
    block_size_ = 0;
    take_block(size);
  }
  used_ = 0;
}

void Arena::release(Mark mark) {
  while (blocks_.size() > std::max<std::size_t>(mark.blocks, 1)) {
    total_ -= blocks_.back().size;
    blocks_.pop_back();
  }
  if (blocks_.empty()) return;
  block_ = blocks_.back().bytes.get();
  block_size_ = blocks_.back().size;
  used_ = mark.blocks == 0 ? 0 : mark.used;
}

bool Arena::is_behind(Mark mark, const void* memory) const {
  const auto* at = static_cast<const std::byte*>(memory);
  for (std::size_t i = mark.blocks == 0 ? 0 : mark.blocks - 1; i < blocks_.size(); ++i) {
    const auto* begin = blocks_[i].bytes.get();
    const auto from = i + 1 == mark.blocks ? mark.used : 0;
    if (std::less_equal<>()(begin + from, at) && std::less<>()(at, begin + blocks_[i].size)) return true;
  }
  return false;
}

bool TextBuilder::grow(std::size_t wanted) {
  const auto capacity = std::max({wanted, 2 * capacity_, std::size_t{64}});
  auto* grown = arena_.take<char>(capacity);
  if (grown == nullptr) return false;
  if (size_ > 0) std::memcpy(grown, begin_, size_);
  begin_ = grown;
  capacity_ = capacity;
  return true;
}

void TextBuilder::append(std::string_view text) {
  if (full_ || text.empty()) return;
  if (text.size() > capacity_ - size_ && !grow(size_ + text.size())) {
    full_ = true;
    return;
  }
  std::memcpy(begin_ + size_, text.data(), text.size());
  size_ += text.size();
}

Value TextBuilder::finish(Value::Kind kind) {
  if (full_) return Value::failure(kTooLarge);
  if (begin_ == nullptr) return Value::of(kind, "");
  arena_.shrink_last(begin_ + size_, begin_ + capacity_);
  return Value::of(kind, view());
}

template <class T>
void ListBuilder<T>::reserve(std::size_t capacity) {
  auto* grown = arena_.take<T>(capacity);
  if (grown == nullptr) {
    full_ = true;
    return;
  }
  std::copy(items_, items_ + size_, grown);
  items_ = grown;
  capacity_ = capacity;
}

template <class T>
Value ListBuilder<T>::finish() {
  if (full_) return Value::failure(kTooLarge);
  Value out;
  out.size = static_cast<std::uint32_t>(size_);
  if constexpr (std::is_same_v<T, Value>) {
    out.kind = Value::Kind::array;
    out.elements = items_;
  } else {
    out.kind = Value::Kind::object;
    out.members = items_;
  }
  return out;
}

Member* ObjectBuilder::find(std::string_view name) {
  constexpr std::size_t kFew = 32;
  const auto items = list_.items();
  if (items.size() <= kFew) {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [name](const Member& member) { return member.name == name; });
    return found == items.end() ? nullptr : &*found;
  }
  if (places_.empty())
    for (std::size_t i = 0; i < items.size(); ++i) places_.emplace(items[i].name, i);
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &items[found->second];
}

void ObjectBuilder::set(std::string_view name, const Value& value) {
  if (auto* known = find(name)) {
    known->value = value;
    return;
  }
  const auto place = list_.size();
  list_.push_back({name, value});
  if (!places_.empty() && list_.size() > place) places_.emplace(name, place);
}

template class ListBuilder<Value>;
template class ListBuilder<Member>;

}  // namespace headwater::mapping
