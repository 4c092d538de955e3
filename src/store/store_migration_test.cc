#include <gtest/gtest.h>

#include <thread>

#include "store/store_test.h"

namespace headwater::store {
namespace {

using domain::ResourceKind;
using internal::Dialect;

Dialect dialect_of(internal::Database& database) {
  auto dialect = Dialect::sqlite;
  EXPECT_TRUE(database.query([&](internal::Connection& connection) -> Result<void> {
    dialect = connection.dialect();
    return {};
  }));
  return dialect;
}

/// What the database says about its tables, indexes and triggers, one a line.
std::string schema_of(internal::Database& database) {
  std::string schema;
  EXPECT_TRUE(database.query([&](internal::Connection& connection) -> Result<void> {
    const auto add = [&](const internal::Row& row) { schema += row.text(0) + "\n"; };
    if (connection.dialect() == Dialect::sqlite) {
      TRY(connection.run("SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_master ORDER BY name", {},
                         add));
      return {};
    }
    TRY(connection.run(
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM "
        "information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name",
        {}, add));
    TRY(connection.run("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname", {},
                       add));
    TRY(connection.run(
        "SELECT tgname || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "ORDER BY tgname",
        {}, add));
    return {};
  }));
  return schema;
}

/// A new database as Headwater with tables of that version has left it; answers its URL.
std::string old_version(const Backend& backend, const std::filesystem::path& folder, int version) {
  const auto url = backend.new_url(folder);
  const auto database = *backend.open_database(url);
  const bool sqlite = dialect_of(*database) == Dialect::sqlite;
  const std::string suffix = sqlite ? "_sqlite.sql" : "_postgres.sql";
  const auto read = [](const std::string& name) {
    auto text = read_file(std::filesystem::path(STORE_TESTDATA) / name);
    EXPECT_TRUE(text) << name;
    return *std::move(text);
  };
  // Some stand there as they were released, of others the difference to the one before.
  std::string sql = read("version_" + std::to_string(version < 3 ? 1 : 3) + suffix);
  if (version == 2)
    sql += sqlite
               ? "CREATE TABLE servers (id text PRIMARY KEY, host text NOT NULL, beat bigint NOT NULL);"
                 "PRAGMA user_version = 2"
               : "CREATE TABLE servers (id text COLLATE \"C\" PRIMARY KEY, host text COLLATE \"C\" NOT NULL, "
                 "beat bigint NOT NULL); UPDATE headwater_schema SET version = 2";
  if (version == 4) sql += read("version_4_from_3" + suffix);
  const auto made = database->write([&](internal::Connection& connection) { return connection.script(sql); });
  EXPECT_TRUE(made) << made.error().message;
  return url;
}

TEST_P(StoreContract, TablesOfEveryEarlierVersionAreBroughtUpToDate) {
  for (int version = 1; version < internal::latest_version(); ++version) {
    SCOPED_TRACE(version);
    const auto old = *TemporaryFolder::make("headwater-old");
    const auto url = old_version(GetParam(), old.path(), version);
    const auto store = Store::open(url, old.path());
    ASSERT_TRUE(store) << store.error().message;
    const auto flow = (*store)->get(tenant(), ResourceKind::flow, "f1");
    ASSERT_TRUE(flow) << flow.error().message;
    EXPECT_EQ(flow->body.string_at("name"), "flow");
    EXPECT_EQ(flow->etag.value, "\"e-f1\"");
    EXPECT_EQ(flow->updated_at_ms, 1001) << "a migration is no change";
    for (const auto* condition : {"sourceConnectionIds[]==s1", "targetConnectionIds[]==t1,t2", "name==flow",
                                  "transformations[].params.mappingId==m1"})
      EXPECT_EQ(*(*store)->count(tenant(), ResourceKind::flow, query({{"property", condition}})), 1)
          << condition;
    EXPECT_EQ((*store)
                  ->list(tenant(), ResourceKind::run,
                         query({{"property", "metrics.durationSummary.startedAtUTC>4999"}}))
                  ->items.size(),
              1U);
    EXPECT_TRUE((*store)->read([&](Transaction& transaction) -> Result<void> {
      EXPECT_EQ(TRY(transaction.secret("c1", "/password")), "sealed");
      const auto organisations = TRY(transaction.organisations());
      EXPECT_EQ(TRY(transaction.clients(organisations.at(0).id)).size(), 1U);
      EXPECT_TRUE(TRY(transaction.timer(FlowId("f1"))).has_value());
      return {};
    }));
    EXPECT_EQ(schema_of(**GetParam().open_database(url)), schema_of(**GetParam().open_database(url_)))
        << "not what a new database looks like";
  }
}

TEST_P(StoreContract, SeveralStartsAtOnceMigrateOnce) {
  const auto old = *TemporaryFolder::make("headwater-old");
  const auto url = old_version(GetParam(), old.path(), 1);
  std::vector<std::thread> starters;
  starters.reserve(6);
  for (int i = 0; i < 6; ++i)
    starters.emplace_back([&] {
      const auto store = Store::open(url, old.path());
      ASSERT_TRUE(store) << store.error().message;
      EXPECT_TRUE((*store)->get(tenant(), ResourceKind::flow, "f1"));
    });
  for (auto& starter : starters) starter.join();
}

}  // namespace
}  // namespace headwater::store
