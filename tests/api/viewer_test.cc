// The page that shows the API's description: /docs.
#include "api_fixture.h"

namespace headwater::tests {
namespace {

class ViewerTest : public ApiFixture {
 protected:
  Answer open(std::string_view path, Headers more = {}) {
    for (const char* name : {"authorization", "x-api-key", "x-gw-ims-org-id"}) more.emplace_back(name, "");
    return call("GET", path, {}, more);
  }
};

TEST_F(ViewerTest, ThePageIsOpenAndLoadsNothingFromElsewhere) {
  for (const char* path : {"/docs", "/docs/"}) {
    const auto page = open(path);
    ASSERT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(page.header("Content-Security-Policy").find("default-src 'self'"), std::string::npos);
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.text.find("://"), std::string::npos) << page.text;
  }
}

TEST_F(ViewerTest, EveryFileThatThePageNamesIsServed) {
  const std::string page = open("/docs").text;
  std::vector<std::string> named;
  for (auto at = page.find("\"/docs/"); at != std::string::npos; at = page.find("\"/docs/", at + 1))
    named.push_back(page.substr(at + 1, page.find('"', at + 1) - at - 1));
  EXPECT_EQ(named.size(), 4U);
  for (const std::string& path : named) {
    const auto file = open(path);
    EXPECT_EQ(file.status, 200) << path;
    EXPECT_FALSE(file.text.empty()) << path;
  }
  EXPECT_EQ(open("/docs/swagger-ui.css").header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(open("/docs/swagger-ui-bundle.js").header("Content-Type"), "text/javascript; charset=utf-8");
}

TEST_F(ViewerTest, LargeFilesTravelCompressed) {
  const auto script = open("/docs/swagger-ui-bundle.js", {{"accept-encoding", "br, gzip;q=0.5"}});
  ASSERT_EQ(script.status, 200);
  EXPECT_EQ(script.header("Content-Encoding"), "gzip");
  EXPECT_EQ(script.header("Vary"), "Accept-Encoding");
  EXPECT_LT(std::stoul(script.header("Content-Length")), 700'000U);
  for (const char* other : {"identity", "br", "gzip;q=0, deflate"}) {
    const auto plain = open("/docs/swagger-ui-bundle.js", {{"accept-encoding", other}});
    EXPECT_EQ(plain.status, 200) << other;
    EXPECT_EQ(plain.header("Content-Encoding"), "") << other;
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding") << other;
    EXPECT_GT(plain.text.size(), 1'000'000U) << other;
    EXPECT_NE(plain.header("ETag"), script.header("ETag")) << other;
    const std::string etag = plain.header("ETag");
    EXPECT_EQ(
        open("/docs/swagger-ui-bundle.js", {{"accept-encoding", other}, {"if-none-match", etag}}).status,
        304);
    EXPECT_EQ(
        open("/docs/swagger-ui-bundle.js", {{"accept-encoding", "gzip"}, {"if-none-match", etag}}).status,
        200);
  }
}

TEST_F(ViewerTest, AFileThatTheCallerHasIsNotSentAgain) {
  const auto first = open("/docs/start.js");
  const std::string etag = first.header("ETag");
  ASSERT_EQ(etag.size(), 18U) << etag;
  EXPECT_EQ(first.header("Cache-Control"), "no-cache");
  const auto again = open("/docs/start.js", {{"if-none-match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.text, "");
  EXPECT_EQ(again.header("ETag"), etag);
  EXPECT_EQ(open("/docs/start.js", {{"if-none-match", "\"0123456789abcdef\""}}).status, 200);
  EXPECT_NE(open("/docs/swagger-ui.css").header("ETag"), etag);
}

TEST_F(ViewerTest, OtherNamesAreNotFound) {
  for (const char* path : {"/docs/nothing.js", "/docs/..%2f..%2fkey", "/docs/swagger-ui.css/x"})
    EXPECT_EQ(open(path).status, 404) << path;
}

}  // namespace
}  // namespace headwater::tests
