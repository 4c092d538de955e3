#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::shape {

/// What a column's fields become. A field that does not look like a number or a truth value stays a text: the
/// target's schema says then what is wrong with it.
enum class CsvType : std::uint8_t { text, number, boolean, json };

struct CsvColumn {
  std::vector<std::string> path;  // where the field goes: {"person","name"}
  CsvType type = CsvType::text;
};

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';
  char escape = '\\';  // before a quote within quotes; a doubled quote counts in any case
  bool header = true;
  bool latin1 = false;
  std::string null_marker;
  std::size_t row_bytes_max = 64U << 20;
  std::size_t columns_max = 10'000;
};

/// Reads CSV (RFC 4180, with the options above) while its bytes arrive and gives one JSON object for each
/// row. Fields that are null are left out. Confined to one thread.
class CsvReader {
 public:
  /// What a header's name means; without a header, what column `index` is.
  using ColumnOf = std::function<CsvColumn(std::string_view name, std::size_t index)>;
  /// `problem` is empty for a good row; otherwise `text` is the row as it was read, field by field.
  using Sink = std::function<Result<void>(std::string_view text, std::string_view problem)>;
  CsvReader(CsvOptions options, ColumnOf column_of, Sink sink);

  /// Errors: too_large; invalid_argument (a quoted field that never ends); what the sink gave.
  Result<void> feed(std::string_view bytes);
  Result<void> finish();

 private:
  struct Node {
    std::string name;
    std::vector<Node> children;
    std::size_t column = 0;  // of a leaf
  };
  Result<void> take(char c);
  Result<void> end_row();
  Result<void> begin_columns();
  void add_column(CsvColumn column);
  std::string row_text() const;
  bool append_members(std::string& out, const std::vector<Node>& nodes) const;
  void append_field(std::string& out, std::size_t column) const;
  bool is_null(std::size_t column) const;

  CsvOptions options_;
  ColumnOf column_of_;
  Sink sink_;
  std::vector<CsvType> types_;
  std::vector<Node> tree_;
  bool columns_known_ = false;
  std::vector<std::string> fields_;  // reused: `used_` of them are of the row in hand
  std::vector<bool> quoted_;
  std::size_t used_ = 0, row_bytes_ = 0;
  enum class State : std::uint8_t { start, bare, quoted, escaped, after_quote } state_ = State::start;
  std::size_t marks_ = 0;  // bytes of a byte order mark seen
  bool begun_ = false;
  std::string object_;
};

}  // namespace headwater::shape
