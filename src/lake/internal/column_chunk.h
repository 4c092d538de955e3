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

struct ListEntry {
  std::uint64_t offset;
  std::uint64_t length;
};

/// Bytes of a value of fixed size, in a chunk as in a Parquet page; 0 for texts, lists and structures.
std::size_t fixed_width(const ColumnType& type);

/// The values of one column: a plain array of its type (texts as string_view), with a bit per row in `valid`;
/// a row that nothing was put in is null.
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
  bool is_valid(std::size_t row) const { return (valid[row / 64] >> (row % 64)) & 1; }
  bool all_valid(std::size_t rows) const;
  void set_valid(std::size_t row) { valid[row / 64] |= std::uint64_t{1} << (row % 64); }
  void set_null(std::size_t row) { valid[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }
};

/// Up to kRows records as columns. Texts point into the records' own bytes, or into bytes that the chunk
/// keeps (escapes resolved, `_other`).
class ColumnChunk {
 public:
  static constexpr std::size_t kRows = 2048;

  explicit ColumnChunk(const Layout& layout);

  bool full() const { return rows_ == kRows; }
  std::size_t rows() const { return rows_; }
  void clear();
  /// The root structure's members, then `_other`.
  std::vector<ColumnData>& columns() { return root_.children; }

 private:
  friend class RowFiller;
  std::string_view keep(std::string_view text);

  ColumnData root_;
  std::size_t rows_ = 0;
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

  /// Adds a row. The record's text must stand until the chunk is cleared.
  Outcome fill(ColumnChunk& chunk, const json::Record& record);
  /// Dotted names of the members that went to `_other` so far; at most 100.
  const std::vector<std::string>& other_members() const { return other_members_; }

 private:
  enum class Fit : std::uint8_t { whole, partly, misfit };
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
