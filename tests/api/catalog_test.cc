// Datasets, batches and the download of their files.
#include "api_fixture.h"
#include "base/time.h"
#include "lake/batch_writer.h"

namespace headwater::tests {
namespace {

constexpr const char* kDatasets = "/data/foundation/catalog/dataSets";
constexpr const char* kBatches = "/data/foundation/catalog/batches";
constexpr const char* kExport = "/data/foundation/export";

class CatalogTest : public ApiFixture {
 protected:
  // A batch as a run leaves it: three records, one of them rejected.
  std::string add_batch(const std::string& dataset, bool diagnostics) {
    const BatchId id("0123456789abcdef0123456789abcdef");
    lake::BatchOptions options;
    options.dataset = DatasetId(dataset);
    options.batch = id;
    auto writer = lake->open_batch(std::move(options));
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().message);
    json::RecordGroup records;
    records.append(R"({"id":1})");
    records.append(R"({"id":2})");
    std::vector<lake::Misfit> misfits;
    EXPECT_TRUE((*writer)->append(records, misfits));
    EXPECT_TRUE(
        (*writer)->quarantine({R"({"id":)", "INGEST-1401-400", "page 1, record 3: truncated", "page-1"}));
    EXPECT_TRUE((*writer)->note_input("page-1", 24));
    EXPECT_TRUE((*writer)->checkpoint("{}"));
    EXPECT_TRUE((*writer)->commit());
    const json::Value body = json::Object{
        {"status", "success"},
        {"relatedObjects", json::Array{json::Value(json::Object{{"type", "dataSet"}, {"id", dataset}})}},
        {"tags", json::Object{{"acp_enableErrorDiagnostics",
                               json::Array{json::Value(diagnostics ? "true" : "false")}}}},
        {"metrics", json::Object{{"outputRecordCount", 2}, {"failedRecordCount", 1}}}};
    EXPECT_TRUE(store->insert(domain::new_resource(domain::ResourceKind::batch, id.value, tenant, {"e", "e"},
                                                   epoch_millis(clock.now()), body)));
    return id.value;
  }
};

TEST_F(CatalogTest, ADatasetIsCreatedListedAndDeleted) {
  const auto id = create_dataset();
  EXPECT_EQ(id.size(), 24U);
  const auto found = get(std::string(kDatasets) + "/" + id);
  ASSERT_EQ(found.status, 200);
  const auto* dataset = found.body.find(id);
  ASSERT_NE(dataset, nullptr) << found.text;
  EXPECT_EQ(dataset->string_at("name"), "members");
  EXPECT_EQ(dataset->string_at("imsOrg"), tenant.org.value);
  EXPECT_NE(dataset->find("created"), nullptr);
  EXPECT_NE(get(std::string(kDatasets) + "?name=members").body.find(id), nullptr);
  EXPECT_EQ(get(std::string(kDatasets) + "?name=others").text, "{}");
  EXPECT_EQ(get(std::string(kDatasets) + "/" + id + "?properties=name").text,
            R"({")" + id + R"(":{"name":"members"}})");
  EXPECT_EQ(call_as_stranger("GET", std::string(kDatasets) + "/" + id).status, 404);
  EXPECT_EQ(del(std::string(kDatasets) + "/" + id).text, R"(["@/dataSets/)" + id + "\"]");
  EXPECT_EQ(get(std::string(kDatasets) + "/" + id).status, 404);
}

TEST_F(CatalogTest, ADatasetsSchemaMustBeKnown) {
  const auto answer =
      post(kDatasets, R"({"name":"x","schemaRef":{"id":"https://ns.example.test/schemas/none"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.at("report.pointer"), "/schemaRef/id");
}

TEST_F(CatalogTest, ADatasetInUseIsNotDeleted) {
  const auto id = create_dataset();
  create_target(id);
  EXPECT_EQ(del(std::string(kDatasets) + "/" + id).status, 400);
}

TEST_F(CatalogTest, ADatasetIsRenamed) {
  const auto id = create_dataset();
  ASSERT_EQ(call("PATCH", std::string(kDatasets) + "/" + id, R"({"name":"people"})").status, 200);
  EXPECT_EQ(get(std::string(kDatasets) + "/" + id).body.find(id)->string_at("name"), "people");
  EXPECT_EQ(call("PATCH", std::string(kDatasets) + "/" + id, R"({"imsOrg":"x"})").status, 400);
}

TEST_F(CatalogTest, BatchesAreFoundByDatasetAndStatus) {
  const auto dataset = create_dataset();
  const auto id = add_batch(dataset, true);
  const auto found = get(std::string(kBatches) + "/" + id);
  EXPECT_EQ(found.at(id + ".status"), "success") << found.text;
  EXPECT_EQ(found.at(id + ".metrics.failedRecordCount"), "1");
  EXPECT_NE(get(std::string(kBatches) + "?dataSet=" + dataset + "&status=success").body.find(id), nullptr);
  EXPECT_EQ(get(std::string(kBatches) + "?dataSet=other").text, "{}");
  EXPECT_EQ(get(std::string(kBatches) + "?createdAfter=99999999999999").text, "{}");
  EXPECT_EQ(get(std::string(kBatches) + "/none").status, 404);
}

TEST_F(CatalogTest, BatchesAreFoundByTheirCounts) {
  const auto id = add_batch(create_dataset(), true);
  for (const char* hit : {"recordCount=2", "failedRecordCount=1", "createdUser=e", "createdClient=e"})
    EXPECT_NE(get(std::string(kBatches) + "?" + hit).body.find(id), nullptr) << hit;
  for (const char* miss : {"recordCount=3", "failedRecordCount=0", "createdUser=f", "updated=1", "size=9"})
    EXPECT_EQ(get(std::string(kBatches) + "?" + miss).text, "{}") << miss;
}

TEST_F(CatalogTest, AnOrderThatIsNoFieldNameNeverReachesTheStore) {
  create_dataset();
  for (const char* order : {"x'y", "desc:a'b", "%22", "desc:%00", "asc:a,b%5C", "a[]"})
    EXPECT_EQ(get(std::string(kDatasets) + "?orderBy=" + order).status, 400) << order;
  std::string many = "id";
  for (int i = 0; i < 2000; ++i) many += ",id";
  EXPECT_EQ(get(std::string(kDatasets) + "?orderBy=" + many).status, 400);
  EXPECT_EQ(get(fs("/flows?orderby=" + many)).status, 400);
  for (const char* order : {"desc:created", "asc:created,updated", "name", "desc:", ""})
    EXPECT_EQ(get(std::string(kDatasets) + "?orderBy=" + order).status, 200) << order;
}

TEST_F(CatalogTest, ADatasetIsReplacedAndMerged) {
  const auto id = create_dataset();
  const std::string path = std::string(kDatasets) + "/" + id;
  auto document = *get(path).body.find(id);
  document.if_object()->set("name", "renamed");
  document.if_object()->set("tags", *json::parse(R"({"team/a":["x","y"]})"));
  ASSERT_EQ(call("PUT", path, document.dump()).status, 200) << "what was read can be put back";
  EXPECT_EQ(get(path).at(id + ".name"), "renamed");
  const std::string second = "/data/foundation/catalog/v2/dataSets/" + id;
  ASSERT_EQ(call("PATCH", second, R"({"tags":{"team/b":["z"]},"description":"d"})").status, 200);
  EXPECT_EQ(get(path).at(id + ".tags"), R"({"team/a":["x","y"],"team/b":["z"]})");
  ASSERT_EQ(call("PATCH", second, R"({"tags":{"team/a":null}})").status, 200);
  EXPECT_EQ(get(path).at(id + ".tags"), R"({"team/b":["z"]})");
  EXPECT_EQ(call("PATCH", second, R"({"imsOrg":"x"})").status, 400);
  EXPECT_EQ(call("PUT", path, R"({"name":"x","fileDescription":{"format":"parquet"}})").status, 400)
      << "another format";
  EXPECT_EQ(call("PUT", path, R"({"name":"x"})", {{"if-match", "\"stale\""}}).status, 412);
  EXPECT_EQ(call_as_stranger("PATCH", second, R"({"description":"mine"})").status, 404);
}

TEST_F(CatalogTest, ADatasetWithBatchesKeepsItsSchema) {
  const auto id = create_dataset(create_schema());
  const std::string path = std::string(kDatasets) + "/" + id;
  const auto change = [&] {
    return call("PATCH", path, R"({"schemaRef":{"id":")" + create_schema() + R"("}})");
  };
  EXPECT_EQ(change().status, 200);
  add_batch(id, true);
  EXPECT_EQ(change().status, 400);
}

TEST_F(CatalogTest, ListsTakeTagsAndRegularExpressions) {
  const auto id = create_dataset();
  ASSERT_EQ(
      call("PATCH", std::string(kDatasets) + "/" + id, R"({"name":"north_sales","tags":{"team/a:b":["x"]}})")
          .status,
      200);
  for (const char* hit : {"property=name~%5Enorth", "property=name~sales%24", "tags=team/a:b:x",
                          "tags=team/a:b", "property=tags", "version=1.0.0", "property=name==north_sales"})
    EXPECT_NE(get(std::string(kDatasets) + "?" + hit).body.find(id), nullptr) << hit;
  for (const char* miss : {"property=name~%5Esouth", "tags=team/a:b:y", "property=nothing", "version=2.0.0",
                           "property=name~north&start=1"})
    EXPECT_EQ(get(std::string(kDatasets) + "?" + miss).text, "{}") << miss;
  EXPECT_EQ(get(std::string(kDatasets) + "?property=name~(").status, 400);
  EXPECT_EQ(get(std::string(kDatasets) + "?property=name~(a%2B)%2B%24").status, 200) << "no pattern hangs";
}

TEST_F(CatalogTest, ADatasetsFilesAreListed) {
  const auto id = create_dataset();
  const auto batch = add_batch(id, true);
  const auto answer = get("/data/foundation/catalog/dataSetFiles?dataSetId=" + id);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at(batch + "-1.records"), "2");
  EXPECT_EQ(get("/data/foundation/catalog/dataSetFiles").status, 400);
  EXPECT_EQ(call_as_stranger("GET", "/data/foundation/catalog/dataSetFiles?dataSetId=" + id).status, 404);
}

TEST_F(CatalogTest, ADatasetIsNotDeletedWhileABatchIsWritten) {
  const auto id = create_dataset();
  auto writer = *lake->open_batch(
      {.dataset = DatasetId(id), .batch = BatchId("b1"), .schema = {}, .schema_version = {}, .replaces = {}});
  EXPECT_EQ(del(std::string(kDatasets) + "/" + id).status, 409);
  EXPECT_EQ(get(std::string(kDatasets) + "/" + id).status, 200) << "nothing has happened";
  writer.reset();
  EXPECT_EQ(del(std::string(kDatasets) + "/" + id).status, 200);
}

TEST_F(CatalogTest, ABatchOfARunIsDeletedWhenItHasEnded) {
  const auto dataset = create_dataset();
  const auto id = add_batch(dataset, true);
  EXPECT_EQ(call_as_stranger("DELETE", std::string(kBatches) + "/" + id).status, 404);
  EXPECT_EQ(del(std::string(kBatches) + "/" + id).status, 200);
  EXPECT_EQ(get(std::string(kExport) + "/datasets/" + dataset + "/preview").text, R"({"data":[]})");
}

TEST_F(CatalogTest, ADatasetSaysItsTagsAndClassification) {
  const auto id = create_dataset();
  const auto found = get(std::string(kDatasets) + "/" + id);
  EXPECT_EQ(found.at(id + ".tags"), "{}");
  EXPECT_EQ(found.at(id + ".classification.managedBy"), "CUSTOMER");
  EXPECT_EQ(found.at(id + ".classification.dataBehavior"), "adhoc");
}

TEST_F(CatalogTest, ABatchsFilesAreListedAndDownloaded) {
  const auto id = add_batch(create_dataset(), true);
  const auto files = get(std::string(kExport) + "/batches/" + id + "/files");
  ASSERT_EQ(files.status, 200) << files.text;
  ASSERT_EQ(files.body.find("data")->if_array()->size(), 1U) << files.text;
  const auto file = std::string(files.body.find("data")->if_array()->front().string_at("dataSetFileId"));
  const auto parts = get(std::string(kExport) + "/files/" + file);
  ASSERT_EQ(parts.status, 200) << parts.text;
  const auto& part = parts.body.find("data")->if_array()->front();
  const std::string path =
      std::string(kExport) + "/files/" + file + "?path=" + std::string(part.string_at("name"));
  const auto href = part.find_path("_links.self.href");
  ASSERT_NE(href, nullptr);
  EXPECT_NE(href->if_string()->find(path), std::string::npos) << *href->if_string();
  const auto whole = get(path);
  ASSERT_EQ(whole.status, 200);
  EXPECT_EQ(whole.text, "{\"id\":1}\n{\"id\":2}\n");
  EXPECT_EQ(whole.header("accept-ranges"), "bytes");
  EXPECT_EQ(std::to_string(whole.text.size()), part.string_at("length"));
  EXPECT_EQ(get(std::string(kExport) + "/files/" + file + "?path=../../key").status, 404);
  EXPECT_EQ(call_as_stranger("GET", path).status, 404);
}

TEST_F(CatalogTest, RangesAreHonoured) {
  const auto id = add_batch(create_dataset(), true);
  const std::string file = std::string(kExport) + "/files/" + id + "-1";
  const auto name = std::string(get(file).body.find("data")->if_array()->front().string_at("name"));
  const auto range = [&](const std::string& value) {
    return call("GET", file + "?path=" + name, {}, {{"range", value}});
  };
  const auto first = range("bytes=0-3");
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(first.text, "{\"id");
  EXPECT_EQ(first.header("content-range"), "bytes 0-3/18");
  EXPECT_EQ(range("bytes=-3").text, "2}\n");
  EXPECT_EQ(range("bytes=9-").text, "{\"id\":2}\n");
  EXPECT_EQ(range("bytes=18-").status, 416);
  EXPECT_EQ(range("lines=1-2").status, 200);
  EXPECT_EQ(range("bytes=18-").header("content-range"), "bytes */18");
  const auto etag = range("bytes=0-3").header("etag");
  const auto if_range = [&](const std::string& value) {
    return call("GET", file + "?path=" + name, {}, {{"range", "bytes=0-3"}, {"if-range", value}});
  };
  EXPECT_EQ(if_range(etag).status, 206);
  EXPECT_EQ(if_range("\"other\"").status, 200);
  const auto head = call("HEAD", file + "?path=" + name);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "18");
  EXPECT_EQ(head.header("accept-ranges"), "bytes");
  EXPECT_EQ(head.text, "");
  EXPECT_EQ(call("HEAD", file + "?path=none").status, 404);
}

TEST_F(CatalogTest, RejectedRecordsAreServedWithDiagnostics) {
  const auto id = add_batch(create_dataset(), true);
  const std::string meta = std::string(kExport) + "/batches/" + id + "/meta";
  const auto errors = get(meta + "?path=row_errors");
  ASSERT_EQ(errors.status, 200) << errors.text;
  ASSERT_EQ(errors.body.find("data")->if_array()->size(), 1U) << errors.text;
  const auto name = std::string(errors.body.find("data")->if_array()->front().string_at("name"));
  const auto lines = get(meta + "?path=row_errors/" + name);
  EXPECT_NE(lines.text.find("_corrupt_record"), std::string::npos) << lines.text;
  EXPECT_NE(lines.text.find("INGEST-1401-400"), std::string::npos);
  EXPECT_EQ(get(meta + "?path=row_error_samples.json").status, 200);
  EXPECT_EQ(get(meta + "?path=input_files").status, 200);
  EXPECT_EQ(get(meta).status, 200);
  EXPECT_EQ(get(meta + "?path=secrets").status, 404);
}

TEST_F(CatalogTest, WithoutDiagnosticsRejectedRecordsAreNotServed) {
  const auto id = add_batch(create_dataset(), false);
  const std::string meta = std::string(kExport) + "/batches/" + id + "/meta";
  EXPECT_EQ(get(meta + "?path=row_errors").at("data"), "[]");
  EXPECT_EQ(get(meta + "?path=row_error_samples.json").status, 404);
}

TEST_F(CatalogTest, AnEmptyDatasetHasAnEmptyPreview) {
  const auto id = create_dataset();
  EXPECT_EQ(get(std::string(kExport) + "/datasets/" + id + "/preview").text, R"({"data":[]})");
  EXPECT_EQ(get(std::string(kExport) + "/datasets/none/preview").status, 404);
}

TEST_F(CatalogTest, QueriesSeeTheTenantsDatasets) {
  const auto id = create_dataset();
  add_batch(id, true);
  const auto answer = post("/headwater/query", R"({"sql":"SELECT sum(id) AS total FROM members"})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at("rows"), "[[3]]");
  EXPECT_EQ(answer.body.find("columns")->if_array()->front().string_at("name"), "total");
  EXPECT_EQ(post("/headwater/query", R"({"sql":"DELETE FROM members"})").status, 400);
  EXPECT_EQ(post("/headwater/query", "{}").status, 400);
  EXPECT_EQ(call_as_stranger("POST", "/headwater/query", R"({"sql":"SELECT * FROM members"})").status, 400);
  EXPECT_EQ(get(std::string(kExport) + "/datasets/" + id + "/preview").text,
            R"({"data":[{"id":1},{"id":2}]})");
}

}  // namespace
}  // namespace headwater::tests
