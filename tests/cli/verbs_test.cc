// Client verbs that need a source, flows, uploads or a store of their own.
#include <gmock/gmock.h>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Verbs : public ServingTest {
 protected:
  Verbs() : ServingTest(200) { serving_ = std::make_unique<Serving>(data_); }

  std::string create_dataset(json::Object body) {
    body.set("name", "orders");
    const auto answer = create("datasets", std::move(body));
    const std::string reference = answer.is_array() ? *answer.if_array()->front().if_string() : "";
    dataset_ = reference.substr(reference.rfind('/') + 1);
    return dataset_;
  }
  /// A dataset whose records must have a number.
  std::string create_strict_dataset() {
    const auto schema = create("schemas", *json::parse(R"({"title":"order","type":"object","required":["id"],
                                    "properties":{"id":{"type":"integer"},"note":{"type":"string"}}})"));
    return create_dataset({{"schemaRef", json::Object{{"id", schema.string_at("$id")}}}});
  }
};

TEST_F(Verbs, FilesAreUploadedAsOneBatchAndDownloadedAgain) {
  const auto dataset = create_dataset({});
  const auto done = ask({"batches", "upload", write("a.json", "{\"id\":1}\n{\"id\":2}\n"),
                         write("b.ndjson", "{\"id\":3}\n"), "--dataset", dataset});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_THAT(done.errors, AllOf(HasSubstr("a.json  18 B\n"), HasSubstr("success, 3 written, 0 failed\n")));
  const auto batch = json::parse(done.output);
  ASSERT_TRUE(batch) << done.output;
  EXPECT_EQ(batch->string_at("status"), "success");
  const std::string id(batch->string_at("id"));
  EXPECT_THAT(headwater_query("SELECT sum(id) FROM orders").output, HasSubstr("\n6\r\n"));

  EXPECT_THAT(ask({"batches", "list", "--output", "table"}).output, HasSubstr(id + "  success"));
  EXPECT_THAT(ask({"batches", "files", id, "--output", "table"}).output, HasSubstr(".parquet"));
  const auto saved = ask({"batches", "files", id, "--to", path("down")});
  EXPECT_EQ(saved.exit_code, 0) << saved.errors;
  EXPECT_THAT(saved.errors, StartsWith("1 file, "));
  const auto text = read_file(saved.output.substr(0, saved.output.find('\n')));
  ASSERT_TRUE(text) << saved.output;
  EXPECT_THAT(*text, StartsWith("PAR1"));
}

TEST_F(Verbs, AnUploadThatFailsSaysWhyAndWhereItsRecordsAre) {
  const auto dataset = create_strict_dataset();
  const auto file = write("a.json", "{\"id\":1}\n{\"note\":\"no number\"}\n");
  const auto failed = ask({"batches", "upload", file, "--dataset", dataset});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.errors, HasSubstr(": failed, 0 written, 1 failed\n"));
  const auto tolerated = ask({"batches", "upload", file, "--dataset", dataset, "--partial-percent", "50"});
  EXPECT_EQ(tolerated.exit_code, 0) << tolerated.errors;
  EXPECT_THAT(tolerated.errors, HasSubstr(": success, 1 written, 1 failed\n"));

  const std::string id(json::parse(tolerated.output)->string_at("id"));
  EXPECT_THAT(tolerated.errors, HasSubstr("headwater batches diagnostics " + id + " --to FOLDER\n"));
  const auto saved = ask({"batches", "diagnostics", id, "--to", path("down")});
  EXPECT_EQ(saved.exit_code, 0) << saved.errors;
  std::string rejected;
  for (const auto& entry : fs::recursive_directory_iterator(path("down")))
    if (entry.is_regular_file()) rejected += *read_file(entry.path());
  EXPECT_THAT(rejected, HasSubstr("no number"));
}

TEST_F(Verbs, AnUploadGoesStepByStepToo) {
  const auto dataset = create_dataset({});
  const auto begin =
      write("batch.json", R"({"datasetId":")" + dataset + R"(","inputFormat":{"format":"json"}})");
  const std::string id(read({"batches", "create", begin}).string_at("id"));
  EXPECT_EQ(ask({"batches", "put", id, write("a.json", "{\"id\":1}\n")}).exit_code, 0);
  EXPECT_EQ(read({"batches", "complete", id}).string_at("id"), id);
  const auto late = ask({"batches", "put", id, path("a.json")});
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_THAT(late.errors, HasSubstr("409"));

  const std::string other(read({"batches", "create", begin}).string_at("id"));
  EXPECT_EQ(read({"batches", "abort", other}).string_at("status"), "aborted");
}

TEST_F(Verbs, ALargeFileIsUploadedInPieces) {
  const auto dataset = create_dataset({});
  std::string text;
  const std::string filling(10'000, 'x');
  while (text.size() <= (33U << 20)) text += R"({"id":1,"note":")" + filling + "\"}\n";
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const auto done = ask({"batches", "upload", write("a.json", text), "--dataset", dataset});
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_THAT(done.errors, HasSubstr("success, " + std::to_string(lines) + " written"));
}

TEST_F(Verbs, AWrongUploadIsRefusedBeforeAnythingIsSent) {
  const auto dataset = create_dataset({});
  const auto refused = [&](const std::vector<std::string>& files, const std::string& why) {
    std::vector<std::string> arguments{"batches", "upload", "--dataset", dataset};
    arguments.insert(arguments.end(), files.begin(), files.end());
    const auto done = ask(arguments);
    EXPECT_EQ(done.exit_code, 2) << done.errors;
    EXPECT_THAT(done.errors, HasSubstr(why));
  };
  refused({write("records", "{}")}, "--format");
  refused({write("a.json", "{}"), write("a.csv", "id")}, "one format");
  refused({path("a.json"), path("a.json")}, "called a.json");
  refused({path("nothing.json")}, "nothing.json");
  refused({folder_.path().string(), "--format", "json"}, "is no file");
  const auto unknown = ask({"batches", "upload", path("a.json"), "--dataset", "nosuch"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("There is no dataset nosuch."));
  EXPECT_EQ(read({"batches", "list"}), *json::parse("{}"));
}

TEST_F(Verbs, ADatasetIsReplacedByWhatWasRead) {
  const auto dataset = create_dataset({});
  const auto document = ask({"datasets", "get", dataset});
  std::string changed = document.output;
  const std::string name = "\"name\": \"orders\"";
  ASSERT_NE(changed.find(name), std::string::npos) << changed;
  changed.replace(changed.find(name), name.size(), "\"name\": \"renamed\"");
  const auto done = ask({"datasets", "update", dataset, write("dataset.json", changed)});
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_THAT(ask({"datasets", "get", dataset}).output, HasSubstr("\"renamed\""));
}

TEST_F(Verbs, AnAccountIsExploredWithParams) {
  create_flow({.delay_millis = "", .query = "n=20"});
  const auto connections = read({"connections", "list"});
  const std::string account(connections.find("items")->if_array()->front().string_at("id"));
  const auto params = write("params.json", R"({"urlParams":{"path":"/basic/offset?n=20","method":"GET"},
    "contentPath":{"path":"$.items"},"paginationParams":{"type":"OFFSET","limitName":"limit",
    "limitValue":"5","offSetName":"offset"}})");
  const auto explored = read({"connections", "explore", account, "--params", params});
  EXPECT_NE(explored.find_path("schema.properties.items.properties.id"), nullptr) << explored.dump();
  EXPECT_FALSE(explored.find("data")->if_array()->empty());
  const auto broken = ask({"connections", "explore", account, "--params", write("broken.json", "{")});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.errors, HasSubstr("broken.json is no JSON"));
}

TEST_F(Verbs, AFlowIsRunForAWindowAndWatched) {
  const auto flow = create_flow({.delay_millis = "", .query = "n=20"});
  end_of(flow);
  const auto started =
      read({"flows", "run", flow, "--since", "2024-03-01", "--until", "2024-03-02T00:00:00Z"});
  const std::string run(started.string_at("id"));
  const auto watched = ask({"runs", "watch", run});
  EXPECT_EQ(watched.exit_code, 0) << watched.errors;
  EXPECT_THAT(watched.output, HasSubstr("success  read 20  written 20  failed 0\n"));
  const auto document = read({"runs", "get", run});
  EXPECT_THAT(document.dump(), AllOf(HasSubstr("1709251200"), HasSubstr("1709337600")));
  const auto wrong = ask({"flows", "run", flow, "--since", "yesterday"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("RFC 3339"));
}

TEST_F(Verbs, AStoreIsMigratedCheckedAndCopied) {
  create_dataset({});
  EXPECT_THAT(headwater({"store", "migrate"}).output, HasSubstr("nothing to do"));
  const auto checked = headwater({"store", "check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.errors;
  EXPECT_THAT(checked.output,
              AllOf(HasSubstr("datasets                      1\n"), HasSubstr("no problems\n")));

  const std::string to = "sqlite:" + path("copy.db");
  const auto copied = headwater({"store", "copy", "--from", "sqlite", "--to", to});
  EXPECT_EQ(copied.exit_code, 0) << copied.errors;
  EXPECT_THAT(copied.output, HasSubstr("datasets                      1\n"));
  EXPECT_THAT(headwater({"store", "check", "--store", to, "--json"}).output, HasSubstr(R"("problems":[])"));
  const auto twice = headwater({"store", "copy", "--from", "sqlite", "--to", to});
  EXPECT_NE(twice.exit_code, 0);
  EXPECT_THAT(twice.errors, HasSubstr("holds something already"));
  const auto nowhere = run_program({kBinary, "store", "check", "--data-dir", path("nowhere")},
                                   {.folder = {}, .error_file = {}, .environment = {}});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_THAT(nowhere.errors, HasSubstr("--key-file"));
  EXPECT_FALSE(fs::exists(path("nowhere")));
}

// A schema's id is a URL: its slashes are part of one segment of the path.
TEST_F(Verbs, ASchemaIsKnownByItsUrl) {
  const auto schema = create("schemas", *json::parse(R"({"title":"order","type":"object"})"));
  const std::string id(schema.string_at("$id"));
  ASSERT_THAT(id, StartsWith("https://"));
  const auto shown = ask({"schemas", "get", id, "--output", "json"});
  EXPECT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_THAT(shown.output, HasSubstr(id));
  EXPECT_EQ(ask({"schemas", "delete", id}).exit_code, 0);
  EXPECT_EQ(ask({"schemas", "get", id}).exit_code, 2);
}

TEST_F(Verbs, AConditionWithoutAnOperatorIsExplained) {
  for (const char* family : {"flows", "datasets", "schemas"}) {
    const auto done = ask({family, "list", "--property", "state"});
    EXPECT_EQ(done.exit_code, 2) << family;
    EXPECT_THAT(done.errors, HasSubstr("--property \"state\" is no condition")) << family;
    EXPECT_THAT(done.errors, HasSubstr("'state==enabled'")) << family;
  }
}

TEST_F(Verbs, AMistypedOrganisationIsRefusedAndNotMade) {
  const auto done = ask({"flows", "list", "--org", "0123456789ABCDEF01234567@AdobeOrg"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("There is no organisation 0123456789ABCDEF01234567@AdobeOrg here."));
  EXPECT_THAT(headwater({"store", "check", "--json"}).output, HasSubstr(R"("organisations":1)"));
}

TEST_F(Verbs, ATableWithoutRowsSaysSo) {
  const auto done = ask({"flows", "list", "--output", "table"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output, "");
  EXPECT_EQ(done.errors, "There are none.\n");
}

}  // namespace
}  // namespace headwater::testing
