#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/curl_command.h"
#include "authoring/har_file.h"
#include "authoring/observed_request.h"
#include "authoring/request_lint.h"
#include "authoring/secret_scan.h"
#include "authoring/source_draft.h"
#include "authoring/source_lint.h"
#include "authoring/source_template.h"
#include "base/file.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ObservedRequest observed(const std::string& command) {
  const auto sent = read_curl(command, [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(sent) << command;
  auto request = observe(*sent);
  EXPECT_TRUE(request) << command;
  return *std::move(request);
}

json::Value spec_of(const SourceDraft& draft) {
  return rest_spec({"acme", "Acme", "Items of Acme.", "crm"}, draft.rest);
}

std::vector<std::string> lint_rules_of(const json::Value& spec) {
  const auto folder = *TemporaryFolder::make("headwater-secrets-");
  const auto place = place_in(folder.path(), "acme");
  const SourceTexts texts{"acme", "Acme", "Items of Acme.", "crm"};
  EXPECT_TRUE(write_source(place, make_artifacts(texts, spec), Overwrite::yes));
  std::vector<std::string> rules;
  for (const auto& finding : lint_source(place)) rules.push_back(finding.rule);
  return rules;
}

// All of these stood in the published spec, and lint found nothing.
TEST(InitSecrets, NoTextOfARequestKeepsACredential) {
  for (
      const char* command : {
          R"(curl https://a.test/x -d '[{"user":"ada","password":"SEKRIT-1"}]')",
          R"(curl https://a.test/x -H 'Content-Type: text/xml' -d '<r><user>ada</user><password>SEKRIT-1</password></r>')",
          R"(curl https://a.test/x -H 'Content-Type: text/xml' -d '<r><c password="SEKRIT-1"/></r>')",
          R"(curl https://a.test/graphql --json '{"query":"{ orders(token: \"SEKRIT-1\", first: 5) { id } }"}')",
          R"(curl https://a.test/x --json '{"login":{"user":"ada","password":"SEKRIT-1"}}')",
          R"(curl 'https://a.test/x?q=orders(token:%22SEKRIT-1%22)')",
          R"(curl 'https://a.test/x;jsessionid=SEKRIT-1/orders')",
          R"(curl 'https://a.test/x;token=SEKRIT-1/orders')",
      }) {
    const auto request = observed(command);
    const auto draft = draft_source(request);
    const auto spec = spec_of(draft);
    EXPECT_THAT(spec.dump(), Not(HasSubstr("SEKRIT"))) << command;
    EXPECT_THAT(draft.account.dump(), Not(HasSubstr("SEKRIT"))) << command;
    EXPECT_THAT(lint_rules_of(spec), IsEmpty()) << command << spec.dump(1);
    // As it was seen, it is asked once.
    const auto again = replayed(request);
    ASSERT_TRUE(again);
    const std::string sent = again->url.text() + again->body;
    EXPECT_EQ(sent.find("SEKRIT-1") != std::string::npos,
              std::string(command).find("jsession") == std::string::npos)
        << sent;
    EXPECT_THAT(sent, Not(HasSubstr("${"))) << command;
  }
}

TEST(InitSecrets, ABodysKeyIsAnInputOfTheAccount) {
  const auto draft = draft_source(
      observed(R"(curl -u ada:pw1 https://a.test/x --json '{"f":{"apiKey":"SEKRIT-1","n":"x"}}')"));
  EXPECT_EQ(draft.rest.body.dump(), R"({"f":{"apiKey":"${requestKey}","n":"x"}})");
  EXPECT_EQ(
      draft.account.dump(),
      R"({"specName":"Basic Authentication","params":{"username":"ada","password":"PASSWORD","requestKey":"KEY"}})");
  EXPECT_THAT(draft.notes, Contains(HasSubstr("within the body")));
}

TEST(InitSecrets, AFormOfARecordIsAForm) {
  const char* har = R"({"log":{"entries":[{"request":{"method":"POST","url":"https://a.test/x","headers":[],
      "postData":{"mimeType":"%TYPE%","text":"q=x&page=1&password=SEKRIT-1"}},
      "response":{"status":200,"headers":[],"content":{"text":"[{\"a\":1}]"}}}]}})";
  for (const char* type : {"application/x-www-form-urlencoded; charset=utf-8", ""}) {
    std::string text = har;
    text.replace(text.find("%TYPE%"), 6, type);
    const auto request = observe_har(*json::parse(text));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->body.dump(), R"({"q":"x","page":"1"})");
    EXPECT_THAT(std::string(http::find_header(request->headers, "Content-Type").value_or("")),
                HasSubstr("application/x-www-form-urlencoded"));
    ASSERT_EQ(request->credentials.size(), 1U);
    EXPECT_EQ(request->credentials[0].name, "password");
  }
}

TEST(LintSecrets, ATextThatHoldsACredentialIsFound) {
  const SourceTexts texts{"acme", "Acme", "Items of Acme.", "crm"};
  const auto with_body = [&](json::Value body) {
    auto rest = rest_template();
    rest.method = "POST";
    rest.body = std::move(body);
    return lint_rules_of(rest_spec(texts, rest));
  };
  for (const char* body : {"q=x&page=1&password=SEKRIT-1", R"([{"password":"SEKRIT-1"}])",
                           "<r><password>SEKRIT-1</password></r>", R"(<r token='SEKRIT-1'/>)"})
    EXPECT_THAT(with_body(body), Contains("secrets/literal")) << body;
  EXPECT_THAT(with_body(json::Object{{"query", R"({ orders(token: "SEKRIT-1") { id } })"}}),
              Contains("secrets/literal"));
  for (const char* body :
       {"<r><password>${authKey1}</password></r>", R"({ metafield(key: "colour", after: "abc") { id } })",
        "query ($token: String!) { orders(token: $token) { id } }", "<token/>", R"({"a":"token = x"})"})
    EXPECT_THAT(with_body(json::Object{{"query", body}}), Not(Contains("secrets/literal"))) << body;
  auto rest = rest_template();
  rest.path = "/v1/${accountId}/items;jsessionid=A1B2C3D4";
  EXPECT_THAT(lint_rules_of(rest_spec(texts, rest)), Contains("secrets/literal"));
}

}  // namespace
}  // namespace headwater::authoring
