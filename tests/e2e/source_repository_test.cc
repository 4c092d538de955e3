// A server that watches a git repository: merged is published, with the review as the gate.
#include <gmock/gmock.h>

#include <thread>

#include "e2e/serving.h"
#include "support/git_host.h"
#include "support/git_origin.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kRoute = "/headwater/source-repository";

class SourceRepository : public ServingTest {
 protected:
  SourceRepository() : ServingTest(1) {
    init("acme");
    origin_.push();
  }
  void init(const std::string& name) {
    EXPECT_EQ(run_program({kBinary, "source", "init", name, "--dir", origin_.copy().string()}).exit_code, 0);
  }
  static std::string file(const std::string& name, const std::string& part) {
    return "Sources/" + name + "/Artifacts/" + name + "-" + part;
  }
  void serve(const std::string& every = "1s") {
    serving_ = std::make_unique<Serving>(
        data_, std::vector<std::string>{"--catalog-git", origin_.url(), "--catalog-git-interval", every});
  }
  json::Value call(const std::string& method, const std::vector<std::string>& login = {},
                   const std::string& body = "") {
    std::vector<std::string> words{"token", "--headers"};
    words.insert(words.end(), login.begin(), login.end());
    const auto headers = write("headers", headwater(words).output);
    std::vector<std::string> command{"curl", "-s", "-X", method, "-H", "@" + headers};
    if (!body.empty()) command.insert(command.end(), {"-H", "Content-Type: application/json", "-d", body});
    command.push_back(serving_->url() + std::string(kRoute));
    const auto done = run_program(command);
    auto answer = json::parse(done.output);
    EXPECT_TRUE(answer) << done.output;
    return answer ? *std::move(answer) : json::Value();
  }
  /// What is known of a source, as soon as it is `outcome` at `commit`.
  json::Value wait_for(const std::string& name, const std::string& outcome, const std::string& commit = "") {
    json::Value state;
    for (int i = 0; i < 300; ++i) {
      state = call("GET");
      if (const json::Value* sources = state.find("sources"))
        for (const json::Value& entry : *sources->if_array())
          if (entry.string_at("name") == name && entry.string_at("outcome") == outcome &&
              (commit.empty() || entry.string_at("commit") == commit))
            return entry;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << name << " was not " << outcome << ": " << state.dump();
    return {};
  }
  std::string spec(const std::string& id) { return ask({"connection-specs", "get", id}).output; }

  GitOrigin origin_;
};

TEST_F(SourceRepository, PublishesWhatIsPushed) {
  serve();
  const auto made = wait_for("acme", "published");
  const std::string id(made.string_at("specId"));
  EXPECT_THAT(spec(id), HasSubstr("\"acme\""));
  EXPECT_THAT(ask({"flow-specs", "get", "6499120c-0b15-42dc-936e-847ea3c24d72"}).output, HasSubstr(id))
      << "flows can use it";

  origin_.write(file("acme", "label.txt"), "Acme, anew\n");
  const auto second = origin_.push();
  const auto updated = wait_for("acme", "published", second);
  EXPECT_EQ(updated.string_at("specId"), id);
  EXPECT_THAT(spec(id), HasSubstr("Acme, anew"));
}

TEST_F(SourceRepository, AnErrorOfTheReviewIsToldAndNothingPublished) {
  serve();
  const std::string id(wait_for("acme", "published").string_at("specId"));
  const auto before = spec(id);
  origin_.replace(file("acme", "connectionSpec.json"), "\"method\": \"GET\"", "\"method\": \"FETCH\"");
  origin_.write(file("acme", "label.txt"), "Half of it\n");
  init("beta");
  const auto second = origin_.push();
  const auto refused = wait_for("acme", "refused", second);
  EXPECT_EQ(refused.string_at("specId"), id);
  EXPECT_THAT(refused.find("findings")->dump(),
              HasSubstr(R"("pointer":"/sourceSpec/attributes/urlParams/method")"));
  EXPECT_THAT(refused.find("findings")->dump(),
              HasSubstr(R"("file":"Sources/acme/Artifacts/acme-connectionSpec.json")"));
  EXPECT_EQ(spec(id), before) << "not a part of it either";
  EXPECT_THAT(log_text(), HasSubstr("Sources/acme/Artifacts/acme-connectionSpec.json"));
  EXPECT_THAT(log_text(), HasSubstr("/sourceSpec/attributes/urlParams/method"));
  wait_for("beta", "published", second);
  EXPECT_THAT(ask_plainly(serving_->url() + "/metrics"),
              HasSubstr("headwater_catalog_sources{outcome=\"refused\"} 1"));
}

TEST_F(SourceRepository, LooksAtOnceWhenItIsTold) {
  serve("1h");
  wait_for("acme", "published");
  init("beta");
  const auto second = origin_.push();
  EXPECT_EQ(call("POST").string_at("repository"), origin_.url());
  wait_for("beta", "published", second);
}

TEST_F(SourceRepository, GoesOnAfterARestartAndAnotherServerDoesNotRepeatIt) {
  serve("1h");
  const std::string id(wait_for("acme", "published").string_at("specId"));
  const auto before = spec(id);
  Serving other(data_, {"--catalog-git", origin_.url(), "--catalog-git-interval", "1h"});
  serving_->kill();
  serve("1h");
  EXPECT_EQ(wait_for("acme", "published").string_at("specId"), id);
  EXPECT_EQ(spec(id), before);
  const std::string all =
      read({"connection-specs", "list", "--query", "property=name==acme", "--output", "json"}).dump();
  const auto first = all.find(R"("name":"acme")");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(first, all.rfind(R"("name":"acme")")) << "registered once";
}

TEST_F(SourceRepository, WhatBreaksFlowsIsPublishedWithAPersonsWord) {
  init_keyed(origin_.copy().string());
  origin_.push();
  serve("1h");
  const std::string id(wait_for("keyed", "published").string_at("specId"));
  create_keyed_flow(id, 4'000'000'000);  // not due for long
  origin_.replace(file("keyed", "connectionSpec.json"), R"("overrideWrapperAttribute": "item")",
                  R"("overrideWrapperAttribute": "entry")");
  const auto second = origin_.push();
  call("POST");
  const auto refused = wait_for("keyed", "refused", second);
  EXPECT_THAT(std::string(refused.string_at("message")), HasSubstr("keyed items"));
  EXPECT_EQ(*refused.find("breaksFlows"), json::Value(true));
  EXPECT_THAT(spec(id), Not(HasSubstr("\"entry\"")));
  call("POST", {}, R"({"breaking":[{"name":"keyed","commit":")" + second + R"("}]})");
  EXPECT_EQ(wait_for("keyed", "published", second).string_at("specId"), id);
  EXPECT_THAT(spec(id), HasSubstr("\"entry\""));
}

TEST_F(SourceRepository, MayLieOnAHostWithItsOwnCertificateAndAPassword) {
  const GitHttpsHost host(origin_.bare(), "ada", "t0p-secret");
  const auto config =
      write("private.toml", "[catalog]\ngit = \"" + host.url("ada:t0p-secret@") + "\"\ngit_ca_bundle = \"" +
                                host.certificate() + "\"\ngit_interval = \"1s\"\n");
  serving_ = std::make_unique<Serving>(data_, std::vector<std::string>{"--config", config});
  wait_for("acme", "published");
  EXPECT_EQ(call("GET").string_at("repository"), host.url(""));
  const auto second = origin_.push();
  for (int i = 0; i < 300 && call("GET").string_at("commit") != second; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(call("GET").string_at("commit"), second);
  EXPECT_THAT(log_text() + call("GET").dump(), Not(HasSubstr("t0p-secret")));
}

TEST_F(SourceRepository, MayLieOnAHostThatIsReachedBySsh) {
  const GitSshHost host(origin_.bare());
  serving_ = std::make_unique<Serving>(
      data_, std::vector<std::string>{"--catalog-git", host.url(), "--catalog-git-interval", "1s",
                                      "--catalog-git-ssh-key", host.key(), "--catalog-git-known-hosts",
                                      host.known_hosts()});
  wait_for("acme", "published");
}

TEST_F(SourceRepository, IsNobodyElsesBusiness) {
  serve("1h");
  wait_for("acme", "published");
  const auto refused = call("GET", {"--org", "0123456789ABCDEF01234567@AdobeOrg"});
  EXPECT_EQ(refused.dump(), R"({"sources":[]})");
}

TEST_F(SourceRepository, SettingsThatCannotBeAreRefusedAtTheStart) {
  const auto start = [this](const std::vector<std::string>& more) {
    std::vector<std::string> words{kBinary, "serve", "--data-dir", data_, "--listen", "127.0.0.1:0"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  };
  const auto address = start({"--catalog-git", "http://ada:t0p-secret@git.test/x.git"});
  EXPECT_EQ(address.exit_code, 2);
  EXPECT_THAT(address.errors, HasSubstr("https://"));
  EXPECT_THAT(address.errors, Not(HasSubstr("t0p-secret")));
  EXPECT_NE(start({"--catalog-git", origin_.url(), "--catalog-sandbox", "nowhere"}).exit_code, 0);
  const auto config = write("config.toml", "[catalog]\ngit = \"nowhere\"\nbranch = \"main\"\n");
  EXPECT_THAT(start({"--config", config}).errors, HasSubstr("catalog-git"));
  const auto unknown = write("unknown.toml", "[catalog]\nsvn = \"nowhere\"\n");
  EXPECT_THAT(start({"--config", unknown}).errors, HasSubstr("there is no setting \"catalog_svn\""));
}

}  // namespace
}  // namespace headwater::testing
