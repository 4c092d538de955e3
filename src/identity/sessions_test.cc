#include "identity/sessions.h"

#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/time.h"
#include "identity/identity.h"

namespace headwater::identity {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public testing::Test {
 protected:
  using Headers = std::map<std::string, std::string, std::less<>>;

  Sessions& sessions() { return identity_->sessions(); }
  NewSession sign_in(const std::optional<OrgId>& org = std::nullopt) {
    return *sessions().begin(sessions().make_code(org)->reveal());
  }
  Headers headers(const NewSession& session) {
    return {{"cookie", "theme=dark; headwater_session=" + session.id.reveal()},
            {"x-csrf-token", session.csrf.reveal()}};
  }
  Result<Caller> authenticate(const Headers& sent, Intent intent = Intent::changes) {
    const auto look_up = [&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = sent.find(name);
      return found == sent.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    };
    return identity_->authenticate(look_up, SandboxHeader::decides, intent);
  }
  std::string code_of(const Headers& sent, Intent intent = Intent::changes) {
    const auto caller = authenticate(sent, intent);
    return caller ? "ok" : std::string(caller.error().code);
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-sessions");
  std::unique_ptr<store::Store> store_ = *store::Store::open("sqlite", folder_.path());
  secrets::Vault vault_ = *secrets::Vault::open(folder_.path() / "vault.key");
  ManualClock clock_{from_epoch_seconds(1'700'000'000)};
  std::unique_ptr<Identity> identity_ = *Identity::open(*store_, vault_, clock_);
};

TEST_F(SessionsTest, ACodeSignsInOnce) {
  const Secret code = *sessions().make_code(std::nullopt);
  const auto session = sessions().begin(code.reveal());
  ASSERT_TRUE(session);
  EXPECT_EQ(code_of(headers(*session)), "ok");
  EXPECT_EQ(sessions().begin(code.reveal()).error().code, "401021");
  EXPECT_EQ(sessions().begin("").error().code, "401021");
  EXPECT_EQ(sessions().begin(std::string(100'000, 'x')).error().code, "401021");
}

TEST_F(SessionsTest, ACodeIsShortLived) {
  const Secret code = *sessions().make_code(std::nullopt);
  clock_.advance(kCodeLifetime);
  EXPECT_EQ(sessions().begin(code.reveal()).error().code, "401021");
}

TEST_F(SessionsTest, ASessionIsNoCodeAndACodeNoSession) {
  const auto session = sign_in();
  EXPECT_FALSE(sessions().begin(session.id.reveal()));
  const Secret code = *sessions().make_code(std::nullopt);
  EXPECT_EQ(code_of({{"cookie", "headwater_session=" + code.reveal()}}, Intent::reads), "401022");
}

TEST_F(SessionsTest, ASessionExpiresAndCanBeEnded) {
  const auto ended = sign_in();
  const auto other = sign_in();
  ASSERT_TRUE(sessions().end(ended.id.reveal()));
  EXPECT_EQ(code_of(headers(ended)), "401022");
  EXPECT_EQ(code_of(headers(other)), "ok");
  clock_.advance(kSessionLifetime);
  EXPECT_EQ(code_of(headers(other)), "401022");
}

TEST_F(SessionsTest, ASessionSurvivesARestart) {
  const auto session = sign_in();
  identity_ = *Identity::open(*store_, vault_, clock_);
  EXPECT_EQ(code_of(headers(session)), "ok");
}

TEST_F(SessionsTest, TheStoreHasNeitherCodesNorIds) {
  const auto session = sign_in();
  const Secret code = *sessions().make_code(std::nullopt);
  EXPECT_TRUE(store_->read([&](store::Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(TRY(transaction.session(session.id.reveal())));
    EXPECT_FALSE(TRY(transaction.session(code.reveal())));
    return {};
  }));
}

TEST_F(SessionsTest, WithoutItsTokenASessionOnlyReads) {
  const auto session = sign_in();
  auto sent = headers(session);
  for (const std::string& token : {std::string(), sign_in().csrf.reveal()}) {
    sent["x-csrf-token"] = token;
    EXPECT_EQ(code_of(sent), "403021") << token;
    EXPECT_EQ(code_of(sent, Intent::reads), "ok") << token;
  }
}

TEST_F(SessionsTest, APageOfAnotherOriginIsRefusedAlsoOnTheSameHost) {
  auto sent = headers(sign_in());
  for (const char* site : {"cross-site", "same-site"}) {
    sent["sec-fetch-site"] = site;
    EXPECT_EQ(code_of(sent, Intent::reads), "403022") << site;
  }
  sent["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(code_of(sent), "ok");
}

TEST_F(SessionsTest, ATokenGoesBeforeACookie) {
  auto sent = headers(sign_in());
  sent["authorization"] = "Bearer nonsense";
  sent["x-api-key"] = "key";
  EXPECT_EQ(code_of(sent), "401013");
}

TEST_F(SessionsTest, ASessionKeepsToItsOrganisation) {
  const OrgId own = identity_->default_tenant()->org;
  const OrgId other("OTHER@AdobeOrg");
  ASSERT_TRUE(identity_->mint(other, std::nullopt, Unknown::made));
  auto sent = headers(sign_in(own));
  EXPECT_EQ(authenticate(sent)->org(), own);
  sent["x-gw-ims-org-id"] = other.value;
  EXPECT_EQ(code_of(sent), "FLOW-2000-401");
  auto of_all = headers(sign_in());
  of_all["x-gw-ims-org-id"] = other.value;
  EXPECT_EQ(authenticate(of_all)->org(), other);
  of_all["x-gw-ims-org-id"] = "NOBODY@AdobeOrg";
  EXPECT_EQ(code_of(of_all), "FLOW-2000-401");
  EXPECT_EQ(sessions().make_code(OrgId("NOBODY@AdobeOrg")).error().kind, ErrorKind::not_found);
}

TEST_F(SessionsTest, SandboxesAreCheckedAsForTokens) {
  auto sent = headers(sign_in());
  EXPECT_EQ(authenticate(sent)->tenant.sandbox_name, "prod");
  sent["x-sandbox-name"] = "nowhere";
  EXPECT_EQ(code_of(sent), "FLOW-2100-404");
}

}  // namespace
}  // namespace headwater::identity
