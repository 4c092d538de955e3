#include "lake/internal/parquet_stream.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "lake/internal/duckdb_api.h"

namespace headwater::lake {
namespace {

// DuckDB gathers a row group uncompressed before it writes it; this bounds a run's memory.
constexpr std::string_view kRowGroupBytesMax = "8MB";

struct TableFunction {
  ParquetStream* stream;
  const DuckDb* api;
};

void bind_rows(duckdb_bind_info info) {
  const auto* function = static_cast<const TableFunction*>(
      // The extra info was given to the registration; it lives as long as the copy runs.
      DuckDb::load() ? (*DuckDb::load())->bind_get_extra_info(info) : nullptr);
  if (function == nullptr) return;
  const auto& api = *function->api;
  for (const auto& column : function->stream->layout().columns)
    api.bind_add_result_column(info, column.name.c_str(), logical_type(api, column.type).get());
  api.bind_add_result_column(info, std::string(kOtherColumn).c_str(), logical_type(api, ColumnType{}).get());
}

void init_rows(duckdb_init_info info) {
  if (const auto api = DuckDb::load()) (*api)->init_set_max_threads(info, 1);
}

void move_validity(const DuckDb& api, duckdb_vector to, const ColumnData& from, std::size_t rows) {
  bool any_null = false;
  const auto words = rows / 64;
  for (std::size_t i = 0; i < words && !any_null; ++i) any_null = from.valid[i] != ~std::uint64_t{0};
  const auto rest = rows % 64;
  if (rest != 0) any_null |= (~from.valid[words] & ((std::uint64_t{1} << rest) - 1)) != 0;
  if (!any_null) return;
  api.vector_ensure_validity_writable(to);
  std::memcpy(api.vector_get_validity(to), from.valid.data(), (words + (rest != 0)) * sizeof(std::uint64_t));
}

void move_column(const DuckDb& api, duckdb_vector to, const ColumnData& from, std::size_t rows) {
  if (rows == 0) return;
  move_validity(api, to, from, rows);
  if (from.kind == ColumnType::Kind::structure) {
    for (std::size_t i = 0; i < from.children.size(); ++i)
      move_column(api, api.struct_vector_get_child(to, i), from.children[i], rows);
    return;
  }
  std::memcpy(api.vector_get_data(to), from.values.data(), rows * from.value_bytes);
  if (from.kind != ColumnType::Kind::list) return;
  api.list_vector_reserve(to, from.child_rows);
  api.list_vector_set_size(to, from.child_rows);
  move_column(api, api.list_vector_get_child(to), from.children.front(), from.child_rows);
}

void give_rows(duckdb_function_info info, duckdb_data_chunk output) {
  const auto loaded = DuckDb::load();
  if (!loaded) return;
  const auto& api = **loaded;
  const auto* function = static_cast<const TableFunction*>(api.function_get_extra_info(info));
  bool aborted = false;
  const auto* chunk = function->stream->next(aborted);
  if (aborted) return api.function_set_error(info, "the batch was given up");
  if (chunk == nullptr) return api.data_chunk_set_size(output, 0);
  for (std::size_t i = 0; i < chunk->columns().size(); ++i)
    move_column(api, api.data_chunk_get_vector(output, i), chunk->columns()[i], chunk->rows());
  api.data_chunk_set_size(output, chunk->rows());
}

Result<void> register_rows(const DuckDbSession& session, TableFunction& function) {
  const auto& api = session.api();
  auto table = api.create_table_function();
  api.table_function_set_name(table, "headwater_rows");
  api.table_function_set_extra_info(table, &function, nullptr);
  api.table_function_set_bind(table, bind_rows);
  api.table_function_set_init(table, init_rows);
  api.table_function_set_function(table, give_rows);
  const auto registered = api.register_table_function(session.connection(), table);
  api.destroy_table_function(&table);
  if (registered != DuckDBSuccess)
    return Error{ErrorKind::unavailable, "DuckDB refuses the table function that feeds it records."};
  return {};
}

}  // namespace

Result<std::unique_ptr<ParquetStream>> ParquetStream::open(std::filesystem::path file, const Layout& layout,
                                                           std::size_t rows_per_group) {
  TRY(DuckDb::load());
  std::unique_ptr<ParquetStream> stream(new ParquetStream(std::move(file), layout, rows_per_group));
  stream->thread_ = std::thread([&self = *stream] { self.work(); });
  return stream;
}

ParquetStream::ParquetStream(std::filesystem::path file, const Layout& layout, std::size_t rows_per_group)
    : file_(std::move(file)), layout_(layout), rows_per_group_(rows_per_group) {}

ParquetStream::~ParquetStream() {
  if (thread_.joinable()) stop(true);
}

std::unique_ptr<ColumnChunk> ParquetStream::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto chunk = std::move(free_.back());
      free_.pop_back();
      return chunk;
    }
  }
  return std::make_unique<ColumnChunk>(layout_);
}

Result<void> ParquetStream::push(std::unique_ptr<ColumnChunk> chunk) {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [this] { return queue_.size() < kQueueMax || done_; });
  if (done_)
    return outcome_ ? Result<void>(Error{ErrorKind::storage, "The Parquet writer ended early."}) : outcome_;
  queue_.push_back(std::move(chunk));
  moved_.notify_all();
  return {};
}

const ColumnChunk* ParquetStream::next(bool& aborted) {
  std::unique_lock lock(mutex_);
  if (current_) {
    current_->clear();
    free_.push_back(std::move(current_));
  }
  moved_.wait(lock, [this] { return !queue_.empty() || ended_ || aborted_; });
  aborted = aborted_;
  if (aborted_ || queue_.empty()) return nullptr;
  current_ = std::move(queue_.front());
  queue_.pop_front();
  moved_.notify_all();
  return current_.get();
}

void ParquetStream::work() {
  auto outcome = copy_to_file();
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
  done_ = true;
  moved_.notify_all();
}

Result<void> ParquetStream::copy_to_file() {
  const auto session = TRY(DuckDbSession::open({.threads = 1, .memory_bytes_max = 256ULL << 20}));
  TableFunction function{this, &session.api()};
  TRY(register_rows(session, function));
  const auto sql =
      "COPY (SELECT * FROM headwater_rows()) TO " + sql_string(file_.string()) +
      " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false, ROW_GROUP_SIZE " +
      std::to_string(rows_per_group_) + ", ROW_GROUP_SIZE_BYTES '" + std::string(kRowGroupBytesMax) + "')";
  auto copied = session.run(sql);
  if (copied) return {};
  // Whatever DuckDB calls it: the statement is ours, so it is the disk or the memory.
  auto error = std::move(copied).error();
  if (error.kind == ErrorKind::invalid_argument) error.kind = ErrorKind::storage;
  error.message = "Writing Parquet failed: " + error.message;
  return error;
}

void ParquetStream::stop(bool abort) {
  {
    const std::lock_guard lock(mutex_);
    (abort ? aborted_ : ended_) = true;
    moved_.notify_all();
  }
  thread_.join();
}

Result<std::uint64_t> ParquetStream::finish() {
  stop(false);
  TRY(outcome_);
  const UniqueFd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open", file_.string());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return errno_error("examine", file_.string());
  TRY(sync_data(fd.get(), file_.string()));
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace headwater::lake
