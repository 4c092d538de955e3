// Several processes of this version meet tables of an old one: all work afterwards, one has migrated.
#include <stdexcept>

#include "e2e/serving.h"
#include "servers/postgres_fixture.h"
#include "store/internal/database.h"

namespace headwater::testing {
namespace {

namespace internal = store::internal;

class MigrationStart : public ::testing::TestWithParam<const char*> {
 protected:
  // Tables of the first version, with enough runs that a migration takes others' time.
  MigrationStart() {
    const bool sqlite = GetParam() == std::string("sqlite");
    url_ = sqlite ? "sqlite:" + (folder_.path() / "old.db").string()
                  : tests::PostgresServer::shared().new_database();
    const auto tables = read_file(std::filesystem::path(STORE_TESTDATA) /
                                  (sqlite ? "version_1_sqlite.sql" : "version_1_postgres.sql"));
    const auto database = internal::open_database(url_, "");
    const auto made = (*database)->write([&](internal::Connection& connection) -> Result<void> {
      TRY(connection.script(*tables));
      TRY(connection.script("DELETE FROM secrets"));  // sealed with a key that nobody has
      const std::string columns =
          "scope, org, sandbox, sandbox_name, created_at_ms, updated_at_ms, created_by, updated_by, "
          "created_client, updated_client, state, etag, body";
      const std::string doc = sqlite ? "" : ", doc";
      return connection.script("INSERT INTO runs (id, " + columns + doc + ") SELECT 'n' || i, " + columns +
                               doc + " FROM runs, " +
                               (sqlite ? "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                         "WHERE i < 20000) SELECT i FROM n)"
                                       : "generate_series(1, 20000) AS n(i)"));
    });
    EXPECT_TRUE(made) << made.error().message;
  }

  std::unique_ptr<ChildProcess> migrate() {
    return std::make_unique<ChildProcess>(
        std::vector<std::string>{kBinary, "store", "migrate", "--json", "--store", url_, "--data-dir",
                                 folder_.path().string()},
        ChildProcess::Options{});
  }
  static std::int64_t from(ChildProcess& process) {
    const auto answer = json::parse(process.wait_for_line("{"));
    EXPECT_EQ(process.wait(), 0);
    if (!answer) throw std::runtime_error("no answer: " + process.output());
    EXPECT_EQ(answer->find("to")->as_int64(), internal::latest_version());
    return answer->find("from")->as_int64().value_or(-1);
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-migration-");
  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(Stores, MigrationStart, ::testing::Values("sqlite", "postgres"),
                         [](const auto& about) { return std::string(about.param); });

TEST_P(MigrationStart, OfSeveralProcessesOneMigrates) {
  std::vector<std::unique_ptr<ChildProcess>> processes;
  for (int i = 0; i < 4; ++i) processes.push_back(migrate());
  int migrated = 0;
  for (const auto& process : processes) {
    const auto found = from(*process);
    EXPECT_TRUE(found == 1 || found == internal::latest_version()) << found;
    migrated += found == 1 ? 1 : 0;
  }
  EXPECT_EQ(migrated, 1);
}

TEST_P(MigrationStart, AServerAndACommandStartAtOnce) {
  const auto data = (folder_.path() / "data").string();
  const auto command = migrate();
  Serving serving(data, {"--store", url_});
  const auto found = from(*command);
  EXPECT_TRUE(found == 1 || found == internal::latest_version()) << found;
  ASSERT_FALSE(serving.url().empty()) << *read_file(data + ".log");
  EXPECT_NE(ask_plainly(serving.url() + "/readyz").find("ready"), std::string::npos)
      << ask_plainly(serving.url() + "/readyz");
  EXPECT_EQ(from(*migrate()), internal::latest_version());
}

}  // namespace
}  // namespace headwater::testing
