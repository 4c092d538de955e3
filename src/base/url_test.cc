#include "base/url.h"

#include <gtest/gtest.h>

namespace headwater {
namespace {

TEST(Url, SplitsAndJoins) {
  const auto url = Url::parse("HTTPS://User:p%40ss@Example.COM:8443/a/b?x=1&y=a%20b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->query, "x=1&y=a%20b");
  EXPECT_EQ(url->origin(), "https://example.com:8443");
  EXPECT_EQ(url->redacted(), "https://example.com:8443/a/b?x=***&y=***");
  EXPECT_EQ(Url::parse("http://h")->text(), "http://h/");
  EXPECT_EQ(Url::parse("http://[::1]:81/")->host, "[::1]");
}

TEST(Url, EncodesWhatPeopleWriteAsItIs) {
  EXPECT_EQ(Url::parse("http://h/a b/ü?page[size]=1&q=100%")->text(),
            "http://h/a%20b/%C3%BC?page%5Bsize%5D=1&q=100%25");
}

TEST(Url, RefusesOtherSchemesAndBrokenText) {
  for (const char* text :
       {"", "h/p", "ftp://h/", "file:///etc/passwd", "http:///x", "http://h:99999/", "http://h/\r\nX: y"})
    EXPECT_FALSE(Url::parse(text)) << text;
}

TEST(Url, ResolvesReferences) {
  const auto base = *Url::parse("http://h:81/v1/items?page=1");
  EXPECT_EQ(base.resolve("?page=2")->text(), "http://h:81/v1/items?page=2");
  EXPECT_EQ(base.resolve("/v2/x")->text(), "http://h:81/v2/x");
  EXPECT_EQ(base.resolve("more?a=b")->text(), "http://h:81/v1/more?a=b");
  EXPECT_EQ(base.resolve("https://other/p")->text(), "https://other/p");
  EXPECT_EQ(base.resolve("//o/p")->text(), "http://o/p");
  EXPECT_FALSE(base.resolve("javascript:alert(1)"));
}

TEST(Query, RoundTrips) {
  const QueryParams params{{"page[size]", "10"}, {"q", "a&b=c d+e"}, {"empty", ""}};
  EXPECT_EQ(parse_query(format_query(params)), params);
  EXPECT_EQ(parse_query("a=1&&b&c=%zz+x"), (QueryParams{{"a", "1"}, {"b", ""}, {"c", "%zz x"}}));
}

}  // namespace
}  // namespace headwater
