#include "lake/internal/staging.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "lake/internal/crc32c.h"

namespace headwater::lake {
namespace {

constexpr std::uint32_t kMagic = 0x4B435748;  // "HWCK"
constexpr std::uint64_t kSlotBytes = 16U << 10;
constexpr std::uint64_t kSlotBytesMax = 64U << 20;

/// The head of a slot as it stands on disk; the cursor follows.
struct SlotHead {
  std::uint32_t magic = kMagic;
  std::uint32_t crc = 0;  // of the head behind this member and of the cursor
  std::uint64_t slot_bytes = 0;
  std::uint64_t sequence = 0;
  std::uint32_t part = 0;
  std::uint32_t log_crc = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t log_records = 0;
  std::uint64_t errors_bytes = 0;
  std::uint64_t rejected = 0;
  std::uint64_t inputs_bytes = 0;
  std::uint64_t cursor_bytes = 0;
};
constexpr std::size_t kCrcFrom = 2 * sizeof(std::uint32_t);
static_assert(sizeof(SlotHead) == 80);

std::string slot_text(const CheckpointState& state, std::uint64_t slot_bytes) {
  SlotHead head;
  head.slot_bytes = slot_bytes;
  head.sequence = state.sequence;
  head.part = state.part;
  head.log_crc = state.log_crc;
  head.log_bytes = state.log_bytes;
  head.log_records = state.log_records;
  head.errors_bytes = state.errors_bytes;
  head.rejected = state.rejected;
  head.inputs_bytes = state.inputs_bytes;
  head.cursor_bytes = state.cursor.size();
  std::string text(sizeof head, '\0');
  std::memcpy(text.data(), &head, sizeof head);
  text += state.cursor;
  head.crc = crc32c(std::string_view(text).substr(kCrcFrom));
  std::memcpy(text.data(), &head, sizeof head);
  return text;
}

std::optional<SlotHead> read_slot(std::string_view slot, CheckpointState& state) {
  SlotHead head;
  if (slot.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, slot.data(), sizeof head);
  if (head.magic != kMagic || head.cursor_bytes > slot.size() - sizeof head) return std::nullopt;
  if (crc32c(slot.substr(kCrcFrom, sizeof head - kCrcFrom + head.cursor_bytes)) != head.crc)
    return std::nullopt;
  state = {head.sequence,  head.part,         head.log_crc,
           head.log_bytes, head.log_records,  head.errors_bytes,
           head.rejected,  head.inputs_bytes, std::string(slot.substr(sizeof head, head.cursor_bytes))};
  return head;
}

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset, const std::string& what) {
  while (!bytes.empty()) {
    const auto wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write", what);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

}  // namespace

Result<CheckpointFile> CheckpointFile::open(std::filesystem::path path) {
  CheckpointFile file(std::move(path));
  file.fd_ = UniqueFd(::open(file.path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.fd_) {
    if (errno != ENOENT) return errno_error("open", file.path_.string());
    TRY(file.make(kSlotBytes, nullptr));
    return file;
  }
  struct stat status{};
  if (::fstat(file.fd_.get(), &status) != 0) return errno_error("examine", file.path_.string());
  file.slot_bytes_ = static_cast<std::uint64_t>(status.st_size) / 2;
  return file;
}

// Made whole and zeroed before it gets its name, so that later writes never have to grow it.
Result<void> CheckpointFile::make(std::uint64_t slot_bytes, const CheckpointState* state) {
  std::string bytes(2 * slot_bytes, '\0');
  if (state != nullptr) {
    const auto slot = slot_text(*state, slot_bytes);
    bytes.replace((state->sequence % 2) * slot_bytes, slot.size(), slot);
  }
  TRY(write_file_durably(path_, bytes));
  fd_ = UniqueFd(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd_) return errno_error("open", path_.string());
  slot_bytes_ = slot_bytes;
  return {};
}

Result<std::vector<CheckpointState>> CheckpointFile::read() const {
  const auto bytes = TRY(read_file(path_, 2 * kSlotBytesMax));
  std::vector<CheckpointState> states;
  for (std::uint64_t at = 0; slot_bytes_ > 0 && at < 2; ++at) {
    CheckpointState state;
    if (read_slot(std::string_view(bytes).substr(at * slot_bytes_, slot_bytes_), state))
      states.push_back(std::move(state));
  }
  std::sort(states.begin(), states.end(),
            [](const auto& a, const auto& b) { return a.sequence > b.sequence; });
  return states;
}

Result<void> CheckpointFile::write(const CheckpointState& state) {
  const auto needed = sizeof(SlotHead) + state.cursor.size();
  if (needed > kSlotBytesMax)
    return Error{ErrorKind::too_large, "A checkpoint's cursor takes " + std::to_string(state.cursor.size()) +
                                           " bytes; the limit is 64 MB."};
  if (needed > slot_bytes_) return make(std::bit_ceil(needed * 2), &state);
  return write_at(fd_.get(), slot_text(state, slot_bytes_), (state.sequence % 2) * slot_bytes_,
                  path_.string());
}

Syncer::~Syncer() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Result<void> Syncer::request(std::vector<int> fds) {
  TRY(wait());
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  const std::lock_guard lock(mutex_);
  fds_ = std::move(fds);
  busy_ = true;
  changed_.notify_all();
  return {};
}

Result<void> Syncer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  return outcome_;  // A failed sync stays failed: the kernel may have dropped what it could not write.
}

void Syncer::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return busy_ || stopping_; });
    if (!busy_) return;
    const auto fds = std::move(fds_);
    lock.unlock();
    Result<void> outcome;
    for (const int fd : fds)
      if (outcome) outcome = sync_data(fd, "the staging log");
    lock.lock();
    if (!outcome) outcome_ = std::move(outcome);
    busy_ = false;
    changed_.notify_all();
  }
}

Result<UniqueFd> open_log(const std::filesystem::path& file, std::uint64_t bytes) {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return errno_error("open", file.string());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return errno_error("examine", file.string());
  if (static_cast<std::uint64_t>(status.st_size) > bytes &&
      ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0)
    return errno_error("cut", file.string());
  return fd;
}

Result<std::optional<std::uint32_t>> crc_of_file(const std::filesystem::path& file, std::uint64_t bytes) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return bytes == 0 ? std::optional<std::uint32_t>(0) : std::nullopt;
  if (!fd) return errno_error("open", file.string());
  std::string buffer(1U << 20, '\0');
  std::uint32_t crc = 0;
  while (bytes > 0) {
    const auto wanted = std::min<std::uint64_t>(bytes, buffer.size());
    const auto got = ::read(fd.get(), buffer.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", file.string());
    if (got == 0) return std::optional<std::uint32_t>();
    crc = crc32c(std::string_view(buffer.data(), static_cast<std::size_t>(got)), crc);
    bytes -= static_cast<std::uint64_t>(got);
  }
  return std::optional<std::uint32_t>(crc);
}

}  // namespace headwater::lake
