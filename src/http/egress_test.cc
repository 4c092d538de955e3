// Where outgoing calls may go, and which of them by the proxy.
#include <gtest/gtest.h>

#include <string>

#include "http/client.h"
#include "http/internal/egress.h"
#include "http/internal/proxy.h"

namespace headwater::http {
namespace {

struct Bypass {
  const char* name;
  const char* list;
  const char* host;
  bool want;
};

constexpr Bypass kBypasses[] = {
    {"Empty", "", "a.test", false},
    {"All", "*", "a.test", true},
    {"Same", "a.test", "a.test", true},
    {"Case", "A.TEST", "a.test", true},
    {"Sub", "a.test", "x.a.test", true},
    {"Dot", ".a.test", "x.a.test", true},
    {"Suffix", "a.test", "ba.test", false},
    {"Second", "b.test, a.test", "a.test", true},
    {"Address", "10.0.0.1", "10.0.0.1", true},
    {"Range", "10.0.0.0/8", "10.9.9.9", true},
    {"OtherRange", "10.0.0.0/8", "11.0.0.1", false},
    {"Six", "::1", "[::1]", true},
};

class BypassTest : public ::testing::TestWithParam<Bypass> {};
TEST_P(BypassTest, ReadsTheList) {
  EXPECT_EQ(bypasses_proxy(GetParam().list, GetParam().host), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(NoProxy, BypassTest, ::testing::ValuesIn(kBypasses),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct Reach {
  const char* address;
  const char* allowed;
  bool want;
};

constexpr Reach kReaches[] = {
    {"93.184.216.34", "", true},
    {"2606:4700::1111", "", true},
    {"127.0.0.1", "", false},
    {"127.0.0.1", "127.0.0.0/8", true},
    {"127.0.0.1", "10.0.0.0/8", false},
    {"::ffff:127.0.0.1", "127.0.0.0/8", true},
    {"::ffff:8.8.8.8", "", true},
    {"172.16.0.1", "", false},
    {"172.32.0.1", "", true},
    {"100.64.0.1", "", false},
    {"192.168.1.1", "192.168.1.1", true},
    {"192.168.1.2", "192.168.1.1/32", false},
    {"::1", "", false},
    {"::1", "::1/128", true},
    {"fd12::1", "fd00::/8", true},
    {"ff02::1", "", false},
    {"224.0.0.1", "", false},
    {"255.255.255.255", "", false},
    {"2002:7f00:1::", "", false},
    {"64:ff9b::a00:1", "", false},
    {"10.0.0.1", "0.0.0.0/0", true},
};

TEST(Egress, KnowsWhatIsPublic) {
  for (const auto& row : kReaches) {
    EgressPolicy policy;
    if (*row.allowed != '\0') policy.allowed.push_back(*Network::parse(row.allowed));
    EXPECT_EQ(may_reach(policy, *Address::parse(row.address)), row.want)
        << row.address << " with " << row.allowed;
  }
}

TEST(Egress, RefusesWhatIsNoNetwork) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8", "::/129", "host/8", "10.0.0.0/"})
    EXPECT_FALSE(Network::parse(text)) << text;
}

}  // namespace
}  // namespace headwater::http
