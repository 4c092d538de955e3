// Repositories on hosts: real servers of https and ssh on loopback, with what a user has to name for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/git_repository.h"
#include "support/git_host.h"
#include "support/git_origin.h"

namespace headwater::catalog {
namespace {

namespace fs = std::filesystem;
using headwater::testing::GitHttpsHost;
using headwater::testing::GitOrigin;
using headwater::testing::GitSshHost;
using ::testing::HasSubstr;
using ::testing::Not;

class GitHostTest : public ::testing::Test {
 protected:
  GitHostTest() : folder_(*TemporaryFolder::make("headwater-git-host-test-")) {
    for (const auto part : authoring::kArtifactParts)
      origin_.write(fs::path("Sources/acme/Artifacts") / ("acme-" + std::string(part)), "text of acme");
    pushed_ = origin_.push();
  }
  GitRepository open(const GitSettings& settings) {
    auto made = GitRepository::make(settings, folder_.path() / "repository");
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  /// What is told of a fetch that cannot be.
  std::string failure(const GitSettings& settings) {
    const auto fetched = open(settings).fetch({});
    EXPECT_FALSE(fetched);
    EXPECT_TRUE(fetched || fetched.error().kind == ErrorKind::unavailable);
    return fetched ? "" : fetched.error().message;
  }
  static std::string refusal(const GitSettings& settings) {
    const auto made = GitRepository::make(settings, "/nowhere");
    EXPECT_FALSE(made);
    EXPECT_TRUE(made || made.error().kind == ErrorKind::invalid_argument);
    return made ? "" : made.error().message;
  }
  void expect_its_sources(const GitSettings& settings) {
    auto repository = open(settings);
    const auto commit = repository.fetch({});
    ASSERT_TRUE(commit) << commit.error().message;
    EXPECT_EQ(*commit, pushed_);
    const auto sources = repository.sources(*commit, {});
    ASSERT_TRUE(sources) << sources.error().message;
    ASSERT_EQ(sources->size(), 1U);
    const auto place = repository.write(sources->front(), folder_.path() / "out", {});
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(*read_file(place->file("label.txt")), "text of acme");
    // The next commit comes the same way.
    pushed_ = origin_.push("more");
    EXPECT_EQ(*repository.fetch({}), pushed_);
  }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  GitOrigin origin_;
  TemporaryFolder folder_;
  std::string pushed_;
};

class GitOverHttps : public GitHostTest {
 protected:
  GitOverHttps() : host_(origin_.bare(), "ada", "t0p-secret/1") {}
  GitSettings settings(const std::string& userinfo) const {
    return {.url = host_.url(userinfo), .ca_bundle = host_.certificate()};
  }
  GitHttpsHost host_;
};

TEST_F(GitOverHttps, IsFetchedWithAUserAndAPassword) {
  expect_its_sources(settings("ada:t0p-secret%2F1@"));
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(*read_file(entry.path()), Not(HasSubstr("t0p-secret"))) << entry.path();
  }
}

TEST_F(GitOverHttps, WhatTheHostRefusesIsToldWithoutTheSecret) {
  const auto wrong = failure(settings("ada:wr0ng-secret@"));
  EXPECT_THAT(wrong, HasSubstr("does not accept the user and the password or token of catalog-git"));
  EXPECT_THAT(wrong, HasSubstr(host_.url("")));
  EXPECT_THAT(wrong, Not(HasSubstr("wr0ng")));
  EXPECT_THAT(failure(settings("")), HasSubstr("https://user:TOKEN@host/path"));
  auto absent = settings("ada:t0p-secret%2F1@");
  absent.url += "-that-is-not-there";
  const auto missing = failure(absent);
  EXPECT_THAT(missing, HasSubstr("not found"));
  EXPECT_THAT(missing, Not(HasSubstr("t0p-secret")));
}

TEST_F(GitOverHttps, ItsCertificateMustBeTrusted) {
  auto unknown = settings("ada:t0p-secret%2F1@");
  unknown.ca_bundle.clear();
  const auto refused = failure(unknown);
  EXPECT_THAT(refused, HasSubstr("certificate verification failed"));
  EXPECT_THAT(refused, HasSubstr("catalog-git-ca-bundle"));
  EXPECT_THAT(refused, Not(HasSubstr("t0p-secret")));
  const GitHttpsHost other(origin_.bare(), "ada", "t0p-secret/1");
  unknown.ca_bundle = other.certificate();
  EXPECT_THAT(failure(unknown), HasSubstr("certificate verification failed"));
  std::ofstream(file("no.pem")) << "no certificate";
  unknown.ca_bundle = file("no.pem");
  EXPECT_THAT(failure(unknown), HasSubstr("catalog-git-ca-bundle"));
}

TEST_F(GitOverHttps, CredentialsAreNotTakenToWhereTheHostPoints) {
  EXPECT_THAT(failure({.url = host_.moved_url("ada:t0p-secret%2F1@"), .ca_bundle = host_.certificate()}),
              AllOf(HasSubstr("points to another address"), Not(HasSubstr("t0p-secret"))));
  expect_its_sources({.url = host_.moved_url(""), .ca_bundle = host_.certificate()});
}

TEST_F(GitOverHttps, AHostThatIsGoneIsTold) {
  auto repository = open(settings("ada:t0p-secret%2F1@"));
  ASSERT_TRUE(repository.fetch({}));
  host_.stop();
  const auto gone = repository.fetch({});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(gone.error().message, HasSubstr("Failed to connect to 127.0.0.1"));
  EXPECT_THAT(gone.error().message, Not(HasSubstr("t0p-secret")));
}

class GitOverSsh : public GitHostTest {
 protected:
  GitOverSsh() : host_(origin_.bare()) {}
  GitSettings settings(const std::string& key, const std::string& hosts) const {
    return {.url = host_.url(), .ssh_key = key, .known_hosts = hosts};
  }
  GitSshHost host_;
};

TEST_F(GitOverSsh, IsFetchedWithAKey) { expect_its_sources(settings(host_.key(), host_.known_hosts())); }

TEST_F(GitOverSsh, AKeyThatTheHostDoesNotKnowIsTold) {
  EXPECT_THAT(failure(settings(host_.other_key(), host_.known_hosts())),
              AllOf(HasSubstr("Permission denied"), HasSubstr("catalog-git-ssh-key")));
}

TEST_F(GitOverSsh, AHostWithAnotherKeyOrAnUnknownOneIsNotBelieved) {
  EXPECT_THAT(failure(settings(host_.key(), host_.other_hosts())), HasSubstr("The host shows another key"));
  EXPECT_THAT(failure(settings(host_.key(), host_.no_hosts())), HasSubstr("The host's key is not known"));
  // Nobody has added it on the way.
  EXPECT_EQ(*read_file(host_.no_hosts()), "");
}

TEST_F(GitOverSsh, AHostThatIsGoneIsToldAndFoundAgain) {
  auto repository = open(settings(host_.key(), host_.known_hosts()));
  host_.stop();
  const auto gone = repository.fetch({});
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("Connection refused"));
  host_.start();
  EXPECT_EQ(*repository.fetch({}), pushed_);
}

TEST_F(GitHostTest, FilesOfTheSettingsAreLookedAtBeforehand) {
  std::ofstream(file("key")) << "x";
  const std::string https = "https://git.test/a.git", ssh = "ssh://git@git.test/a.git";
  EXPECT_THAT(refusal({.url = https, .ca_bundle = file("absent")}),
              AllOf(HasSubstr("catalog-git-ca-bundle"), HasSubstr("No such file")));
  EXPECT_THAT(refusal({.url = ssh, .ssh_key = file("absent")}), HasSubstr("catalog-git-ssh-key"));
  EXPECT_THAT(refusal({.url = ssh, .ssh_key = folder_.path().string()}), HasSubstr("is a folder"));
  EXPECT_THAT(refusal({.url = ssh, .known_hosts = file("absent")}), HasSubstr("catalog-git-known-hosts"));
  EXPECT_THAT(refusal({.url = https, .ssh_key = file("key")}), HasSubstr("ssh://"));
  EXPECT_THAT(refusal({.url = ssh, .ca_bundle = file("key")}), HasSubstr("https://"));
  // A shell of git's would read it.
  fs::copy_file(file("key"), file("key;id"));
  EXPECT_THAT(refusal({.url = ssh, .ssh_key = file("key;id")}), HasSubstr("must be a path of letters"));
}

}  // namespace
}  // namespace headwater::catalog
