// What an author does with a folder of sources, against the real source server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "e2e/serving.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class SourceCommands : public ::testing::Test {
 protected:
  SourceCommands()
      : folder_(*TemporaryFolder::make("headwater-source-cli-")),
        source_({kSourceServer, "--records", "250"}) {
    url_ = source_.wait_for_line(std::string(kListening)).substr(kListening.size());
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  Finished headwater(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), kBinary);
    return run_program(arguments, {.folder = folder_.path().string(), .error_file = {}, .environment = {}});
  }
  Finished from_curl(const std::string& name, const std::string& command) const {
    return headwater({"source", "init", name, "--from-curl", command, "--allow-network", "127.0.0.0/8"});
  }
  std::string artifact(const std::string& name, const std::string& part) const {
    return path("Sources/" + name + "/Artifacts/" + name + "-" + part);
  }
  json::Value spec(const std::string& name) const {
    auto document = json::parse(*read_file(artifact(name, "connectionSpec.json")));
    EXPECT_TRUE(document);
    return *std::move(document);
  }
  // The names of all files, for what must stand in none of them.
  std::string all_text() const {
    std::string out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "Sources"))
      if (entry.is_regular_file()) out += *read_file(entry.path());
    return out;
  }

  TemporaryFolder folder_;
  ChildProcess source_;
  std::string url_;
};

TEST_F(SourceCommands, ACurlCommandBecomesASourceThatRuns) {
  const auto made = from_curl("orders", "curl -s -u 'ada:open s\xc3\xa9same' '" + url_ +
                                            "/basic/offset/lists/42/members?limit=100&offset=0'");
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_EQ(
      made.output,
      "./Sources/orders/Artifacts/orders-category.txt\n./Sources/orders/Artifacts/orders-description.txt\n"
      "./Sources/orders/Artifacts/orders-label.txt\n./Sources/orders/Artifacts/orders-icon.svg\n"
      "./Sources/orders/Artifacts/orders-connectionSpec.json\n");
  EXPECT_THAT(made.errors, HasSubstr("Records are the elements of $.items."));
  EXPECT_THAT(made.errors, HasSubstr("--param listId='42'"));
  EXPECT_THAT(all_text(), Not(HasSubstr("open s")));
  EXPECT_THAT(made.output + made.errors, Not(HasSubstr("open s")));
  EXPECT_EQ(spec("orders").find_path("sourceSpec.attributes.paginationParams")->dump(),
            R"({"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset",)"
            R"("endConditionName":"$.hasMore","endConditionValue":"Const:false"})");

  const auto account = write("account.json", R"({"username":"ada","password":"open sésame"})");
  const auto run = headwater({"run", artifact("orders", "connectionSpec.json"), "--auth", account, "--param",
                              "listId=42", "--allow-network", "127.0.0.0/8"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 250);
  EXPECT_TRUE(run.output.starts_with(R"({"item":{"id":1000000000,)")) << run.output.substr(0, 80);
}

TEST_F(SourceCommands, PagingOfEveryKindIsRecognisedFromAnAnswer) {
  for (const auto& [name, target, type] : std::vector<std::array<std::string, 3>>{
           {"pages", "/page?per_page=100&page=1", "PAGE"},
           {"links", "/pointer?limit=100", "POINTER"},
           {"tokens", "/token?limit=100&token_name=page%5Bafter%5D", "CONTINUATION_TOKEN"},
           {"bare", "/page?root=1&page=1&per_page=100", "PAGE"}}) {
    const auto made = from_curl(name, "curl '" + url_ + target + "'");
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    EXPECT_EQ(spec(name).find_path("sourceSpec.attributes.paginationParams")->string_at("type"), type)
        << made.errors;
    const auto run =
        headwater({"run", artifact(name, "connectionSpec.json"), "--allow-network", "127.0.0.0/8"});
    ASSERT_EQ(run.exit_code, 0) << name << run.errors << *read_file(artifact(name, "connectionSpec.json"));
    EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 250) << name << run.errors;
  }
}

TEST_F(SourceCommands, ARefusedProbeIsToldAndTheFolderIsWritten) {
  const auto made =
      from_curl("keyed", "curl -H 'X-Auth-Key1: wr0ng-key-one' " + url_ + "/key-header/offset?limit=5");
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("answered 401"));
  EXPECT_THAT(made.errors + all_text(), Not(HasSubstr("wr0ng")));
  EXPECT_THAT(spec("keyed").find("authSpec")->dump(), HasSubstr("X-Auth-Key1"));
  const auto in_path = from_curl("pathed", "curl " + url_ + "/bot/q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf/updates");
  EXPECT_THAT(in_path.errors, HasSubstr("/bot/${pathKey}/updates answered 404"));
  EXPECT_THAT(in_path.errors + all_text(), Not(HasSubstr("q7Rt0")));
  const auto unreached = headwater({"source", "init", "far", "--from-curl", "curl " + url_ + "/offset"});
  EXPECT_EQ(unreached.exit_code, 0);
  EXPECT_THAT(unreached.errors, HasSubstr("--allow-network"));
  const auto wrong = from_curl("no", "curl --frob https://x.test");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_FALSE(fs::exists(path("Sources/no")));
}

// A variable that is not set leaves an empty word, and made a template that nobody had asked for.
TEST_F(SourceCommands, AnEmptyCommandIsNoTemplate) {
  for (const char* origin : {"--from-curl", "--from-openapi", "--from-har"}) {
    const auto made = headwater({"source", "init", "empty", origin, ""});
    EXPECT_EQ(made.exit_code, 2) << origin << made.errors;
    EXPECT_FALSE(fs::exists(path("Sources/empty"))) << origin;
  }
}

TEST_F(SourceCommands, ACopiedLineOfADocumentationIsNotSent) {
  const auto made = from_curl("copied", "curl " + url_ + "/offset/lists/{list_id}/members?limit=5");
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.errors, HasSubstr("they became inputs: ${list_id}."));
  EXPECT_THAT(made.errors, HasSubstr("The command was not sent"));
  EXPECT_THAT(made.errors, HasSubstr("--param list_id=VALUE"));
  EXPECT_EQ(spec("copied").find_path("sourceSpec.attributes.urlParams")->string_at("path"),
            "/offset/lists/${list_id}/members");
}

TEST_F(SourceCommands, DescriptionsAndRecordedTrafficBecomeSources) {
  const auto api = write("api.yaml", "openapi: 3.0.3\ninfo: {title: Shop}\nservers: [{url: '" + url_ + R"('}]
paths:
  /offset/lists/{listId}:
    get:
      operationId: members
      summary: Members of a list
      parameters:
        - {name: listId, in: path, required: true, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer, default: 100}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: until, in: query, schema: {type: string, format: date-time}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object, properties: {
          items: {type: array, items: {type: object}}, hasMore: {type: boolean}}}}}}
)");
  const auto made =
      headwater({"source", "init", "described", "--from-openapi", api, "--operation", "members"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_EQ(*read_file(artifact("described", "label.txt")), "Shop\n");
  EXPECT_EQ(*read_file(artifact("described", "description.txt")), "Members of a list.\n");
  const auto run = headwater({"run", artifact("described", "connectionSpec.json"), "--param", "listId=7",
                              "--since", "2024-01-01T00:00:00Z", "--until", "2024-01-01T02:00:00Z",
                              "--allow-network", "127.0.0.0/8"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 120) << "a record a minute, of two hours";

  const auto har =
      write("traffic.har", R"({"log":{"entries":[{"request":{"method":"GET","url":")" + url_ +
                               R"(/pointer?limit=50","headers":[{"name":"Cookie","value":"s=1"}]},
      "response":{"status":200,"headers":[],"content":{"text":"{\"items\":[{\"id\":1}],\"paging\":{\"next\":\"/x\"}}"}}}]}})");
  ASSERT_EQ(headwater({"source", "init", "seen", "--from-har", har}).exit_code, 0);
  const auto tried = headwater({"source", "try", "Sources/seen", "--allow-network", "127.0.0.0/8"});
  EXPECT_EQ(tried.exit_code, 0) << tried.output << tried.errors;
  EXPECT_THAT(tried.output, HasSubstr("made    50 records"));
  EXPECT_THAT(tried.output, HasSubstr("$.paging.next"));
  EXPECT_EQ(headwater({"source", "lint", "--strict"}).output, "2 sources: 0 errors, 0 warnings\n");
  // Whoever wants nothing sent may say so of these, too.
  for (const std::vector<std::string>& origin :
       {std::vector<std::string>{"--from-har", har}, {"--from-openapi", api, "--operation", "members"}}) {
    std::vector<std::string> words{"source", "init", "unasked", "--force", "--no-probe"};
    words.insert(words.end(), origin.begin(), origin.end());
    EXPECT_EQ(headwater(words).exit_code, 0);
  }
}

TEST_F(SourceCommands, LintIsGreenAfterInitAndTellsWhatIsWrong) {
  for (const std::string kind : {"rest", "streaming"})
    ASSERT_EQ(headwater({"source", "init", kind, "--template", kind}).exit_code, 0);
  const auto green = headwater({"source", "lint", "--strict"});
  EXPECT_EQ(green.exit_code, 0);
  EXPECT_EQ(green.output, "2 sources: 0 errors, 0 warnings\n");

  std::ofstream(artifact("rest", "icon.svg"))
      << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>\n"
         "<script/></svg>\n";
  const auto red = headwater({"source", "lint", "Sources/rest"});
  EXPECT_EQ(red.exit_code, 1);
  EXPECT_THAT(red.output, HasSubstr("Sources/rest/Artifacts/rest-icon.svg:2: error: "));
  EXPECT_THAT(red.output, HasSubstr("[icon/script]"));
  EXPECT_THAT(headwater({"source", "lint", "--format", "github"}).output,
              HasSubstr("::error file=Sources/rest/Artifacts/rest-icon.svg,line=2,title=icon/script::"));
  const auto sarif = json::parse(headwater({"source", "lint", "--format", "sarif"}).output);
  ASSERT_TRUE(sarif);
  EXPECT_EQ(sarif->string_at("version"), "2.1.0");
  const auto listed = json::parse(headwater({"source", "lint", "--format", "json"}).output);
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->find("errors")->as_int64(), 1);
  EXPECT_EQ(headwater({"source", "lint", "nowhere"}).exit_code, 2);
}

TEST_F(SourceCommands, TryTellsWhatWasSentGotAndMade) {
  ASSERT_EQ(from_curl("keyed", "curl -H 'X-Auth-Key1: key-one' '" + url_ +
                                   "/key-header/offset/lists/7?limit=20&offset=0'")
                .exit_code,
            0);
  const auto account = write("account.json", R"({"authKey1":"key-one"})");
  std::vector<std::string> command{"source",  "try",      "Sources/keyed",   "--auth",     account,
                                   "--param", "listId=7", "--allow-network", "127.0.0.0/8"};
  const auto good = headwater(command);
  ASSERT_EQ(good.exit_code, 0) << good.errors << good.output;
  EXPECT_THAT(good.output, HasSubstr("1. account: good\n  sent    GET " + url_ +
                                     "/key-header/offset/lists/7?limit=20&offset=0\n"));
  EXPECT_THAT(good.output, HasSubstr("X-Auth-Key1: ***"));
  EXPECT_THAT(good.output, HasSubstr("20 elements of $.items"));
  EXPECT_THAT(good.output, HasSubstr("made    20 records"));
  EXPECT_THAT(good.output, HasSubstr("            id: integer\n"));
  EXPECT_THAT(good.output,
              HasSubstr("Page 2 would be GET " + url_ + "/key-header/offset/lists/7?limit=20&offset=20"));
  EXPECT_THAT(good.output + good.errors, Not(HasSubstr("key-one")));

  write("account.json", R"({"authKey1":"wr0ng-key"})");
  command.insert(command.end(), {"--format", "json"});
  const auto refused = headwater(command);
  EXPECT_EQ(refused.exit_code, 1);
  const auto trial = json::parse(refused.output);
  ASSERT_TRUE(trial) << refused.output;
  const auto& steps = *trial->find("steps")->if_array();
  EXPECT_EQ(steps[0].string_at("outcome"), "failed");
  EXPECT_EQ(steps[0].string_at("got"), "status 401");
  EXPECT_EQ(steps[1].string_at("outcome"), "notReached");
  EXPECT_THAT(refused.output + refused.errors, Not(HasSubstr("wr0ng")));
}

TEST_F(SourceCommands, TrySaysWhereTheRecordsAre) {
  ASSERT_EQ(from_curl("a", "curl '" + url_ + "/offset?limit=20&offset=0'").exit_code, 0);
  auto document = spec("a");
  auto* attributes = document.find("sourceSpec")->find("attributes")->if_object();
  attributes->set("contentPath", json::Object{{"path", "$.rows"}});
  std::ofstream(artifact("a", "connectionSpec.json")) << document.dump(2);
  const auto missing = headwater({"source", "try", "--allow-network", "127.0.0.0/8"});
  EXPECT_EQ(missing.exit_code, 1) << missing.output;
  EXPECT_THAT(missing.output, HasSubstr("2. page: failed"));
  attributes->erase("contentPath");
  std::ofstream(artifact("a", "connectionSpec.json")) << document.dump(2);
  const auto whole = headwater({"source", "try", "--allow-network", "127.0.0.0/8"});
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("holds 20 objects at $.items"));
  ASSERT_EQ(headwater({"source", "init", "s", "--template", "streaming"}).exit_code, 0);
  EXPECT_THAT(headwater({"source", "try", "Sources/s"}).errors, HasSubstr("calls nobody"));
}

/// A server, and a folder with the source "keyed" in it.
class Publishing : public ServingTest {
 protected:
  Publishing() : ServingTest(100) {
    serving_ = std::make_unique<Serving>(data_);
    init_keyed(folder_.path().string());
  }
  std::string artifact(const std::string& part) const {
    return path("Sources/keyed/Artifacts/keyed-" + part);
  }
  Finished publish(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"source", "publish", path("Sources/keyed")});
    return ask(std::move(more));
  }
  // Replaces in the spec's text.
  void edit(const std::string& from, const std::string& to) {
    auto text = *read_file(artifact("connectionSpec.json"));
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(artifact("connectionSpec.json")) << text;
  }
};

TEST_F(Publishing, ASourceIsRegisteredOnceAndRuns) {
  const auto dry = publish({"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.errors;
  EXPECT_EQ(dry.output, "");
  const auto first = publish();
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  ASSERT_EQ(first.output.size(), 37U) << first.output;
  const std::string id = first.output.substr(0, 36);
  const auto stored = read({"connection-specs", "get", id});
  const auto* entry = stored.find("items") == nullptr ? &stored : &stored.find("items")->if_array()->front();
  EXPECT_EQ(entry->find_path("sourceSpec.attributes.uiAttributes.label")->dump(),
            R"({"key":"keyed-label","text":"Keyed"})");
  EXPECT_THAT(std::string(entry->find_path("sourceSpec.attributes.uiAttributes.icon")->string_at("svg")),
              ::testing::StartsWith("<svg"));
  EXPECT_THAT(ask({"flow-specs", "get", "6499120c-0b15-42dc-936e-847ea3c24d72"}).output, HasSubstr(id));
  const auto again = publish();
  EXPECT_EQ(again.output, first.output);
  EXPECT_THAT(again.errors, HasSubstr("nothing changes"));

  const auto flow = create_keyed_flow(id);
  EXPECT_EQ(end_of(flow).status, "success") << log_text();
  EXPECT_EQ(headwater_query("SELECT count(*) FROM \"" + dataset_ + "\"").output, "count_star()\r\n100\r\n");
}

TEST_F(Publishing, AChangeIsShownAndOneThatBreaksFlowsWaitsForYes) {
  const std::string id = publish().output.substr(0, 36);
  const auto flow = create_keyed_flow(id);
  std::ofstream(artifact("label.txt")) << "Keyed items\n";
  edit("\"text\": \"Keyed\"", "\"text\": \"Keyed items\"");
  const auto renamed = publish();
  ASSERT_EQ(renamed.exit_code, 0) << renamed.errors;
  EXPECT_THAT(renamed.errors,
              HasSubstr("~ /sourceSpec/attributes/uiAttributes/label/text: \"Keyed\" -> \"Keyed items\""));
  EXPECT_THAT(renamed.errors, HasSubstr("keeps  " + flow));

  edit("\"type\": \"OFFSET\"", "\"type\": \"NONE\"");
  const auto unpaged = publish({"--dry-run"});
  EXPECT_EQ(unpaged.exit_code, 0) << unpaged.errors;
  EXPECT_THAT(unpaged.errors, HasSubstr("alters: /sourceSpec/attributes/paginationParams: Paging ends"));
  EXPECT_THAT(unpaged.errors, HasSubstr("alters " + flow));
  edit("\"type\": \"NONE\"", "\"type\": \"OFFSET\"");

  edit("\"overrideWrapperAttribute\": \"item\"", "\"overrideWrapperAttribute\": \"entry\"");
  const auto refused = publish();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.errors, HasSubstr("breaking: /sourceSpec/attributes/contentPath"));
  EXPECT_THAT(refused.errors, HasSubstr("breaks " + flow + " keyed items"));
  EXPECT_THAT(refused.errors, HasSubstr("--yes"));
  // Flows of another sandbox than the publisher's break as well.
  const auto made = run_program({kBinary, "token", "--data-dir", data_, "--sandbox", "dev"});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const auto elsewhere = publish({"--sandbox", "dev"});
  EXPECT_EQ(elsewhere.exit_code, 1) << elsewhere.errors;
  EXPECT_THAT(elsewhere.errors, HasSubstr("breaks " + flow + " keyed items (sandbox prod)"));
  const auto before = ask({"connection-specs", "get", id}).output;
  EXPECT_THAT(before, Not(HasSubstr("\"entry\"")));
  EXPECT_EQ(publish({"--dry-run"}).exit_code, 1) << "a CI gates on it";
  EXPECT_EQ(publish({"--yes", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(ask({"connection-specs", "get", id}).output, before);
  EXPECT_EQ(publish({"--yes"}).output, id + "\n");
  EXPECT_THAT(ask({"connection-specs", "get", id}).output, HasSubstr("\"entry\""));

  edit("\"version\": \"1.0\"", "\"version\": \"2.0\"");
  const auto beside = publish();
  EXPECT_EQ(beside.exit_code, 0) << beside.errors;
  EXPECT_NE(beside.output, id + "\n");
  EXPECT_THAT(beside.errors, HasSubstr("stays as it is"));
}

TEST_F(Publishing, LintErrorsRefuse) {
  edit("\"format\": \"password\",", "");
  const auto refused = publish();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("[spec/secret-format]"));
  EXPECT_THAT(refused.errors, HasSubstr("Nothing was published"));
  EXPECT_THAT(ask({"connection-specs", "list"}).output, Not(HasSubstr("\"keyed\"")));
}

// A copied folder whose spec kept its name was published over the original, and back again.
TEST_F(Publishing, ACopyIsNotPublishedOverTheOriginal) {
  const std::string id = publish().output.substr(0, 36);
  const auto copied = path("elsewhere/Sources/copied/Artifacts/");
  fs::create_directories(copied);
  for (const char* part : {"category.txt", "description.txt", "label.txt", "icon.svg", "connectionSpec.json"})
    fs::copy_file(artifact(part), copied + "copied-" + part);
  const auto refused = ask({"source", "publish", path("elsewhere")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.errors,
              HasSubstr("was published from the folder \"keyed\", and this one is \"copied\""));
  EXPECT_THAT(publish().errors, HasSubstr("nothing changes"));
  // A person's word, and the folder that is called as the spec has it back.
  EXPECT_EQ(ask({"source", "publish", path("elsewhere"), "--yes"}).output, id + "\n");
  EXPECT_EQ(publish().output, id + "\n");
  EXPECT_EQ(ask({"source", "publish", path("elsewhere")}).exit_code, 1);
}

// It kept the flow, and the next run was refused by the source.
TEST_F(Publishing, AHeaderThatCarriesTheTokenWaitsForYes) {
  edit("\"paginationParams\"",
       "\"headerParams\": {\"Authorization\": \"Bearer ${authKey1}\"}, \"paginationParams\"");
  const std::string id = publish().output.substr(0, 36);
  const auto flow = create_keyed_flow(id);
  edit("Bearer ${authKey1}", "Token ${authKey1}");
  const auto refused = publish();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("breaks " + flow));
}

TEST_F(Publishing, APulledSourceIsGreenAndUnchanged) {
  const std::string id = publish().output.substr(0, 36);
  for (const auto& which : {id, std::string("keyed")}) {
    fs::remove_all(path("pulled"));
    const auto pulled = ask({"source", "pull", which, "--dir", path("pulled")});
    ASSERT_EQ(pulled.exit_code, 0) << pulled.errors;
    EXPECT_EQ(*read_file(path("pulled/Sources/keyed/Artifacts/keyed-icon.svg")),
              *read_file(artifact("icon.svg")));
    const auto linted = run_program({kBinary, "source", "lint", path("pulled"), "--strict"});
    EXPECT_EQ(linted.exit_code, 0) << linted.output;
    const auto again = ask({"source", "publish", path("pulled")});
    EXPECT_EQ(again.output, id + "\n");
    EXPECT_THAT(again.errors, HasSubstr("nothing changes"));
  }
  const auto file = path("pulled/Sources/keyed/Artifacts/keyed-connectionSpec.json");
  auto next = *json::parse(*read_file(file));
  next.if_object()->set("version", "1.1");
  std::ofstream(file) << next.dump(2);
  const auto beside = ask({"source", "publish", path("pulled")});
  EXPECT_EQ(beside.exit_code, 0) << beside.errors;
  EXPECT_NE(beside.output, id + "\n") << "another version is another spec, whatever the file's id";
  EXPECT_EQ(ask({"source", "publish", path("pulled")}).output, beside.output);
  const auto shipped = ask({"source", "pull", "generic-rest-extension", "--dir", path("pulled")});
  EXPECT_EQ(shipped.exit_code, 0) << shipped.errors;
  EXPECT_EQ(ask({"source", "pull", "nothing-of-the-kind"}).exit_code, 2);
}

}  // namespace
}  // namespace headwater::testing
