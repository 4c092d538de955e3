// Client verbs and shell completion against a running server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinary = HEADWATER_BINARY;

class Client : public ::testing::Test {
 protected:
  Client()
      : folder_(*TemporaryFolder::make("headwater-client-")),
        server_({kBinary, "serve", "--data-dir", data(), "--listen", "127.0.0.1:0", "--log-level", "error"}) {
    const auto line = server_.wait_for_line("listening on ");
    url_ = line.substr(std::string("listening on ").size());
    environment_.environment = {"HEADWATER_URL=" + url_, "HEADWATER_DATA_DIR=" + data()};
  }
  std::string data() const { return (folder_.path() / "data").string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
    return (folder_.path() / name).string();
  }
  Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), kBinary);
    return run_program(arguments, environment_);
  }
  json::Value read(std::vector<std::string> arguments) const {
    const auto done = run(std::move(arguments));
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    auto parsed = json::parse(done.output);
    EXPECT_TRUE(parsed.has_value()) << done.output;
    return parsed ? *std::move(parsed) : json::Value();
  }
  void create_schemas(int count) const {
    for (int i = 0; i < count; ++i) {
      const auto file =
          write("schema.json", R"({"title":"schema )" + std::to_string(i) + R"(","type":"object"})");
      ASSERT_EQ(run({"schemas", "create", file}).exit_code, 0);
    }
  }
  /// What a shell's script prints.
  Finished shell(const std::string& name, const std::string& script) const {
    auto options = environment_;
    const std::string path = std::filesystem::path(kBinary).parent_path().string();
    options.environment.push_back("PATH=" + path + ":/usr/bin:/bin");
    options.environment.push_back("HOME=" + folder_.path().string());
    return run_program({name, write("script", script)}, options);
  }

  TemporaryFolder folder_;
  ChildProcess server_;
  std::string url_;
  ChildProcess::Options environment_;
};

TEST_F(Client, ListsInEachForm) {
  const auto table = run({"connection-specs", "list", "--output", "table"});
  EXPECT_THAT(table.output, HasSubstr("id  "));
  EXPECT_THAT(table.output, HasSubstr("  generic-rest  "));
  const auto yaml = run({"connection-specs", "list", "--output", "yaml"});
  EXPECT_THAT(yaml.output, HasSubstr("\n  name: generic-rest\n"));
  EXPECT_THAT(yaml.output, HasSubstr("\n  version: \"1.0\"\n"));
  EXPECT_EQ(read({"connection-specs", "list"}).find("items")->if_array()->size(), 6U);
}

TEST_F(Client, PropertiesAllHold) {
  const auto list = read({"connection-specs", "list", "--property", "name==generic-rest,rest-storage",
                          "--property", "name!=rest-storage"});
  ASSERT_EQ(list.find("items")->if_array()->size(), 1U);
  EXPECT_EQ(list.find("items")->if_array()->front().string_at("name"), "generic-rest");
}

TEST_F(Client, AllFollowsThePagesToTheEnd) {
  create_schemas(5);
  const auto page = read({"schemas", "list", "--limit", "2"});
  EXPECT_EQ(page.find("results")->if_array()->size(), 2U);
  const auto all = read({"schemas", "list", "--all", "--limit", "2"});
  std::set<std::string> titles;
  for (const auto& schema : *all.find("items")->if_array()) titles.emplace(schema.string_at("title"));
  EXPECT_EQ(titles.size(), 5U);
}

TEST_F(Client, ASchemaLivesItsLife) {
  create_schemas(1);
  const auto listed = read({"schemas", "list"});
  const std::string id(listed.find("results")->if_array()->front().string_at("meta:altId"));
  const auto updated =
      read({"schemas", "update", id, write("new.json", R"({"title":"new","type":"object"})")});
  EXPECT_EQ(updated.string_at("title"), "new");
  EXPECT_EQ(read({"schemas", "get", id}).string_at("title"), "new");
  EXPECT_EQ(run({"schemas", "delete", id}).exit_code, 0);
  const auto gone = run({"schemas", "get", id});
  EXPECT_EQ(gone.exit_code, 2);
  EXPECT_THAT(gone.errors, HasSubstr("404"));
}

TEST_F(Client, AConnectionIsChangedFoundAndDeleted) {
  const auto connection =
      write("connection.json", R"({"name":"first","auth":{"specName":"Basic Authentication",
    "params":{"host":"https://api.example.test","username":"u","password":"p"}},
    "connectionSpec":{"id":"4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62","version":"1.0"}})");
  const std::string id(read({"connections", "create", connection}).string_at("id"));
  ASSERT_FALSE(id.empty());
  const auto patch = write("patch.json", R"([{"op":"replace","path":"/name","value":"second"}])");
  ASSERT_EQ(read({"connections", "patch", id, patch}).string_at("id"), id);
  const auto stale = run({"connections", "patch", id, patch, "--if-match", "\"old\""});
  EXPECT_EQ(stale.exit_code, 1) << "tried and refused";
  EXPECT_THAT(stale.errors, HasSubstr("412"));
  const auto found = read({"connections", "search", "name==second"});
  ASSERT_EQ(found.find("items")->if_array()->size(), 1U);
  EXPECT_EQ(found.find("items")->if_array()->front().string_at("id"), id);
  EXPECT_EQ(run({"connections", "delete", id}).exit_code, 0);
  EXPECT_EQ(run({"connections", "get", id}).exit_code, 2);
}

TEST_F(Client, AnUnknownVerbIsNamed) {
  const auto done = run({"flows", "explode"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("\"explode\""));
}

TEST_F(Client, AMistypedSandboxIsRefusedAndNotMade) {
  const auto done = run({"flows", "list", "--sandbox", "nosuch"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("nosuch"));
  EXPECT_THAT(run({"sandboxes", "list"}).output, Not(HasSubstr("nosuch")));
}

TEST_F(Client, AWrongTokenSaysWhatToDo) {
  const auto done = run({"flows", "list", "--token", "wrong", "--api-key", "k", "--org", "o"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.errors, HasSubstr("HEADWATER_TOKEN"));
}

TEST_F(Client, AReaderThatLeavesIsNoInternalError) {
  const auto done = shell("bash", "set -o pipefail\nheadwater flow-specs list --output yaml | head -c 1\n");
  EXPECT_THAT(done.errors, Not(HasSubstr("error"))) << done.errors;
}

TEST_F(Client, BashCompletes) {
  const auto done = shell("bash", R"(source <(headwater completion bash)
try() { COMP_LINE=$1 COMP_POINT=${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _headwater; echo "[${COMPREPLY[*]}]"; }
try 'headwater fl' headwater fl
try 'headwater flows list --output=j' headwater flows list --output = j
try 'headwater connection-specs get e77' headwater connection-specs get e77
)");
  EXPECT_EQ(done.output, "[flow-specs flows]\n[json]\n[e77fd9d2-22a8-11ed-861d-0242ac120002]\n")
      << done.errors;
}

TEST_F(Client, FishCompletes) {
  const auto done = shell("fish", R"(headwater completion fish | source
complete -C 'headwater flows li'
complete -C 'headwater flows list --output=j'
complete -C 'headwater connection-specs get e77'
)");
  EXPECT_EQ(done.output,
            "list\tList them\n--output=json\ne77fd9d2-22a8-11ed-861d-0242ac120002\tgeneric-streaming\n")
      << done.errors;
}

// A real interactive zsh in a pseudo terminal, for its completion works nowhere else.
TEST_F(Client, ZshCompletes) {
  const auto done = shell("zsh", R"(zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; TERM=dumb; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u; source <(headwater completion zsh); echo rea''dy"
zpty -r -m shell seen '*ready*'
zpty -w -n shell $'echo done headwater >/dev/null; headwater connection-specs get e77\t'
sleep 3
zpty -w -n shell $'--help | tail -1\n'
zpty -r -m shell seen '*Example*' && print -r -- $seen
zpty -d shell
)");
  EXPECT_THAT(done.output, HasSubstr("e77fd9d2-22a8-11ed-861d-0242ac120002")) << done.errors;
}

}  // namespace
}  // namespace headwater::testing
