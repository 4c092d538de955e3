#include <thread>
#include <vector>

#include "api_fixture.h"

namespace headwater::tests {
namespace {

constexpr const char* kSets = "/data/foundation/conversion/mappingSets";

class MappingSetsTest : public ApiFixture {};

TEST_F(MappingSetsTest, CreateAnswersTheShortForm) {
  const auto answer = post(kSets, R"({"version":0,"id":null,"xdmSchema":"","xdmVersion":"1.0","mappings":[
      {"sourceAttribute":"crm_id","destinationXdmPath":"_id","identity":false,"identityGroup":null,"version":0}]})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.id().size(), 32U);
  EXPECT_EQ(answer.at("version"), "0");
  for (const char* name : {"createdDate", "modifiedDate", "createdBy", "modifiedBy"})
    EXPECT_NE(answer.body.find(name), nullptr) << name;
  const auto set = get(std::string(kSets) + "/" + answer.id());
  ASSERT_EQ(set.status, 200);
  const auto& row = set.body.find("mappings")->if_array()->front();
  EXPECT_EQ(row.string_at("sourceType"), "ATTRIBUTE");
  EXPECT_EQ(row.string_at("source"), "crm_id");
  EXPECT_EQ(row.string_at("sourceAttribute"), "crm_id");
  EXPECT_EQ(row.string_at("destinationXdmPath"), "_id");
}

TEST_F(MappingSetsTest, PutKeepsEveryVersionReadable) {
  const auto id = create_mapping();
  const std::string path = std::string(kSets) + "/" + id;
  const auto answer =
      put(path, R"({"mappings":[{"sourceType":"text/plain","source":"web","destination":"channel"}]})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.id(), id);
  EXPECT_EQ(answer.at("version"), "1");
  EXPECT_EQ(get(path).at("version"), "1") << "the latest by default";
  const auto old = get(path + "?version=0");
  EXPECT_EQ(old.at("version"), "0");
  EXPECT_EQ(old.id(), id);
  EXPECT_EQ(get(path + "?version=7").status, 404);
  EXPECT_EQ(get(kSets).body.find("data")->if_array()->size(), 1U) << "replaced versions are not listed";
}

TEST_F(MappingSetsTest, ListsInTheOrderAskedFor) {
  const auto first = create_mapping();
  create_mapping();
  for (const char* order :
       {"+createdDate", "%2BcreatedDate", "createdDate", "updatedDate", "lastUpdateDate"}) {
    const auto list = get(std::string(kSets) + "?orderBy=" + order);
    ASSERT_EQ(list.status, 200) << order << list.text;
    EXPECT_EQ(list.body.find("data")->if_array()->size(), 2U);
  }
  EXPECT_EQ(get(std::string(kSets) + "?orderBy=createdDateX").status, 400);
}

TEST_F(MappingSetsTest, ConcurrentChangesEachMakeAVersion) {
  const std::string path = std::string(kSets) + "/" + create_mapping();
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([this, &path, writer] {
      for (int i = 0; i < 3; ++i) {
        const auto to = "w" + std::to_string(writer) + "_" + std::to_string(i);
        const auto answer = post(path + "/mappings", R"({"source":"a","destination":")" + to + "\"}");
        EXPECT_EQ(answer.status, 200) << answer.text;
      }
    });
  writers.clear();
  const auto last = get(path);
  EXPECT_EQ(last.at("version"), "12");
  EXPECT_EQ(last.body.find("mappings")->if_array()->size(), 13U) << "no row is lost";
}

TEST_F(MappingSetsTest, ValidateAnswersRowByRow) {
  const auto answer = post(std::string(kSets) + "/validate",
                           R"({"mappings":[{"sourceType":"ATTRIBUTE","source":"a.b","destination":"x"},
                               {"sourceType":"ATTRIBUTE","source":"c","destination":"x"}]})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  const auto& rows = *answer.body.find("validationResponse")->if_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].string_at("status"), "FAILED") << "a destination written twice";
  EXPECT_FALSE(rows[1].find("errors")->if_array()->front().string_at("exception").empty());
  EXPECT_EQ(post(std::string(kSets) + "/validate", R"({"rows":1})").status, 400);
  const auto unreadable = post(std::string(kSets) + "/validate",
                               R"({"mappings":[{"sourceType":"SIDEWAYS","source":"a","destination":"x"},
                                   {"destination":"y"},5,{"source":"a","destination":"z"}]})");
  ASSERT_EQ(unreadable.status, 200) << unreadable.text;
  const auto& four = *unreadable.body.find("validationResponse")->if_array();
  ASSERT_EQ(four.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(four[i].string_at("status"), "FAILED") << i;
    EXPECT_EQ(four[i].find("errors")->if_array()->size(), 1U) << four[i].dump();
  }
  EXPECT_EQ(four[3].string_at("status"), "SUCCESS");
}

TEST_F(MappingSetsTest, PreviewMirrorsItsInput) {
  const std::string path = std::string(kSets) + "/preview";
  const std::string set = R"("mappingSet":{"outputSchema":{"schemaRef":{"id":")" + create_schema() +
                          R"(","contentType":"x"}},"mappings":[
      {"sourceType":"ATTRIBUTE","source":"key","destination":"id"},
      {"sourceType":"ATTRIBUTE","source":"points","destination":"score"}]})";
  const auto one = post(path, R"({"data":{"key":1234,"points":"x"},)" + set + "}");
  ASSERT_EQ(one.status, 200) << one.text;
  EXPECT_EQ(one.at("data"), R"({"id":"1234"})") << "typed as the schema says";
  ASSERT_EQ(one.body.find("errors")->if_array()->size(), 1U) << one.text;
  EXPECT_EQ(one.body.find("errors")->if_array()->front().string_at("destination"), "score");
  const auto two = post(path, R"({"data":[{"key":"a"},{"points":3}],)" + set + "}");
  ASSERT_TRUE(two.body.is_array()) << two.text;
  EXPECT_EQ(two.text, R"([{"data":{"id":"a"},"errors":null},{"data":{"score":3},"errors":null}])");
  EXPECT_EQ(post(path, R"({"data":[1],)" + set + "}").at("report.pointer"), "/data/0");
  EXPECT_EQ(post(path, R"({"data":{}})").at("report.pointer"), "/mappingSet");
  EXPECT_EQ(post(path, R"({"data":{},"mappingSet":{"mappings":[{"source":"a","destination":""}]}})").status,
            400);
}

TEST_F(MappingSetsTest, ASetThatCannotBeUsedIsRefused) {
  const auto answer =
      post(kSets, R"({"mappings":[{"sourceType":"SIDEWAYS","source":"a","destination":"x"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find_path("report.problems"), nullptr) << answer.text;
}

TEST_F(MappingSetsTest, RowsAreReadOneByOneAndTogether) {
  const auto id = create_mapping();
  const auto rows = get(std::string(kSets) + "/" + id + "/mappings");
  ASSERT_TRUE(rows.body.is_array()) << rows.text;
  const auto row = std::string(rows.body.if_array()->front().string_at("id"));
  EXPECT_EQ(get(std::string(kSets) + "/" + id + "/mappings/" + row).at("source"), "members.id");
  EXPECT_EQ(get(std::string(kSets) + "/" + id + "/mappings/none").status, 404);
}

TEST_F(MappingSetsTest, AChangedRowMakesTheNextVersion) {
  const std::string path = std::string(kSets) + "/" + create_mapping();
  const auto added =
      post(path + "/mappings",
           R"j({"sourceType":"EXPRESSION","source":"concat(a.b, ${x y})","destination":"both"})j");
  ASSERT_EQ(added.status, 200) << added.text;
  EXPECT_EQ(added.at("version"), "1");
  EXPECT_EQ(post(path + "/mappings", R"j({"sourceType":"EXPRESSION","source":"uper(a)","destination":"z"})j")
                .status,
            400);
  EXPECT_EQ(post(path + "/mappings", R"({"source":"a","destination":"both"})").status, 400)
      << "written twice";
  const auto rows = get(path + "/mappings");
  const auto& second = (*rows.body.if_array())[1];
  EXPECT_EQ(second.find("expressionAttributes")->dump(), R"(["a.b","x y"])");
  const auto row = path + "/mappings/" + std::string(second.string_at("id"));
  const auto replaced = put(row, R"({"source":"c","destination":"both"})");
  EXPECT_EQ(replaced.at("source"), "c") << replaced.text;
  EXPECT_EQ(get(row).status, 404) << "rows get new ids with each version";
  EXPECT_EQ(get(row + "?version=1").at("sourceType"), "EXPRESSION");
  EXPECT_EQ(del(path + "/mappings/" + replaced.id()).at("version"), "3");
  EXPECT_EQ(get(path + "/mappings").body.if_array()->size(), 1U);
  EXPECT_EQ(get(path).at("version"), "3");
}

TEST_F(MappingSetsTest, ExpressionsAreValidatedAndListed) {
  const std::string language = "/data/foundation/conversion/languages/el";
  EXPECT_EQ(post(language + "/validate", R"j({"expression":"upper(a)"})j").text,
            R"({"validationStatus":"succeeded","error":"none"})");
  EXPECT_EQ(
      post(language + "/validate", R"j({"expression":{"expression":"uper(a)"}})j").text,
      R"j({"validationStatus":"failed","error":"Unknown function: uper (position 1). Did you mean upper?"})j");
  EXPECT_EQ(post(language + "/validate",
                 R"j({"expression":"1 / a","sampleData":"{\"a\":0}","sampleDataType":"JSON"})j")
                .at("validationStatus"),
            "failed");
  EXPECT_EQ(post(language + "/validate", R"({"expression":5})").status, 400);
  const auto functions = get(language + "/functions");
  ASSERT_TRUE(functions.body.is_array());
  EXPECT_EQ(functions.body.if_array()->size(), 105U) << "each under each of its names";
  const auto operators = get(language + "/operators");
  EXPECT_EQ(operators.body.if_array()->size(), 21U);
  EXPECT_EQ(operators.body.if_array()->front().string_at("operatorSymbol"), "+");
  EXPECT_EQ(operators.body.if_array()->front().string_at("methodName"), "add");
}

TEST_F(MappingSetsTest, ChecksCanWaitAndSchemasAreExpanded) {
  const std::string rows =
      R"j("mappings":[{"sourceType":"EXPRESSION","source":"uper(a)","destination":"id"}]})j";
  EXPECT_EQ(post(kSets, "{" + rows).status, 400);
  EXPECT_EQ(post(std::string(kSets) + "?validate=maybe", "{" + rows).status, 400);
  EXPECT_EQ(post(std::string(kSets) + "?validate=false", "{" + rows).status, 200);
  const std::string input =
      R"("inputSchema":{"jsonSchema":"{\"properties\":{\"a\":{\"type\":\"string\"}}}"},)";
  EXPECT_EQ(post(kSets, "{" + input + R"("mappings":[{"source":"a","destination":"id"}]})").status, 200);
  EXPECT_EQ(post(kSets, "{" + input + R"("mappings":[{"source":"b","destination":"id"}]})").status, 400);
  EXPECT_EQ(
      post(kSets, R"j({"mappings":[{"sourceType":"ATTRIBUTE","source":"upper(a)","destination":"id"}]})j")
          .status,
      400)
      << "an expression that is stored as an attribute";
  create_mapping(create_schema());
  const auto listed = get(std::string(kSets) + "?expandSchema=true&orderBy=-createdDate&limit=1");
  EXPECT_NE(listed.body.find("data")->if_array()->front().find_path("outputSchema.jsonSchema"), nullptr)
      << listed.text;
}

TEST_F(MappingSetsTest, ASetGivesEveryRequiredField) {
  const auto schema = post("/data/foundation/schemaregistry/tenant/schemas",
                           R"({"title":"Order","type":"object","required":["id"],"properties":{
                               "id":{"type":"string"},"total":{"type":"number"}}})");
  ASSERT_EQ(schema.status, 201) << schema.text;
  const std::string head =
      R"({"xdmSchema":")" + std::string(schema.body.string_at("$id")) + R"(","mappings":)";
  const std::string partial = head + R"([{"source":"t","destination":"total"}]})";
  const std::string whole =
      head + R"([{"source":"t","destination":"total"},{"source":"n","destination":"id"}]})";
  const auto refused = post(kSets, partial);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.text.find("required field id"), std::string::npos) << refused.text;
  const auto checked = post(std::string(kSets) + "/validate", partial);
  ASSERT_EQ(checked.status, 200);
  const auto& results = *checked.body.find("validationResponse")->if_array();
  ASSERT_EQ(results.size(), 2U) << "one for the row, one for the set";
  EXPECT_EQ(results[0].string_at("status"), "SUCCESS");
  EXPECT_EQ(results[1].find("errors")->if_array()->front().string_at("destination"), "id") << checked.text;
  EXPECT_EQ(post(std::string(kSets) + "/validate", whole).body.find("validationResponse")->if_array()->size(),
            2U);
  const auto stored = post(kSets, whole);
  ASSERT_EQ(stored.status, 200) << stored.text;
  const std::string path = std::string(kSets) + "/" + stored.id();
  EXPECT_EQ(put(path, partial).status, 400);
  const auto rows = get(path + "/mappings");
  const auto row = std::string((*rows.body.if_array())[1].string_at("id"));
  EXPECT_EQ(del(path + "/mappings/" + row).status, 200) << "rows change one by one";
}

TEST_F(MappingSetsTest, RowsAreProposedFromABatchForADatasetsSchema) {
  const auto target = create_dataset(create_schema());
  const auto source = create_dataset(create_schema());
  const auto batch = post("/data/foundation/import/batches",
                          R"({"datasetId":")" + source + R"(","inputFormat":{"format":"json"}})");
  ASSERT_EQ(batch.status, 201) << batch.text;
  const std::string path = std::string(kSets) + "/suggestion?datasetId=" + target + "&batchId=" + batch.id();
  EXPECT_EQ(get(path).status, 400) << "nothing was uploaded yet";
  const auto file = "/data/foundation/import/batches/" + batch.id() + "/datasets/" + source + "/files/a.json";
  EXPECT_EQ(call("PUT", file, R"({"ID":"a","member_score":3,"noise":true})",
                 {{"content-type", "application/octet-stream"}})
                .status,
            201);
  const auto answer = get(path);
  ASSERT_EQ(answer.status, 200) << answer.text;
  const auto& rows = *answer.body.find("mappings")->if_array();
  ASSERT_EQ(rows.size(), 2U) << answer.text;
  EXPECT_EQ(rows[0].string_at("source"), "ID");
  EXPECT_EQ(rows[0].string_at("destination"), "id");
  EXPECT_EQ(rows[0].find("matchScore")->dump(), "1.00");
  EXPECT_EQ(rows[1].string_at("source"), "member_score");
  EXPECT_EQ(post(kSets, answer.text).status, 200) << "can be stored as it is";
  const auto all = get(path + "&excludeUnmapped=false");
  ASSERT_EQ(all.body.find("mappings")->if_array()->size(), 3U) << all.text;
  EXPECT_EQ(all.body.find("mappings")->if_array()->back().string_at("source"), "noise");
  EXPECT_TRUE(all.body.find("mappings")->if_array()->back().find("destination")->is_null());
}

TEST_F(MappingSetsTest, RowsAreProposedFromWhatABatchBroughtIntoTheLake) {
  const auto dataset = create_dataset(create_schema());
  std::vector<std::string> batches;
  for (const char* text : {R"({"id":"a"})", R"({"score":1})"}) {
    const auto batch = post("/data/foundation/import/batches",
                            R"({"datasetId":")" + dataset + R"(","inputFormat":{"format":"json"}})");
    const auto at = "/data/foundation/import/batches/" + batch.id();
    call("PUT", at + "/datasets/" + dataset + "/files/a.json", text,
         {{"content-type", "application/octet-stream"}});
    EXPECT_EQ(call("POST", at + "?action=COMPLETE").status, 200);
    promoter->wait_idle();
    batches.push_back(batch.id());
  }
  const std::string path = std::string(kSets) + "/suggestion?datasetId=" + dataset;
  const auto answer = get(path + "&batchId=" + batches[1]);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_NE(answer.text.find(R"("source":"score")"), std::string::npos) << answer.text;
  EXPECT_EQ(get(path).status, 400);
  EXPECT_EQ(get(path + "&batchId=none").status, 404);
  EXPECT_EQ(get(path + "&batchId=" + batches[1] + "&excludeUnmapped=perhaps").status, 400);
  EXPECT_EQ(get(std::string(kSets) + "/suggestion?batchId=" + batches[1] + "&datasetId=none").status, 404);
  EXPECT_EQ(
      get(std::string(kSets) + "/suggestion?batchId=" + batches[1] + "&datasetId=" + create_dataset()).status,
      400)
      << "no schema to propose rows for";
  EXPECT_EQ(call_as_stranger("GET", path + "&batchId=" + batches[1]).status, 404);
}

TEST_F(MappingSetsTest, ListsPage) {
  create_mapping();
  create_mapping();
  const auto answer = get(std::string(kSets) + "?limit=1&start=1");
  EXPECT_EQ(answer.at("_page.count"), "1");
  EXPECT_EQ(answer.at("_page.limit"), "1");
  EXPECT_EQ(call_as_stranger("GET", kSets).at("data"), "[]");
  EXPECT_EQ(get(std::string(kSets) + "?limit=x").status, 400);
}

}  // namespace
}  // namespace headwater::tests
