#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/record.h"
#include "lake/layout.h"

namespace headwater::lake {

/// Characters as DuckDB's vectors hold them: up to 12 in place, longer ones by address.
struct TextValue {
  std::uint32_t size = 0;
  std::array<char, 12> place{};

  /// Twelve bytes from `data` on must be readable, whatever the length.
  void set(const char* data, std::size_t length) {
    size = static_cast<std::uint32_t>(length);
    if (length <= place.size()) {
      std::uint64_t low;
      std::uint32_t high;
      std::memcpy(&low, data, sizeof low);
      std::memcpy(&high, data + sizeof low, sizeof high);
      if (length < 8) low &= (std::uint64_t{1} << (8 * length)) - 1;
      if (length < 12) high &= length <= 8 ? 0 : (std::uint32_t{1} << (8 * (length - 8))) - 1;
      std::memcpy(place.data(), &low, sizeof low);
      std::memcpy(place.data() + sizeof low, &high, sizeof high);
    } else {
      std::memcpy(place.data(), data, 4);
      std::memcpy(place.data() + 4, &data, sizeof data);
    }
  }
};
static_assert(sizeof(TextValue) == 16);

struct ListEntry {
  std::uint64_t offset;
  std::uint64_t length;
};

/// The values of one column, in the layout of DuckDB's vectors so that they are moved by memcpy.
/// `valid` has a bit per row; a row that nothing was put in is null.
struct ColumnData {
  explicit ColumnData(const ColumnType& type);

  ColumnType::Kind kind;
  std::uint8_t width = 0, scale = 0;  // decimal
  std::size_t value_bytes = 0;        // 0 for structures
  std::vector<char> values;
  std::vector<std::uint64_t> valid;
  std::vector<ColumnData> children;                               // structure: members; list: the element
  std::uint64_t child_rows = 0;                                   // list: rows used in its child
  std::vector<std::string> names;                                 // structure: its members' names
  std::unordered_map<std::string_view, std::uint32_t> positions;  // into names

  void index_names(const std::vector<Column>& columns);
  void reserve(std::size_t rows);
  void clear();
  template <class T>
  T* values_as() {
    return reinterpret_cast<T*>(values.data());
  }
  void set_valid(std::size_t row) { valid[row / 64] |= std::uint64_t{1} << (row % 64); }
  void set_null(std::size_t row) { valid[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }
};

/// Up to kRows records as columns, with the bytes that their long strings point into.
class ColumnChunk {
 public:
  static constexpr std::size_t kRows = 2048;
  static constexpr std::size_t kTextBytesMax = 4U << 20;

  explicit ColumnChunk(const Layout& layout);

  bool full() const { return rows_ == kRows || text_bytes_ >= kTextBytesMax; }
  std::size_t rows() const { return rows_; }
  std::size_t text_bytes() const { return text_bytes_; }
  void clear();
  /// The root structure's members, then `_other`.
  const std::vector<ColumnData>& columns() const { return root_.children; }

  /// Copies texts that the rows will point into; padding for the parser follows.
  std::string_view keep(std::string_view text);

 private:
  friend class RowFiller;
  char* allocate(std::size_t bytes);

  ColumnData root_;
  std::size_t rows_ = 0;
  std::size_t text_bytes_ = 0;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0;
};

/// Puts parsed records into a chunk. Confined to one thread.
class RowFiller {
 public:
  struct Outcome {
    bool fits = true;        // false: the row was not added, `problem` says why
    bool has_other = false;  // something went to `_other`
    std::string problem;
  };

  explicit RowFiller(bool strict) : strict_(strict) {}

  /// Adds a row. The record's text must be kept by the chunk.
  Outcome fill(ColumnChunk& chunk, const json::Record& record);
  /// Dotted names of the members that went to `_other` so far; at most 100.
  const std::vector<std::string>& other_members() const { return other_members_; }

 private:
  enum class Fit { whole, partly, misfit };
  struct Level {
    std::string_view name;  // as written, with its quotes
    bool open = false;
  };

  Fit put(ColumnData& column, std::size_t row, const json::Node& node);
  Fit put_number(ColumnData& column, std::size_t row, std::string_view text);
  Fit put_text(ColumnData& column, std::size_t row, const json::Node& node);
  Fit put_moment(ColumnData& column, std::size_t row, std::string_view characters);
  Fit put_members(ColumnData& column, std::size_t row, const json::Node& object);
  Fit put_elements(ColumnData& column, std::size_t row, const json::Node& array);
  Fit unfit(const ColumnData& column, const json::Node& node);
  void set_text(ColumnData& column, std::size_t row, std::string_view text);
  void put_other(const json::Node& name, const json::Node& value);
  std::string path() const;

  bool strict_;
  ColumnChunk* chunk_ = nullptr;
  const json::Record* record_ = nullptr;
  std::vector<Level> levels_;  // the structures entered
  std::string_view member_;    // the member being put, as written
  std::size_t lists_entered_ = 0;
  std::string other_;
  std::string problem_;
  std::string scratch_;
  std::vector<std::string> other_members_;
};

}  // namespace headwater::lake
