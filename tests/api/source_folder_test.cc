#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "api_fixture.h"
#include "authoring/source_editing.h"
#include "authoring/source_folder.h"

namespace headwater::tests {
namespace {

namespace stdfs = std::filesystem;
using json::Object;
using json::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kPath = "/headwater/source-folder";
// Written as no serializer would.
constexpr std::string_view kSpec =
    "{ \"name\":\"acme\",\n\n   \"type\" : \"generic-rest\" , \"n\": 1.50 }\n\n";

class SourceRepositoryTest : public ApiFixture {};

TEST_F(SourceRepositoryTest, IsToldToTheOrganisationThatItPublishesFor) {
  const std::string path = "/headwater/source-repository";
  EXPECT_EQ(get(path).text, R"({"sources":[]})") << "there is none";
  EXPECT_EQ(post(path, "").status, 404);
  std::atomic<int> checks = 0;
  std::vector<std::pair<std::string, std::string>> breaking;
  watch({tenant.org, [] { return Result<Value>(Value(Object{{"branch", "main"}})); },
         [&](const auto& allowed) {
           ++checks;
           breaking = allowed;
         }});
  EXPECT_EQ(get(path).at("branch"), "main");
  EXPECT_EQ(checks, 0);
  EXPECT_EQ(post(path, "").status, 202);
  EXPECT_EQ(checks, 1);
  EXPECT_TRUE(breaking.empty());
  EXPECT_EQ(post(path, R"({"breaking":[{"name":"acme","commit":"0a1b"}]})").status, 202);
  EXPECT_EQ(checks, 2);
  ASSERT_EQ(breaking.size(), 1U);
  EXPECT_EQ(breaking[0], std::pair(std::string("acme"), std::string("0a1b")));
  EXPECT_EQ(call_as_stranger("GET", path).text, R"({"sources":[]})");
  EXPECT_EQ(call_as_stranger("POST", path).status, 404);
  EXPECT_EQ(checks, 2);
}

class SourceFolderTest : public ApiFixture {
 protected:
  SourceFolderTest() : folder_(*TemporaryFolder::make("headwater-folder-")) {
    place_ = authoring::place_in(folder_.path(), "acme");
    EXPECT_TRUE(make_folders(place_.artifacts));
    write("label.txt", "Acme\n");
    write("description.txt", "Orders of Acme\n");
    write("category.txt", "crm\n");
    write("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n");
    write("connectionSpec.json", kSpec);
  }

  void start(const std::string& account = {}) {
    const auto editing = std::make_shared<authoring::SourceEditing>(place_, account, "");
    api::SourceFolder edited;
    edited.read = [editing] { return editing->read(); };
    edited.write = [editing](const Value& changes) { return editing->write(changes); };
    edited.keep_tokens = [editing](const Value& auth, const Value& changed) {
      return editing->keep_tokens(auth, changed);
    };
    edit(std::move(edited));
  }
  void write(std::string_view part, std::string_view text) const {
    std::ofstream(place_.file(part), std::ios::binary) << text;
  }
  std::string on_disk(std::string_view part) const { return *read_file(place_.file(part)); }
  static Value file(const Answer& answer, std::string_view part) {
    const Value* files = answer.body.find("files");
    const Value* found = files == nullptr ? nullptr : files->find(part);
    return found == nullptr ? Value() : *found;
  }
  static std::string change(std::string_view part, std::string_view text, std::string_view etag) {
    return Value(Object{{"files", Object{{std::string(part), Object{{"text", text}, {"etag", etag}}}}}})
        .dump();
  }

  TemporaryFolder folder_;
  authoring::SourcePlace place_;
};

TEST_F(SourceFolderTest, AServerThatEditsNoneHasNone) {
  EXPECT_EQ(get(kPath).status, 404);
  EXPECT_THAT(get(kPath).text, HasSubstr("headwater source dev"));
  EXPECT_EQ(put(kPath, R"({"files":{}})").status, 404);
}

TEST_F(SourceFolderTest, IsForTheSignedInOnly) {
  start();
  EXPECT_EQ(call("GET", kPath, "", {{"authorization", ""}}).status, 403);
  const auto signed_in = call("POST", "/session", R"({"code":")" + sign_in_code() + "\"}",
                              {{"authorization", ""}, {"x-api-key", ""}});
  const auto cookie = signed_in.header("set-cookie");
  const Headers session{
      {"authorization", ""}, {"x-api-key", ""}, {"cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(call("GET", kPath, "", session).status, 200);
  const auto body = change("label.txt", "Of another page\n", file(get(kPath), "label.txt").string_at("etag"));
  EXPECT_EQ(call("PUT", kPath, body, session).status, 403) << "without the session's token";
  EXPECT_EQ(on_disk("label.txt"), "Acme\n");
}

TEST_F(SourceFolderTest, GivesTheFilesAsTheyAreWritten) {
  start();
  const auto answer = get(kPath);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.at("name"), "acme");
  EXPECT_EQ(file(answer, "connectionSpec.json").string_at("text"), kSpec);
  EXPECT_EQ(file(answer, "connectionSpec.json").string_at("path"), "acme-connectionSpec.json");
  EXPECT_EQ(file(answer, "label.txt").string_at("text"), "Acme\n");
  EXPECT_THAT(answer.body.find("findings")->dump(), HasSubstr("connectionSpec.json"));
}

TEST_F(SourceFolderTest, SavesVerbatimAndRefusesWhatChangedMeanwhile) {
  start();
  const auto loaded = file(get(kPath), "connectionSpec.json");
  const std::string mine = "{\n\t\"name\": \"acme\", \"n\": 2.0 }  \n";
  const auto saved = put(kPath, change("connectionSpec.json", mine, loaded.string_at("etag")));
  ASSERT_EQ(saved.status, 200) << saved.text;
  EXPECT_EQ(on_disk("connectionSpec.json"), mine);
  EXPECT_NE(file(saved, "connectionSpec.json").string_at("etag"), loaded.string_at("etag"));

  write("connectionSpec.json", "{\"of\":\"another editor\"}");
  const auto refused = put(kPath, change("connectionSpec.json", mine, loaded.string_at("etag")));
  EXPECT_EQ(refused.status, 412) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("acme-connectionSpec.json"));
  EXPECT_EQ(on_disk("connectionSpec.json"), "{\"of\":\"another editor\"}");
}

TEST_F(SourceFolderTest, OneStaleFileSavesNone) {
  start();
  const auto before = get(kPath);
  write("label.txt", "Changed\n");
  const Value body =
      Object{{"files",
              Object{{"description.txt",
                      Object{{"text", "New\n"}, {"etag", file(before, "description.txt").string_at("etag")}}},
                     {"label.txt",
                      Object{{"text", "Mine\n"}, {"etag", file(before, "label.txt").string_at("etag")}}}}}};
  EXPECT_EQ(put(kPath, body.dump()).status, 412);
  EXPECT_EQ(on_disk("description.txt"), "Orders of Acme\n");
  EXPECT_EQ(on_disk("label.txt"), "Changed\n");
}

TEST_F(SourceFolderTest, AMissingFileIsMadeOnce) {
  start();
  stdfs::remove(place_.file("label.txt"));
  EXPECT_EQ(file(get(kPath), "label.txt").find("text"), nullptr);
  EXPECT_EQ(put(kPath, change("label.txt", "New\n", "")).status, 200);
  EXPECT_EQ(on_disk("label.txt"), "New\n");
  EXPECT_EQ(put(kPath, change("label.txt", "Newer\n", "")).status, 412);
}

TEST_F(SourceFolderTest, ReachesNothingElse) {
  start();
  for (const std::string part : {"../../../evil.txt", "passwd", "", "/etc/passwd", "label.txt/../x"}) {
    const auto answer = put(kPath, change(part, "x", ""));
    EXPECT_EQ(answer.status, 400) << part;
    EXPECT_THAT(answer.text, HasSubstr("connectionSpec.json")) << part;
  }
  const auto secret = folder_.path() / "secret";
  std::ofstream(secret) << "of somebody else";
  stdfs::remove(place_.file("label.txt"));
  stdfs::create_symlink(secret, place_.file("label.txt"));
  const auto answer = get(kPath);
  EXPECT_THAT(answer.text, Not(HasSubstr("of somebody else")));
  EXPECT_EQ(file(answer, "label.txt").string_at("problem"), "It is no regular file.");
  for (const std::string_view etag : {"", "-"})
    EXPECT_EQ(put(kPath, change("label.txt", "x", etag)).status, 412) << etag;
  EXPECT_EQ(*read_file(secret), "of somebody else");
}

TEST_F(SourceFolderTest, SaysWhatIsWrongWithARequest) {
  start();
  EXPECT_EQ(put(kPath, "[]").status, 400);
  EXPECT_EQ(put(kPath, "{}").status, 400);
  EXPECT_EQ(put(kPath, R"({"files":{"label.txt":{"etag":""}}})").status, 400);
  EXPECT_EQ(put(kPath, R"({"files":{"label.txt":{"text":""}}})").status, 400);
  EXPECT_EQ(put(kPath, change("label.txt", std::string(3U << 20, 'x'), "")).status, 413);
  write("label.txt", "\xff\xfe");
  EXPECT_EQ(file(get(kPath), "label.txt").string_at("problem"), "It is no UTF-8 text.");
}

TEST_F(SourceFolderTest, TheAccountIsReadFromItsFileAndItsTokensAreKeptThere) {
  const auto account = folder_.path() / "account.json";
  std::ofstream(account) << R"({"specName":"OAuth2","params":{"refreshToken":"old","clientId":"c"}})";
  start(account.string());
  EXPECT_EQ(get(kPath).at("auth.params.refreshToken"), "old");
  authoring::SourceEditing editing(place_, account, "");
  const Value changed = Object{{"refreshToken", "new"}};
  const Value other = Object{{"params", Object{{"refreshToken", "typed"}}}};
  EXPECT_TRUE(editing.keep_tokens(other, changed));
  EXPECT_EQ(get(kPath).at("auth.params.refreshToken"), "old") << "of an account that is not the file's";
  EXPECT_TRUE(editing.keep_tokens(*get(kPath).body.find("auth"), changed));
  EXPECT_EQ(get(kPath).at("auth.params.refreshToken"), "new");
  EXPECT_EQ(get(kPath).at("auth.params.clientId"), "c");
  std::ofstream(account) << "no JSON";
  EXPECT_THAT(get(kPath).text, HasSubstr("account.json"));
}

}  // namespace
}  // namespace headwater::tests
