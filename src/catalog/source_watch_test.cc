#include "catalog/source_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <set>

#include "authoring/source_template.h"
#include "base/file.h"
#include "support/git_origin.h"

namespace headwater::catalog {
namespace {

namespace fs = std::filesystem;
using headwater::testing::GitOrigin;
using json::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What publishing does on a server: tests/e2e/source_repository_test.cc.
class SourceWatchTest : public ::testing::Test {
 protected:
  SourceWatchTest() : folder_(*TemporaryFolder::make("headwater-watch-test-")) {
    for (const char* name : {"acme", "beta"}) add(name);
    first_ = origin_.push();
    make();
  }
  void add(const std::string& name) const {
    const authoring::SourceTexts texts{name, "Source " + name, "Items of accounts.", "crm"};
    const auto place = authoring::place_in(origin_.copy(), name);
    EXPECT_TRUE(authoring::write_source(
        place, authoring::make_artifacts(texts, authoring::rest_spec(texts, authoring::rest_template())),
        authoring::Overwrite::yes));
  }
  static std::string file(const std::string& name, const std::string& part) {
    return "Sources/" + name + "/Artifacts/" + name + "-" + part;
  }
  void make() {
    SourceWatch::Options options;
    options.git.url = origin_.url();
    options.folder = folder_.path() / "catalog";
    auto made = SourceWatch::make(
        options, [this](const authoring::SourcePlace& place, bool yes) { return publish(place, yes); },
        clock_);
    ASSERT_TRUE(made) << made.error().message;
    watch_ = *std::move(made);
  }
  Result<Published> publish(const authoring::SourcePlace& place, bool yes) {
    published_.push_back(place.name + ": " + *read_file(place.file("label.txt")));
    published_.back().pop_back();
    if (refuse_ && !yes) return Published{true, "", *refuse_};
    if (fail_) return *fail_;
    return Published{false, "spec-of-" + place.name, "registered"};
  }
  std::vector<std::string> look(bool all = false) {
    published_.clear();
    const auto done = watch_->look(all, {});
    EXPECT_TRUE(done) << done.error().message;
    return published_;
  }
  Value entry(const std::string& name) const {
    const Value state = *watch_->status();
    for (const Value& each : *state.find("sources")->if_array())
      if (each.string_at("name") == name) return each;
    return {};
  }

  GitOrigin origin_;
  TemporaryFolder folder_;
  SystemClock clock_;
  std::string first_;
  std::vector<std::string> published_;
  std::optional<std::string> refuse_;
  std::optional<Error> fail_;
  std::unique_ptr<SourceWatch> watch_;
};

TEST_F(SourceWatchTest, PublishesWhatHasChangedAndOnlyThat) {
  EXPECT_THAT(look(), ElementsAre("acme: Source acme", "beta: Source beta"));
  EXPECT_THAT(look(), IsEmpty());
  origin_.write(file("beta", "label.txt"), "Beta, anew\n");
  const auto second = origin_.push();
  EXPECT_THAT(look(), ElementsAre("beta: Beta, anew"));
  EXPECT_EQ(entry("beta").string_at("commit"), second);
  EXPECT_EQ(entry("acme").string_at("commit"), first_);
  EXPECT_EQ(entry("acme").string_at("outcome"), "published");
  EXPECT_EQ(entry("acme").string_at("specId"), "spec-of-acme");
  EXPECT_EQ(watch_->status()->string_at("commit"), second);
  // Also after a restart.
  make();
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(look(true), ElementsAre("acme: Source acme", "beta: Beta, anew"));
}

TEST_F(SourceWatchTest, ErrorsOfTheReviewKeepItFromBeingPublished) {
  look();
  origin_.write(file("acme", "category.txt"), "Shops\n");
  origin_.write(file("beta", "label.txt"), "Beta, anew\n");
  origin_.push();
  EXPECT_THAT(look(), ElementsAre("beta: Beta, anew")) << "the others go on";
  const auto refused = entry("acme");
  EXPECT_EQ(refused.string_at("outcome"), "refused");
  EXPECT_EQ(refused.string_at("specId"), "spec-of-acme") << "what is published stays";
  const auto& findings = *refused.find("findings")->if_array();
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].string_at("file"), "Sources/acme/Artifacts/acme-category.txt");
  EXPECT_THAT(look(), IsEmpty()) << "it is no other than it was";
  origin_.write(file("acme", "category.txt"), "crm\n");
  origin_.push();
  EXPECT_THAT(look(), ElementsAre("acme: Source acme"));
  EXPECT_EQ(entry("acme").string_at("outcome"), "published");
}

// All that was wrong with each was kept: gigabytes of a repository with many folders like that.
TEST_F(SourceWatchTest, OfAFolderFullOfFaultsAFewAreKeptAndTheOthersGoOn) {
  json::Array tokens;
  for (int i = 0; i < 30'000; ++i) tokens.push_back(json::Object{{"token", "zq9x7"}});
  json::Value spec = *json::parse(*read_file(origin_.copy() / file("acme", "connectionSpec.json")));
  spec.find("sourceSpec")
      ->find("attributes")
      ->if_object()
      ->set("bodyParams", json::Object{{std::string(1'500, 'n'), std::move(tokens)}});
  origin_.write(file("acme", "connectionSpec.json"), spec.dump());
  origin_.write(file("acme", "description.txt"), std::string(500'000, 'a') + "<b>");
  origin_.push();
  EXPECT_THAT(look(), ElementsAre("beta: Source beta"));
  const auto refused = entry("acme");
  EXPECT_EQ(refused.string_at("outcome"), "refused");
  const auto& findings = *refused.find("findings")->if_array();
  EXPECT_FALSE(findings.empty());
  EXPECT_LT(refused.dump().size(), 20'000U);
  for (const auto& each : findings) EXPECT_EQ(each.string_at("severity"), "error");
}

TEST_F(SourceWatchTest, WhatTheServerCouldNotIsTriedAgain) {
  fail_ = Error{ErrorKind::unavailable, "The server is busy."};
  EXPECT_EQ(look().size(), 2U);
  EXPECT_EQ(entry("acme").string_at("outcome"), "failed");
  EXPECT_EQ(entry("acme").string_at("message"), "The server is busy.");
  fail_.reset();
  EXPECT_EQ(look().size(), 2U);
  EXPECT_EQ(entry("acme").string_at("outcome"), "published");
}

TEST_F(SourceWatchTest, WhatWouldBreakFlowsWaitsForAnotherCommit) {
  refuse_ = "1 flow would break.";
  EXPECT_EQ(look().size(), 2U);
  EXPECT_EQ(entry("acme").string_at("outcome"), "refused");
  EXPECT_EQ(entry("acme").string_at("message"), "1 flow would break.");
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(SourceWatchTest, APersonsWordPublishesWhatWasRefusedForTheSakeOfFlows) {
  refuse_ = "1 flow would break.";
  look();
  const std::string commit(entry("acme").string_at("commit"));
  EXPECT_EQ(*entry("acme").find("breaksFlows"), json::Value(true));
  const auto said = [&](const std::string& name, const std::string& at) {
    EXPECT_TRUE(watch_->look(true, {}, {{name, at}}));
    return std::string(entry("acme").string_at("outcome"));
  };
  EXPECT_EQ(said("gamma", commit), "refused") << "of another one";
  EXPECT_EQ(said("acme", std::string(40, '0')), "refused") << "of another commit";
  // What is pushed after the word was given is not what it was given for.
  origin_.write("Sources/acme/Artifacts/acme-label.txt", "Acme, meanwhile\n");
  const auto later = origin_.push();
  EXPECT_EQ(said("acme", commit), "refused");
  EXPECT_EQ(said("acme", later), "published");
  EXPECT_EQ(entry("acme").find("breaksFlows"), nullptr);
  EXPECT_EQ(entry("beta").string_at("outcome"), "refused") << "nobody spoke of it";
  // Once: the next commit is asked for again.
  origin_.write("Sources/acme/Artifacts/acme-label.txt", "Acme, later\n");
  origin_.push();
  EXPECT_EQ(said("acme", later), "refused");
}

// A copy whose spec was not renamed: both were published over each other, entry by entry.
TEST_F(SourceWatchTest, TheSecondFolderWithASpecOfOneNameIsRefused) {
  look();
  const auto spec = *read_file(origin_.copy() / file("beta", "connectionSpec.json"));
  for (const char* name : {"aaa-copy", "copy-of-beta"}) {
    add(name);
    origin_.write(file(name, "connectionSpec.json"), spec);
  }
  origin_.push();
  EXPECT_THAT(look(), IsEmpty());
  for (const char* name : {"aaa-copy", "copy-of-beta"}) {
    const auto refused = entry(name);
    EXPECT_EQ(refused.string_at("outcome"), "refused") << name;
    EXPECT_THAT(std::string(refused.string_at("message")),
                HasSubstr("The folder \"beta\" has a spec of this"));
    const auto& finding = refused.find("findings")->if_array()->front();
    EXPECT_EQ(finding.string_at("rule"), "spec/same-name");
    EXPECT_EQ(finding.string_at("file"), file(name, "connectionSpec.json"));
  }
  EXPECT_EQ(entry("beta").string_at("outcome"), "published");
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(look(true), ElementsAre("acme: Source acme", "beta: Source beta"));
  // The next one by its path has it when the owner gives the name up.
  std::filesystem::remove_all(origin_.copy() / "Sources/beta");
  origin_.push();
  EXPECT_THAT(look(), ElementsAre("aaa-copy: Source aaa-copy"));
  EXPECT_THAT(std::string(entry("copy-of-beta").string_at("message")), HasSubstr("\"aaa-copy\""));
}

TEST_F(SourceWatchTest, ADeletedSourceStaysPublishedAndMayComeBack) {
  look();
  fs::remove_all(origin_.copy() / "Sources/acme");
  origin_.push();
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(entry("acme").string_at("outcome"), "gone");
  EXPECT_EQ(entry("acme").string_at("specId"), "spec-of-acme");
  EXPECT_THAT(std::string(entry("acme").string_at("message")), HasSubstr("stays published"));
  add("acme");
  origin_.push();
  EXPECT_THAT(look(), ElementsAre("acme: Source acme"));
}

TEST_F(SourceWatchTest, AForcedPushIsACommitLikeAnother) {
  origin_.write(file("acme", "label.txt"), "Later\n");
  origin_.push();
  look();
  origin_.here({"reset", "--quiet", "--hard", first_});
  origin_.here({"push", "--quiet", "--force", origin_.url(), "HEAD:main"});
  EXPECT_THAT(look(), ElementsAre("acme: Source acme"));
  EXPECT_EQ(watch_->status()->string_at("commit"), first_);
}

TEST_F(SourceWatchTest, AFailedFetchIsKeptAndChangesNothing) {
  look();
  fs::rename(origin_.bare(), origin_.bare().string() + ".away");
  published_.clear();
  EXPECT_FALSE(watch_->look(true, {}));
  EXPECT_THAT(published_, IsEmpty());
  const Value state = *watch_->status();
  EXPECT_THAT(std::string(state.find("error")->string_at("message")), HasSubstr("ls-remote"));
  EXPECT_EQ(entry("acme").string_at("outcome"), "published");
  fs::rename(origin_.bare().string() + ".away", origin_.bare());
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(watch_->status()->find("error"), nullptr);
}

// Two servers on one data directory.
TEST_F(SourceWatchTest, TwoPublishEachSourceOnce) {
  std::mutex mutex;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<SourceWatch>> watches;
  for (int i = 0; i < 2; ++i) {
    SourceWatch::Options options;
    options.git.url = origin_.url();
    options.folder = folder_.path() / "catalog";
    watches.push_back(*SourceWatch::make(
        options,
        [&](const authoring::SourcePlace& place, bool) -> Result<Published> {
          const std::lock_guard lock(mutex);
          names.push_back(place.name);
          return Published{false, "id", ""};
        },
        clock_));
  }
  {
    std::vector<std::jthread> threads;
    threads.reserve(watches.size());
    for (const auto& watch : watches) threads.emplace_back([&watch] { EXPECT_TRUE(watch->look(false, {})); });
  }
  EXPECT_THAT(names, ElementsAre("acme", "beta"));
}

TEST_F(SourceWatchTest, LooksAtTheStartAndWhenItIsTold) {
  watch_->start();
  const auto wait_for = [this](std::string_view label) {
    for (int i = 0; i < 200; ++i) {
      const auto text = watch_->status()->dump();
      if (text.find(label) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  };
  EXPECT_TRUE(wait_for(first_));
  const auto second = origin_.push();
  watch_->check();
  EXPECT_TRUE(wait_for(second)) << "long before the interval is over";
  watch_->stop();
}

}  // namespace
}  // namespace headwater::catalog
