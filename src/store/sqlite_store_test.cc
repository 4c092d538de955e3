#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/store_test.h"

namespace headwater::store {
namespace {

const Backend kSqlite = {
    "Sqlite", [](const std::filesystem::path& folder) { return "sqlite:" + (folder / "store.db").string(); },
    [](const std::string& url) { return internal::open_sqlite(url.substr(url.find(':') + 1)); }};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(kSqlite));

TEST(SqliteStore, MakesItsFileInTheDataDirectoryForTheOwnerAlone) {
  const auto folder = *TemporaryFolder::make("headwater-store");
  ASSERT_TRUE(Store::open("sqlite", folder.path() / "data"));
  struct stat status{};
  ASSERT_EQ(::stat((folder.path() / "data" / "headwater.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

// POSIX drops all locks of a process on a file when it closes any descriptor of it. A process that sees no
// lock takes itself for the last user and deletes the WAL that the server goes on writing to.
TEST(SqliteStore, KeepsItsLockOnTheFileWhenReadersJoin) {
  const auto folder = *TemporaryFolder::make("headwater-store");
  const auto path = (folder.path() / "locked.db").string();
  const auto database = internal::open_sqlite(path);
  ASSERT_TRUE(database);
  const auto read = [](internal::Connection& connection) -> Result<void> {
    TRY(connection.run("SELECT 1", {}, {}));
    return {};
  };
  ASSERT_TRUE((*database)->query(read));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool asked = file >= 0 && ::fcntl(file, F_GETLK, &lock) == 0;
    ::_exit(asked && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "no lock is held on the open database";
}

TEST(SqliteStore, AnInMemoryStoreWorksAlike) {
  const auto store = Store::open("sqlite::memory:", "");
  ASSERT_TRUE(store) << store.error().message;
  const auto stored =
      (*store)->insert(domain::new_resource(domain::ResourceKind::flow_spec, "s", {}, {}, 1, json::Object{}));
  ASSERT_TRUE(stored);
  EXPECT_TRUE((*store)->get(Scope::all(), domain::ResourceKind::flow_spec, "s"));
}

TEST(SqliteStore, RefusesAnUnknownUrl) {
  for (const auto* url : {"", "mysql://x", "sqlite3", "/a/path"}) {
    const auto store = Store::open(url, "/nowhere");
    ASSERT_FALSE(store) << url;
    EXPECT_EQ(store.error().kind, ErrorKind::invalid_argument) << url;
  }
}

TEST(SqliteStore, SaysWhichFileIsNoDatabase) {
  const auto folder = *TemporaryFolder::make("headwater-store");
  const auto path = folder.path() / "text.db";
  ASSERT_TRUE(write_file_durably(path, std::string(4096, 'x')));
  const auto store = Store::open("sqlite:" + path.string(), folder.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::storage);
}

// No file of this process may grow beyond some size: to SQLite the same as a disk that is full.
TEST(SqliteStore, AFullDiskIsToldAndTheStoreIsReadyAgainWhenThereIsRoom) {
  const auto folder = *TemporaryFolder::make("headwater-store");
  const auto store = *Store::open("sqlite", folder.path());
  const auto insert = [&store](const std::string& id) {
    return store->insert(domain::new_resource(domain::ResourceKind::flow_spec, id, {}, {}, 1,
                                              json::Object{{"text", std::string(1 << 18, 'x')}}));
  };
  ASSERT_TRUE(insert("first"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit little = before;
  little.rlim_cur = 1 << 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  std::string code, message;
  for (int i = 0; i < 20 && code.empty(); ++i)
    if (const auto stored = insert("more" + std::to_string(i)); !stored) {
      code = stored.error().code;
      message = stored.error().message;
    }
  little.rlim_cur = 1 << 10;  // nor for anything small
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  EXPECT_FALSE(store->get(Scope::all(), domain::ResourceKind::flow_spec, "none"));
  static_cast<void>(store->transact([](Transaction&) -> Result<void> { return {}; }));  // writes nothing
  const auto full = store->check();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(code, "FLOW-1103-503") << message;
  EXPECT_NE(message.find("disk is full"), std::string::npos) << message;
  ASSERT_FALSE(full) << "it can be read, but not written";
  EXPECT_EQ(full.error().code, "FLOW-1103-503");
  EXPECT_TRUE(store->check());
  EXPECT_TRUE(insert("last"));
  EXPECT_TRUE(store->check());
}

}  // namespace
}  // namespace headwater::store
