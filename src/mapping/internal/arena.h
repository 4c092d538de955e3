#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "mapping/internal/value.h"

namespace headwater::mapping {

/// Memory for what one record's expressions make; given back all at once. Warm, it allocates nothing.
/// Bounded: past the limit requests are refused, so that no expression can exhaust a server.
class Arena {
 public:
  static constexpr std::size_t kLimit = 64U << 20U;

  /// Null when the limit is reached.
  void* take(std::size_t bytes, std::size_t alignment) {
    if (bytes == 0) bytes = 1;
    const auto start = (used_ + alignment - 1) & ~(alignment - 1);
    if (start + bytes <= block_size_) {
      used_ = start + bytes;
      return block_ + start;
    }
    return take_block(bytes);
  }
  template <class T>
  T* take(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(take(count * sizeof(T), alignof(T)));
  }
  /// Gives back what lies behind `end`, when the request that ended at `old_end` was the last one.
  void shrink_last(const void* end, const void* old_end) {
    if (old_end == block_ + used_)
      used_ = static_cast<std::size_t>(static_cast<const std::byte*>(end) - block_);
  }
  void reset();

  /// A point to go back to: what is taken behind it is given back. Of use where a loop's round leaves
  /// nothing.
  struct Mark {
    std::size_t blocks = 0;
    std::size_t used = 0;
  };
  Mark mark() const { return {blocks_.size(), used_}; }
  void release(Mark mark);
  /// Whether the memory was taken behind the mark.
  bool is_behind(Mark mark, const void* memory) const;

 private:
  void* take_block(std::size_t bytes);

  std::byte* block_ = nullptr;  // the last of blocks_
  std::size_t block_size_ = 0;
  std::size_t used_ = 0;   // of the last block
  std::size_t total_ = 0;  // sizes of all blocks
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
};

/// Builds a text in the arena. Past the limit it takes nothing more and `finish` gives a failure.
class TextBuilder {
 public:
  explicit TextBuilder(Arena& arena) : arena_(arena) {}
  void append(std::string_view text);
  void push_back(char c) { append(std::string_view(&c, 1)); }
  std::string_view view() const { return {begin_, size_}; }
  bool full() const { return full_; }
  /// The text as a value of `kind`.
  Value finish(Value::Kind kind = Value::Kind::string);

 private:
  bool grow(std::size_t wanted);

  Arena& arena_;
  char* begin_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool full_ = false;
};

/// Builds an array or an object in the arena, likewise.
template <class T>
class ListBuilder {
 public:
  explicit ListBuilder(Arena& arena, std::size_t expected = 4) : arena_(arena) { reserve(expected); }
  void push_back(const T& item) {
    if (size_ == capacity_) reserve(capacity_ < 4 ? 8 : 2 * capacity_);
    if (size_ < capacity_) items_[size_++] = item;
  }
  std::span<T> items() { return {items_, size_}; }
  std::size_t size() const { return size_; }
  Value finish();

 private:
  void reserve(std::size_t capacity);

  Arena& arena_;
  T* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool full_ = false;
};
using ArrayBuilder = ListBuilder<Value>;

/// Builds an object: a repeated name keeps its place and takes the new value.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Arena& arena, std::size_t expected = 4) : list_(arena, expected) {}
  /// `name` must live as long as the arena's values.
  void set(std::string_view name, const Value& value);
  bool contains(std::string_view name) { return find(name) != nullptr; }
  std::size_t size() const { return list_.size(); }
  Value finish() { return list_.finish(); }

 private:
  Member* find(std::string_view name);

  ListBuilder<Member> list_;
  std::unordered_map<std::string_view, std::size_t> places_;  // filled when there are many
};

/// What a value says that would have made more than the limit.
inline constexpr std::string_view kTooLarge = "the result is larger than 64 MB";

}  // namespace headwater::mapping
