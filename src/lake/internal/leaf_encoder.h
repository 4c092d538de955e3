#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/internal/column_chunk.h"
#include "lake/internal/numbers.h"
#include "lake/layout.h"

namespace headwater::lake {

/// The places of a column that a stretch of rows asks for, with Parquet's levels. A place is live when its
/// ancestors are there: only then has `rows` a meaning (the row in the column's vectors).
struct Slots {
  std::size_t count = 0;
  std::uint8_t live = 0;  // the definition level of a live place
  /// Every place is live, place i is row i, and repetition is 0: the vectors stay empty.
  bool dense = true;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> definition, repetition;
  std::uint8_t lists = 0;  // entered so far: the greatest repetition level

  std::uint32_t row(std::size_t i) const { return dense ? static_cast<std::uint32_t>(i) : rows[i]; }
  bool is_live(std::size_t i) const { return dense || definition[i] == live; }
  std::uint8_t definition_of(std::size_t i) const { return dense ? live : definition[i]; }
  std::uint8_t repetition_of(std::size_t i) const { return dense ? std::uint8_t{0} : repetition[i]; }

  void begin(std::uint8_t live_level);
  void add(std::uint32_t row, std::uint8_t definition_level, std::uint8_t repetition_level);
};

/// Compresses pages with zstd. One serves all leaves of a file. Confined to one thread.
class PageCompressor {
 public:
  PageCompressor();
  ~PageCompressor();
  /// The bytes compressed, until the next call. Errors: storage.
  Result<std::string_view> compress(std::string_view bytes);

  std::string page;  // scratch for whoever builds a page

 private:
  struct Context;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::unique_ptr<Context> context_;
};

/// The least and the greatest of a leaf's values, as the footer's statistics spell them.
class Bounds {
 public:
  explicit Bounds(const ColumnType& type);
  void clear();
  void note(std::int64_t value);
  void note(double value);
  void note(Int128 value);
  /// Long texts end the noting: a cut greatest text would be no bound.
  void note(std::string_view text);
  /// Takes a value as the pages spell it.
  void note_plain(std::string_view bytes);
  bool wanted() const { return wanted_; }
  /// Empty while no value was noted.
  std::optional<std::string> least() const;
  std::optional<std::string> greatest() const;

 private:
  std::optional<std::string> spelled(bool least) const;

  ColumnType::Kind kind_;
  std::size_t width_;
  bool wanted_, any_ = false;
  std::int64_t whole_[2] = {0, 0};
  double number_[2] = {0, 0};
  Int128 wide_[2] = {0, 0};
  std::string text_[2];
};

/// Encodes the values of one leaf column into the pages of a row group: in a dictionary while that pays,
/// plain otherwise. Pages are compressed as they fill, so that what waits for the row group's end is small.
/// Confined to one thread.
class LeafEncoder {
 public:
  LeafEncoder(const ColumnType& type, std::uint8_t definition_max, std::uint8_t repetition_max);

  /// Adds the values at `slots`. Errors: storage (compression), too_large (a value past Parquet's 2 GB).
  Result<void> add(ColumnData& column, const Slots& slots, PageCompressor& compressor);
  /// What the row group so far holds in memory.
  std::size_t bytes() const;

  /// The leaf's part of a row group: its bytes as the file holds them, and what the footer says of them.
  struct Chunk {
    std::string_view dictionary, pages;  // until the next `add`
    std::int64_t values = 0;
    std::int64_t nulls = 0;
    std::int64_t uncompressed_bytes = 0;
    std::optional<std::string> least, greatest;  // as Parquet's statistics spell them
  };
  /// Ends the row group; the encoder begins the next one with the next `add`.
  Result<Chunk> finish(PageCompressor& compressor);

 private:
  void begin_row_group();
  void add_values(ColumnData& column, const Slots& slots);
  template <class Each>
  void each_live(const ColumnData& column, const Slots& slots, Each each);
  template <class T>
  void add_fixed(ColumnData& column, const Slots& slots);
  void add_texts(ColumnData& column, const Slots& slots);
  /// Where the value stands in the dictionary, having put it there if it was new; nullopt when it is full.
  std::optional<std::uint32_t> position_of(std::string_view bytes);
  std::string_view entry(std::uint32_t position) const;
  void rebuild_table();
  void leave_dictionary();
  void drop_unused_dictionary();
  Result<void> close_page(PageCompressor& compressor);
  enum class PageKind : std::uint8_t { plain, coded, dictionary };
  struct Page {
    PageKind kind;
    std::string_view body;
    std::size_t values;
  };
  Result<void> write_page(std::string& out, const Page& page, PageCompressor& compressor);

  ColumnType::Kind kind_;
  std::size_t width_;  // bytes of a value; 0 for texts
  std::uint8_t definition_max_, repetition_max_;
  bool dictionary_pays_;  // as far as is known

  // The open page.
  std::vector<std::uint8_t> definition_, repetition_;
  std::string plain_;
  std::vector<std::uint32_t> positions_;  // in the dictionary

  // The row group.
  bool in_dictionary_ = false;    // the open page's values
  bool dictionary_used_ = false;  // by a closed page
  bool judged_ = false, finished_ = false;
  std::string dictionary_, pages_, dictionary_page_;
  std::vector<std::uint32_t> starts_{0};  // where the dictionary's entries begin, and its end
  std::vector<std::uint32_t> table_;      // hash table of positions + 1
  std::int64_t values_ = 0, nulls_ = 0, uncompressed_bytes_ = 0;
  Bounds bounds_;
};

}  // namespace headwater::lake
