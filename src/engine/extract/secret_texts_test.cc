#include "engine/extract/secret_texts.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace headwater::extract {
namespace {

// Sources echo what they were sent in the notation of their own answer: each of these stood in a cassette.
TEST(SecretTexts, AreFoundInEveryNotation) {
  const std::string secret = "p\u00e4&s\" w/=%rd+1";
  SecretTexts secrets;
  secrets.add(secret);
  for (const std::string& echoed : {
           secret,
           std::string("p%C3%A4%26s%22%20w%2F%3D%25rd%2B1"),
           std::string("p%C3%A4%26s%22+w%2F%3D%25rd%2B1"),
           std::string("p%c3%a4%26s%22%20w%2f%3d%25rd%2b1"),
           std::string("p%25C3%25A4%2526s%2522%2520w%252F%253D%2525rd%252B1"),
           std::string("p\u00e4&amp;s&quot; w/=%rd+1"),
           std::string("p&#228;&#38;s&#34; w&#x2F;=%rd+1"),
           std::string(R"(p\u00e4&s\" w\/=%rd+1)"),
           std::string(R"(p\\u00E4\u0026s\\\" w/=%rd+1)"),
           crypto::base64(secret),
           crypto::base64url(secret),
           crypto::hex(secret),
       }) {
    const auto twice = std::string("a ").append(echoed).append(" b ").append(echoed);
    EXPECT_EQ(secrets.concealed(twice), "a *** b ***") << echoed;
    EXPECT_TRUE(secrets.stand_in(twice)) << echoed;
  }
  for (const std::string before : {"u:", "ad:", "ada:"})
    EXPECT_TRUE(secrets.stand_in(crypto::base64(before + secret + "more"))) << before;
  EXPECT_FALSE(secrets.stand_in("p%C3%A4%26s%22%20w%2F%3D%25rd%2B2 &amp; \\u00e4 %"));
}

TEST(SecretTexts, SignsOfEscapesThatAreTheSecretsOwnAreFound) {
  SecretTexts secrets;
  secrets.add("%25x&amp;\\\\n");
  EXPECT_EQ(secrets.concealed("<%25x&amp;\\\\n>"), "<***>");
}

// Who writes the account and who writes the answer may be one and the same.
TEST(SecretTexts, TextsThatTakeTooLongAreHiddenWhole) {
  SecretTexts secrets;
  const std::string signs(200'000, '\\');
  secrets.add(signs);
  EXPECT_EQ(secrets.concealed("a " + signs), "***");
  SecretTexts endless;
  endless.add(std::string(3'000, '\\') + "x");
  EXPECT_EQ(endless.concealed("a " + signs + signs), "***");
  EXPECT_TRUE(endless.stand_in(signs + signs));
}

TEST(SecretTexts, ShortOnesLeaveOtherTextsAlone) {
  SecretTexts secrets;
  secrets.add("ab");
  secrets.add("k3y");
  EXPECT_EQ(secrets.concealed("ab k3y 6b3379"), "ab *** 6b3379");
  EXPECT_TRUE(SecretTexts().empty());
}

}  // namespace
}  // namespace headwater::extract
