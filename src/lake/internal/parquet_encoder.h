#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "lake/internal/column_chunk.h"
#include "lake/internal/leaf_encoder.h"
#include "lake/layout.h"

namespace headwater::lake {

/// Encodes chunks of columns into one Parquet file (format version 1 pages, zstd). A row group is written
/// when it has kRowsMax rows or holds kBytesMax in memory, so memory depends on neither the file's size nor
/// the number of rows. Confined to one thread. Source: the Apache Parquet format (apache/parquet-format).
class ParquetEncoder {
 public:
  static constexpr std::size_t kRowsMax = 128U << 10;
  static constexpr std::size_t kBytesMax = 12U << 20;

  /// Makes the file, replacing one that stands there. Errors: storage.
  static Result<std::unique_ptr<ParquetEncoder>> open(std::filesystem::path file, const Layout& layout);

  /// Adds the chunk's rows; the chunk may be cleared afterwards. Errors: storage, too_large.
  Result<void> add(ColumnChunk& chunk);
  /// Writes what is left and the footer, and makes the file durable. Gives its size in bytes.
  Result<std::uint64_t> finish();

 private:
  ParquetEncoder(std::filesystem::path file, UniqueFd fd, const Layout& layout);
  void add_leaves(const ColumnType& type, std::vector<std::string> path, std::uint8_t definition,
                  std::uint8_t repetition);
  Result<void> add_column(ColumnData& column, const Slots& slots, std::size_t depth);
  Result<void> add_elements(ColumnData& list, const Slots& slots, std::size_t depth);
  Slots& slots_at(std::size_t depth);
  Result<void> write(std::string_view bytes);
  Result<void> end_row_group();
  std::string footer() const;

  struct Leaf {
    std::vector<std::string> path;  // in the schema
    ColumnType type;
    LeafEncoder encoder;
  };

  std::filesystem::path file_;
  UniqueFd fd_;
  std::vector<Column> columns_;  // `_other` included
  std::vector<Leaf> leaves_;     // depth first
  std::size_t next_leaf_ = 0;
  std::deque<Slots> slots_;  // scratch, one for each depth
  PageCompressor compressor_;
  std::uint64_t written_ = 0, rows_ = 0;
  std::size_t group_rows_ = 0, groups_ = 0;
  std::string group_metadata_;  // the footer's list of row groups, as far as they are written
};

}  // namespace headwater::lake
