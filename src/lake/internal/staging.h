#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace headwater::lake {

/// What a checkpoint binds together. Sizes say how much of each file belongs to it.
struct CheckpointState {
  std::uint64_t sequence = 0;
  std::uint32_t part = 1;     // which part the log belongs to
  std::uint32_t log_crc = 0;  // of the log's first log_bytes bytes
  std::uint64_t log_bytes = 0;
  std::uint64_t log_records = 0;  // in this part
  std::uint64_t errors_bytes = 0;
  std::uint64_t rejected = 0;  // in the whole batch
  std::uint64_t inputs_bytes = 0;
  std::string cursor;
};

/// A small file with two slots that checkpoints are written to in turn: a torn write spoils one slot and
/// leaves the checkpoint before. Confined to one thread, but for the descriptor.
class CheckpointFile {
 public:
  static Result<CheckpointFile> open(std::filesystem::path file);
  /// What the readable slots hold, the newest first.
  Result<std::vector<CheckpointState>> read() const;
  /// Overwrites the older slot. A cursor beyond the slot's room makes the file anew.
  Result<void> write(const CheckpointState& state);
  int fd() const { return fd_.get(); }

 private:
  explicit CheckpointFile(std::filesystem::path path) : path_(std::move(path)) {}
  Result<void> make(std::uint64_t slot_bytes, const CheckpointState* state);

  std::filesystem::path path_;
  UniqueFd fd_;
  std::uint64_t slot_bytes_ = 0;
};

/// Syncs files behind the writer's back, one request at a time. `request` and `wait` belong to one thread.
class Syncer {
 public:
  ~Syncer();
  /// Waits for the request before; then syncs `fds` in order on another thread. The descriptors stay
  /// open until `wait`. Errors: storage, of the request before.
  Result<void> request(std::vector<int> fds);
  Result<void> wait();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> fds_;
  bool busy_ = false, stopping_ = false;
  Result<void> outcome_;
  std::thread thread_;
};

/// Opens a file for appending at its end as it is after cutting it to `bytes`; made when absent.
Result<UniqueFd> open_log(const std::filesystem::path& file, std::uint64_t bytes);

/// The CRC-32C of a file's first `bytes` bytes; nullopt when it is shorter.
Result<std::optional<std::uint32_t>> crc_of_file(const std::filesystem::path& file, std::uint64_t bytes);

}  // namespace headwater::lake
