#include <gtest/gtest.h>

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

TEST(PostgresStore, SaysThatItCannotBeReachedWithoutThePassword) {
  const auto store = Store::open("postgres://someone:s3cret@/db?host=/nonexistent", "");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store.error().message.find("s3cret"), std::string::npos) << store.error().message;
}

}  // namespace
}  // namespace headwater::store
