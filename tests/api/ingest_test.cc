// Batch ingestion by upload: from POST /batches to records that a query sees, and what a hostile client
// tries.
#include <atomic>
#include <thread>

#include "api_fixture.h"
#include "base/time.h"
#include "domain/resource.h"
#include "lake/uploads.h"

namespace headwater::tests {
namespace {

const std::string kImport = "/data/foundation/import/batches";
const std::string kCatalog = "/data/foundation/catalog/batches/";
const std::string kExport = "/data/foundation/export";

class IngestTest : public ApiFixture {
 protected:
  IngestTest() : schema_(create_schema()), dataset_(create_dataset(schema_)) {}

  // The test schema has id (string) and score (integer).
  std::string create_batch(const std::string& format = R"({"format":"json"})", const std::string& more = {}) {
    const auto answer =
        post(kImport, R"({"datasetId":")" + dataset_ + R"(","inputFormat":)" + format + more + "}");
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  std::string files_of(const std::string& batch) const {
    return kImport + "/" + batch + "/datasets/" + dataset_ + "/files/";
  }
  Answer upload(const std::string& batch, const std::string& name, const std::string& bytes,
                const Headers& more = {}) {
    Headers headers{{"content-type", "application/octet-stream"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return call("PUT", files_of(batch) + name, bytes, headers);
  }
  Answer act(const std::string& batch, const std::string& action) {
    return call("POST", kImport + "/" + batch + "?action=" + action);
  }
  Answer batch(const std::string& id) { return get(kCatalog + id); }
  /// Completes the batch and gives it as it ended.
  Answer complete(const std::string& id) {
    const auto answer = act(id, "COMPLETE");
    EXPECT_EQ(answer.status, 200) << answer.text;
    promoter->wait_idle();
    return batch(id);
  }
  std::string query(const std::string& sql) {
    std::string text = sql;
    for (auto at = text.find('@'); at != text.npos; at = text.find('@'))
      text.replace(at, 1, "\"" + dataset_ + "\"");
    const auto answer = post("/headwater/query", json::Value(json::Object{{"sql", text}}).dump());
    EXPECT_EQ(answer.status, 200) << answer.text;
    return answer.at("rows");
  }
  std::string loaded(const std::string& text, const std::string& format = R"({"format":"json"})",
                     const std::string& more = {}) {
    const auto id = create_batch(format, more);
    EXPECT_EQ(upload(id, "data", text).status, 201);
    const auto done = complete(id);
    EXPECT_EQ(done.at(id + ".status"), "success") << done.text;
    return id;
  }

  std::string schema_, dataset_;
};

TEST_F(IngestTest, AnUploadBecomesVisibleAsAWhole) {
  const auto answer = post(kImport, R"({"datasetId":")" + dataset_ + R"(","inputFormat":{"format":"JSON"}})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.at("status"), "loading");
  EXPECT_EQ(answer.at("imsOrg"), tenant.org.value);
  EXPECT_EQ(answer.at("inputFormat.format"), "JSON");
  const auto id = answer.id();
  EXPECT_EQ(upload(id, "a/1.json", "{\"id\":\"a\",\"score\":1}\n{\"id\":\"b\",\"score\":2}\n").status, 201);
  EXPECT_EQ(upload(id, "a/1.json", "{\"id\":\"a\",\"score\":10}\n{\"id\":\"b\",\"score\":20}").status, 200)
      << "replaced";
  const auto second = upload(id, "2.json", "{\"id\":\"c\",\"score\":3}");
  EXPECT_EQ(second.at("name"), "2.json");
  EXPECT_EQ(second.at("sizeInBytes"), "20");
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]") << "not before it is complete";
  const auto done = complete(id);
  EXPECT_EQ(done.at(id + ".status"), "success") << done.text;
  EXPECT_EQ(done.at(id + ".metrics.inputRecordCount"), "3");
  EXPECT_EQ(done.at(id + ".metrics.inputFileCount"), "2");
  EXPECT_EQ(done.at(id + ".recordCount"), "3");
  EXPECT_EQ(query("SELECT sum(score), count(*) FROM @"), "[[33,3]]");
  const auto inputs = get(kExport + "/batches/" + id + "/meta?path=input_files");
  EXPECT_EQ(inputs.body.find("data")->if_array()->size(), 1U) << inputs.text;
  EXPECT_EQ(act(id, "COMPLETE").status, 200) << "twice";
  EXPECT_EQ(upload(id, "3.json", "{}").status, 409);
  EXPECT_EQ(act(id, "ABORT").status, 409);
}

TEST_F(IngestTest, EveryJsonLayoutIsTaken) {
  loaded(R"([{"id":"a","score":1},
             {"id":"b","score":1}])",
         R"({"format":"json","isMultiLineJson":true})");
  loaded("{\"id\":\"c\",\n \"score\":1}\n{\"id\":\n\"d\",\"score\":1}",
         R"({"format":"json","isMultiLineJson":true})");
  loaded("\xEF\xBB\xBF{\"id\":\"e\",\"score\":1}\r\n\r\n{\"id\":\"f\",\"score\":1}");
  loaded(R"([{"id":"g","score":1}])");
  EXPECT_EQ(query("SELECT string_agg(id, '' ORDER BY id), sum(score) FROM @"), R"([["abcdefg",7]])");
}

TEST_F(IngestTest, CsvIsReadByTheSchemasTypes) {
  loaded("id;score\n001;5\n\"a;b\";\n", R"({"format":"csv","delimiter":";"})");
  EXPECT_EQ(query("SELECT id, score FROM @ ORDER BY id"), R"([["001",5],["a;b",null]])");
}

TEST_F(IngestTest, ParquetIsReadBack) {
  const auto first = loaded("{\"id\":\"p\",\"score\":7}\n{\"id\":\"q\"}");
  const std::string entry = kExport + "/files/" + first + "-1";
  const auto name = std::string(get(entry).body.find("data")->if_array()->front().string_at("name"));
  const auto file = get(entry + "?path=" + name).text;
  ASSERT_TRUE(file.starts_with("PAR1"));
  loaded(file, R"({"format":"parquet"})");
  EXPECT_EQ(query("SELECT count(*), sum(score) FROM @"), "[[4,14]]");
}

TEST_F(IngestTest, OneBadRecordFailsABatchThatAllowsNone) {
  const auto id = create_batch();
  upload(id, "x.json",
         "{\"id\":\"a\",\"score\":1}\n{\"id\":\"b\",\"score\":\"many\"}\n{broken\n[1]\n{\"id\":\"e\"}");
  const auto done = complete(id);
  EXPECT_EQ(done.at(id + ".status"), "failed") << done.text;
  EXPECT_EQ(done.at(id + ".failedRecordCount"), "3");
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]");
  const auto& errors = *done.body.find_path(id + ".errors")->if_array();
  ASSERT_EQ(errors.size(), 2U) << done.text;
  EXPECT_EQ(errors[0].string_at("code"), "INGEST-1212-400");
  EXPECT_EQ(errors[1].find("rows")->dump(), R"(["4","2-3"])") << done.text;
  EXPECT_NE(errors[1].string_at("description").find("x.json"), std::string::npos);
  const auto samples = get(kExport + "/batches/" + id + "/meta?path=row_error_samples.json");
  ASSERT_EQ(samples.status, 200);
  EXPECT_NE(samples.text.find("{broken"), std::string::npos) << samples.text;
  EXPECT_NE(samples.text.find("\"_filename\":\"x.json\""), std::string::npos);
  const auto failed = get(kExport + "/batches/" + id + "/failed");
  EXPECT_EQ(failed.body.find("data")->if_array()->size(), 1U);
}

TEST_F(IngestTest, PartialIngestionKeepsTheGoodRecords) {
  const auto id = create_batch(R"({"format":"json"})",
                               R"(,"partialIngestionPercentage":50,"enableErrorDiagnostics":false)");
  upload(id, "x.json", "{\"id\":\"a\",\"score\":1}\n{\"id\":5}\n{\"id\":\"c\"}");
  const auto done = complete(id);
  EXPECT_EQ(done.at(id + ".status"), "success") << done.text;
  EXPECT_EQ(done.at(id + ".metrics.failedRecordCount"), "1");
  EXPECT_EQ(done.body.find_path(id + ".errors")->if_array()->size(), 1U);
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[2]]");
  EXPECT_EQ(get(kExport + "/batches/" + id + "/meta?path=row_error_samples.json").status, 404)
      << "diagnostics are off";
}

TEST_F(IngestTest, WhatIsNoFileOfItsFormatFailsWithAReason) {
  struct Case {
    const char* format;
    std::string bytes;
    const char* reason;
  };
  for (const Case& test :
       {Case{R"({"format":"json"})",
             "\x1f\x8b\x08"
             "xx",
             "gzip"},
        Case{R"({"format":"json"})", "PAR1xxxx", "Parquet"}, Case{R"({"format":"csv"})", "PK\x03\x04", "zip"},
        Case{R"({"format":"parquet"})", "{\"id\":\"a\"}", "Parquet file"},
        Case{R"({"format":"parquet"})", "", "Parquet file"},
        Case{R"({"format":"json"})", "[{\"id\":\"a\"}", "truncated"},
        Case{R"({"format":"json","isMultiLineJson":true})", "{\"id\":\"a\"", "cut off"},
        Case{R"({"format":"csv"})", "id\n\"x", "quoted"}}) {
    const auto id = create_batch(test.format);
    EXPECT_EQ(upload(id, "f", test.bytes).status, 201);
    const auto done = complete(id);
    EXPECT_EQ(done.at(id + ".status"), "failed") << done.text;
    EXPECT_NE(done.text.find(test.reason), std::string::npos) << done.text << " lacks " << test.reason;
    EXPECT_EQ(done.text.find("/lake/"), std::string::npos) << "a path of the server in " << done.text;
  }
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]");
}

TEST_F(IngestTest, EmptyFilesAndEmptyBatchesHoldNoRecords) {
  loaded("");
  loaded("", R"({"format":"csv"})");
  const auto id = create_batch();
  const auto done = complete(id);
  EXPECT_EQ(done.at(id + ".status"), "success") << done.text;
  EXPECT_EQ(done.at(id + ".recordCount"), "0");
}

TEST_F(IngestTest, ALargeFileComesInParts) {
  const auto id = create_batch();
  const std::string file = files_of(id) + "large/a.json";
  const auto part = [&](const std::string& range, const std::string& bytes) {
    return call("PATCH", file, bytes,
                {{"content-type", "application/octet-stream"}, {"content-range", range}});
  };
  const std::string text = "{\"id\":\"a\",\"score\":1}\n{\"id\":\"b\",\"score\":2}\n";
  EXPECT_EQ(part("bytes 0-9/42", text.substr(0, 10)).status, 404) << "not initialised";
  EXPECT_EQ(call("POST", file + "?action=INITIALIZE").status, 200);
  EXPECT_EQ(call("HEAD", file).header("range"), "");
  EXPECT_EQ(part("bytes 10-41/42", text.substr(10)).status, 200);
  EXPECT_EQ(call("POST", file + "?action=COMPLETE").status, 400) << "a gap";
  EXPECT_EQ(act(id, "COMPLETE").status, 400) << "a file is open";
  for (const char* range :
       {"", "bytes", "bytes 5-4/42", "bytes 0-41/42", "bytes a-b/c", "bytes 0-9/5", "lines 0-9/42"})
    EXPECT_EQ(part(range, text.substr(0, 10)).status, 400) << range;
  const auto first = part("bytes=0-9/42", text.substr(0, 10));
  EXPECT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.header("range"), "bytes=0-41");
  const auto head = call("HEAD", file);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("range"), "bytes=0-41");
  EXPECT_EQ(call("POST", file + "?action=complete").at("sizeInBytes"), "42");
  EXPECT_EQ(part("bytes 0-9/42", text.substr(0, 10)).status, 409) << "the file is complete";
  EXPECT_EQ(call("POST", file + "?action=SHRED").status, 400);
  const auto done = complete(id);
  EXPECT_EQ(done.at(id + ".status"), "success") << done.text;
  EXPECT_EQ(query("SELECT sum(score) FROM @"), "[[3]]");
}

TEST_F(IngestTest, AbortAndFailLeaveNothing) {
  for (const auto& [action, status] :
       {std::pair<std::string, std::string>{"ABORT", "aborted"}, {"FAIL", "failed"}}) {
    const auto id = create_batch();
    upload(id, "x.json", R"({"id":"a"})");
    EXPECT_EQ(act(id, action).at("status"), status);
    EXPECT_EQ(act(id, action).status, 200) << "twice";
    EXPECT_EQ(act(id, "COMPLETE").status, 409);
    EXPECT_EQ(upload(id, "y.json", R"({"id":"a"})").status, 409);
    EXPECT_EQ(lake::Uploads(*lake, DatasetId(dataset_), BatchId(id)).files().error().kind,
              ErrorKind::not_found);
  }
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]");
  EXPECT_EQ(act(create_batch(), "EXPLODE").status, 400);
  EXPECT_EQ(act("none", "COMPLETE").status, 404);
}

TEST_F(IngestTest, ARevertedBatchDisappears) {
  const auto id = loaded(R"({"id":"a","score":1})");
  const auto other = loaded(R"({"id":"b","score":2})");
  EXPECT_EQ(act(create_batch(), "REVERT").status, 409);
  EXPECT_EQ(act(id, "REVERT").at("status"), "inactive");
  EXPECT_EQ(act(id, "REVERT").status, 200) << "twice";
  EXPECT_EQ(query("SELECT sum(score) FROM @"), "[[2]]");
  EXPECT_EQ(get(kExport + "/batches/" + id + "/files").at("data"), "[]");
  EXPECT_EQ(del(kCatalog + other).text, R"(["@/batches/)" + other + "\"]");
  EXPECT_EQ(batch(other).status, 404);
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]");
}

TEST_F(IngestTest, AReplayTakesThePlaceOfItsPredecessors) {
  const auto first = loaded(R"({"id":"a","score":1})", R"({"format":"json"})", R"(,"externalId":"mine")");
  const auto second = loaded(R"({"id":"b","score":2})");
  loaded(R"({"id":"c","score":4})");
  const auto answer =
      post(kImport, R"({"datasetId":")" + dataset_ +
                        R"(","inputFormat":{"format":"json"},"replay":{"predecessors":["none"]}})");
  EXPECT_EQ(answer.status, 400) << answer.text;
  loaded(R"({"id":"d","score":8})", R"({"format":"json"})",
         R"(,"replay":{"reason":"replace","predecessors":["$)" + second +
             R"("],"predecessorsByExternalId":["$mine"]})");
  EXPECT_EQ(query("SELECT sum(score) FROM @"), "[[12]]");
  EXPECT_EQ(batch(first).at(first + ".status"), "inactive");
  EXPECT_EQ(batch(second).at(second + ".status"), "inactive");
  EXPECT_NE(get("/data/foundation/catalog/batches?externalId=mine").body.find(first), nullptr);
}

TEST_F(IngestTest, OthersCannotReachABatch) {
  const auto id = create_batch();
  EXPECT_EQ(call_as_stranger("PUT", files_of(id) + "x", "{}").status, 404);
  EXPECT_EQ(call_as_stranger("POST", kImport + "/" + id + "?action=ABORT").status, 404);
  EXPECT_EQ(call_as_stranger("POST", kImport,
                             R"({"datasetId":")" + dataset_ + R"(","inputFormat":{"format":"json"}})")
                .status,
            400);
  EXPECT_EQ(call("PUT", files_of(id) + "x", "{}", {{"authorization", ""}}).status, 403);
  const auto other = create_dataset();
  EXPECT_EQ(call("PUT", kImport + "/" + id + "/datasets/" + other + "/files/x", "{}").status, 404);
  EXPECT_EQ(batch(id).at(id + ".status"), "loading");
}

TEST_F(IngestTest, NamesThatLeaveTheFolderAreRefused) {
  const auto id = create_batch();
  for (const char* name : {"../x", "%2e%2e/x", "..%2f..%2fkey", "a/%2e%2e/%2e%2e/b", "%2Fetc%2Fpasswd",
                           "a%00b", "a//b", "a%5Cb", "%ff"})
    EXPECT_EQ(upload(id, name, "{}").status, 400) << name;
  EXPECT_EQ(upload(id, std::string(600, 'n'), "{}").status, 400);
  EXPECT_EQ(upload(id, "day=2024-01-01/caf%C3%A9.json", R"({"id":"a"})").status, 201);
  EXPECT_EQ(lake::Uploads(*lake, DatasetId(dataset_), BatchId(id)).files()->front().name,
            "day=2024-01-01/café.json");
}

TEST_F(IngestTest, FormsAndCompressedBodiesAreRefused) {
  const auto id = create_batch();
  EXPECT_EQ(upload(id, "x", "{}", {{"content-encoding", "gzip"}}).status, 415);
  EXPECT_EQ(call("PUT", files_of(id) + "x", "--b\r\n", {{"content-type", "multipart/form-data; boundary=b"}})
                .status,
            415);
  EXPECT_TRUE(lake::Uploads(*lake, DatasetId(dataset_), BatchId(id)).files()->empty());
}

TEST_F(IngestTest, ParallelUploadsRaceWithTheCompletion) {
  const auto id = create_batch();
  std::atomic<int> taken = 0;
  std::vector<std::thread> clients;
  for (int t = 0; t < 4; ++t)
    clients.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto name = std::to_string(t) + "/" + std::to_string(i);
        const auto status = upload(id, name, R"({"id":"a","score":1})").status;
        if (status == 201) ++taken;
        EXPECT_TRUE(status == 201 || status == 409 || status == 404) << status;
      }
    });
  while (taken < 12) std::this_thread::yield();
  std::thread again([&] { act(id, "COMPLETE"); });
  act(id, "COMPLETE");
  for (auto& client : clients) client.join();
  again.join();
  promoter->wait_idle();
  EXPECT_EQ(batch(id).at(id + ".status"), "success");
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[" + std::to_string(taken) + "]]")
      << "what was acknowledged, exactly";
}

TEST_F(IngestTest, AnAbortEndsTheUploadsInProgress) {
  const auto id = create_batch();
  std::vector<std::thread> clients;
  for (int t = 0; t < 3; ++t)
    clients.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto status = upload(id, std::to_string(t) + "-" + std::to_string(i), R"({"id":"a"})").status;
        EXPECT_TRUE(status == 201 || status == 409 || status == 404) << status;
      }
    });
  act(id, "ABORT");
  for (auto& client : clients) client.join();
  EXPECT_EQ(batch(id).at(id + ".status"), "aborted");
  EXPECT_EQ(lake::Uploads(*lake, DatasetId(dataset_), BatchId(id)).files().error().kind,
            ErrorKind::not_found);
}

TEST_F(IngestTest, ABatchLeftByAKilledServerIsTakenUpAtTheNextStart) {
  promoter->stop();
  const auto id = create_batch();
  upload(id, "x.json", R"({"id":"a","score":3})");
  EXPECT_EQ(act(id, "COMPLETE").at("status"), "loaded");
  EXPECT_EQ(act(id, "ABORT").status, 409);
  EXPECT_EQ(del(kCatalog + id).status, 409);
  promoter = std::make_unique<run::UploadPromoter>(*store, *lake, clock);
  promoter->start();
  promoter->wait_idle();
  EXPECT_EQ(batch(id).at(id + ".status"), "success");
  EXPECT_EQ(query("SELECT sum(score) FROM @"), "[[3]]");
}

TEST_F(IngestTest, ADatasetThatIsDeletedTakesItsUploadsAlong) {
  const auto id = create_batch();
  upload(id, "x.json", R"({"id":"a"})");
  EXPECT_EQ(del("/data/foundation/catalog/dataSets/" + dataset_).status, 200);
  EXPECT_EQ(upload(id, "y.json", R"({"id":"a"})").status, 404);
  EXPECT_EQ(act(id, "COMPLETE").status, 404);
  EXPECT_EQ(act(id, "ABORT").status, 200);
}

TEST_F(IngestTest, APreviewShowsTheFirstRecords) {
  const auto id = create_batch(R"({"format":"csv"})");
  upload(id, "x.csv", "id,score\na,1\nb,2\n");
  const auto answer = get(kImport + "/" + id + "/datasets/" + dataset_ + "/preview?format=csv&nrow=1");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at("preview.columns"), R"([{"cid":"0","name":"id"},{"cid":"1","name":"score"}])");
  EXPECT_EQ(answer.at("preview.rows"), R"([{"0":"a","1":"1"}])");
  EXPECT_EQ(get(kImport + "/" + id + "/datasets/" + dataset_ + "/preview?format=avro").status, 400);
}

TEST_F(IngestTest, AnUploadThatNobodyCompletesIsAbandoned) {
  const auto id = create_batch();
  upload(id, "x.json", R"({"id":"a"})");
  ManualClock later(clock.now());
  run::abandon_uploads(*store, *lake, later, {});
  EXPECT_EQ(batch(id).at(id + ".status"), "loading");
  later.advance(std::chrono::days(31));
  run::abandon_uploads(*store, *lake, later, {});
  EXPECT_EQ(batch(id).at(id + ".status"), "abandoned");
  EXPECT_EQ(lake::Uploads(*lake, DatasetId(dataset_), BatchId(id)).files().error().kind,
            ErrorKind::not_found);
}

TEST_F(IngestTest, BatchesPastTheRetentionBecomeInactive) {
  const auto id = loaded(R"({"id":"a"})");
  const std::string dataset = "/data/foundation/catalog/";
  const auto set = [&](const std::string& ttl) {
    return call("PATCH", dataset + "v2/dataSets/" + dataset_,
                R"({"extensions":{"adobe_lakeHouse":{"rowExpiration":{"ttlValue":)" + ttl + "}}}}");
  };
  EXPECT_EQ(set("\"30 days\"").status, 400);
  ASSERT_EQ(set("\"P30D\"").status, 200);
  EXPECT_EQ(get(dataset + "dataSets/" + dataset_)
                .at(dataset_ + ".extensions.adobe_lakeHouse.rowExpiration.ttlValue"),
            "P30D");
  ManualClock later(clock.now());
  run::expire_batches(*store, *lake, later, {});
  EXPECT_EQ(batch(id).at(id + ".status"), "success");
  later.advance(std::chrono::days(31));
  run::expire_batches(*store, *lake, later, {});
  EXPECT_EQ(batch(id).at(id + ".status"), "inactive");
  EXPECT_EQ(query("SELECT count(*) FROM @"), "[[0]]");
  ASSERT_EQ(set("null").status, 200) << "kept for ever again";
}

}  // namespace
}  // namespace headwater::tests
