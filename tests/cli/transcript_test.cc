// The command line as a user meets it: what it prints where, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinary = HEADWATER_BINARY;

struct Case {
  const char* name;
  std::vector<std::string> arguments;
  int exit_code;
  const char* output;  // a part of standard output
  const char* errors;  // a part of standard error
};

class Transcript : public ::testing::TestWithParam<Case> {};

TEST_P(Transcript, EndsAsDocumented) {
  const Case& row = GetParam();
  std::vector<std::string> command{kBinary};
  command.insert(command.end(), row.arguments.begin(), row.arguments.end());
  const auto done = run_program(command);
  EXPECT_EQ(done.exit_code, row.exit_code) << done.errors;
  EXPECT_THAT(done.output, HasSubstr(row.output));
  EXPECT_THAT(done.errors, HasSubstr(row.errors));
  EXPECT_THAT(done.errors, Not(HasSubstr("internal error")));
}

INSTANTIATE_TEST_SUITE_P(
    Commands, Transcript,
    ::testing::Values(
        Case{"Help", {"--help"}, 0, "Subcommands", ""}, Case{"Version", {"--version"}, 0, "headwater 0.", ""},
        Case{"NoCommand", {}, 2, "", "subcommand is required"},
        Case{"UnknownFlag",
             {"flows", "list", "--bogus"},
             2,
             "",
             "headwater: The following argument was not expected: --bogus; see headwater flows list "
             "--help.\n"},
        Case{"MissingSpec", {"run"}, 2, "", "spec is required"},
        Case{"NoSuchFile", {"run", "/nonexistent.json"}, 2, "", "/nonexistent.json"},
        Case{"BadParam",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param", "shop"},
             2,
             "",
             "name=value"},
        Case{"MissingParam",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json"},
             2,
             "",
             "/params: lacks"},
        Case{"BadTime",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param", "shop=http://h",
              "--since", "yesterday"},
             2,
             "",
             "RFC 3339"},
        Case{"TimeBeforeAll",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param", "shop=http://h",
              "--since", "0001-01-01T00:00:00Z"},
             2,
             "",
             "1678-01-01T00:00:00Z to 2261-12-31T23:59:59Z"},
        Case{"TimeBehindAll",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param", "shop=http://h",
              "--until", "9999-12-31T23:59:59Z"},
             2,
             "",
             "1678-01-01T00:00:00Z to 2261-12-31T23:59:59Z"},
        Case{"Explain",
             {"explain", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param", "shop=http://h",
              "--since", "2024-03-05"},
             0,
             "GET http://h/orders?_sort=id&placedAt_gte=2024-03-05T00%3A00%3A00Z",
             ""},
        Case{"Refused",
             {"run", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json", "--param",
              "shop=http://127.0.0.1:9"},
             1,
             "",
             "--allow-network"},
        Case{"LintClean",
             {"lint", HEADWATER_SOURCE_DIR "/demo/orders-connectionSpec.json"},
             0,
             "0 errors",
             ""},
        Case{"LintNoJson", {"lint", HEADWATER_SOURCE_DIR "/README.md"}, 2, "", "line 1, column 1"},
        Case{"BadJsonPath", {"jsonpath", "$.a[?"}, 2, "", "position 5"},
        Case{"BadExpression",
             {"map", "--expr", "1 + uper(name)"},
             2,
             "",
             "1 + uper(name)\n    ^^^^^^^^^^\nUnknown function: uper\nDid you mean upper?\n"},
        Case{"MapNeither", {"map"}, 2, "", "--expr EXPRESSION or --mappings FILE"},
        Case{"NoSuchFunction", {"functions", "nope"}, 2, "", "no function \"nope\""},
        Case{"OneFunction", {"functions", "guid"}, 0, "string uuid()", ""},
        Case{"BadListen", {"serve", "--listen", "8080"}, 2, "", "ADDRESS:PORT"},
        Case{
            "BadPublicUrl", {"serve", "--public-url", "events"}, 2, "", "such as https://events.example.com"},
        Case{"NoLake", {"query", "SELECT 1", "--data-dir", "/nonexistent"}, 2, "", "/nonexistent"},
        Case{"NoLogin", {"flows", "list", "--data-dir", "/nonexistent"}, 2, "", "--data-dir"},
        Case{"SourceName", {"source", "init", "../up"}, 2, "", "no name of a source"},
        Case{"VerbMissing", {"runs"}, 2, "", "subcommand is required"}),
    [](const auto& row) { return std::string(row.param.name); });

class Commands : public ::testing::Test {
 protected:
  Commands() : folder_(*TemporaryFolder::make("headwater-cli-")) {}

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  static Finished headwater(std::vector<std::string> arguments, const ChildProcess::Options& options = {}) {
    arguments.insert(arguments.begin(), kBinary);
    return run_program(arguments, options);
  }

  TemporaryFolder folder_;
};

TEST_F(Commands, JsonPathPrintsAnArrayOfValues) {
  const auto file = write("a.json", R"({"a":[1,{"b":"x"},12345678901234567890123]})");
  const auto values = headwater({"jsonpath", "$.a[*]", file});
  ASSERT_EQ(values.exit_code, 0) << values.errors;
  EXPECT_EQ(*json::parse(values.output), *json::parse(R"([1,{"b":"x"},12345678901234567890123])"));
  EXPECT_THAT(values.output, HasSubstr("12345678901234567890123"));
  EXPECT_EQ(*json::parse(headwater({"jsonpath", "$.nothing", file}).output), *json::parse("[]"));
}

TEST_F(Commands, JsonPathOfADocumentThatIsNestedTooDeepIsBadInput) {
  const auto deep = write("deep.json", std::string(5000, '[') + std::string(5000, ']'));
  const auto done = headwater({"jsonpath", "$", deep});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("nested"));
}

TEST_F(Commands, MapPrintsOneValueForEachRecord) {
  const auto records = write("r.ndjson", "{\"a\":\"x\",\"n\":2}\n\n{\"a\":\"y\",\"n\":0}\n");
  const auto values = headwater({"map", "--expr", "concat(upper(a), n)", "--in", records});
  EXPECT_EQ(values.exit_code, 0) << values.errors;
  EXPECT_EQ(values.output, "\"X2\"\n\"Y0\"\n");
  const auto failing = headwater({"map", "--expr", "4 / n", "--in", records});
  EXPECT_EQ(failing.exit_code, 1);
  EXPECT_EQ(failing.output, "2\nnull\n");
  EXPECT_EQ(failing.errors, "Line 3: The expression has no value: division by zero.\n");
  const auto broken = headwater({"map", "--expr", "a", "--in", write("b.ndjson", "{\"a\":1}\n{oops\n")});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.errors, HasSubstr("Line 2 is no JSON record"));
}

TEST_F(Commands, MapAppliesAMappingSetThatItProposed) {
  const auto schema =
      write("schema.json", R"({"properties":{"firstName":{"type":"string"},"age":{"type":"integer"}}})");
  const auto proposed =
      headwater({"map", "suggest", "--source", write("s.json", R"({"first_name":"Ada","age":"36","x":1})"),
                 "--schema", schema});
  ASSERT_EQ(proposed.exit_code, 0) << proposed.errors;
  const auto set = write("set.json", proposed.output);
  const auto records =
      write("r.ndjson", "{\"first_name\":\"Bo\",\"age\":\"7\"}\n{\"first_name\":1,\"age\":\"old\"}\n");
  const auto mapped = headwater({"map", "--mappings", set, "--schema", schema, "--in", records});
  EXPECT_EQ(mapped.exit_code, 1);
  EXPECT_EQ(mapped.output, "{\"age\":7,\"firstName\":\"Bo\"}\n{\"firstName\":\"1\"}\n");
  EXPECT_EQ(mapped.errors, "Line 2: mapping 0 (age to age) failed: the value cannot become an integer.\n");
}

TEST_F(Commands, TheFunctionsPageIsTrue) {
  const auto page = headwater({"functions", "--markdown"});
  EXPECT_TRUE(page.output == *read_file(HEADWATER_SOURCE_DIR "/docs/functions.md"))
      << "write it anew: headwater functions --markdown > docs/functions.md";
}

TEST_F(Commands, TokenPrintsOneJsonObjectBeforeTheFirstStart) {
  const auto done = headwater({"token", "--data-dir", path("data"), "--sandbox", "dev", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  const auto token = json::parse(done.output);
  ASSERT_TRUE(token);
  for (const char* member : {"access_token", "token_type", "ims_org_id", "client_id"})
    EXPECT_NE(token->string_at(member), "") << member;
  EXPECT_EQ(token->string_at("sandbox_name"), "dev");
  EXPECT_EQ(token->find("expires_in")->as_int64(), 86400);
  EXPECT_EQ(std::filesystem::status(path("data") + "/key").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Commands, ASourceBeginsAsATemplateThatLintsClean) {
  for (const std::string kind : {"rest", "streaming"}) {
    const auto made = headwater({"source", "init", "my-" + kind, "--template", kind, "--dir", path("repo")});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    const auto spec = path("repo/Sources/my-" + kind + "/Artifacts/my-" + kind + "-connectionSpec.json");
    EXPECT_THAT(made.output, HasSubstr(spec + "\n"));
    const auto linted = headwater({"lint", spec});
    EXPECT_THAT(linted.output, HasSubstr("0 errors, 0 warnings"));
  }
  const auto again = headwater({"source", "init", "my-rest", "--dir", path("repo")});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.errors, HasSubstr("is there already; --force"));
}

TEST_F(Commands, AFolderOfSomethingElseIsNotMadeADataDirectory) {
  const auto done = headwater({"flows", "list", "--data-dir", folder_.path().string()});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("is no data directory of a server"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(Commands, TokenMakesTheOrganisationAndTheSandboxThatAreNotThereAndSaysSo) {
  const std::vector<std::string> token{"token",         "--data-dir", path("data"), "--org",
                                       "ACME@AdobeOrg", "--sandbox",  "team-1",     "--json"};
  const auto made = headwater(token);
  EXPECT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("There is no organisation ACME@AdobeOrg here. It was made."));
  const auto known = headwater(token);
  EXPECT_EQ(known.exit_code, 0);
  EXPECT_EQ(known.errors, "");
  EXPECT_EQ(json::parse(known.output)->string_at("ims_org_id"), "ACME@AdobeOrg");
  EXPECT_EQ(json::parse(known.output)->string_at("sandbox_name"), "team-1");
  EXPECT_EQ(headwater({"token", "--data-dir", path("data"), "--sandbox", "No Name"}).exit_code, 2);
}

TEST_F(Commands, ServeReadsItsConfigurationFile) {
  const auto config =
      write("headwater.toml", "listen = \"127.0.0.1:0\"\ndata_dir = \"" + path("data") +
                                  "\"\nlog_level = \"error\"\nallow_network = [\"127.0.0.0/8\"]\n");
  ChildProcess server({kBinary, "serve", "--config", config});
  const auto line = server.wait_for_line("listening on http://127.0.0.1:");
  ASSERT_NE(line, "");
  EXPECT_TRUE(server.output().starts_with("listening on ")) << "the first line is for scripts";
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_TRUE(std::filesystem::exists(path("data")));

  const auto wrong = headwater({"serve", "--config", write("wrong.toml", "lissten = 1\n")});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("lissten"));
  const auto broken = headwater({"serve", "--config", write("broken.toml", "listen = \n")});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.errors, HasSubstr("line 1"));
}

class AgainstASource : public Commands {
 protected:
  AgainstASource() : source_({HEADWATER_SOURCE_SERVER, "--records", "1000"}) {
    const auto line = source_.wait_for_line("listening on ");
    url_ = line.substr(std::string("listening on ").size());
  }

  std::string spec(const std::string& query) const {
    return write(
        "spec.json",
        R"({"name":"s","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[],
      "sourceSpec":{"attributes":{"urlParams":{"host":")" +
            url_ + R"(","path":"/offset","queryParams":{)" + query + R"(}},
        "contentPath":{"path":"$.items","keepAttributes":[],"overrideWrapperAttribute":"item"},
        "paginationParams":{"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset"}},
       "spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})");
  }

  ChildProcess source_;
  std::string url_;
};

TEST_F(AgainstASource, RunWritesRecordsToOutputAndAllElseToErrors) {
  const auto done = headwater({"run", spec(""), "--allow-network", "127.0.0.0/8"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(std::count(done.output.begin(), done.output.end(), '\n'), 1000);
  EXPECT_TRUE(done.output.starts_with(R"({"item":{)")) << done.output.substr(0, 80);
  EXPECT_THAT(done.errors, HasSubstr("success"));
}

TEST_F(AgainstASource, AFailedRunLeavesNoFile) {
  const auto done = headwater({"run", spec(R"("fault":"html:page=3")"), "--allow-network", "127.0.0.0/8",
                               "--to", path("out.ndjson")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.errors, HasSubstr("Page 4"));
  EXPECT_FALSE(std::filesystem::exists(path("out.ndjson")));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_EQ(entry.path().filename(), "spec.json");
}

TEST_F(AgainstASource, AnInterruptLeavesNoFile) {
  ChildProcess run({kBinary, "run", spec(R"("fault":"drip:page=2:size=64:seconds=1")"), "--allow-network",
                    "127.0.0.0/8", "--to", path("out.parquet")});
  for (int i = 0; i < 600; ++i) {
    if (run_program({"curl", "-s", url_ + "/_stats"}).output.find("\"requests\":3") != std::string::npos)
      break;
  }
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 130);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_EQ(entry.path().filename(), "spec.json");
}

TEST_F(AgainstASource, MaxPagesEndsWell) {
  const auto done = headwater({"run", spec(""), "--allow-network", "127.0.0.0/8", "--max-pages", "2"});
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(std::count(done.output.begin(), done.output.end(), '\n'), 200);
}

TEST_F(AgainstASource, PreviewShowsSchemaAndRecords) {
  const auto done = headwater({"preview", spec(""), "--allow-network", "127.0.0.0/8"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_THAT(done.output, HasSubstr("item"));
  EXPECT_THAT(done.output, HasSubstr("1000000000"));
}

}  // namespace
}  // namespace headwater::testing
