#include "base/crypto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

#include "base/digest.h"

namespace headwater::crypto {
namespace {

TEST(Crypto, HashesAsPublished) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, DigestsGiveKnownAnswers) {
  const auto hex_of = [](Digest kind, std::string_view data) {
    std::array<unsigned char, kDigestBytesMax> out;
    const auto size = digest(kind, data, out);
    return hex({reinterpret_cast<const char*>(out.data()), size});
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(hex_of(Digest::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_of(Digest::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_of(Digest::sha256, ""), hex(sha256("")));
    EXPECT_EQ(hex_of(Digest::sha512, "abc"),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  }
  EXPECT_EQ(crc32("abc"), 0x352441c2U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST(Crypto, Base64RoundTripsEveryLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string data = random_bytes(size);
    EXPECT_EQ(base64_decode(base64(data)), data);
    EXPECT_EQ(base64_decode(base64url(data)), data);
  }
  EXPECT_EQ(base64("hello"), "aGVsbG8=");
}

TEST(Crypto, Base64RefusesWhatIsNone) {
  for (const char* text : {"a", "ab=c", "ab$=", "abcde", "aGVsbG8=="})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Crypto, SealedTextOpensOnlyWithKeyAndContext) {
  const std::string key = random_bytes(32);
  const std::string sealed = seal(key, "hunter2", "connection/1");
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  EXPECT_EQ(*open_sealed(key, sealed, "connection/1"), "hunter2");
  EXPECT_FALSE(open_sealed(key, sealed, "connection/2"));
  EXPECT_FALSE(open_sealed(random_bytes(32), sealed, "connection/1"));
  std::string changed = sealed;
  changed[14] = static_cast<char>(changed[14] ^ 1);
  EXPECT_FALSE(open_sealed(key, changed, "connection/1"));
  EXPECT_FALSE(open_sealed(key, "short", "connection/1"));
}

TEST(Crypto, UuidsAreVersion4) {
  const std::string id = uuid();
  ASSERT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(uuid(), id);
}

TEST(Crypto, DerivedUuidsFollowFromTheirText) {
  EXPECT_EQ(derived_uuid("flow/1709629200/journal"), "a1ed262e-7f43-85af-a770-cb74c2556e84") << "stored ids";
  EXPECT_NE(derived_uuid("flow/1709632800/journal"), derived_uuid("flow/1709629200/journal"));
}

TEST(Crypto, OrderedUuidsBeginWithTheMillisecondsAndAreVersion4) {
  const auto first = ordered_uuid();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const auto second = ordered_uuid();
  EXPECT_LT(first.substr(0, 13), second.substr(0, 13));
  for (const auto& id : {first, second}) {
    ASSERT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '4');
    EXPECT_THAT("89ab", testing::HasSubstr(id.substr(19, 1)));
  }
  EXPECT_NE(first.substr(15), second.substr(15));
}

}  // namespace
}  // namespace headwater::crypto
