#include "mapping/internal/java_regex.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/regex.h"

namespace headwater::mapping {
namespace {

TEST(JavaRegex, WritesJavasFormsAsPcreDoes) {
  struct Case {
    std::string_view java;
    std::string_view want;
  };
  for (const auto& c : std::initializer_list<Case>{
           {R"([a-c]+\d(?:x|y)\Q[\u0041\E)", R"([a-c]+\d(?:x|y)\Q[\u0041\E)"},
           {R"(\u00e9\uD83D\uDE00)", R"(\x{e9}\x{1f600})"},
           {R"(\\u00e9)", R"(\\u00e9)"},
           {R"(\u12)", R"(\u12)"},
           {R"(\p{Alpha}\P{Lower})", R"([[:alpha:]][[:^lower:]])"},
           {R"([\p{Alpha}_\P{Digit}])", R"([[:alpha:]_[:^digit:]])"},
           {R"(\p{IsLatin}\p{IsAlphabetic}\P{L}\p{gc=Lu}\p{Script=Greek})",
            R"(\p{Latin}\p{Alphabetic}\P{L}\p{Lu}\p{Script=Greek})"},
           {R"(\p{javaLowerCase})", R"(\p{Lowercase})"},
           {R"([a-z&&[^b]])", R"((?:(?=[a-z])(?:[^b])))"},
           {R"([a-z&&b-y&&[^c]])", R"((?:(?=[a-z])(?=[b-y])(?:[^c])))"},
           {R"([a-c[x-z]])", R"((?:(?:[a-c]|[x-z])))"},
           {R"([^a-z&&[^b]])", R"((?:(?!(?=[a-z])(?:[^b]))[\s\S]))"},
           {R"([]a])", R"([]a])"},
           {R"([[:alpha:]])", R"([[:alpha:]])"},
           {R"([\]&&])", R"((?:(?=[\]])))"},
           {R"(a[b[c])", R"(a[b[c])"},
           {R"((?iu)a(?u:b)(?<n>c)(?=d)(?<!e))", R"((?i)a(?:b)(?<n>c)(?=d)(?<!e))"},
       })
    EXPECT_EQ(from_java_regex(c.java), c.want) << c.java;
}

TEST(JavaRegex, MatchesWhatJavaMatches) {
  struct Case {
    std::string_view java;
    std::string_view text;
    bool want;
  };
  for (const auto& c : std::initializer_list<Case>{
           {R"([a-z&&[^b]]+)", "acd", true},
           {R"([a-z&&[^b]]+)", "abc", false},
           {R"([^a-z&&[^b]]+)", "bB1", true},
           {R"([^a-z&&[^b]])", "c", false},
           {R"([a-c[x-z]]+)", "axcz", true},
           {R"([a-c[x-z]]{2}+)", "am", false},
           {R"(\p{Punct}+)", "!?~", true},
           {R"(\p{Punct})", "a", false},
           {R"(\p{Lower})", "\xC3\xA9", false},
           {R"(\p{IsLowercase})", "\xC3\xA9", true},
           {R"(\p{Blank}\p{Space})", "\t\n", true},
           {R"(\p{ASCII}+)", "az", true},
           {R"((?u)\u00e9)", "\xC3\xA9", true},
           {R"([\u00e0-\u00ff]+)", "\xC3\xA9", true},
           {R"((?<=[a-c&&[b-d]])x?)", "", false},
       }) {
    const auto regex = Regex::make(from_java_regex(c.java));
    ASSERT_TRUE(regex.has_value()) << c.java << ": " << regex.error().message;
    EXPECT_EQ(regex->matches(c.text), c.want) << c.java << " on " << c.text;
  }
}

}  // namespace
}  // namespace headwater::mapping
