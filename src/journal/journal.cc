#include "journal/journal.h"

#include <numeric>
#include <utility>

#include "base/crypto.h"
#include "base/file.h"
#include "journal/internal/partition.h"

namespace headwater::journal {
namespace {

class FileJournal final : public Journal {
 public:
  FileJournal(FileLock lock, std::string id, std::vector<std::unique_ptr<Partition>> partitions)
      : lock_(std::move(lock)), id_(std::move(id)), partitions_(std::move(partitions)) {}

  const std::string& id() const override { return id_; }

  bool append(std::uint32_t partition, std::span<const Message> messages, std::int64_t received_ms,
              Done done) override {
    if (partition < partitions_.size())
      return partitions_[partition]->append(messages, received_ms, std::move(done));
    done(Error{ErrorKind::invalid_argument,
               "The journal has no partition " + std::to_string(partition) + "."});
    return true;
  }
  std::uint64_t first(std::uint32_t partition) const override { return partitions_.at(partition)->first(); }
  std::uint64_t end(std::uint32_t partition) const override { return partitions_.at(partition)->end(); }
  bool wait_for(std::uint32_t partition, std::uint64_t offset, std::chrono::milliseconds patience,
                std::stop_token stop) const override {
    return partitions_.at(partition)->wait_for(offset, patience, std::move(stop));
  }
  std::unique_ptr<Reader> read(std::uint32_t partition, std::uint64_t offset) const override {
    return partitions_.at(partition)->read(offset);
  }
  Result<void> trim(std::uint32_t partition, std::uint64_t offset) override {
    return partitions_.at(partition)->trim(offset);
  }
  Result<void> compact(std::uint32_t partition, std::uint64_t before, const Keep& keep) override {
    return partitions_.at(partition)->compact(before, keep);
  }
  std::uint64_t stored_bytes() const override { return sum(&Partition::stored_bytes); }
  std::uint64_t waiting_bytes() const override { return sum(&Partition::waiting_bytes); }

 private:
  std::uint64_t sum(std::uint64_t (Partition::*part)() const) const {
    return std::accumulate(
        partitions_.begin(), partitions_.end(), std::uint64_t{0},
        [part](std::uint64_t total, const auto& partition) { return total + (partition.get()->*part)(); });
  }

  FileLock lock_;
  std::string id_;
  std::vector<std::unique_ptr<Partition>> partitions_;
};

// Made with the folder: a folder that was lost and made anew is another journal, whose offsets start again.
Result<std::string> id_of(const std::filesystem::path& folder) {
  const auto file = folder / "id";
  auto known = read_file(file);
  if (known || known.error().kind != ErrorKind::not_found) return known;
  std::string id = crypto::random_hex(16);
  TRY(write_file_durably(file, id, 0600));
  return id;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const Options& options) {
  TRY(make_folders(options.folder, 0700));
  auto lock = TRY(FileLock::try_take(options.folder / "lock"));
  if (!lock)
    return Error{ErrorKind::conflict, "Another process uses the journal " + options.folder.string() + "."};
  auto id = TRY(id_of(options.folder));
  std::vector<std::unique_ptr<Partition>> partitions;
  partitions.reserve(options.partitions);
  for (std::uint32_t i = 0; i < options.partitions; ++i)
    partitions.push_back(TRY(Partition::open(options.folder / std::to_string(i), options)));
  return std::unique_ptr<Journal>(
      std::make_unique<FileJournal>(*std::move(lock), std::move(id), std::move(partitions)));
}

}  // namespace headwater::journal
