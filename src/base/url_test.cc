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
  EXPECT_EQ(url->redacted({"y", "z"}), "https://example.com:8443/a/b?x=***&y=a%20b");
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

// What is encoded is part of a name: decoded it would be another path.
TEST(Url, ResolvingKeepsWhatIsEncoded) {
  const auto base = *Url::parse("http://h/v1/items");
  EXPECT_EQ(base.resolve("/projects/group%2Fproject/issues?page=2")->text(),
            "http://h/projects/group%2Fproject/issues?page=2");
  EXPECT_EQ(base.resolve("https://o/a%2fb/../%2e%2e/c%20d")->text(), "https://o/%2e%2e/c%20d");
  EXPECT_EQ(base.resolve("x%3Fy?q=%26")->text(), "http://h/v1/x%3Fy?q=%26");
}

// RFC 3986, section 5.4.
TEST(Url, ResolvesAsTheStandardShows) {
  const auto base = *Url::parse("http://a/b/c/d;p?q");
  const std::pair<const char*, const char*> cases[] = {{"g", "http://a/b/c/g"},
                                                       {"./g", "http://a/b/c/g"},
                                                       {"g/", "http://a/b/c/g/"},
                                                       {"/g", "http://a/g"},
                                                       {"//g", "http://g/"},
                                                       {"?y", "http://a/b/c/d;p?y"},
                                                       {"g?y", "http://a/b/c/g?y"},
                                                       {"#s", "http://a/b/c/d;p?q"},
                                                       {"g?y#s", "http://a/b/c/g?y"},
                                                       {";x", "http://a/b/c/;x"},
                                                       {"g;x?y", "http://a/b/c/g;x?y"},
                                                       {"", "http://a/b/c/d;p?q"},
                                                       {".", "http://a/b/c/"},
                                                       {"./", "http://a/b/c/"},
                                                       {"..", "http://a/b/"},
                                                       {"../", "http://a/b/"},
                                                       {"../g", "http://a/b/g"},
                                                       {"../..", "http://a/"},
                                                       {"../../", "http://a/"},
                                                       {"../../g", "http://a/g"},
                                                       {"../../../g", "http://a/g"},
                                                       {"/./g", "http://a/g"},
                                                       {"/../g", "http://a/g"},
                                                       {"g.", "http://a/b/c/g."},
                                                       {".g", "http://a/b/c/.g"},
                                                       {"..g", "http://a/b/c/..g"},
                                                       {"./../g", "http://a/b/g"},
                                                       {"./g/.", "http://a/b/c/g/"},
                                                       {"g/./h", "http://a/b/c/g/h"},
                                                       {"g/../h", "http://a/b/c/h"},
                                                       {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                                                       {"g;x=1/../y", "http://a/b/c/y"},
                                                       {"g?y/./x", "http://a/b/c/g?y/./x"},
                                                       {"g?y/../x", "http://a/b/c/g?y/../x"}};
  for (const auto& [reference, expected] : cases) {
    const auto resolved = base.resolve(reference);
    ASSERT_TRUE(resolved) << reference;
    EXPECT_EQ(resolved->text(), expected) << reference;
  }
}

TEST(Query, RoundTrips) {
  const QueryParams params{{"page[size]", "10"}, {"q", "a&b=c d+e"}, {"empty", ""}};
  EXPECT_EQ(parse_query(format_query(params)), params);
  EXPECT_EQ(parse_query("a=1&&b&c=%zz+x"), (QueryParams{{"a", "1"}, {"b", ""}, {"c", "%zz x"}}));
}

}  // namespace
}  // namespace headwater
