// What a hostile statement can reach, and what an honest one still can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/internal/statement_check.h"
#include "lake/lake_test.h"

namespace headwater::lake {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class QueryTest : public test::LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    land(batch("b1"), {R"({"id":1,"tags":["a","b"]})", R"({"id":2,"tags":[]})"});
  }
  // Everything that the caller of a statement gets to see, an error included.
  std::string shown_by(std::string_view sql, const QueryOptions& options = {}) {
    std::string shown;
    RowSink sink;
    sink.row = [&shown](std::span<const Cell> cells) -> Result<void> {
      for (const auto& cell : cells) shown.append(cell.text) += '\n';
      return {};
    };
    const auto report = run_query(*lake_, sql, options, sink);
    failed_ = report ? std::nullopt : std::optional(report.error().kind);
    return report ? shown : shown + report.error().message;
  }
  std::optional<ErrorKind> failed_;
};

TEST_F(QueryTest, WhatTellsOfTheServerIsRefused) {
  const auto root = folder_.path().string();
  for (const std::string_view sql : {
           "SELECT * FROM duckdb_settings()",
           "SELECT * FROM DUCKDB_Settings()",
           "SELECT s.value FROM sales, LATERAL (SELECT * FROM duckdb_settings()) s",
           "SELECT sql FROM duckdb_views()",
           "SELECT sql FROM duckdb_views",
           "SELECT sql FROM system.main.duckdb_views",
           "SELECT definition FROM pg_catalog.pg_views",
           "SELECT definition FROM pg_views",
           "SELECT sql FROM sqlite_master",
           "SELECT sql FROM sqlite_schema",
           "WITH x AS (SELECT * FROM duckdb_databases()) SELECT * FROM x",
           "SELECT (SELECT max(value) FROM duckdb_settings())",
           "SELECT 1 WHERE EXISTS (FROM duckdb_settings() WHERE value LIKE '/%')",
           "SELECT 1 UNION ALL SELECT length(value) FROM duckdb_settings()",
           "PIVOT duckdb_settings() ON name IN ('allowed_directories') USING first(value)",
           "UNPIVOT duckdb_settings() ON value INTO name n VALUE v",
           "SUMMARIZE FROM duckdb_settings()",
           "DESCRIBE SELECT * FROM query('FROM duckdb_settings()')",
           "SELECT current_setting('allowed_directories')",
           "SELECT \"Current_Setting\"('allowed_directories')",
           "SELECT pg_catalog.pg_get_viewdef(1)",
           "SELECT getenv('HOME')",
           "SELECT * FROM query('SELECT * FROM duckdb_settings()')",
           "SELECT * FROM query_table('duckdb_views')",
           "SELECT * FROM histogram('duckdb_views', sql)",
           "SELECT json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))",
           "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))",
           "PRAGMA database_list",
           "CALL duckdb_settings()",
           "CALL pragma_version()",
           "SELECT * FROM pragma_table_info('sales')",
           "SELECT * FROM pragma_storage_info('sales')",
           "SELECT * FROM duckdb_secrets()",
           "SELECT * FROM which_secret('s3://x', 's3')",
           "CREATE SECRET s (TYPE s3)",
           "SELECT * FROM duckdb_logs",
           "SELECT write_log('x')",
           "SELECT * FROM duckdb_extensions()",
           "SELECT * FROM duckdb_temporary_files()",
           "SELECT * FROM sql_auto_complete('SELECT ')",
           "SELECT * FROM arrow_scan(1::UBIGINT::POINTER, 1::UBIGINT::POINTER, 1::UBIGINT::POINTER)",
           "SELECT * FROM seq_scan('sales')",
           "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM read_blob('/proc/self/environ')",
           "SELECT * FROM read_csv('/etc/passwd')",
           "SELECT * FROM sniff_csv('/etc/passwd')",
           "SELECT * FROM read_json('/etc/passwd')",
           "SELECT * FROM read_parquet('*')",
           "SELECT * FROM parquet_metadata('*')",
           "SELECT * FROM parquet_file_metadata('data/*')",
           "SELECT * FROM glob('*')",
           "SELECT * FROM glob('/etc/*')",
           "FROM '/etc/passwd'",
           "FROM '/etc/passwd.csv'",
           "FROM 'data/*.parquet'",
           "COPY sales TO '/tmp/headwater-query-test.csv'",
           "COPY (SELECT 1) TO '/tmp/headwater-query-test.csv'",
           "EXPORT DATABASE '/tmp/headwater-query-test'",
           "ATTACH '/tmp/headwater-query-test.db'",
           "USE system",
           "LOAD parquet",
           "INSTALL httpfs",
           "SET enable_external_access = true",
           "RESET lock_configuration",
           "EXPLAIN SELECT * FROM sales",
           "EXPLAIN ANALYZE SELECT * FROM sales",
           "DROP VIEW sales",
           "CREATE TEMP TABLE t AS FROM sales",
           "INSERT INTO sales VALUES (1)",
           "SELECT filename FROM sales",
           "SELECT file_row_number FROM sales",
           "BEGIN",
           "PREPARE p AS SELECT 1",
       }) {
    const auto shown = shown_by(sql);
    EXPECT_EQ(failed_, ErrorKind::invalid_argument) << sql << "\n" << shown;
    EXPECT_THAT(shown, Not(HasSubstr(root))) << sql;
    EXPECT_THAT(shown, Not(HasSubstr("root:"))) << sql;
  }
}

TEST_F(QueryTest, HonestStatementsWork) {
  for (const std::string_view sql : {
           "SELECT count(*) FROM sales",
           "FROM \"ds1\"",
           "FROM main.sales",
           "FROM memory.sales",
           "FROM memory.main.\"ds1\"",
           "TABLE sales",
           "VALUES (1), (2)",
           "DESCRIBE sales",
           "DESCRIBE SELECT id FROM sales",
           "SUMMARIZE sales",
           "SHOW TABLES",
           "SHOW ALL TABLES",
           "SELECT table_name FROM information_schema.tables",
           "SELECT column_name FROM information_schema.columns WHERE table_name = 'sales'",
           "WITH t AS (SELECT id FROM sales) SELECT * FROM t JOIN sales USING (id)",
           "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT sum(n) FROM t",
           "SELECT id, unnest(tags) FROM sales",
           "SELECT * FROM sales, unnest(tags) u(tag)",
           "SELECT * FROM range(3)",
           "SELECT * FROM generate_series(DATE '2024-01-01', DATE '2024-01-03', INTERVAL 1 DAY)",
           "SELECT * FROM json_each('{\"a\":1}')",
           "SELECT id, row_number() OVER (ORDER BY id DESC) FROM sales QUALIFY row_number() OVER () < 9",
           "PIVOT sales ON id IN (1, 2) USING count(*)",
           "SELECT list_transform(tags, x -> upper(x)), COLUMNS('i.*') FROM sales",
           "SELECT strftime(now(), '%Y'), regexp_matches('a', 'a'), version(), typeof(id) FROM sales",
           "SELECT 'duckdb_settings()' AS text, 1 AS \"current_setting\"",
       }) {
    const auto shown = shown_by(sql);
    EXPECT_FALSE(failed_) << sql << "\n" << shown;
  }
}

TEST_F(QueryTest, ADatasetMayBearTheNameOfASystemView) {
  put("ds2", "pg_views", Format::parquet);
  EXPECT_EQ(test::one_of(*lake_, "SELECT count(*) FROM pg_views"), "0");
}

// DuckDB knows those datasets only that the statement names, and meant a system view of its own.
TEST_F(QueryTest, AnUnknownNameIsToldWithTheClosestDataset) {
  ASSERT_TRUE(lake_->put_dataset(DatasetInfo{DatasetId{"ds9"}, "salesman", "another/prod", Format::ndjson}));
  for (const std::string_view sql :
       {"SELECT * FROM salles", "SELECT count(*) FROM Sals s JOIN sales USING (id)", "FROM sale"})
    EXPECT_THAT(shown_by(sql), HasSubstr("does not exist!\nDid you mean \"sales\"?\n")) << sql;
  const auto none = shown_by("SELECT * FROM customers");
  EXPECT_THAT(none, HasSubstr("Table with name customers does not exist!\nSHOW TABLES lists the datasets"));
  EXPECT_THAT(none, Not(HasSubstr("Did you mean")));
  EXPECT_THAT(shown_by("SHOW TABLES"), HasSubstr("sales\n"));
  QueryOptions options;
  options.tenant = "";
  EXPECT_THAT(shown_by("SELECT * FROM salesmen", options), Not(HasSubstr("salesman")));
  EXPECT_THAT(shown_by("SELECT nothing FROM sales"), HasSubstr("Referenced column \"nothing\" not found"));
}

TEST_F(QueryTest, ANameThatStandsForTwoDatasetsIsRefused) {
  for (const char* name : {"dbl", "DBL"})
    ASSERT_TRUE(
        lake_->put_dataset(DatasetInfo{DatasetId{std::string("of-") + name}, name, "", Format::ndjson}));
  for (const std::string_view sql : {"SELECT count(*) FROM dbl", "SELECT * FROM \"DBL\""}) {
    const auto shown = shown_by(sql);
    EXPECT_EQ(failed_, ErrorKind::invalid_argument) << shown;
    EXPECT_THAT(shown, HasSubstr("stands for 2 datasets")) << sql;
    EXPECT_THAT(shown, HasSubstr("of-dbl"));
  }
  EXPECT_EQ(shown_by("SELECT count(*) FROM \"of-DBL\""), "0\n");
}

TEST_F(QueryTest, ANameMayHoldQuotationMarks) {
  ASSERT_TRUE(lake_->put_dataset(DatasetInfo{DatasetId{"odd"}, "Odd \"ds\" = x", "", Format::ndjson}));
  EXPECT_EQ(shown_by(R"(SELECT count(*) FROM "Odd ""ds"" = x")"), "0\n");
}

TEST_F(QueryTest, AViewsErrorNamesNoFolder) {
  for (const auto& file : std::filesystem::directory_iterator(folder_.path() / "lake/ds1/data"))
    std::filesystem::resize_file(file.path(), 20);
  EXPECT_THAT(shown_by("SELECT * FROM sales"), Not(HasSubstr(folder_.path().string())));
  EXPECT_TRUE(failed_);
}

TEST_F(QueryTest, LargeStatementsAndResultsHaveAnEnd) {
  EXPECT_THAT(shown_by("SELECT " + std::string(300'000, ' ') + "1"), HasSubstr("longer than"));
  std::string list = "SELECT 1 IN (0";
  for (int i = 0; i < 40'000; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(shown_by(list + ")"), "true\n");
  const auto deep = std::string(100'000, '(') + "1" + std::string(100'000, ')');
  shown_by("SELECT " + deep);
  EXPECT_TRUE(failed_);
  shown_by("SELECT " + std::string(2'000, '-') + "1");  // a comment
  EXPECT_TRUE(failed_);

  QueryOptions narrow;
  narrow.memory_bytes_max = 32U << 20;
  shown_by("SELECT length(list(range)) FROM range(100000000)", narrow);
  EXPECT_EQ(failed_, ErrorKind::too_large);
  QueryOptions hurried;
  hurried.time_max = std::chrono::milliseconds(200);
  shown_by("WITH RECURSIVE t AS (SELECT 1 a UNION ALL SELECT a FROM t) SELECT count(*) FROM t", hurried);
  EXPECT_EQ(failed_, ErrorKind::timeout);
}

TEST(StatementCheckTest, WhatCannotBeReadIsRefused) {
  EXPECT_FALSE(check_serialized("", {}));
  EXPECT_FALSE(check_serialized("{}", {}));
  EXPECT_FALSE(check_serialized(R"({"error":true,"error_message":"Only SELECT"})", {}));
  EXPECT_FALSE(check_serialized(R"({"error":false,"a":[{"type":"TABLE_FUNCTION"}]})", {}));
  EXPECT_FALSE(check_serialized(R"({"error":false,"a":{"class":"FUNCTION","function_name":"GetEnv"}})", {}));
  EXPECT_TRUE(check_serialized(R"({"error":false,"a":{"type":"BASE_TABLE","table_name":"t"}})", {}));
}

}  // namespace
}  // namespace headwater::lake
