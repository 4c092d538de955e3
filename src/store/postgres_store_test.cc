#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store/credentials.h"
#include "store/store_test.h"
#include "tests/servers/postgres_fixture.h"

namespace headwater::store {
namespace {

const Backend kPostgres = {
    "Postgres", [](const std::filesystem::path&) { return tests::PostgresServer::shared().new_database(); },
    [](const std::string& url) { return internal::open_postgres(url); }};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, testing::Values(kPostgres));

TEST(PostgresStore, GoesOnAfterTheServerHasHungUp) {
  const auto url = tests::PostgresServer::shared().new_database();
  const auto store = Store::open(url, "");
  ASSERT_TRUE(store) << store.error().message;
  const auto other = internal::open_postgres(url);
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->query([](internal::Connection& connection) -> Result<void> {
    TRY(
        connection.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                       "WHERE datname = current_database() AND pid <> pg_backend_pid()"));
    return {};
  }));
  EXPECT_TRUE((*store)->check());
}

// BEGIN travels with the first statement; what was prepared once is not prepared again.
TEST(PostgresStore, ReadsAndCreatesInFewRoundTrips) {
  const auto store = *Store::open(tests::PostgresServer::shared().new_database(), "");
  const auto folder = *TemporaryFolder::make("headwater-vault");
  const auto vault = *secrets::Vault::open(folder.path() / "key");
  Credentials credentials(*store, vault);
  const domain::Tenant tenant{OrgId("A@AdobeOrg"), SandboxId("s"), "prod"};
  ASSERT_TRUE(store->insert(domain::new_resource(domain::ResourceKind::connection_spec, "spec", tenant,
                                                 {"u", "c"}, 1, json::Object{})));
  const auto create = [&](const std::string& id) {
    return store->transact([&](Transaction& transaction) -> Result<void> {
      const auto connection =
          domain::new_resource(domain::ResourceKind::connection, id, tenant, {"u", "c"}, 1,
                               *json::parse(R"({"name":"n","connectionSpec":{"id":"spec"}})"));
      TRY(transaction.insert(connection, domain::references_of(connection)));
      return credentials.put(transaction, id, {{"/a", Secret("1")}, {"/b", Secret("2")}});
    });
  };
  const auto read = [&](const std::string& id) {
    return store->get(tenant, domain::ResourceKind::connection, id);
  };
  const auto list = [&] {
    domain::ListQuery query;
    query.limit = 20;
    query.filters = {*domain::parse_filter("name==n")};
    query.order = *domain::parse_order("-createdAt");  // asks first how many there are
    return store->list(tenant, domain::ResourceKind::connection, query);
  };
  const auto trips_of = [](const auto& work) {
    const auto before = internal::postgres_round_trips().load();
    const auto done = work();
    EXPECT_TRUE(done) << done.error().message;
    return internal::postgres_round_trips().load() - before;
  };
  ASSERT_TRUE(create("first"));
  ASSERT_TRUE(read("first"));
  ASSERT_TRUE(list());
  ASSERT_TRUE(credentials.of("first"));
  EXPECT_EQ(trips_of([&] { return create("second"); }), 3U);
  EXPECT_EQ(trips_of([&] { return read("second"); }), 1U);
  EXPECT_EQ(trips_of(list), 2U);
  EXPECT_EQ(trips_of([&] { return credentials.of("second"); }), 2U);
}

// Both have seen an empty database when the migration lock is free; the second must see what the first has
// made.
TEST(PostgresStore, TablesMadeWhileTheLockWasWaitedForAreSeen) {
  const auto url = tests::PostgresServer::shared().new_database();
  const auto database = *internal::open_postgres(url);
  std::vector<std::thread> starters;
  std::atomic<int> opened = 0;
  const auto held = database->write([&](internal::Connection& connection) -> Result<void> {
    TRY(connection.script("SELECT pg_advisory_xact_lock(720190416)"));
    for (int i = 0; i < 2; ++i)
      starters.emplace_back([&] {
        const auto store = Store::open(url, "");
        EXPECT_TRUE(store) << store.error().message;
        ++opened;
      });
    for (std::int64_t waiting = 0; waiting < 2 && opened == 0;)
      TRY(
          connection.run("SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
                         "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()",
                         {}, [&](const internal::Row& row) { waiting = row.integer(0); }));
    return {};
  });
  EXPECT_TRUE(held);
  for (auto& starter : starters) starter.join();
  EXPECT_EQ(opened, 2);
}

TEST(PostgresStore, SaysThatItCannotBeReachedWithoutThePassword) {
  const auto store = Store::open("postgres://someone:s3cret@/db?host=/nonexistent", "");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store.error().message.find("s3cret"), std::string::npos) << store.error().message;
}

}  // namespace
}  // namespace headwater::store
