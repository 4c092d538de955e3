#include "identity/identity.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/file.h"
#include "base/time.h"

namespace headwater::identity {
namespace {

class IdentityTest : public testing::Test {
 protected:
  void SetUp() override { identity_ = open(); }

  std::unique_ptr<Identity> open(Opening opening = Opening::server) {
    return *Identity::open(*store_, vault_, clock_, opening);
  }

  using Headers = std::map<std::string, std::string, std::less<>>;
  Headers headers(const MintedToken& token) const {
    return {{"authorization", "Bearer " + token.access_token.reveal()},
            {"x-api-key", token.client.value},
            {"x-gw-ims-org-id", token.org.value}};
  }

  Result<Caller> authenticate(const Headers& sent) {
    return identity_->authenticate([&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = sent.find(name);
      return found == sent.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    });
  }

  std::string code_of(const Headers& sent) {
    const auto caller = authenticate(sent);
    return caller ? "ok" : std::string(caller.error().code);
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-identity");
  std::unique_ptr<store::Store> store_ = *store::Store::open("sqlite", folder_.path());
  secrets::Vault vault_ = *secrets::Vault::open(folder_.path() / "vault.key");
  ManualClock clock_{from_epoch_seconds(1'700'000'000)};
  std::unique_ptr<Identity> identity_;
};

TEST_F(IdentityTest, TheFirstStartMakesAnOrganisationAndShowsItsClientOnce) {
  ASSERT_TRUE(identity_->created());
  const auto& client = *identity_->created();
  EXPECT_EQ(client.org.value.size(), 24 + std::string("@AdobeOrg").size());
  EXPECT_EQ(client.org.value.find_first_not_of("0123456789ABCDEF"), 24U);
  EXPECT_EQ(identity_->default_tenant()->org, client.org);
  EXPECT_EQ(identity_->default_tenant()->sandbox_name, "prod");
  EXPECT_EQ(identity_->sandboxes(client.org)->at(0).type, "production");
  EXPECT_FALSE(open()->created());
}

TEST_F(IdentityTest, TheSecretIsNotInTheStore) {
  const auto client = *identity_->created();
  EXPECT_TRUE(store_->read([&](store::Transaction& transaction) -> Result<void> {
    const auto stored = TRY(transaction.client(client.id));
    EXPECT_EQ(stored->secret_hash.find(client.secret.reveal()), std::string::npos);
    return {};
  }));
}

TEST_F(IdentityTest, AServerShowsAClientThoughACommandCameFirst) {
  const auto folder = *TemporaryFolder::make("headwater-identity");
  const auto store = *store::Store::open("sqlite", folder.path());
  const auto command = *Identity::open(*store, vault_, clock_, Opening::command);
  EXPECT_FALSE(command->created());
  const auto token = *command->mint(std::nullopt, std::nullopt);
  const auto server = *Identity::open(*store, vault_, clock_);
  ASSERT_TRUE(server->created());
  EXPECT_EQ(server->created()->org, token.org);
}

TEST_F(IdentityTest, AClientGetsATokenForItsSecret) {
  const auto client = *identity_->created();
  const auto answer = identity_->answer_token_request({{"grant_type", "client_credentials"},
                                                       {"client_id", client.id.value},
                                                       {"client_secret", client.secret.reveal()},
                                                       {"scope", "openid"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body.string_at("token_type"), "bearer");
  EXPECT_EQ(answer->body.find("expires_in")->as_int64(), 86400);
  const auto caller =
      authenticate({{"authorization", "Bearer " + std::string(answer->body.string_at("access_token"))},
                    {"x-api-key", client.id.value},
                    {"x-gw-ims-org-id", client.org.value}});
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->tenant, *identity_->default_tenant());
  EXPECT_EQ(caller->actor, (domain::Actor{client.id.value, client.id.value}));
}

TEST_F(IdentityTest, ATokenRequestFailsAsOAuthSays) {
  const auto client = *identity_->created();
  const auto& id = client.id.value;
  const auto& secret = client.secret.reveal();
  const struct {
    QueryParams form;
    int status;
    const char* error;
  } cases[] = {
      {{}, 400, "invalid_request"},
      {{{"grant_type", "password"}}, 400, "unsupported_grant_type"},
      {{{"grant_type", "client_credentials"}, {"client_secret", secret}}, 400, "invalid_request"},
      {{{"grant_type", "client_credentials"}, {"client_id", id}}, 400, "invalid_request"},
      {{{"grant_type", "client_credentials"}, {"client_id", id}, {"client_secret", "wrong"}},
       401,
       "invalid_client"},
      {{{"grant_type", "client_credentials"}, {"client_id", "nobody"}, {"client_secret", secret}},
       401,
       "invalid_client"},
  };
  for (const auto& row : cases) {
    const auto answer = identity_->answer_token_request(row.form);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, row.status);
    EXPECT_EQ(answer->body.string_at("error"), row.error);
    EXPECT_EQ(answer->body.dump().find(secret), std::string::npos);
  }
}

TEST_F(IdentityTest, HeadersAreCheckedAsTheGatewayDoes) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  const auto other = *identity_->mint(OrgId("BBBB@AdobeOrg"), std::nullopt, Unknown::made);
  const auto with = [&](const std::string& name, const std::string& value) {
    auto sent = headers(token);
    if (value.empty())
      sent.erase(name);
    else
      sent[name] = value;
    return code_of(sent);
  };
  const auto& text = token.access_token.reveal();
  EXPECT_EQ(code_of(headers(token)), "ok");
  EXPECT_EQ(with("authorization", "bearer " + text), "ok");
  EXPECT_EQ(with("authorization", ""), "403010");
  EXPECT_EQ(with("authorization", "Basic abc"), "401013");
  EXPECT_EQ(with("authorization", "Bearer abc"), "401013");
  EXPECT_EQ(with("authorization", "Bearer " + text + "x"), "401013");
  EXPECT_EQ(with("authorization", "Bearer " + text.substr(0, text.rfind('.') + 1)), "401013");
  EXPECT_EQ(with("x-api-key", ""), "403000");
  EXPECT_EQ(with("x-api-key", "nobody"), "403003");
  EXPECT_EQ(with("x-api-key", other.client.value), "403003");
  EXPECT_EQ(with("x-gw-ims-org-id", ""), "400003");
  EXPECT_EQ(with("x-gw-ims-org-id", other.org.value), "FLOW-2000-401");
  EXPECT_EQ(with("x-sandbox-name", "prod"), "ok");
  EXPECT_EQ(with("x-sandbox-name", "nowhere"), "FLOW-2100-404");
  EXPECT_EQ(with("x-sandbox-id", "nowhere"), "FLOW-2100-404");
  EXPECT_EQ(with("x-sandbox-name", "No Name"), "FLOW-2100-404");
  EXPECT_EQ(with("x-sandbox-id", identity_->default_tenant()->sandbox.value), "ok");
}

TEST_F(IdentityTest, AChangedClaimIsRefused) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  auto sent = headers(token);
  auto& text = sent["authorization"];
  const auto at = text.find('.') + 20;
  text[at] = text[at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(code_of(sent), "401013");
}

TEST_F(IdentityTest, ATokenLivesADay) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  clock_.advance(kTokenLifetime - std::chrono::seconds(1));
  EXPECT_EQ(code_of(headers(token)), "ok");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(code_of(headers(token)), "401013");
}

TEST_F(IdentityTest, ATokenOfAnotherInstallationIsRefused) {
  const auto folder = *TemporaryFolder::make("headwater-identity");
  const auto vault = *secrets::Vault::open(folder.path() / "vault.key");
  const auto other = *Identity::open(*store_, vault, clock_);
  EXPECT_EQ(code_of(headers(*other->mint(std::nullopt, std::nullopt))), "401013");
}

TEST_F(IdentityTest, MintMakesWhatIsNotThereWhenAskedToWhileTheServerRuns) {
  const auto second_store = *store::Store::open("sqlite", folder_.path());
  const auto command = *Identity::open(*second_store, vault_, clock_, Opening::command);
  EXPECT_EQ(command->mint(OrgId("ACME@AdobeOrg"), std::nullopt).error().kind, ErrorKind::not_found);
  EXPECT_EQ(command->mint(std::nullopt, "team-1").error().kind, ErrorKind::not_found);
  const auto token = command->mint(OrgId("ACME@AdobeOrg"), "team-1", Unknown::made);
  ASSERT_TRUE(token) << token.error().message;
  auto sent = headers(*token);
  sent["x-sandbox-name"] = "team-1";
  const auto caller = authenticate(sent);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->tenant.org.value, "ACME@AdobeOrg");
  EXPECT_EQ(caller->tenant.sandbox_name, "team-1");
  const auto again = *command->mint(OrgId("ACME@AdobeOrg"), "team-1");
  EXPECT_EQ(again.client, token->client);
  EXPECT_EQ(identity_->sandboxes(OrgId("ACME@AdobeOrg"))->size(), 2U);
  EXPECT_EQ(token->json().string_at("sandbox_name"), "team-1");
  EXPECT_EQ(token->json().string_at("ims_org_id"), "ACME@AdobeOrg");
}

TEST_F(IdentityTest, MintRefusesNamesThatCannotBe) {
  for (const auto* name : {"", "Prod", "a b", "-x", "ä"})
    EXPECT_EQ(identity_->mint(std::nullopt, name).error().kind, ErrorKind::invalid_argument) << name;
  EXPECT_EQ(identity_->mint(OrgId("a b"), std::nullopt).error().kind, ErrorKind::invalid_argument);
}

class OtherIssuer final : public TokenIssuer {
 public:
  std::optional<Result<TokenClaims>> check(std::string_view token, TimePoint now) const override {
    if (token != "opaque-of-another") return std::nullopt;
    return Result<TokenClaims>(TokenClaims{org, ClientId("c"), "person@AdobeID", now});
  }
  OrgId org;
};

TEST_F(IdentityTest, AnotherIssuersTokenNamesItsUser) {
  auto issuer = std::make_unique<OtherIssuer>();
  issuer->org = identity_->created()->org;
  identity_->add_issuer(std::move(issuer));
  const auto caller = authenticate({{"authorization", "Bearer opaque-of-another"},
                                    {"x-api-key", identity_->created()->id.value},
                                    {"x-gw-ims-org-id", identity_->created()->org.value}});
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->actor.user, "person@AdobeID");
  EXPECT_EQ(caller->actor.client, identity_->created()->id.value);
  EXPECT_EQ(code_of({{"authorization", "Bearer opaque-of-another"},
                     {"x-api-key", identity_->created()->id.value},
                     {"x-gw-ims-org-id", identity_->created()->org.value},
                     {"x-sandbox-id", identity_->default_tenant()->sandbox.value}}),
            "FLOW-2110-400")
      << "a person names the sandbox";
}

class RevokingIssuer final : public TokenIssuer {
 public:
  std::optional<Result<TokenClaims>> check(std::string_view token, TimePoint now) const override {
    if (token != "revocable") return std::nullopt;
    if (revoked) return Result<TokenClaims>(Error{ErrorKind::unauthorized, "Revoked.", "", "401013"});
    return Result<TokenClaims>(TokenClaims{org, ClientId("c"), "person", now + std::chrono::hours(1)});
  }
  OrgId org;
  bool revoked = false;
};

TEST_F(IdentityTest, ARememberedTokenDiesWithItsIssuersWordAndItsExpiry) {
  auto issuer = std::make_unique<RevokingIssuer>();
  auto& other = *issuer;
  other.org = identity_->created()->org;
  identity_->add_issuer(std::move(issuer));
  const Headers sent{{"authorization", "Bearer revocable"},
                     {"x-api-key", identity_->created()->id.value},
                     {"x-gw-ims-org-id", other.org.value}};
  ASSERT_EQ(code_of(sent), "ok");
  other.revoked = true;
  clock_.advance(kTokenKnown);
  EXPECT_EQ(code_of(sent), "401013");

  const auto own = headers(*identity_->mint(std::nullopt, std::nullopt));
  clock_.advance(kTokenLifetime - std::chrono::seconds(1));
  ASSERT_EQ(code_of(own), "ok");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(code_of(own), "401013") << "remembered a second ago";
}

TEST_F(IdentityTest, ASandboxIsNamedWhereThereIsNoDefault) {
  auto sent = headers(*identity_->mint(std::nullopt, std::nullopt));
  identity_->set_default_sandbox("");
  EXPECT_EQ(code_of(sent), "FLOW-2105-400");
  sent["x-sandbox-name"] = "prod";
  EXPECT_EQ(code_of(sent), "ok");
}

TEST_F(IdentityTest, AnotherServerForgetsARemovedSandbox) {
  const auto other = open();
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  const auto made = *identity_->create_sandbox(token.org, {"dev", "", ""});
  EXPECT_EQ(made.title, "dev");
  EXPECT_EQ(made.type, "development");
  auto sent = headers(token);
  sent["x-sandbox-name"] = "dev";
  ASSERT_EQ(code_of(sent), "ok");
  ASSERT_TRUE(other->remove_sandbox({token.org, made.id, "dev"}));
  clock_.advance(kSandboxKnown);
  EXPECT_EQ(code_of(sent), "FLOW-2100-404");
  ASSERT_TRUE(identity_->create_sandbox(token.org, {"dev", "", ""}));
  EXPECT_EQ(code_of(sent), "ok");
  ASSERT_TRUE(identity_->remove_sandbox({token.org, identity_->sandbox(token.org, "dev")->id, "dev"}));
  EXPECT_EQ(code_of(sent), "FLOW-2100-404") << "at once where it was removed";
}

TEST_F(IdentityTest, RevokedTokensOfAClientAreRefusedAndNewOnesAreGood) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  const auto own = *identity_->created();
  clock_.advance(std::chrono::seconds(1));  // the first of the organisation stays the first
  const auto further = *identity_->add_client(own.org);
  const auto of_secret = [&](const NewClient& client) {
    auto answer = *identity_->answer_token_request({{"grant_type", "client_credentials"},
                                                    {"client_id", client.id.value},
                                                    {"client_secret", client.secret.reveal()}});
    return MintedToken{Secret(std::string(answer.body.string_at("access_token"))), kTokenLifetime, client.org,
                       client.id, "prod"};
  };
  const auto second = of_secret(own), third = of_secret(further);
  for (const auto* one : {&token, &second, &third}) EXPECT_EQ(code_of(headers(*one)), "ok");
  EXPECT_FALSE(identity_->clients(own.org)->front().revoked);

  ASSERT_TRUE(identity_->revoke_tokens(own.org, own.id));
  // No time has gone by: it is not a matter of clocks.
  for (const auto* one : {&token, &second}) {
    const auto refused = authenticate(headers(*one));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "401013");
    EXPECT_EQ(refused.error().message, "The access token was revoked; get a new one.");
  }
  EXPECT_EQ(code_of(headers(third)), "ok") << "of another client";
  const auto renewed = *identity_->mint(std::nullopt, std::nullopt);
  EXPECT_EQ(code_of(headers(renewed)), "ok");
  EXPECT_EQ(code_of(headers(of_secret(own))), "ok");
  EXPECT_EQ(identity_->clients(own.org)->front().revoked, clock_.now());

  ASSERT_TRUE(identity_->revoke_tokens(own.org, own.id));
  for (const auto* one : {&token, &renewed}) EXPECT_EQ(code_of(headers(*one)), "401013");
  EXPECT_EQ(identity_->revoke_tokens(OrgId("BBBB@AdobeOrg"), own.id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(identity_->revoke_tokens(own.org, ClientId("nobody")).error().kind, ErrorKind::not_found);
}

TEST_F(IdentityTest, AnotherServerFollowsARevocationWithinFiveSeconds) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  EXPECT_EQ(code_of(headers(token)), "ok");
  ASSERT_TRUE(open()->revoke_tokens(token.org, token.client));
  EXPECT_EQ(code_of(headers(token)), "ok") << "believed for a moment";
  clock_.advance(kTokenKnown);
  EXPECT_EQ(code_of(headers(token)), "401013");
  // Nor does a restart bring it back.
  identity_ = open();
  EXPECT_EQ(code_of(headers(token)), "401013");
}

TEST_F(IdentityTest, AClockThatIsSetBackKeepsNoRevokedTokenGood) {
  const auto token = *identity_->mint(std::nullopt, std::nullopt);
  EXPECT_EQ(code_of(headers(token)), "ok");
  ASSERT_TRUE(open()->revoke_tokens(token.org, token.client));
  clock_.advance(-std::chrono::hours(1));
  EXPECT_EQ(code_of(headers(token)), "401013") << "what is remembered is from a time that has yet to come";
}

TEST_F(IdentityTest, ACheckThatARevocationMeetsIsNotRemembered) {
  const OrgId org = identity_->created()->org;
  for (int i = 0; i < 50; ++i) {
    const auto token = *identity_->mint(org, std::nullopt);
    std::thread caller([&] { (void)authenticate(headers(token)).has_value(); });
    EXPECT_TRUE(identity_->revoke_tokens(org, token.client));
    caller.join();
    ASSERT_EQ(code_of(headers(token)), "401013") << i;
  }
}

}  // namespace
}  // namespace headwater::identity
