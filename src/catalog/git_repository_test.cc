#include "catalog/git_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "support/git_origin.h"

namespace headwater::catalog {
namespace {

namespace fs = std::filesystem;
using headwater::testing::GitOrigin;
using ::testing::HasSubstr;
using ::testing::Not;

class GitRepositoryTest : public ::testing::Test {
 protected:
  GitRepositoryTest() : folder_(*TemporaryFolder::make("headwater-git-test-")) {}

  GitRepository open(GitSettings settings = {}) {
    if (settings.url.empty()) settings.url = origin_.url();
    auto made = GitRepository::make(settings, folder_.path() / "repository");
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  static Error refusal(const std::string& url, const std::string& branch = "main",
                       const std::string& path = "") {
    const auto made = GitRepository::make({url, branch, path}, "/nowhere");
    EXPECT_FALSE(made) << url;
    return made ? Error{} : made.error();
  }
  void write_source(const std::string& name, const std::string& below = "Sources") const {
    for (const auto part : authoring::kArtifactParts)
      origin_.write(fs::path(below) / name / "Artifacts" / (name + "-" + std::string(part)),
                    "text of " + name);
  }
  Result<authoring::SourcePlace> write(GitRepository& repository, const GitRepository::Source& source) {
    return repository.write(source, folder_.path() / "out", {});
  }

  GitOrigin origin_;
  TemporaryFolder folder_;
};

TEST_F(GitRepositoryTest, TakesOnlyAddressesThatItKnows) {
  for (const char* url : {"", "http://git.test/a.git", "git://git.test/a", "ext::sh -c id",
                          "/srv/sources.git", "git@git.test:a.git", "https://", "https://-oProxyCommand=x/a",
                          "ssh://ada:pw@git.test/a", "https://git.test/a?token=x", "file://a b",
                          "https://u:p@-x/a", "https://u:p/w@git.test/a", "ssh://git.test/a@b"})
    EXPECT_EQ(refusal(url).kind, ErrorKind::invalid_argument) << url;
  for (const char* branch : {"", "-x", "a..b", "a b", "@{-1}", "a:b", "/main", "main/"})
    EXPECT_THAT(refusal(origin_.url(), branch).message, HasSubstr("catalog-branch")) << branch;
  for (const char* path : {"/etc", "../x", "a/../b", ":(top)x", "a//b"})
    EXPECT_THAT(refusal(origin_.url(), "main", path).message, HasSubstr("catalog-path")) << path;
  for (const char* url : {"ssh://ada:t0p-secret@git.test/a", "https://ada:t0p-secret/w@git.test/a",
                          "https://ada:t0p@secret/w@git.test/a"})
    EXPECT_THAT(refusal(url).message, Not(HasSubstr("secret"))) << url;
}

TEST_F(GitRepositoryTest, GivesTheSourcesOfTheLastCommit) {
  write_source("acme");
  write_source("beta");
  origin_.write("README.md", "not a source");
  origin_.write("Sources/README.md", "neither");
  const auto pushed = origin_.push();
  auto repository = open();
  const auto commit = repository.fetch({});
  ASSERT_TRUE(commit) << commit.error().message;
  EXPECT_EQ(*commit, pushed);
  const auto sources = repository.sources(*commit, {});
  ASSERT_TRUE(sources) << sources.error().message;
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_EQ((*sources)[0].name, "acme");
  const auto place = write(repository, (*sources)[1]);
  ASSERT_TRUE(place) << place.error().message;
  for (const auto part : authoring::kArtifactParts) EXPECT_EQ(*read_file(place->file(part)), "text of beta");

  // Only what has changed has another id.
  origin_.write("Sources/acme/Artifacts/acme-label.txt", "Acme, anew");
  origin_.push();
  const auto later = *repository.sources(*repository.fetch({}), {});
  EXPECT_NE(later[0].tree, (*sources)[0].tree);
  EXPECT_EQ(later[1].tree, (*sources)[1].tree);
}

TEST_F(GitRepositoryTest, SourcesMayLieDeeperAndOnAnotherBranch) {
  write_source("acme", "teams/crm/Sources");
  origin_.push();
  origin_.here({"push", "--quiet", origin_.url(), "HEAD:release/1"});
  auto repository = open({origin_.url(), "release/1", "teams/crm/"});
  const auto sources = repository.sources(*repository.fetch({}), {});
  ASSERT_TRUE(sources) << sources.error().message;
  EXPECT_EQ(sources->size(), 1U);
  EXPECT_EQ(repository.sources_path(), "teams/crm/Sources");
  auto elsewhere = open({origin_.url(), "main", "teams"});
  EXPECT_THAT(elsewhere.sources(*elsewhere.fetch({}), {}).error().message, HasSubstr("teams/Sources"));
  auto absent = open({origin_.url(), "nothing", ""});
  EXPECT_THAT(absent.fetch({}).error().message, HasSubstr("no branch nothing"));
}

TEST_F(GitRepositoryTest, FollowsAForcedPushAndAnInterruptedFetch) {
  write_source("acme");
  origin_.push();
  auto repository = open();
  ASSERT_TRUE(repository.fetch({}));
  origin_.write("Sources/acme/Artifacts/acme-label.txt", "of another history");
  origin_.here({"checkout", "--quiet", "--orphan", "other"});
  const auto forced = origin_.push("anew", {"--force"});
  std::ofstream(folder_.path() / "repository" / "shallow.lock") << "of a fetch that was killed";
  EXPECT_EQ(*repository.fetch({}), forced);
  auto restarted = open();
  std::ofstream(folder_.path() / "repository" / "shallow.lock") << "of a server that was killed";
  EXPECT_EQ(*restarted.fetch({}), forced);
}

// Another server of the data directory has begun to fetch and was killed.
TEST_F(GitRepositoryTest, WhatAnotherServerHasLeftHalfDoneIsFetchedAgain) {
  write_source("acme");
  const auto pushed = origin_.push();
  auto repository = open();
  ASSERT_TRUE(repository.fetch({}));
  fs::remove_all(folder_.path() / "repository");
  origin_.here({"init", "--quiet", "--bare", (folder_.path() / "repository").string()});
  EXPECT_EQ(*repository.fetch({}), pushed);
  const auto sources = repository.sources(pushed, {});
  ASSERT_TRUE(sources) << sources.error().message;
  EXPECT_EQ(sources->size(), 1U);
}

// git finds it, too, when it is asked for refs/heads/main.
TEST_F(GitRepositoryTest, ABranchWhoseNameEndsAlikeIsAnother) {
  write_source("acme");
  origin_.push();
  origin_.here({"push", "--quiet", origin_.url(), "HEAD:refs/heads/a/refs/heads/main"});
  auto repository = open();
  ASSERT_TRUE(repository.fetch({}));
  const auto second = origin_.push("more");
  EXPECT_EQ(*repository.fetch({}), second);
}

TEST_F(GitRepositoryTest, ANameThatIsNoTextIsToldAsText) {
  origin_.write("Sources/caf\xe9/x", "x");
  origin_.push();
  auto repository = open();
  const auto sources = *repository.sources(*repository.fetch({}), {});
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].name, "caf?");
  EXPECT_THAT(sources[0].problem, HasSubstr("is no name of a source"));
}

TEST_F(GitRepositoryTest, SymbolicLinksAndSubmodulesAreRefused) {
  write_source("acme");
  const auto secret = folder_.path() / "secret";
  std::ofstream(secret) << "of the server";
  const auto label = origin_.copy() / "Sources/acme/Artifacts/acme-label.txt";
  fs::remove(label);
  fs::create_symlink(secret, label);
  write_source("beta");
  fs::remove_all(origin_.copy() / "Sources/beta/Artifacts");
  fs::create_directory_symlink("/etc", origin_.copy() / "Sources/beta/Artifacts");
  fs::create_directory_symlink("/etc", origin_.copy() / "Sources/gamma");
  origin_.write("Sources/bad name/x", "x");
  origin_.push();
  auto repository = open();
  const auto sources = *repository.sources(*repository.fetch({}), {});
  ASSERT_EQ(sources.size(), 4U);
  EXPECT_THAT(write(repository, sources[0]).error().message, HasSubstr("acme-label.txt is a symbolic link"));
  EXPECT_THAT(sources[1].problem, HasSubstr("is no name of a source"));
  EXPECT_THAT(write(repository, sources[2]).error().message, HasSubstr("Artifacts is a symbolic link"));
  EXPECT_THAT(sources[3].problem, HasSubstr("is a symbolic link"));
}

TEST_F(GitRepositoryTest, FilesHaveABound) {
  write_source("acme");
  origin_.write("Sources/acme/Artifacts/acme-icon.svg", std::string(3U << 20, 'x'));
  origin_.push();
  auto repository = open();
  const auto sources = *repository.sources(*repository.fetch({}), {});
  const auto refused = write(repository, sources[0]);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
  EXPECT_THAT(refused.error().message, HasSubstr("acme-icon.svg has 3145728 bytes"));
}

// Filters, hooks and settings that a repository brings along run nothing here.
TEST_F(GitRepositoryTest, NothingOfTheRepositoryRuns) {
  write_source("acme");
  const auto trap = folder_.path() / "trap";
  origin_.write(".gitattributes", "* filter=evil\n");
  origin_.write(".gitmodules", "[submodule \"x\"]\n path = x\n url = ext::touch " + trap.string() + "\n");
  origin_.write("hooks/post-checkout", "#!/bin/sh\ntouch " + trap.string() + "\n");
  origin_.write("config", "[core]\n fsmonitor = touch " + trap.string() + "\n");
  origin_.push();
  auto repository = open();
  const auto sources = *repository.sources(*repository.fetch({}), {});
  EXPECT_TRUE(write(repository, sources[0]));
  EXPECT_FALSE(fs::exists(trap));
  EXPECT_FALSE(fs::exists(folder_.path() / "repository" / "hooks"));
}

TEST_F(GitRepositoryTest, AFailureTellsGitsWordsAndNoSecret) {
  GitRepository gone = open({"file:///nowhere/at/all.git", "main", ""});
  const auto failed = gone.fetch({});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("/nowhere/at/all.git"));
  // Port 9 answers nobody.
  GitRepository secret = open({"https://ada:t0p%2Dsecret@127.0.0.1:9/x.git", "main", ""});
  EXPECT_EQ(secret.shown(), "https://127.0.0.1:9/x.git");
  const auto refused = secret.fetch({});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("t0p")));
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:9"));
}

TEST_F(GitRepositoryTest, AStopEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(open().fetch(stop.get_token()).error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace headwater::catalog
