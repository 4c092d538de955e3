#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/har_file.h"
#include "authoring/observed_test.h"
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
          R"(curl https://a.test/x -H 'Content-Type: text/xml' -d '<w:T><w:Password Type="x#PasswordText">SEKRIT-1</w:Password></w:T>')",
          R"(curl https://a.test/x -H 'Content-Type: text/xml' -d '<r><password><![CDATA[SEKRIT-1]]></password></r>')",
          R"(curl https://a.test/x -H 'Content-Type: text/xml' -d '<r><login token="SEKRIT-1"> <password a="1">SEKRIT-2</password></login></r>')",
          R"(curl https://a.test/x --json '{"query":"{ orders(token: \"ab\\\"SEKRIT-1\", password: \"$SEKRIT-2\") {id} }"}')",
          R"(curl https://a.test/x --json '{"q":"{\"token\":\"{SEKRIT-1}\",\"apiKeys\":[\"<SEKRIT-2\"],\"password\":\"$2a$10$SEKRIT-3\"}"}')",
          R"(curl https://a.test/x -H 'Content-Type: text/plain' -d 'say {\"token\":\"ab\\\"SEKRIT-1\"}')",
          R"(curl 'https://a.test/x?page_access_token=SEKRIT-1')",
          R"(curl 'https://a.test/x;token=SEKRIT-1/y;token=SEKRIT-2/orders')",
          R"(curl https://a.test/x --json '{"auth":{"apiKeys":["SEKRIT-1"],"password":["SEKRIT-2"]}}')",
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

// They stayed as numbers, and as elements of lists.
TEST(InitSecrets, ANumberMayBeACredential) {
  const auto request = observed(
      R"(curl https://a.test/x --json '{"auth":{"password":12345678,"pins":[1]},"password":87654321}')");
  const auto draft = draft_source(request);
  EXPECT_EQ(draft.rest.body.dump(), R"({"auth":{"password":"${requestKey}","pins":[1]}})");
  EXPECT_THAT(draft.account.dump(), Not(HasSubstr("87654321")));
  EXPECT_THAT(draft.notes, Contains(HasSubstr("it is sent as a text")));
  const auto counts = observed(
      R"(curl https://a.test/x --json '{"tokens":100,"max_tokens":128000,"token":10,"max_token":1280000,"f":{"key":1234567,"tokens":["the","words"],"password":null,"secret":true}}')");
  EXPECT_THAT(counts.credentials, IsEmpty());
  EXPECT_EQ(
      counts.body.dump(),
      R"({"tokens":100,"max_tokens":128000,"token":10,"max_token":1280000,"f":{"key":1234567,"tokens":["the","words"],"password":null,"secret":true}})");
}

// Both were "pathKey", and the first key went into both places.
TEST(InitSecrets, TwoKeysOfAPathAreTwoInputs) {
  const std::string first = "q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf";
  const std::string second = "k3Wq8Ns51XcTz7Rb2Mv6Hd9Ly4Pg0Fj";
  const auto request = observed("curl https://a.test/" + first + "/x/" + second + "/y/" + first);
  EXPECT_EQ(request.path, "/${pathKey}/x/${pathKey2}/y/${pathKey}");
  EXPECT_EQ(request.credentials.size(), 2U);
  EXPECT_EQ(replayed(request)->url.path, "/" + first + "/x/" + second + "/y/" + first);
  EXPECT_THAT(lint_rules_of(spec_of(draft_source(request))), IsEmpty());
}

TEST(InitSecrets, WhatRefersToAnInputIsNoSecret) {
  for (const char* text : {R"(token: "${key}")",
                           R"(token: "{{ key }}")",
                           R"(password: "<your password>")",
                           "token: $token",
                           "a=1&token=$token",
                           R"(authorization: "Bearer ${key}")",
                           R"(auth: "${user}:${password}")",
                           "<token type=\"a\">${key}</token>",
                           "<token/>",
                           "<token a=\"b\"/>x<b>",
                           "<password>\n <a>x</a></password>",
                           "<password><![CDATA[${key}]]></password>",
                           R"(password: "***")",
                           "max_tokens: 4096",
                           "token: 100",
                           R"(tokens: ["the", "words"])",
                           R"(authorization: "Token token=${token}")",
                           R"(apiKey: "key-${token}")",
                           R"(password: 'x-${token}')",
                           R"(authorization: "Token token=${token}, email=${email}")",
                           R"(token: "live-prefix-${token}")"})
    EXPECT_THAT(find_named_secrets(text), IsEmpty()) << text;
  for (const char* text : {R"(password: "hunter22${key}")", R"(authorization: "Token token=SEKRIT-1${key}")",
                           R"(auth: "ada:SEKRIT-1")", R"(authorization: "Token SEKRIT-1 ${key}")"})
    EXPECT_EQ(find_named_secrets(text).size(), 1U) << text;
}

// They were torn out of the body, and lint had them for errors.
TEST(InitSecrets, IdsAndWordsOfAListAreNoSecrets) {
  const std::string body =
      R"({"appids":["1091500","578080"],"userKeys":["user1001"],"sessionId":123456789,)"
      R"("filters":{"tokens":["alpha2024","beta"],"appIds":[1091500],"tokens2":[1234567],"sessionId":123456789}})";
  const auto request = observed("curl https://a.test/x --json '" + body + "'");
  EXPECT_EQ(request.body.dump(), body);
  EXPECT_THAT(request.credentials, IsEmpty());
  EXPECT_THAT(lint_rules_of(spec_of(draft_source(request))), Not(Contains("secrets/literal")));
  const auto keys = observed(
      R"(curl https://a.test/x --json '{"f":{"api_key_2":12345678,"accessTokens":["abc"],"userPasswords":["abc"]}}')");
  EXPECT_EQ(
      keys.body.dump(),
      R"({"f":{"api_key_2":"${requestKey}","accessTokens":["${requestKey2}"],"userPasswords":["${requestKey3}"]}})");
}

// No list of names holds all that credentials are called.
TEST(InitSecrets, WhatIsCalledLikeACredentialAndLooksLikeOneIsOne) {
  const auto request = observed(
      R"(curl https://a.test/x --json '{"f":{"otp":482913,"refreshToken":12345678,"authCode":482913,)"
      R"("refreshTokens":["8f3a9c1b2d4e5f60718293a4"],"sessionTokens":["8f3a9c1b2d4e5f60718293a4"]}}')");
  for (const char* secret : {"482913", "12345678", "8f3a9c1b2d4e"})
    EXPECT_THAT(request.body.dump(), Not(HasSubstr(secret)));
}

// All that stood behind it was the secret.
TEST(InitSecrets, AQuoteThatNothingClosesHoldsNoSecret) {
  const std::string sql = R"(select * from t where password = 'ab1234\' and state = 1)";
  const auto found = find_named_secrets(sql);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(sql.substr(found[0].begin, found[0].end - found[0].begin), R"(ab1234\)");
  for (const char* text : {R"(token: "abc and all the rest)", R"(tokens: ["abc12345 and all the rest)",
                           R"(apiKeys: ['abc12345 and all the rest)"})
    EXPECT_THAT(find_named_secrets(text), IsEmpty()) << text;
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
  for (const char* body :
       {"q=x&page=1&password=SEKRIT-1", R"([{"password":"SEKRIT-1"}])",
        "<r><password>SEKRIT-1</password></r>", R"(<r token='SEKRIT-1'/>)", R"([{"password":12345678}])",
        R"([{"apiKeys":["SEKRIT-1"]}])", R"(<r><password a="b"><![CDATA[SEKRIT-1]]></password></r>)"})
    EXPECT_THAT(with_body(body), Contains("secrets/literal")) << body;
  EXPECT_THAT(with_body(json::Object{{"query", R"({ orders(token: "SEKRIT-1") { id } })"}}),
              Contains("secrets/literal"));
  for (const char* body : {R"({"a":{"password":12345678}})", R"({"a":{"apiKeys":["SEKRIT-1"]}})",
                           R"({"password":87654321})", R"({"token":["SEKRIT-1"]})"})
    EXPECT_THAT(with_body(*json::parse(body)), Contains("secrets/literal")) << body;
  for (const char* body : {R"({"tokens":100,"max_tokens":128000})", R"({"tokens":["the","words"]})",
                           R"({"password":null,"secret":true})", R"({"apiKeys":["${authKey1}"]})"})
    EXPECT_THAT(with_body(*json::parse(body)), Not(Contains("secrets/literal"))) << body;
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
