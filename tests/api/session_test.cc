// Sessions of browsers, and the web application's page.
#include <algorithm>

#include "api_fixture.h"

namespace headwater::tests {
namespace {

class SessionTest : public ApiFixture {
 protected:
  Answer browse(std::string_view method, std::string_view path, std::string_view body = {},
                Headers more = {}) {
    for (const char* name : {"authorization", "x-api-key", "x-gw-ims-org-id"})
      if (std::none_of(more.begin(), more.end(), [&](const auto& header) { return header.first == name; }))
        more.emplace_back(name, "");
    return call(method, path, body, more);
  }
  Answer sign_in(const std::string& code, Headers more = {}) {
    return browse("POST", "/session", R"({"code":")" + code + "\"}", std::move(more));
  }
  /// The headers of a browser that has signed in.
  Headers signed_in() {
    const auto answer = sign_in(sign_in_code());
    EXPECT_EQ(answer.status, 201) << answer.text;
    const auto cookie = answer.header("Set-Cookie");
    return {{"cookie", cookie.substr(0, cookie.find(';'))}, {"x-csrf-token", answer.at("csrfToken")}};
  }
};

constexpr std::string_view kSandboxes = "/data/foundation/sandbox-management/sandboxes";

TEST_F(SessionTest, ALinkSignsInOnceAndTheCookieIsKeptFromScriptsAndOtherSites) {
  const auto code = sign_in_code();
  const auto answer = sign_in(code);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  const auto cookie = answer.header("Set-Cookie");
  // The fixture's public address begins with https.
  for (const char* wanted : {"headwater_session=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"})
    EXPECT_NE(cookie.find(wanted), std::string::npos) << cookie;
  const auto again = sign_in(code);
  EXPECT_EQ(again.status, 401);
  EXPECT_EQ(again.at("error_code"), "401021");
  EXPECT_EQ(again.text.find(code), std::string::npos);
  EXPECT_EQ(again.header("Set-Cookie"), "");
}

TEST_F(SessionTest, SigningInAnewEndsTheSessionThatTheBrowserHad) {
  const Headers cookie{signed_in().front()};
  EXPECT_EQ(sign_in("guessed", cookie).status, 401);
  EXPECT_EQ(browse("GET", "/session", {}, cookie).at("signedIn"), "true") << "a wrong code ends nothing";
  const auto anew = sign_in(sign_in_code(), cookie);
  ASSERT_EQ(anew.status, 201) << anew.text;
  EXPECT_EQ(browse("GET", "/session", {}, cookie).at("signedIn"), "false");
  const auto fresh = anew.header("Set-Cookie");
  EXPECT_EQ(browse("GET", "/session", {}, {{"cookie", fresh.substr(0, fresh.find(';'))}}).at("signedIn"),
            "true");
}

TEST_F(SessionTest, OnlyJsonFromThisServersPagesSignsIn) {
  EXPECT_EQ(sign_in("x", {{"content-type", "text/plain"}}).status, 400);
  EXPECT_EQ(sign_in("x", {{"content-type", "application/x-www-form-urlencoded"}}).status, 400);
  EXPECT_EQ(sign_in("x", {{"sec-fetch-site", "cross-site"}}).at("error_code"), "403022");
  EXPECT_EQ(browse("POST", "/session", "{\"code\":").status, 400);
  EXPECT_EQ(browse("POST", "/session", "[]").status, 401);
}

TEST_F(SessionTest, ASessionPassesTheSameGatewayAsATokenDoes) {
  auto headers = signed_in();
  EXPECT_EQ(browse("GET", fs("/flows"), {}, headers).status, 200);
  const auto made = browse("POST", "/data/foundation/schemaregistry/tenant/schemas",
                           R"({"title":"Order","type":"object","properties":{}})", headers);
  EXPECT_EQ(made.status, 201) << made.text;
  headers.emplace_back("x-sandbox-name", "nowhere");
  EXPECT_EQ(browse("GET", fs("/flows"), {}, headers).status, 404);
  headers.back() = {"x-gw-ims-org-id", "NOBODY@AdobeOrg"};
  EXPECT_EQ(browse("GET", fs("/flows"), {}, headers).status, 401);
  EXPECT_EQ(browse("GET", kSandboxes, {}, headers).status, 401);
}

TEST_F(SessionTest, WithoutItsTokenASessionOnlyReads) {
  const Headers cookie{signed_in().front()};
  EXPECT_EQ(browse("GET", fs("/flows"), {}, cookie).status, 200);
  for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
           {"POST", fs("/connections")},
           {"PATCH", fs("/flows/x")},
           {"PUT", fs("/flowSpecs/x")},
           {"DELETE", fs("/flows/x")},
           {"POST", "/headwater/query"},
           {"PUT", "/data/foundation/import/batches/b/datasets/d/files/f"}})
    EXPECT_EQ(browse(method, path, "{}", cookie).at("error_code"), "403021") << method << " " << path;
  EXPECT_EQ(browse("DELETE", "/session", {}, cookie).at("error_code"), "403021");
}

TEST_F(SessionTest, AnotherOriginsPageGetsNothing) {
  auto headers = signed_in();
  headers.emplace_back("sec-fetch-site", "same-site");
  EXPECT_EQ(browse("GET", fs("/flows"), {}, headers).at("error_code"), "403022");
  EXPECT_EQ(browse("GET", "/session", {}, headers).at("error_code"), "403022");
  const auto preflight = browse("OPTIONS", fs("/flows"), {}, {{"origin", "https://evil.test"}});
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "");
}

TEST_F(SessionTest, SigningOutEndsItAtOnce) {
  const auto headers = signed_in();
  EXPECT_EQ(browse("GET", "/session", {}, headers).at("signedIn"), "true");
  const auto out = browse("DELETE", "/session", {}, headers);
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.header("Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(browse("GET", "/session", {}, headers).at("signedIn"), "false");
  EXPECT_EQ(browse("GET", fs("/flows"), {}, headers).at("error_code"), "401022");
  EXPECT_EQ(browse("DELETE", "/session", {}, headers).status, 204);
}

TEST_F(SessionTest, ASessionSeesWhoMayCallAndTheOthersAndEndsThem) {
  const auto own = signed_in();
  const auto second = signed_in();
  const auto third = signed_in();
  const auto access = browse("GET", "/session/access", {}, own);
  ASSERT_EQ(access.status, 200) << access.text;
  EXPECT_EQ(access.header("Cache-Control"), "no-store");
  EXPECT_FALSE(access.body.find("clients")->if_array()->empty());
  EXPECT_EQ(access.text.find("ecret"), std::string::npos);
  const auto& sessions = *access.body.find("sessions")->if_array();
  ASSERT_EQ(sessions.size(), 3U);
  EXPECT_EQ(std::count_if(sessions.begin(), sessions.end(),
                          [](const auto& one) { return *one.find("own") == json::Value(true); }),
            1);
  // What is told of a session signs nobody in.
  const std::string other(sessions.front().string_at("id"));
  EXPECT_EQ(browse("GET", fs("/flows"), {}, {{"cookie", "headwater_session=" + other}}).status, 401);

  EXPECT_EQ(browse("DELETE", "/session/others/none", {}, own).status, 404);
  EXPECT_EQ(browse("DELETE", "/session/others", {}, {own.front()}).at("error_code"), "403021");
  EXPECT_EQ(browse("DELETE", "/session/others", {}, own).at("ended"), "2");
  EXPECT_EQ(browse("GET", fs("/flows"), {}, own).status, 200);
  for (const auto& ended : {second, third}) EXPECT_EQ(browse("GET", fs("/flows"), {}, ended).status, 401);
}

TEST_F(SessionTest, ASessionOfOneOrganisationSeesItsOwnOnly) {
  const auto everywhere = signed_in();
  const auto answer = sign_in(sign_in_code(tenant.org));
  const auto cookie = answer.header("Set-Cookie");
  const Headers here{{"cookie", cookie.substr(0, cookie.find(';'))},
                     {"x-csrf-token", answer.at("csrfToken")}};
  const auto access = browse("GET", "/session/access", {}, here);
  ASSERT_EQ(access.body.find("sessions")->if_array()->size(), 1U) << access.text;
  EXPECT_EQ(browse("DELETE", "/session/others", {}, here).at("ended"), "0");
  EXPECT_EQ(browse("GET", "/session/access", {}, everywhere).body.find("sessions")->if_array()->size(), 2U);
}

TEST_F(SessionTest, ASessionMakesATokenOfABoundedLifeATokenMakesNone) {
  const auto headers = signed_in();
  const auto made = browse("POST", "/session/token", R"({"lifetimeSeconds":600})", headers);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.at("expires_in"), "600");
  EXPECT_EQ(call("GET", fs("/flows"), {},
                 {{"authorization", "Bearer " + made.at("access_token")},
                  {"x-api-key", made.at("client_id")},
                  {"x-gw-ims-org-id", made.at("ims_org_id")}})
                .status,
            200);
  for (const auto* wrong : {"60", "90000", "\"600\"", "1e3"})
    EXPECT_EQ(
        browse("POST", "/session/token", R"({"lifetimeSeconds":)" + std::string(wrong) + "}", headers).status,
        std::string(wrong) == "1e3" ? 201 : 400)
        << wrong;
  EXPECT_EQ(browse("POST", "/session/token", "{}", {headers.front()}).at("error_code"), "403021");
  EXPECT_EQ(call("POST", "/session/token", "{}").at("error_code"), "403022") << "with a token";
  EXPECT_EQ(browse("GET", "/session/access").at("error_code"), "403022") << "with nothing";
}

TEST_F(SessionTest, ASessionRevokesTheTokensOfItsOrganisationsClients) {
  const auto own = signed_in();
  const auto made = browse("POST", "/session/token", "{}", own);
  const Headers with{{"authorization", "Bearer " + made.at("access_token")},
                     {"x-api-key", made.at("client_id")},
                     {"x-gw-ims-org-id", made.at("ims_org_id")}};
  EXPECT_EQ(call("GET", fs("/flows"), {}, with).status, 200);
  const auto path = "/session/clients/" + made.at("client_id") + "/tokens";
  EXPECT_EQ(browse("DELETE", path, {}, {own.front()}).at("error_code"), "403021");
  EXPECT_EQ(call("DELETE", path).at("error_code"), "403022") << "with a token";
  EXPECT_EQ(browse("DELETE", "/session/clients/no%00body/tokens", {}, own).status, 404);
  EXPECT_EQ(call("GET", fs("/flows"), {}, with).status, 200);
  EXPECT_EQ(browse("DELETE", path, {}, own).status, 204);
  EXPECT_EQ(call("GET", fs("/flows"), {}, with).at("error_code"), "401013");
  EXPECT_EQ(browse("GET", fs("/flows"), {}, own).status, 200) << "the browser stays signed in";
  const auto clients = browse("GET", "/session/access", {}, own);
  EXPECT_NE(clients.text.find("tokensRevokedAt"), std::string::npos) << clients.text;
}

TEST_F(SessionTest, ALinkNamesOrganisationAndSandboxInItsQuery) {
  const auto cookie = signed_in().front();
  const std::string path = "/data/foundation/export/batches/none/files?x-gw-ims-org-id=";
  EXPECT_EQ(browse("GET", path + tenant.org.value, {}, {cookie}).status, 404);
  EXPECT_EQ(browse("GET", path + "NOBODY@AdobeOrg", {}, {cookie}).status, 401);
  EXPECT_EQ(
      browse("GET", path + tenant.org.value + "&x-sandbox-name=nowhere", {}, {cookie}).at("title").empty(),
      false);
  // Not with a token, not elsewhere.
  EXPECT_EQ(call("GET", path + tenant.org.value, {}, {{"x-gw-ims-org-id", ""}}).at("error_code"), "400003");
  EXPECT_EQ(browse("GET", fs("/flows?x-sandbox-name=nowhere"), {}, {cookie}).status, 200);
}

TEST_F(SessionTest, ThePageHasAStrictPolicyAndANonceOfItsOwn) {
  const auto page = browse("GET", "/");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_NE(page.text.find("<title>Sources catalog</title>"), std::string::npos);
  const auto policy = page.header("Content-Security-Policy");
  EXPECT_NE(policy.find("script-src 'self';"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  const auto begin = policy.find("'nonce-") + 7;
  const auto nonce = policy.substr(begin, policy.find('\'', begin) - begin);
  EXPECT_NE(page.text.find("nonce=\"" + nonce + "\""), std::string::npos);
  EXPECT_EQ(page.text.find("{nonce}"), std::string::npos);
  EXPECT_NE(browse("GET", "/").header("Content-Security-Policy"), policy);
}

TEST_F(SessionTest, TheApplicationsOwnAddressesGiveThePageAndTheApisStayTheirs) {
  const Headers browser{{"accept", "text/html,application/xhtml+xml"}};
  for (const char* path : {"/flows/abc", "/sign-in", "/datasets", "/nothing/at/all"}) {
    const auto page = browse("GET", path, {}, browser);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_NE(page.text.find("<title>Sources catalog</title>"), std::string::npos) << path;
    EXPECT_EQ(browse("GET", path).status, 404) << path;
    EXPECT_EQ(browse("POST", path, "{}", browser).status, 404) << path;
  }
  for (const char* path : {"/data/foundation/nothing", "/data", "/docs/nothing.js", "/assets/nothing.js",
                           "/assets/index.html", "/headwater/nothing", "/collection/a/b/c"})
    EXPECT_EQ(browse("GET", path, {}, browser).status, 404) << path;
}

TEST_F(SessionTest, EveryFileOfThePageIsServedCompressedAndForEver) {
  const auto page = browse("GET", "/").text;
  int files = 0;
  for (auto at = page.find("\"/assets/"); at != std::string::npos;
       at = page.find("\"/assets/", at + 1), ++files) {
    const auto file = browse("GET", page.substr(at + 1, page.find('"', at + 1) - at - 1), {},
                             {{"accept-encoding", "gzip"}});
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.header("Content-Encoding"), "gzip");
    EXPECT_NE(file.header("Cache-Control").find("immutable"), std::string::npos);
    EXPECT_EQ(file.header("X-Content-Type-Options"), "nosniff");
  }
  EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace headwater::tests
