// What every call has in common: authentication, content types, unknown paths, problem bodies.
#include "api_fixture.h"

namespace headwater::tests {
namespace {

class GatewayTest : public ApiFixture {};

TEST_F(GatewayTest, ACallWithoutTokenIsRefusedByTheGateway) {
  const auto answer = call("GET", fs("/flows"), {}, {{"authorization", ""}});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.at("error_code"), "403010");
  EXPECT_FALSE(answer.at("message").empty());
}

TEST_F(GatewayTest, AnInvalidTokenIsRefusedAndNotRepeated) {
  const auto answer = call("GET", fs("/flows"), {}, {{"authorization", "Bearer not-a-token"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.at("error_code"), "401013");
  EXPECT_EQ(answer.text.find("not-a-token"), std::string::npos);
}

TEST_F(GatewayTest, HeadersThatAreMissingHaveTheirCodes) {
  EXPECT_EQ(call("GET", fs("/flows"), {}, {{"x-api-key", ""}}).at("error_code"), "403000");
  EXPECT_EQ(call("GET", fs("/flows"), {}, {{"x-api-key", "nobody"}}).at("error_code"), "403003");
  const auto no_org = call("GET", fs("/flows"), {}, {{"x-gw-ims-org-id", ""}});
  EXPECT_EQ(no_org.status, 400);
  EXPECT_EQ(no_org.at("error_code"), "400003");
}

TEST_F(GatewayTest, AnUnknownSandboxIsNotFound) {
  const auto answer = call("GET", fs("/flows"), {}, {{"x-sandbox-name", "nowhere"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.at("type"), "https://ns.adobe.com/aep/errors/FLOW-2100-404");
}

TEST_F(GatewayTest, ABodyNeedsAContentType) {
  const auto answer = call("POST", fs("/flows"), "{}", {{"content-type", "text/plain"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text, R"({"type":"/placeholder/type/uri","status":400,"title":"BadRequestError",)"
                         R"("detail":"A valid content-type must be specified"})");
  EXPECT_NE(
      call("POST", fs("/flows"), "{}", {{"content-type", "application/json; charset=utf-8"}}).at("title"),
      "BadRequestError");
}

TEST_F(GatewayTest, ABodyThatIsNoJsonSaysWhere) {
  const auto answer = post(fs("/connections"), "{\"name\": }");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.at("errorMessage").find("line 1"), std::string::npos) << answer.text;
}

TEST_F(GatewayTest, AnEmptyBodyHasItsCode) {
  EXPECT_EQ(post(fs("/connections"), "").at("type"), "https://ns.adobe.com/aep/errors/FLOW-1405-400");
}

TEST_F(GatewayTest, AProblemMergesBothDocumentedForms) {
  const auto answer =
      call("GET", fs("/flows/7b5f4a1e-0000-4000-8000-000000000000"), {}, {{"x-request-id", "req-7"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.at("type"), "https://ns.adobe.com/aep/errors/FLOW-1439-404");
  EXPECT_EQ(answer.at("status"), "404");
  EXPECT_EQ(answer.at("report.id"), "7b5f4a1e-0000-4000-8000-000000000000");
  EXPECT_EQ(answer.at("report.type"), "flows");
  EXPECT_EQ(answer.at("report.request-id"), "req-7");
  EXPECT_EQ(answer.header("x-request-id"), "req-7");
  EXPECT_EQ(answer.at("errorMessage"), answer.at("report.detailed-message"));
  EXPECT_EQ(answer.at("errorDetails"), answer.at("errorMessage"));
}

TEST_F(GatewayTest, UnknownPathsAndMethodsAreProblemsToo) {
  EXPECT_EQ(get("/data/foundation/nothing").status, 404);
  const auto answer = call("DELETE", fs("/runs/x"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_NE(answer.header("allow").find("GET"), std::string::npos);
}

TEST_F(GatewayTest, TheOpenRoutesNeedNoToken) {
  for (const char* path : {"/healthz", "/readyz", "/metrics"})
    EXPECT_EQ(call("GET", path, {}, {{"authorization", ""}}).status, 200) << path;
}

TEST_F(GatewayTest, TokensAreGivenForAClientsSecretOnly) {
  const auto answer =
      call("POST", "/ims/token/v3", "grant_type=client_credentials&client_id=x&client_secret=y",
           {{"content-type", "application/x-www-form-urlencoded"}, {"authorization", ""}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.at("error"), "invalid_client");
}

TEST_F(GatewayTest, SandboxesAreListed) {
  const auto answer = get("/data/foundation/sandbox-management/sandboxes");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.find("sandboxes")->if_array()->front().string_at("name"), "prod");
}

}  // namespace
}  // namespace headwater::tests
