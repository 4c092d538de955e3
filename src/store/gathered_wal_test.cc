// The gathered log against what it must never change: who sees a commit, what survives, what a full disk
// does.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/file.h"
#include "store/internal/database.h"

namespace headwater::store::internal {
namespace {

class GatheredWal : public testing::Test {
 protected:
  std::unique_ptr<Database> open() {
    auto database = open_sqlite((folder_.path() / "t.db").string());
    if (!database) throw std::runtime_error(database.error().message);
    const auto made = (*database)->write([](Connection& connection) {
      return connection.script("CREATE TABLE IF NOT EXISTS t (n integer PRIMARY KEY, body text NOT NULL)");
    });
    if (!made) throw std::runtime_error(made.error().message);
    return *std::move(database);
  }

  static Work insertion(std::int64_t n, std::size_t bytes = 100) {
    return [n, bytes](Connection& connection) -> Result<void> {
      TRY(connection.run("INSERT INTO t VALUES (?1, ?2)", {n, std::string(bytes, 'b')}));
      return {};
    };
  }

  static std::int64_t number(Database& database, std::string_view sql) {
    std::int64_t found = -1;
    EXPECT_TRUE(database.query([&](Connection& connection) -> Result<void> {
      TRY(connection.run(sql, {}, [&](const Row& row) { found = row.integer(0); }));
      return {};
    }));
    return found;
  }

  static void expect_sound(Database& database) {
    std::string says;
    EXPECT_TRUE(database.query([&](Connection& connection) -> Result<void> {
      TRY(connection.run("PRAGMA integrity_check", {}, [&](const Row& row) { says = row.text(0); }));
      return {};
    }));
    EXPECT_EQ(says, "ok");
  }

  /// A process of its own, which ends with what `work` gives. Started before this one opens the database:
  /// SQLite's connections may not go through a fork.
  template <typename ChildWork>
  static pid_t child_that(const ChildWork& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    return child;
  }

  static int status_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  /// How often this process has called write, as the kernel counts.
  static std::int64_t writes_so_far() {
    std::ifstream counts("/proc/self/io");
    std::string name;
    std::int64_t count = 0;
    while (counts >> name >> count)
      if (name == "syscw:") return count;
    return -1;
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-log");
};

TEST_F(GatheredWal, ACommitIsOneWrite) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "The sanitizers write, too: they try memory by that.";
#endif
  const auto database = open();
  ASSERT_TRUE(database->write(insertion(1)));
  const auto before = writes_so_far();
  ASSERT_GE(before, 0);
  // A page of the table and its overflow pages: a frame each.
  ASSERT_TRUE(database->write(insertion(2, 40'000)));
  EXPECT_EQ(writes_so_far() - before, 1);
}

TEST_F(GatheredWal, AnotherProcessSeesACommitAtOnce) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  int answers[2];
  ASSERT_EQ(::pipe(answers), 0);
  const pid_t writer = child_that([&] {
    const auto database = open();
    for (char n = 1; n <= 20; ++n) {
      char seen = 0;
      if (!database->write(insertion(n)) || ::write(pipe_ends[1], &n, 1) != 1) return 1;
      if (::read(answers[0], &seen, 1) != 1) return 2;
    }
    return 0;
  });
  ::close(pipe_ends[1]);
  char n = 0;
  std::unique_ptr<Database> reader;
  while (::read(pipe_ends[0], &n, 1) == 1) {
    if (!reader) reader = open();
    EXPECT_EQ(number(*reader, "SELECT count(*) FROM t"), n);
    ASSERT_EQ(::write(answers[1], &n, 1), 1);
  }
  EXPECT_EQ(n, 20);
  EXPECT_EQ(status_of(writer), 0);
  for (const int end : {pipe_ends[0], answers[0], answers[1]}) ::close(end);
  expect_sound(*reader);
}

TEST_F(GatheredWal, ATransactionLargerThanTheCacheReadsItsOwnRows) {
  const auto database = open();
  ASSERT_TRUE(database->write([](Connection& connection) -> Result<void> {
    TRY(connection.script("PRAGMA cache_size = 10"));  // What is changed goes into the log before the commit.
    for (std::int64_t n = 1; n <= 300; ++n) TRY(insertion(n, 10'000)(connection));
    TRY(connection.script("SAVEPOINT one"));
    for (std::int64_t n = 301; n <= 600; ++n) TRY(insertion(n, 10'000)(connection));
    TRY(connection.script("ROLLBACK TO one; RELEASE one"));
    TRY(connection.script("UPDATE t SET body = body || 'x'"));
    std::int64_t bytes = 0;
    TRY(connection.run("SELECT sum(length(body)) FROM t", {},
                       [&](const Row& row) { bytes = row.integer(0); }));
    EXPECT_EQ(bytes, 300 * 10'001);
    return {};
  }));
  EXPECT_EQ(number(*database, "SELECT sum(length(body)) FROM t"), 300 * 10'001);
  expect_sound(*database);
}

TEST_F(GatheredWal, ATransactionThatFailsLeavesNothing) {
  const auto database = open();
  ASSERT_TRUE(database->write(insertion(1)));
  const auto failed = database->write([](Connection& connection) -> Result<void> {
    for (std::int64_t n = 2; n <= 100; ++n) TRY(insertion(n, 10'000)(connection));
    return Error{ErrorKind::conflict, "not today"};
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 1);
  ASSERT_TRUE(database->write(insertion(2)));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 2);
  expect_sound(*database);
}

// What was too much for the cache goes into the log before the commit that never comes.
TEST_F(GatheredWal, WhatATransactionThatFailsHasHeldBackIsNotWrittenOverCommitsOfOthers) {
  const auto database = open();
  const auto other = open();
  // All is in the database's file: to undo, nothing has to be read from the log.
  EXPECT_EQ(number(*other, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
  const auto failed = database->write([](Connection& connection) -> Result<void> {
    TRY(connection.script("PRAGMA cache_size = 10"));
    for (std::int64_t n = 1; n <= 100; ++n) TRY(insertion(n, 10'000)(connection));
    return Error{ErrorKind::conflict, "not today"};
  });
  EXPECT_FALSE(failed);
  for (std::int64_t n = 1; n <= 200; ++n) ASSERT_TRUE(other->write(insertion(n, 10'000)));
  EXPECT_EQ(number(*database, "SELECT count(*) FROM t"), 200);
  ASSERT_TRUE(database->write(insertion(201)));
  EXPECT_EQ(number(*open(), "SELECT sum(length(body)) FROM t"), 200 * 10'000 + 100);
  expect_sound(*open());
}

// A limit of the file's size is a full disk that any user can have.
TEST_F(GatheredWal, WhatAFullDiskRefusesIsNotStoredAndWhatFollowsIs) {
  const auto limited = [&]() -> int {
    ::signal(SIGXFSZ, SIG_IGN);  // The write fails instead.
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const auto usual = limit.rlim_cur;
    limit.rlim_cur = 300'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto database = open();
    std::int64_t stored = 0;
    while (stored < 200 && database->write(insertion(stored + 1, 10'000))) ++stored;
    if (stored == 0 || stored == 200) return 1;
    if (number(*database, "SELECT count(*) FROM t") != stored) return 2;
    limit.rlim_cur = usual;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!database->write(insertion(stored + 1, 10'000))) return 3;
    return number(*open(), "SELECT count(*) FROM t") == stored + 1 ? 0 : 4;
  };
  EXPECT_EQ(status_of(child_that(limited)), 0);
  expect_sound(*open());
}

}  // namespace
}  // namespace headwater::store::internal
