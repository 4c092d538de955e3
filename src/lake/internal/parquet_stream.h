#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "lake/internal/column_chunk.h"
#include "lake/layout.h"

namespace headwater::lake {

/// Writes chunks to one Parquet file on a thread of its own: DuckDB pulls them through a table function
/// while `COPY ... TO` writes row groups as they fill. At most kQueueMax chunks wait.
/// `take`, `push` and `finish` belong to one thread.
class ParquetStream {
 public:
  /// `rows_per_group` bounds row groups; 16 MB of values do so too.
  /// Errors: unavailable (no DuckDB library).
  static Result<std::unique_ptr<ParquetStream>> open(std::filesystem::path file, const Layout& layout,
                                                     std::size_t rows_per_group);
  /// Stops at once and leaves a torn file unless `finish` has returned.
  ~ParquetStream();

  /// An empty chunk to fill.
  std::unique_ptr<ColumnChunk> take();
  /// Hands a chunk over; waits while the queue is full. Errors: what stopped the writer (storage).
  Result<void> push(std::unique_ptr<ColumnChunk> chunk);
  /// Writes what is queued and the file's footer, and makes the file durable. Gives its size in bytes.
  Result<std::uint64_t> finish();

  /// The next chunk for the writer, nullptr at the end; the one before is free again. `aborted` when the
  /// stream was given up. For the table function.
  const ColumnChunk* next(bool& aborted);
  const Layout& layout() const { return layout_; }

 private:
  static constexpr std::size_t kQueueMax = 2;

  ParquetStream(std::filesystem::path file, const Layout& layout, std::size_t rows_per_group);
  void work();
  Result<void> copy_to_file();
  void stop(bool abort);

  std::filesystem::path file_;
  Layout layout_;
  std::size_t rows_per_group_;

  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<std::unique_ptr<ColumnChunk>> queue_;
  std::vector<std::unique_ptr<ColumnChunk>> free_;
  std::unique_ptr<ColumnChunk> current_;
  bool ended_ = false, aborted_ = false, done_ = false;
  Result<void> outcome_;
  std::thread thread_;
};

}  // namespace headwater::lake
