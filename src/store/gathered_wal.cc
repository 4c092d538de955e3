#include "store/internal/gathered_wal.h"

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace headwater::store::internal {
namespace {

constexpr const char* kName = "headwater-gathered-wal";
// More than the pages of a usual commit; what a large transaction writes goes out in pieces of this. SQLite's
// files take less than 128 KB at a time (os_unix.c, seekAndWriteFd).
constexpr std::size_t kGatheredBytesMax = std::size_t{120} * 1024;

/// The log of one connection. SQLite uses a connection from one thread at a time.
struct LogFile {
  sqlite3_file base;  // first: SQLite sees the whole as this
  std::vector<char> gathered;
  sqlite3_int64 gathered_at = 0;

  /// The file of the default VFS, in the memory behind this.
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  int write_gathered() {
    if (gathered.empty()) return SQLITE_OK;
    const int code =
        file()->pMethods->xWrite(file(), gathered.data(), static_cast<int>(gathered.size()), gathered_at);
    // What could not be written is no part of a commit: SQLite learns of it now and undoes the transaction.
    gathered.clear();
    return code;
  }
};
static_assert(alignof(LogFile) >= alignof(void*));

LogFile& log_of(sqlite3_file* base) { return *reinterpret_cast<LogFile*>(base); }

int close_log(sqlite3_file* base) {
  auto& log = log_of(base);
  // A commit is synced: what is still here is of none, and others may have written in its place.
  const int closed = log.file()->pMethods->xClose(log.file());
  log.~LogFile();
  return closed;
}

int read_log(sqlite3_file* base, void* to, int size, sqlite3_int64 at) {
  auto& log = log_of(base);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return log.file()->pMethods->xRead(log.file(), to, size, at);
}

int write_log(sqlite3_file* base, const void* from, int size, sqlite3_int64 at) {
  auto& log = log_of(base);
  const auto bytes = static_cast<std::size_t>(size);
  const auto end = log.gathered_at + static_cast<sqlite3_int64>(log.gathered.size());
  if (!log.gathered.empty() && (at != end || log.gathered.size() + bytes > kGatheredBytesMax))
    if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  try {
    const auto* begin = static_cast<const char*>(from);
    if (log.gathered.empty()) log.gathered_at = at;
    log.gathered.insert(log.gathered.end(), begin, begin + bytes);
  } catch (const std::bad_alloc&) {  // It may not pass through SQLite's C code.
    return SQLITE_IOERR_NOMEM;
  }
  return SQLITE_OK;
}

int truncate_log(sqlite3_file* base, sqlite3_int64 size) {
  auto& log = log_of(base);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return log.file()->pMethods->xTruncate(log.file(), size);
}

int sync_log(sqlite3_file* base, int flags) {
  auto& log = log_of(base);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return log.file()->pMethods->xSync(log.file(), flags);
}

int size_of_log(sqlite3_file* base, sqlite3_int64* size) {
  auto& log = log_of(base);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return log.file()->pMethods->xFileSize(log.file(), size);
}

// SQLite locks the database's file and its index, never the log.
int lock_log(sqlite3_file* base, int level) {
  auto* file = log_of(base).file();
  return file->pMethods->xLock(file, level);
}
int unlock_log(sqlite3_file* base, int level) {
  auto* file = log_of(base).file();
  return file->pMethods->xUnlock(file, level);
}
int is_log_reserved(sqlite3_file* base, int* reserved) {
  auto* file = log_of(base).file();
  return file->pMethods->xCheckReservedLock(file, reserved);
}
int control_log(sqlite3_file* base, int operation, void* argument) {
  auto* file = log_of(base).file();
  return file->pMethods->xFileControl(file, operation, argument);
}
int sector_size_of_log(sqlite3_file* base) {
  auto* file = log_of(base).file();
  return file->pMethods->xSectorSize(file);
}
int traits_of_log(sqlite3_file* base) {
  auto* file = log_of(base).file();
  return file->pMethods->xDeviceCharacteristics(file);
}

// Version 1: shared memory and mapped pages are the database file's.
const sqlite3_io_methods kLogMethods = {1,
                                        close_log,
                                        read_log,
                                        write_log,
                                        truncate_log,
                                        sync_log,
                                        size_of_log,
                                        lock_log,
                                        unlock_log,
                                        is_log_reserved,
                                        control_log,
                                        sector_size_of_log,
                                        traits_of_log,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* given) {
  auto* files = static_cast<sqlite3_vfs*>(sqlite3_vfs_find(nullptr));
  if ((flags & SQLITE_OPEN_WAL) == 0) return files->xOpen(files, name, base, flags, given);
  auto* log = new (base) LogFile{};
  std::memset(log->file(), 0, static_cast<std::size_t>(vfs->szOsFile) - sizeof(LogFile));
  const int code = files->xOpen(files, name, log->file(), flags, given);
  if (code == SQLITE_OK) {
    log->base.pMethods = &kLogMethods;
  } else {
    log->~LogFile();  // Without methods SQLite does not close it.
    base->pMethods = nullptr;
  }
  return code;
}

sqlite3_vfs gathering(const sqlite3_vfs& files) {
  sqlite3_vfs vfs = files;  // everything but files is the default's own
  vfs.zName = kName;
  vfs.pNext = nullptr;
  vfs.szOsFile = static_cast<int>(sizeof(LogFile)) + files.szOsFile;
  vfs.xOpen = open_file;
  return vfs;
}

}  // namespace

Result<const char*> gathered_wal_vfs() {
  static const int code = [] {
    if (const int initialised = sqlite3_initialize(); initialised != SQLITE_OK) return initialised;
    static sqlite3_vfs vfs = gathering(*sqlite3_vfs_find(nullptr));
    return sqlite3_vfs_register(&vfs, 0);
  }();
  if (code != SQLITE_OK)
    return Error{ErrorKind::storage,
                 std::string("The metadata store's files: ") + sqlite3_errstr(code) + "."};
  return kName;
}

void forget_gathered(sqlite3* database) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file)) !=
      SQLITE_OK)
    return;
  if (file != nullptr && file->pMethods == &kLogMethods) log_of(file).gathered.clear();
}

}  // namespace headwater::store::internal
