#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/record.h"
#include "lake/batch_writer.h"
#include "lake/layout.h"

namespace headwater::lake {

/// Writes records to one Parquet file (zstd), each parsed once. Nothing is durable before `finish`.
/// Destroyed before that it leaves a torn file, which the owner removes. Confined to one thread.
class ParquetWriter {
 public:
  struct Options {
    std::filesystem::path file;
    /// The columns. Without them they are inferred from the first records (4 MB of them, or all).
    std::optional<Layout> layout;
    /// Columns to begin with when inferring: those that the dataset's files have.
    Layout known;
  };

  explicit ParquetWriter(Options options);
  ~ParquetWriter();

  /// Adds the records from `first` on, in order; misfits are appended and left out.
  /// Errors: storage, too_large (a value past Parquet's 2 GB).
  Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& misfits);

  struct Totals {
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    std::uint64_t records_with_other = 0;
    std::vector<std::string> other_members;  // at most 100
  };
  /// The counts so far; bytes are 0.
  Totals totals() const;
  /// Completes the file and makes it durable. A file without records is written only when columns are
  /// given or known.
  Result<Totals> finish();
  /// Stops writing; the torn file may be removed after that. Nothing may be appended any more.
  void abandon();
  /// The columns, once they are settled.
  const std::optional<Layout>& layout() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headwater::lake
