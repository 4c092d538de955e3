// The source server is what other tests measure against, so its own pages and misbehaviours are checked here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "http/client.h"
#include "source_process.h"

namespace {

using headwater::ErrorKind;
using headwater::Url;
using headwater::http::Client;
using headwater::http::ClientOptions;
using headwater::http::ClientRequest;
using headwater::http::find_header;
using headwater::http::Network;
using headwater::http::StringSink;
using nlohmann::json;
using ::testing::HasSubstr;

class SourceServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    process_ = new source::SourceProcess(HEADWATER_SOURCE_SERVER, {"--records", "1005"});
    ClientOptions options;
    options.egress.allowed.push_back(*Network::parse("127.0.0.0/8"));
    options.idle_timeout = std::chrono::milliseconds(10'000);
    client_ = Client::make(options)->release();
  }
  static void TearDownTestSuite() {
    delete client_;
    delete process_;
  }
  void SetUp() override { EXPECT_EQ(call("GET", "/_reset").answer.status, 200); }

  static StringSink call(const std::string& method, const std::string& target, const std::string& body = "",
                         const std::string& header = "", const std::string& value = "") {
    StringSink sink(1U << 30);
    ClientRequest request{
        method, *Url::parse(target.starts_with("http") ? target : process_->url() + target), {}, body};
    if (!header.empty()) request.headers.emplace_back(header, value);
    const auto result = client_->send(request, sink, {});
    failure_ = result ? ErrorKind::conflict : result.error().kind;
    EXPECT_TRUE(result || expects_failure_) << target << ": " << (result ? "" : result.error().message);
    return sink;
  }
  static json page(const std::string& target, const std::string& body = "") {
    const auto sink = call(body.empty() ? "GET" : "POST", target, body);
    return json::parse(sink.text, nullptr, false);
  }
  static std::vector<std::int64_t> ids(const json& items) {
    std::vector<std::int64_t> out;
    for (const auto& item : items) out.push_back(item.at("id").get<std::int64_t>());
    return out;
  }
  static ErrorKind failure_of(const std::string& target) {
    expects_failure_ = true;
    call("GET", target);
    expects_failure_ = false;
    return failure_;
  }
  static void expect_all(const std::vector<std::int64_t>& got) {
    ASSERT_EQ(got.size(), 1005U);
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_EQ(got[i], 1'000'000'000 + static_cast<std::int64_t>(i));
  }

  static inline source::SourceProcess* process_ = nullptr;
  static inline Client* client_ = nullptr;
  static inline bool expects_failure_ = false;
  static inline ErrorKind failure_ = ErrorKind::conflict;
};

void append(std::vector<std::int64_t>& all, const std::vector<std::int64_t>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

TEST_F(SourceServerTest, EveryPagingStyleGivesEveryRecordOnce) {
  std::vector<std::int64_t> all;
  for (int offset = 0; offset < 1005; offset += 100) {
    const auto got = page("/offset/lists/7?limit=100&offset=" + std::to_string(offset));
    append(all, ids(got["items"]));
    EXPECT_EQ(got["total"], 1005);
    EXPECT_EQ(got["hasMore"], offset < 1000);
  }
  expect_all(all);
  all.clear();
  for (int number = 1; number <= 11; ++number) {
    const auto sink = call("GET", "/page?root=1&per_page=100&page=" + std::to_string(number));
    EXPECT_EQ(find_header(sink.answer.headers, "x-total-pages"), "11");
    append(all, ids(json::parse(sink.text)));
  }
  expect_all(all);
  for (const std::string link : {"absolute", "relative", "query"}) {
    all.clear();
    Url at = *Url::parse(process_->url() + "/pointer?limit=100&link=" + link);
    for (;;) {
      const auto got = page(at.text());
      append(all, ids(got["items"]));
      if (got["paging"]["next"].is_null()) break;
      at = *at.resolve(got["paging"]["next"].get<std::string>());
    }
    expect_all(all);
  }
  for (const std::string place : {"query", "header", "body"}) {
    all.clear();
    std::string token;
    do {
      const bool in_query = place == "query" && !token.empty();
      const auto target = "/token?limit=100" + (in_query ? "&token=" + token : "");
      const auto sink = place == "body"
                            ? call("POST", target, json{{"token", token}, {"limit", 100}}.dump())
                            : call("GET", target, "",
                                   place == "header" && !token.empty() ? "X-Continuation-Token" : "", token);
      const auto got = json::parse(sink.text);
      append(all, ids(got["items"]));
      token = got["meta"]["after_cursor"].is_null() ? "" : got["meta"]["after_cursor"].get<std::string>();
    } while (!token.empty());
    expect_all(all);
  }
  expect_all(ids(page("/all")["items"]));
}

TEST_F(SourceServerTest, FormsOfThePage) {
  const auto plain = call("GET", "/offset?limit=3").text;
  EXPECT_EQ(json::parse(call("GET", "/offset?limit=3&pretty=1").text), json::parse(plain));
  EXPECT_EQ(call("GET", "/offset?limit=3&bom=1").text, "\xef\xbb\xbf" + plain);
  EXPECT_EQ(call("GET", "/offset?limit=3&gzip=1").text, plain);
  EXPECT_EQ(call("GET", "/offset?limit=3&chunked=1").text, plain);
  const auto window =
      page("/offset?since=2024-01-01T00:10:00Z&until=2024-01-01T00:12:00Z&nest=data&items=rows");
  EXPECT_EQ(ids(window["data"]["rows"]), (std::vector<std::int64_t>{1'000'000'010, 1'000'000'011}));
  EXPECT_GE(call("GET", "/huge?bytes=30000000").text.size(), 29'000'000U);
  EXPECT_EQ(call("GET", "/page?page=99&past=400").answer.status, 400);
}

TEST_F(SourceServerTest, AsksForCredentials) {
  EXPECT_EQ(call("GET", "/basic/offset").answer.status, 401);
  EXPECT_EQ(call("GET", "/basic/offset", "", "Authorization", "Basic YWRhOm9wZW4gc8Opc2FtZQ==").answer.status,
            200);
  EXPECT_EQ(call("GET", "/key-header/offset", "", "X-Auth-Key1", "key-one").answer.status, 200);
  EXPECT_EQ(call("GET", "/key-query/offset?api_key=key%20one%26more").answer.status, 200);
  EXPECT_EQ(call("POST", "/key-body/offset", R"({"apiKey":"key-one"})").answer.status, 200);
  EXPECT_EQ(call("GET", "/bearer/offset", "", "Authorization", "Bearer access-0").answer.status, 200);
  const std::string client = "client_id=client-1&client_secret=client%20secret%201&";
  const auto fresh = page("/oauth/token?uses=1", client + "grant_type=refresh_token&refresh_token=refresh-0");
  EXPECT_EQ(fresh["refresh_token"], "refresh-1");
  EXPECT_EQ(
      call("POST", "/oauth/token", client + "grant_type=refresh_token&refresh_token=refresh-0").answer.status,
      400);
  const auto bearer = "Bearer " + fresh["access_token"].get<std::string>();
  EXPECT_EQ(call("GET", "/bearer/offset", "", "Authorization", bearer).answer.status, 200);
  EXPECT_EQ(call("GET", "/bearer/offset", "", "Authorization", bearer).answer.status, 401);
}

TEST_F(SourceServerTest, BreaksTheTransferOnDemand) {
  for (const std::string kind : {"truncate", "chunk_cut", "reset", "drop"})
    EXPECT_EQ(failure_of("/offset?fault=" + kind), ErrorKind::unavailable) << kind;
  EXPECT_EQ(call("GET", "/offset?limit=1&fault=drip:size=500").answer.status, 200);
  EXPECT_EQ(failure_of("/offset?fault=redirect_other"), ErrorKind::upstream);
  EXPECT_EQ(call("GET", "/offset?fault=redirect").answer.status, 200);
}

TEST_F(SourceServerTest, AnswersBadlyOnDemand) {
  const auto slow = call("GET", "/offset?fault=429:seconds=7");
  EXPECT_EQ(slow.answer.status, 429);
  EXPECT_EQ(find_header(slow.answer.headers, "retry-after"), "7");
  EXPECT_THAT(std::string(*find_header(call("GET", "/offset?fault=429_date").answer.headers, "retry-after")),
              HasSubstr("GMT"));
  EXPECT_THAT(call("GET", "/offset?fault=html").text, HasSubstr("<html>"));
  EXPECT_EQ(find_header(call("GET", "/offset?fault=content_type").answer.headers, "content-type"),
            "text/plain");
  EXPECT_TRUE(page("/offset?limit=5&fault=bad_token:record=2").is_discarded());
  EXPECT_TRUE(page("/offset?limit=5&fault=bad_utf8:record=2").is_discarded());
  EXPECT_THAT(call("GET", "/offset?limit=5&fault=deep:record=2:size=300").text,
              HasSubstr(std::string(300, '[')));
  EXPECT_EQ(call("GET", "/offset?limit=5&fault=bad_token:record=7").text,
            call("GET", "/offset?limit=5").text);
}

TEST_F(SourceServerTest, PagesBadlyOnDemand) {
  const auto first = [](const json& got) {
    return got.at("items").at(0).at("id").get<std::int64_t>() - 1'000'000'000;
  };
  EXPECT_EQ(first(page("/offset?limit=10&offset=20&fault=overlap:size=3")), 17);
  EXPECT_EQ(first(page("/offset?limit=10&offset=20&fault=hole:size=3")), 23);
  EXPECT_EQ(page("/offset?limit=100&fault=cap:size=40")["items"].size(), 40U);
  EXPECT_EQ(page("/offset?fault=wrong_total:size=9")["total"], 9);
  EXPECT_EQ(call("GET", "/offset?limit=10&offset=20&fault=repeat_page").text,
            call("GET", "/offset?limit=10&offset=10").text);
  EXPECT_EQ(page("/token?limit=10&token=t-20-0&fault=same_cursor")["meta"]["after_cursor"], "t-20-0");
  EXPECT_EQ(page("/token?limit=10&token=t-20-0&fault=cursor_loop")["meta"]["after_cursor"], "t-10-0");
  EXPECT_EQ(page("/token?limit=10&token=t-20-0&fault=repeat_page")["meta"]["after_cursor"], "t-30-0");
  const auto empty = page("/token?limit=10&token=t-20-0&fault=empty_page");
  EXPECT_TRUE(empty["items"].empty());
  EXPECT_EQ(empty["meta"]["after_cursor"], "t-20-1");
  EXPECT_EQ(page("/token?limit=100&fault=cap:size=40")["meta"]["after_cursor"], "t-40-0");
}

TEST_F(SourceServerTest, FaultsStrikeWhenTheyAreToldAndAreLogged) {
  call("POST", "/_faults", R"([{"kind":"status","path":"/offset","at":2,"times":2,"status":502}])");
  std::vector<int> statuses;
  for (int i = 0; i < 5; ++i)
    statuses.push_back(call("GET", "/offset?limit=1", "", "X-Mark", "m").answer.status);
  EXPECT_EQ(statuses, (std::vector<int>{200, 502, 502, 200, 200}));
  const auto log = page("/_log");
  ASSERT_EQ(log.size(), 5U);
  EXPECT_EQ(log[0]["method"], "GET");
  EXPECT_EQ(log[0]["query"]["limit"], "1");
  EXPECT_EQ(log[0]["headers"]["x-mark"], "m");
  EXPECT_EQ(page("/_stats")["requests"], 5);
  const auto twice = "/page?per_page=10&page=3&fault=status:page=2:times=1";
  EXPECT_EQ(call("GET", twice).answer.status, 503);
  EXPECT_EQ(call("GET", twice).answer.status, 200);
}

}  // namespace
