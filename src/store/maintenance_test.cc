#include "store/maintenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/credentials.h"
#include "store/store_test.h"

namespace headwater::store {
namespace {

using domain::ResourceKind;
using testing::HasSubstr;

/// A small whole installation: every table has a row, references lead somewhere, one secret.
void fill(Store& store, const secrets::Vault& vault, const domain::Tenant& owner) {
  const auto insert = [&](ResourceKind kind, const std::string& id, std::string_view body) {
    const auto stored =
        store.insert(domain::new_resource(kind, id, owner, {"u", "c"}, 1'000, *json::parse(body)));
    ASSERT_TRUE(stored) << stored.error().message;
  };
  insert(ResourceKind::connection_spec, "cs", R"({"name":"spec"})");
  insert(ResourceKind::flow_spec, "fs", R"({"name":"flow spec"})");
  insert(ResourceKind::connection, "c", R"({"name":"é𝄞","connectionSpec":{"id":"cs"},"n":1.50,"big":1e400})");
  insert(ResourceKind::source_connection, "s",
         R"({"baseConnectionId":"c","params":{"columns":[{"name":"x"}]}})");
  insert(ResourceKind::schema, "https://x/schemas/1", R"({"title":"t"})");
  insert(ResourceKind::dataset, "d", R"({"schemaRef":{"id":"https://x/schemas/1"}})");
  insert(ResourceKind::target_connection, "t", R"({"params":{"dataSetId":"d"}})");
  insert(ResourceKind::mapping_set, "m", R"({"mappings":[]})");
  insert(ResourceKind::flow, "f",
         R"({"flowSpec":{"id":"fs"},"sourceConnectionIds":["s"],"targetConnectionIds":["t"],
             "transformations":[{"params":{"mappingId":"m"}}]})");
  insert(ResourceKind::inlet, "i", R"({"connectionId":"c"})");
  insert(ResourceKind::webhook, "w", R"({"url":"https://x.test/"})");
  insert(ResourceKind::batch, "b", R"({"nul":"\u0000"})");
  for (int i = 0; i < 1203; ++i)  // more than are read at once
    insert(ResourceKind::run, "r" + std::to_string(i), R"({"flowId":"f","n":)" + std::to_string(i) + "}");
  Credentials credentials(store, vault);
  ASSERT_TRUE(credentials.put("c", {{"/password", Secret("s3cret")}}));
  ASSERT_TRUE(store.transact([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.add_organisation({owner.org, "A", 5}));
    TRY(transaction.add_sandbox({owner.sandbox, owner.org, "prod", "Production", "production", 1}));
    TRY(transaction.add_client({ClientId("client"), owner.org, "hash", "tech", 1}));
    TRY(transaction.put_setting("name", "value"));
    TRY(transaction.put_timer(
        {FlowId("f"), owner, TimePoint(std::chrono::seconds(9)), std::nullopt, {}, {}}));
    TRY(transaction.keep_answer(owner, "POST /flows", "key", {"print", "answer", 7}, 0));
    TRY(transaction.add_session({"hash", "session", owner.org, 7, 8}));
    TRY(transaction.add_event({"w", "e", "run.failed", "{}", 1, 2}));
    TRY(transaction.put_delivery("w", "{}"));
    return {};
  }));
}

std::vector<std::pair<std::string, std::int64_t>> rows_of(const std::vector<TableRows>& tables) {
  std::vector<std::pair<std::string, std::int64_t>> rows;
  rows.reserve(tables.size());
  for (const auto& [table, count] : tables) rows.emplace_back(table, count);
  return rows;
}

TEST_P(StoreContract, AWholeInstallationHasNoProblems) {
  const auto vault = *secrets::Vault::open(folder_.path() / "vault.key");
  fill(*store_, vault, tenant());
  const auto report = check_store(url_, folder_.path(), vault);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, testing::IsEmpty());
  EXPECT_EQ(report->version, internal::latest_version());
  for (const auto& [table, rows] : report->tables) EXPECT_GT(rows, 0) << table;
}

TEST_P(StoreContract, WhatIsWrongIsTold) {
  const auto vault = *secrets::Vault::open(folder_.path() / "vault.key");
  fill(*store_, vault, tenant());
  const auto broken = [](internal::Connection& connection) -> Result<void> {
    for (const auto* sql :
         {"DELETE FROM source_connections", "DELETE FROM connection_specs", "DELETE FROM organisations",
          "UPDATE mapping_sets SET body = '{'", "UPDATE runs SET scope = 'x/y' WHERE id = 'r1'",
          "UPDATE runs SET body = '[]' WHERE id = 'r2'", "INSERT INTO secrets VALUES ('none', 'n', 'AAAA')",
          "INSERT INTO flow_timers VALUES ('gone', 'o', 's', 'n', 1, NULL, NULL, NULL, NULL)",
          "INSERT INTO webhook_deliveries VALUES ('gone', '{}')"})
      TRY(connection.script(sql));
    return {};
  };
  ASSERT_TRUE((*GetParam().open_database(url_))->write(broken));
  const auto report = check_store(url_, folder_.path(), vault);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems,
              testing::UnorderedElementsAre(
                  HasSubstr("connections/c names connection_specs/cs at connectionSpec.id"),
                  HasSubstr("flows/f names source_connections/s at sourceConnectionIds[]"),
                  HasSubstr("flows/f names mapping_sets/m"), HasSubstr("mapping_sets/m has a document"),
                  HasSubstr("runs/r1 stands under another tenant"), HasSubstr("runs/r2 has a document"),
                  HasSubstr("credential n of none belongs to nothing"),
                  HasSubstr("credential n of none cannot be opened"),
                  HasSubstr("timer of a flow that does not exist: gone"),
                  HasSubstr("to a webhook that does not exist: gone"),
                  HasSubstr("sandbox of an organisation"), HasSubstr("client of an organisation")));
  const auto other = *secrets::Vault::open(folder_.path() / "other.key");
  EXPECT_THAT(check_store(url_, folder_.path(), other)->problems,
              testing::Contains(HasSubstr("credential /password of c cannot be opened")));
}

TEST_P(StoreContract, ACopyHoldsAllAndWorks) {
  const auto vault = *secrets::Vault::open(folder_.path() / "vault.key");
  fill(*store_, vault, tenant());
  const auto there = *TemporaryFolder::make("headwater-copy");
  // From a file to this kind of store, and from there to a file again.
  const auto there_url = GetParam().new_url(there.path());
  const auto back_url = "sqlite:" + (there.path() / "back.db").string();
  for (const auto& [from, to] : {std::pair(url_, there_url), std::pair(there_url, back_url)}) {
    const auto copied = copy_store(from, to, there.path());
    ASSERT_TRUE(copied) << copied.error().message;
    const auto report = check_store(to, there.path(), vault);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->problems, testing::IsEmpty());
    EXPECT_EQ(rows_of(report->tables), rows_of(*copied));
    EXPECT_EQ(rows_of(report->tables), rows_of(check_store(from, there.path(), vault)->tables));
    const auto store = *Store::open(to, there.path());
    for (const auto& [kind, id] :
         {std::pair(ResourceKind::connection, "c"), std::pair(ResourceKind::batch, "b")}) {
      const auto sent = *store_->get(tenant(), kind, id);
      const auto arrived = store->get(tenant(), kind, id);
      ASSERT_TRUE(arrived) << arrived.error().message;
      EXPECT_EQ(arrived->body.dump(), sent.body.dump());
      EXPECT_EQ(arrived->etag, sent.etag);
    }
    EXPECT_EQ(*store->count(tenant(), ResourceKind::flow, query({{"property", "sourceConnectionIds[]==s"}})),
              1);
    EXPECT_EQ(*store->count(tenant(), ResourceKind::run, query({{"property", "flowId==f"}})), 1203);
  }
  const auto again = copy_store(url_, there_url, there.path());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_THAT(again.error().message, HasSubstr("copy into a new database"));
}

TEST_P(StoreContract, ACopyThatFailsLeavesNothing) {
  insert(resource(ResourceKind::connection_spec, "a", "{}"));
  insert(resource(ResourceKind::run, "r", "{}"));
  // The last table that is copied refuses its row.
  ASSERT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.keep_answer(tenant(), "POST /flows", "key", {"print", "answer", 7}, 0));
    return {};
  }));
  const auto there = *TemporaryFolder::make("headwater-copy");
  const auto to = GetParam().new_url(there.path());
  ASSERT_TRUE(migrate_store(to, there.path()));
  const auto hinder = [](internal::Connection& connection) {
    return connection.script(
        "CREATE UNIQUE INDEX hinder ON kept_answers (fingerprint); "
        "ALTER TABLE kept_answers RENAME COLUMN answer TO answers");
  };
  ASSERT_TRUE((*GetParam().open_database(to))->write(hinder));
  EXPECT_FALSE(copy_store(url_, to, there.path()));
  std::int64_t rows = -1;
  ASSERT_TRUE((*GetParam().open_database(to))->query([&](internal::Connection& connection) -> Result<void> {
    TRY(connection.run("SELECT (SELECT count(*) FROM connection_specs) + (SELECT count(*) FROM runs)", {},
                       [&](const internal::Row& row) { rows = row.integer(0); }));
    return {};
  }));
  EXPECT_EQ(rows, 0);
}

TEST_P(StoreContract, ACopyNeedsASource) {
  const auto there = *TemporaryFolder::make("headwater-copy");
  const auto none = copy_store("sqlite:" + (there.path() / "none.db").string(), url_, there.path());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(there.path() / "none.db"));
}

}  // namespace
}  // namespace headwater::store
