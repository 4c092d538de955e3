#include "authoring/observed_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/answer_guess.h"
#include "authoring/curl_command.h"
#include "authoring/draft.h"
#include "authoring/har_file.h"
#include "authoring/secret_scan.h"
#include "authoring/source_draft.h"

namespace headwater::authoring {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::optional<std::string> variables(const std::string& name) {
  if (name == "TOKEN") return "t0ken";
  return std::nullopt;
}

struct WordsCase {
  const char* name;
  const char* text;
  std::vector<std::string> want;
};

class SplitCommand : public testing::TestWithParam<WordsCase> {};

TEST_P(SplitCommand, SplitsAsAShellDoes) {
  const auto words = split_command(GetParam().text, variables);
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(*words, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, SplitCommand,
    testing::Values(
        WordsCase{"Quotes", R"(a 'b c' "d e" f' 'g)", {"a", "b c", "d e", "f g"}},
        WordsCase{"Escapes", R"(a\ b "c\"d" 'e\f')", {"a b", "c\"d", "e\\f"}},
        WordsCase{"Continued", "a \\\n  b\\\nc", {"a", "bc"}},
        WordsCase{"AnsiC",
                  R"($'it\'s \u00e9\x41\n')",
                  {"it's \xc3\xa9"
                   "A\n"}},
        WordsCase{"Variables", R"("$TOKEN" ${TOKEN}x '$TOKEN' a$)", {"t0ken", "t0kenx", "$TOKEN", "a$"}},
        WordsCase{"AnsiCOfAllKinds",
                  R"($'\u0021\ud83d\ude00\101\e\U0001F600\ud83dx')",
                  {"!\xf0\x9f\x98\x80"
                   "A\x1b\xf0\x9f\x98\x80\xef\xbf\xbdx"}},
        WordsCase{"PipeWithoutBlanks", "curl x|jq .", {"curl", "x"}},
        WordsCase{"PowerShell", "curl.exe `\r\n -s x", {"curl.exe", "-s", "x"}},
        WordsCase{
            "Windows",
            "curl ^\"https://a.test/x?a=1^&b=^%^20c^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  --data-raw "
            "^\"^{^\\^\"q^\\^\":^\\^\"C:^\\^\\x^\\^\"^}^\"",
            {"curl", "https://a.test/x?a=1&b=%20c", "-H", "accept: */*", "--data-raw", R"({"q":"C:\\x"})"}},
        WordsCase{"WindowsAsItWas",
                  "curl \"https://a.test/x?a=1^&b=2\" ^\n  -H \"x: say \"\"hi\"\"\" ^\n  -d \"a^\n\nb\"",
                  {"curl", "https://a.test/x?a=1&b=2", "-H", "x: say \"hi\"", "-d", "a\nb"}},
        WordsCase{"EmptyWord", "a '' b", {"a", "", "b"}},
        WordsCase{"Pipe", "curl x?a=1&b=2 | jq .", {"curl", "x?a=1&b=2"}},
        WordsCase{"Redirection", "curl x > file", {"curl", "x"}},
        WordsCase{"Next", "curl x && echo y", {"curl", "x"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SplitCommandErrors, SayWhatIsOpen) {
  EXPECT_THAT(split_command("a 'b", variables).error().message, HasSubstr("open ' quote"));
  EXPECT_THAT(split_command("a \"b", variables).error().message, HasSubstr("open \" quote"));
  EXPECT_THAT(split_command("a $NOPE", variables).error().message, HasSubstr("$NOPE, which is not set"));
  EXPECT_THAT(split_command("a $(cat x)", variables).error().message, HasSubstr("command substitution"));
}

ObservedRequest observed(const std::string& command) {
  auto sent = read_curl(command, variables);
  EXPECT_TRUE(sent) << sent.error().message;
  auto request = observe(*std::move(sent));
  EXPECT_TRUE(request) << request.error().message;
  return *std::move(request);
}

std::string spec_of(const ObservedRequest& request) {
  return rest_spec({"a", "A", "Records of a.", "protocols"}, draft_source(request).rest).dump();
}

TEST(Curl, ARequestIsTakenApart) {
  const auto request = observed(
      "curl -sSL --compressed -X GET -H 'X-Api-Key: k3y' -H 'Accept: */*' -H 'User-Agent: me' -H 'X-Version: "
      "7' "
      "'https://api.test/v2/stores/42/orders?expand=lines&limit=50&offset=0'");
  EXPECT_EQ(request.host, "https://api.test");
  EXPECT_EQ(request.path, "/v2/stores/${storeId}/orders");
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].given, "42");
  EXPECT_THAT(request.headers, ElementsAre(std::pair<std::string, std::string>("X-Version", "7")));
  ASSERT_EQ(request.credentials.size(), 1U);
  EXPECT_EQ(request.credentials[0].name, "X-Api-Key");
  const auto draft = draft_source(request);
  EXPECT_EQ(draft.rest.paging,
            *json::parse(R"({"type":"OFFSET","limitName":"limit","limitValue":"50","offSetName":"offset"})"));
  EXPECT_THAT(draft.rest.query, ElementsAre(std::pair<std::string, std::string>("expand", "lines")));
  const auto replay = replayed(request);
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->url.text(), "https://api.test/v2/stores/42/orders?expand=lines&limit=50&offset=0");
  EXPECT_EQ(http::find_header(replay->headers, "x-api-key"), "k3y");
}

struct SecretCase {
  const char* name;
  const char* command;
  const char* auth;  // a part of the spec
};

class CurlSecrets : public testing::TestWithParam<SecretCase> {};

// The secret of every command is "s3cr3t-Value".
TEST_P(CurlSecrets, BecomeInputsAndAreInNoFile) {
  const auto request = observed(GetParam().command);
  const auto text = spec_of(request);
  EXPECT_THAT(text, HasSubstr(GetParam().auth));
  EXPECT_THAT(text, HasSubstr(R"("format":"password")"));
  EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
  const auto draft = draft_source(request);
  EXPECT_TRUE(draft.has_credentials);
  EXPECT_THAT(draft.account.dump(), Not(HasSubstr("s3cr3t")));
  for (const auto& note : draft.notes) EXPECT_THAT(note, Not(HasSubstr("s3cr3t")));
  for (const auto& problem : lint(*json::parse(text))) ADD_FAILURE() << problem.pointer << problem.reason;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CurlSecrets,
    testing::Values(
        SecretCase{"User", "curl -u ada:s3cr3t-Value https://api.test/a", "BasicAuthentication"},
        SecretCase{"UserJoined", "curl -uada:s3cr3t-Value https://api.test/a", "BasicAuthentication"},
        SecretCase{"UserInTheUrl", "curl https://ada:s3cr3t-Value@api.test/a", "BasicAuthentication"},
        SecretCase{"BasicHeader",
                   "curl -H 'Authorization: Basic YWRhOnMzY3IzdC1WYWx1ZQ==' https://api.test/a",
                   "BasicAuthentication"},
        SecretCase{"Bearer", "curl --header 'authorization: Bearer s3cr3t-Value' --url https://api.test/a",
                   R"("Authorization":"Bearer ${accessToken}")"},
        SecretCase{"BearerOption", "curl --oauth2-bearer s3cr3t-Value https://api.test/a", "accessToken"},
        SecretCase{"OtherScheme", "curl -H 'Authorization: Token s3cr3t-Value' https://api.test/a",
                   R"("Authorization":"Token ${accessToken}")"},
        SecretCase{"KeyAsUser", "curl -u s3cr3t-Value: https://api.test/a", R"("title":"API key")"},
        SecretCase{
            "TwoKeys",
            "curl -H 'Authorization: Bearer s3cr3t-Value' -H 'X-Api-Key: s3cr3t-Value' https://api.test/a",
            R"("headerParamName":"X-Api-Key")"},
        SecretCase{"KeyBehindASign",
                   "curl https://api.test/bot110201543:AAHdq3Tcv9CH1vGW5JxfSe2ofSAs0K5s3cr3t/updates",
                   R"(/${pathKey}/updates)"},
        SecretCase{"Header", "curl -H 'X-Api-Key: s3cr3t-Value' https://api.test/a",
                   R"("headerParamName":"X-Api-Key")"},
        SecretCase{"Query", "curl 'https://api.test/a?api_key=s3cr3t-Value&limit=5'",
                   R"("queryParamName":"api_key")"},
        SecretCase{"GetData", "curl -G -d key=s3cr3t-Value -d limit=5 https://api.test/a",
                   R"("queryParamName":"key")"},
        SecretCase{"JsonBody", R"(curl --json '{"token":"s3cr3t-Value","q":1}' https://api.test/a)",
                   R"("bodyParamName":"token")"},
        SecretCase{
            "NestedBody",
            R"(curl --json '{"token":"s3cr3t-Value","a":{"password":"s3cr3t-Value","b":1}}' https://api.test/a)",
            R"("bodyParams":{"a":{"password":"${requestKey}","b":1}})"},
        SecretCase{"Cookie", "curl -b session=s3cr3t-Value -H 'X-Api-Key: s3cr3t-Value' https://api.test/a",
                   R"("headerParamName":"X-Api-Key")"}),
    [](const auto& row) { return std::string(row.param.name); });

// Each value once stood in the spec.
TEST(CurlSecretsUnderOrdinaryNames, BecomeInputsOfTheAccount) {
  for (const char* name : {"pw", "pwd", "pass", "otp", "hmac", "creds", "authcode", "sas", "sid", "session",
                           "token2", "sig", "signature", "code", "pin", "ticket", "access"}) {
    const std::string pair = std::string(name) + "=zq9x7Value";
    for (const std::string& command :
         {"curl 'https://a.test/x?" + pair + "'", "curl https://a.test/x -d '" + pair + "'",
          "curl https://a.test/x -H '" + std::string(name) + ": zq9x7Value'",
          R"(curl https://a.test/x --json '{"a":{")" + std::string(name) + R"(":"zq9x7Value"}}')"}) {
      const auto request = observed(command);
      EXPECT_THAT(spec_of(request), Not(HasSubstr("zq9x7"))) << command;
      for (const auto& note : request.notes) EXPECT_THAT(note, Not(HasSubstr("zq9x7")));
    }
  }
  const auto doubtful = observed("curl 'https://a.test/x?code=zq9x7Value&pin=1234&ticket=open'");
  ASSERT_EQ(doubtful.credentials.size(), 1U);
  EXPECT_THAT(doubtful.notes, testing::Contains(HasSubstr("\"code\" was taken for a credential")));
  EXPECT_THAT(spec_of(doubtful), HasSubstr(R"("queryParams":{"pin":"1234","ticket":"open"})"));
  EXPECT_THAT(spec_of(observed("curl https://a.test/bot123456:AAzq9x7/getUpdates")),
              HasSubstr("/${pathKey}/getUpdates"));
}

TEST(CurlSecretsUnderOrdinaryNames, ALoginGoesWithItsPassword) {
  for (const char* command : {"curl 'https://a.test/x?login=ada&pw=zq9x7&lang=en'",
                              "curl https://a.test/x -d 'login=ada&pw=zq9x7&lang=en'"}) {
    const auto text = spec_of(observed(command));
    EXPECT_THAT(text, Not(HasSubstr("ada"))) << command;
    EXPECT_THAT(text, HasSubstr(R"("lang":"en")")) << command;
    EXPECT_THAT(text, HasSubstr(R"("login":{"type":"string","title":"Login",)")) << "shown as it is typed";
  }
  EXPECT_THAT(spec_of(observed("curl 'https://a.test/x?user=ada'")), HasSubstr(R"("user":"ada")"));
}

TEST(Curl, AParameterGivenTwiceIsSentTwice) {
  EXPECT_THAT(spec_of(observed("curl 'https://a.test/items?ids[]=1&state=open&ids[]=2'")),
              HasSubstr(R"("queryParams":{"ids[]":["1","2"],"state":"open"})"));
}

TEST(Curl, TheTokenOfSomePageIsLeftOut) {
  auto request = observed("curl 'https://api.test/a?cursor=q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf&limit=5'");
  EXPECT_THAT(request.credentials, IsEmpty());
  EXPECT_EQ(replayed(request)->url.query, "limit=5");
  EXPECT_THAT(spec_of(request), Not(HasSubstr("q7Rt0")));
  request.answer = *json::parse(R"({"items":[{"id":1}],"next_cursor":"x"})");
  EXPECT_THAT(spec_of(request), HasSubstr(R"("parameterName":"cursor")"));
}

TEST(Curl, AKeyInThePathBecomesAnInput) {
  const auto request = observed("curl https://api.test/bot/q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf/updates");
  EXPECT_EQ(request.path, "/bot/${pathKey}/updates");
  EXPECT_THAT(spec_of(request), Not(HasSubstr("q7Rt0")));
  EXPECT_EQ(replayed(request)->url.path, "/bot/q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf/updates");
}

TEST(Curl, WhatStandsAroundItDoesNotMatter) {
  for (const char* command :
       {"$ curl https://a.test/b", "TOKEN=x time /usr/bin/curl https://a.test/b; echo",
        "curl.exe https://a.test/b", "curl --no-progress-meter --no-keepalive https://a.test/b>out.json"}) {
    const auto request = observed(command);
    EXPECT_EQ(request.host + request.path, "https://a.test/b") << command;
  }
}

TEST(Curl, DataThatAreJsonAreSentAsJson) {
  const auto request = observed(R"(curl -d '{"q":1}' https://a.test/b)");
  EXPECT_THAT(request.headers, IsEmpty());
  EXPECT_EQ(replayed(request)->body, R"({"q":1})");
  EXPECT_EQ(http::find_header(replayed(request)->headers, "Content-Type"), "application/json");
}

TEST(Curl, NoHeaderHoldsALineBreak) {
  const auto request = observed("curl -H $'X-A: 1\\r\\nX-B: 2' -H 'X Y: 1' -H 'X-C: 3' https://a.test/b");
  EXPECT_THAT(request.headers, ElementsAre(std::pair<std::string, std::string>("X-C", "3")));
  EXPECT_EQ(request.notes.size(), 2U);
}

TEST(Curl, WhatASourceCannotDoIsNamed) {
  for (const auto& [command, part] : std::vector<std::pair<std::string, std::string>>{
           {"wget x", "begins with curl"},
           {"Invoke-WebRequest -Uri x", "Copy as cURL"},
           {"curl", "names no URL"},
           {"curl --frob x", "--frob is not known"},
           {"curl -F a=b https://x.test", "--form"},
           {"curl -H", "without its value"},
           {"curl https://a.test https://b.test", "two URLs"},
           {"curl -d @f https://a.test", "write the body itself"}}) {
    const auto sent = read_curl(command, variables);
    ASSERT_FALSE(sent) << command;
    EXPECT_THAT(sent.error().message, HasSubstr(part));
  }
  EXPECT_THAT(observe(*read_curl("curl -X DELETE https://a.test/b", variables)).error().message,
              HasSubstr("DELETE"));
}

struct GuessCase {
  const char* name;
  const char* query;
  const char* answer;
  const char* paging;  // "" for none
  const char* path;
};

class Guess : public testing::TestWithParam<GuessCase> {};

TEST_P(Guess, RecognisesPagingAndRecords) {
  ObservedRequest request;
  for (const auto& [name, value] : parse_query(GetParam().query))
    request.query.push_back({name, value, "", false});
  request.answer = *json::parse(GetParam().answer);
  const auto found = guess(request);
  if (*GetParam().paging == '\0')
    EXPECT_TRUE(found.paging.is_null()) << found.paging.dump();
  else
    EXPECT_EQ(found.paging, *json::parse(GetParam().paging)) << found.paging.dump();
  EXPECT_EQ(found.records ? found.records->path() : "", GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    Apis, Guess,
    testing::Values(
        GuessCase{"Root", "", R"([{"id":1}])", "", "$"},
        GuessCase{"LargestArray", "", R"({"tags":[{"t":1}],"data":{"rows":[{"id":1},{"id":2}]}})", "",
                  "$.data.rows"},
        GuessCase{"NoArrayOfTexts", "", R"({"names":["a","b","c"],"rows":[{"id":1}]})", "", "$.rows"},
        GuessCase{"EmptyPage", "", R"({"errors":[],"items":[]})", "", "$.items"},
        GuessCase{"Offset", "limit=20&offset=40", R"({"items":[{"id":1}],"hasMore":true})",
                  R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset",
                      "endConditionName":"$.hasMore","endConditionValue":"Const:false"})",
                  "$.items"},
        GuessCase{"OffsetOfTheAnswerOnly", "", R"({"offset":0,"limit":25,"items":[{"id":1}]})",
                  R"({"type":"OFFSET","limitName":"limit","limitValue":"25","offSetName":"offset"})",
                  "$.items"},
        GuessCase{"APageOfOneIsNoLimit", "limit=&offset=", R"({"_page":{"limit":1},"items":[{"id":1}]})",
                  R"({"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset"})",
                  "$.items"},
        GuessCase{
            "Page", "page=1&per_page=30", R"([{"id":1}])",
            R"({"type":"PAGE","pageParamName":"page","limitName":"per_page","limitValue":"30","initialPageIndex":1})",
            "$"},
        GuessCase{
            "PageFromNull", "page%5Bnumber%5D=0&page%5Bsize%5D=10", R"({"data":[{"id":1}]})",
            R"({"type":"PAGE","pageParamName":"page[number]","limitName":"page[size]","limitValue":"10","initialPageIndex":0})",
            "$.data"},
        GuessCase{"Link", "limit=10", R"({"items":[{"id":1}],"paging":{"next":"https://a.test/x?c=2"}})",
                  R"({"type":"POINTER","pointerPath":"$.paging.next","limitName":"limit","limitValue":"10"})",
                  "$.items"},
        GuessCase{"ODataLink", "", R"({"value":[{"id":1}],"@odata.nextLink":"https://a.test/x"})",
                  R"({"type":"POINTER","pointerPath":"$['@odata.nextLink']"})", "$.value"},
        GuessCase{"HalLink", "",
                  R"({"_embedded":{"orders":[{"id":1}]},"_links":{"next":{"href":"/x?page=2"}}})",
                  R"({"type":"POINTER","pointerPath":"$._links.next.href"})", "$._embedded.orders"},
        GuessCase{
            "Token", "cursor=&limit=10", R"({"items":[{"id":1}],"meta":{"next_cursor":"abc"}})",
            R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.next_cursor","parameterType":"QUERYPARAM",
                      "parameterName":"cursor","limitName":"limit","limitValue":"10"})",
            "$.items"},
        GuessCase{
            "TokenWithoutItsParameter", "", R"({"files":[{"id":1}],"nextPageToken":"abc"})",
            R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.nextPageToken","parameterType":"QUERYPARAM",
                      "parameterName":"pageToken"})",
            "$.files"},
        GuessCase{"LinksOfRecordsAreNoPaging", "", R"({"items":[{"id":1,"next":"https://a.test"}]})", "",
                  "$.items"}),
    [](const auto& row) { return std::string(row.param.name); });

struct ScheduleCase {
  const char* query;
  const char* want;
};

TEST(GuessSchedule, FormatsFollowTheValues) {
  for (const auto& [query, want] : std::vector<ScheduleCase>{
           {"since=2024-01-01T00:00:00Z",
            R"({"scheduleStartParamName":"since","scheduleStartParamFormat":"yyyy-MM-ddTHH:mm:ssZ"})"},
           {"updated_after=2024-01-01&updated_before=2024-02-01",
            R"({"scheduleStartParamName":"updated_after","scheduleStartParamFormat":"yyyy-MM-dd",
                "scheduleEndParamName":"updated_before","scheduleEndParamFormat":"yyyy-MM-dd"})"},
           {"filter%5Bsince%5D=2024-01-01",
            R"({"scheduleStartParamName":"filter[since]","scheduleStartParamFormat":"yyyy-MM-dd"})"},
           {"from=1704067200&to=1704153600",
            R"({"scheduleStartParamName":"from","scheduleStartParamFormat":"epoch",
                "scheduleEndParamName":"to","scheduleEndParamFormat":"epoch"})"},
           {"since=2024-01-01T00:00:00.000%2B00:00",
            R"({"scheduleStartParamName":"since","scheduleStartParamFormat":"yyyy-MM-ddTHH:mm:ss.fffzzz"})"},
           {"from=berlin&to=rome", "null"}}) {
    ObservedRequest request;
    for (const auto& [name, value] : parse_query(query)) request.query.push_back({name, value, "", false});
    EXPECT_EQ(guess(request).schedule, *json::parse(want)) << query << guess(request).schedule.dump();
  }
}

TEST(Har, TheRequestWithTheMostRecordsIsTaken) {
  const auto entry = [](const std::string& url, const std::string& text) {
    return R"({"request":{"method":"GET","url":")" + url +
           R"(","headers":[{"name":"Cookie","value":"session=s3cr3t"},{"name":"X-Api-Key","value":"s3cr3t-Value"}]},
               "response":{"status":200,"headers":[],"content":{"mimeType":"application/json","text":)" +
           json::quoted(text) + "}}}";
  };
  const auto document =
      json::parse(R"({"log":{"entries":[)" + entry("https://a.test/me", R"({"id":1})") + "," +
                  entry("https://a.test/orders?page=1", R"({"orders":[{"id":1},{"id":2}]})") + "," +
                  entry("https://a.test/tags", R"([{"id":1}])") + "]}}");
  ASSERT_TRUE(document);
  const auto request = observe_har(*document);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->path, "/orders");
  const auto text = spec_of(*request);
  EXPECT_THAT(text, HasSubstr(R"("path":"$.orders")"));
  EXPECT_THAT(text, HasSubstr(R"("type":"PAGE")"));
  EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
  EXPECT_EQ(observe_har(*json::parse("{}")).error().kind, ErrorKind::invalid_argument);
}

TEST(Har, WhatPagesReadFromThemselvesIsNoRequest) {
  const auto document = json::parse(R"({"log":{"entries":[
    {"request":{"method":"GET","url":"data:application/json,[]"},"response":{"status":200,"content":{"text":"[{\"a\":1},{\"a\":2}]"}}},
    {"request":{"method":"POST","url":"https://a.test/find","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],
                "postData":{"params":[{"name":"q","value":"a b"}]}},
     "response":{"status":206,"content":{"text":"[{\"a\":1}]"}}},
    {"request":7},{"response":null},null]}})");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_har(*document);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->path, "/find");
  EXPECT_EQ(request->body, *json::parse(R"({"q":"a b"})"));
}

TEST(Secrets, KnownFormsAreCertainAndRandomWordsAreTold) {
  const std::string key = "ghp_" + std::string("0123456789abcdefABCDEF0123456789abcd");
  for (const auto& [text, certain] :
       std::vector<std::pair<std::string, bool>>{{"a " + key + " b", true},
                                                 {"Authorization: Bearer a1b2c3d4e5f6", true},
                                                 {"Basic YWRhOm9wZW4gc8Opc2FtZQ==", true},
                                                 {"-----BEGIN RSA PRIVATE KEY-----", true},
                                                 {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", true},
                                                 {"q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf", false}}) {
    const auto found = find_secrets(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].certain, certain) << text;
  }
  for (const char* text : {"0ed90a81-07f4-4586-8190-b40eccef1c5a", "http://json-schema.org/draft-07/schema#",
                           "yyyy-MM-ddTHH:mm:ss.fffffffK", "Bearer ${accessToken}", "Basic Authentication",
                           "Bearer tokens are sent", "scheduleStartParamFormat",
                           "application/vnd.example.orders.v2+json", "OAuth2ClientCredential"})
    EXPECT_THAT(find_secrets(text), IsEmpty()) << text;
}

TEST(Secrets, NamesOfPagingAreNoSecrets) {
  for (const char* name : {"api_key", "X-Auth-Token", "access_token", "key", "appid", "clientSecret",
                           "page_access_token", "nextApiKey", "sync-secret", "after_password"})
    EXPECT_TRUE(sounds_secret(name)) << name;
  for (const char* name : {"page_token", "nextToken", "keyword", "limit", "author", "continuationToken"})
    EXPECT_FALSE(sounds_secret(name)) << name;
}

}  // namespace
}  // namespace headwater::authoring
