#include "domain/inlet.h"

#include <gtest/gtest.h>

namespace headwater::domain {
namespace {

using json::Value;

Value parsed(std::string_view text) { return *json::parse(text); }

const InletAddress kAddress{"ab12", "https://events.acme.test/collection/ab12"};

TEST(InletTest, AnAddressIsTheBaseAndDigitsNobodyGuesses) {
  const auto address = new_inlet_address("https://events.acme.test");
  EXPECT_EQ(address.id.size(), 64U);
  EXPECT_EQ(address.id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(address.url, "https://events.acme.test/collection/" + address.id);
  EXPECT_NE(address, new_inlet_address("https://events.acme.test"));
}

struct Params {
  const char* name;
  const char* sent;
  const char* kept;
};
void PrintTo(const Params& row, std::ostream* out) { *out << row.name; }

class InletParamsTest : public testing::TestWithParam<Params> {};

TEST_P(InletParamsTest, AreWhatWasSentWithDefaultsAndTheAddress) {
  EXPECT_EQ(inlet_params(parsed(GetParam().sent), "account", kAddress).dump(), GetParam().kept);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, InletParamsTest,
    testing::Values(
        Params{"Nothing", "{}",
               R"({"dataType":"xdm","name":"account","sourceId":"account","authenticationRequired":false,)"
               R"("inletUrl":"https://events.acme.test/collection/ab12","inletId":"ab12"})"},
        Params{"All",
               R"({"sourceId":"site","dataType":"raw","name":"web","authenticationRequired":true,"x":1})",
               R"({"sourceId":"site","dataType":"raw","name":"web","authenticationRequired":true,"x":1,)"
               R"("inletUrl":"https://events.acme.test/collection/ab12","inletId":"ab12"})"},
        Params{"TheSourceGoesByTheName", R"({"name":"web"})",
               R"({"name":"web","dataType":"xdm","sourceId":"web","authenticationRequired":false,)"
               R"("inletUrl":"https://events.acme.test/collection/ab12","inletId":"ab12"})"},
        Params{"AnAddressThatWasSent", R"({"inletId":"mine","inletUrl":"https://evil.test/","name":null})",
               R"({"inletId":"ab12","inletUrl":"https://events.acme.test/collection/ab12","name":"account",)"
               R"("dataType":"xdm","sourceId":"account","authenticationRequired":false})"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(InletTest, ADraftHasNoAddress) {
  EXPECT_EQ(inlet_params(parsed(R"({"name":"a","inletId":"x","inletUrl":"y"})"), "n", {}).dump(),
            R"({"name":"a"})");
  EXPECT_EQ(streaming_options(parsed(R"({"inletUrl":"y"})"), "").dump(), "{}");
  EXPECT_TRUE(streaming_options(Value(), "").is_null());
}

TEST(InletTest, ConnectionsOfTheHttpApiAloneHaveOne) {
  const auto of = [](std::string_view spec) {
    return parsed(R"({"connectionSpec":{"id":")" + std::string(spec) +
                  R"("},"auth":{"params":{"inletId":"ab12","inletUrl":"u"}}})");
  };
  EXPECT_EQ(inlet_of(of(kHttpApiSpec)), (InletAddress{"ab12", "u"}));
  EXPECT_FALSE(inlet_of(of("4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62")));
  EXPECT_FALSE(inlet_of(parsed("{}")));
}

TEST(InletTest, FollowsItsConnectionButForSignatures) {
  auto params = inlet_params(parsed(R"({"dataType":"raw"})"), "account", kAddress);
  auto inlet = inlet_of_connection("c1", params);
  EXPECT_EQ(inlet.dump(),
            R"({"connectionId":"c1","inletUrl":"https://events.acme.test/collection/ab12","name":"account",)"
            R"("sourceId":"account","dataType":"raw","authentication":"none"})");
  params.if_object()->set("authenticationRequired", true);
  params.if_object()->set("sourceId", "site");
  inlet = following_connection(inlet, params);
  EXPECT_EQ(inlet.string_at("authentication"), "bearer");
  EXPECT_EQ(inlet.string_at("sourceId"), "site");
  params.if_object()->set("authenticationRequired", false);
  EXPECT_EQ(following_connection(inlet, params).string_at("authentication"), "none");
  inlet.if_object()->set("authentication", "hmac");
  EXPECT_EQ(following_connection(inlet, params).string_at("authentication"), "hmac");
  params.if_object()->set("authenticationRequired", true);
  EXPECT_EQ(following_connection(inlet, params).string_at("authentication"), "bearer");
}

TEST(InletTest, OptionsOfAStreamingFlowTellItsAddress) {
  EXPECT_EQ(streaming_options(Value(), "u").dump(), R"({"errorDiagnosticsEnabled":true,"inletUrl":"u"})");
  EXPECT_EQ(
      streaming_options(parsed(R"({"inletUrl":"x","errorDiagnosticsEnabled":false,"z":1})"), "u").dump(),
      R"({"inletUrl":"u","errorDiagnosticsEnabled":false,"z":1})");
}

struct Settings {
  const char* name;
  const char* inlet;
  const char* where;  // of the error; "": it is fine
};
void PrintTo(const Settings& row, std::ostream* out) { *out << row.name; }

class InletSettingsTest : public testing::TestWithParam<Settings> {};

TEST_P(InletSettingsTest, AreChecked) {
  const auto checked = check_inlet_settings(parsed(GetParam().inlet));
  EXPECT_EQ(checked ? "" : checked.error().where, GetParam().where);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, InletSettingsTest,
    testing::Values(
        Settings{"Plain", R"({"authentication":"none"})", ""},
        Settings{"Whole", R"({"authentication":"hmac","replayWindowSeconds":300,
                             "limits":{"requestsPerSecond":10,"messagesPerSecond":0.5}})",
                 ""},
        Settings{"NoLimits", R"({"authentication":"bearer","limits":null,"replayWindowSeconds":0})", ""},
        Settings{"NoLimitOfOneKind", R"({"authentication":"bearer","limits":{"requestsPerSecond":null}})",
                 ""},
        Settings{"NoAuthentication", "{}", "/authentication"},
        Settings{"UnknownAuthentication", R"({"authentication":"basic"})", "/authentication"},
        Settings{"WindowInWords", R"({"authentication":"none","replayWindowSeconds":"5"})",
                 "/replayWindowSeconds"},
        Settings{"WindowTooLong", R"({"authentication":"none","replayWindowSeconds":90000})",
                 "/replayWindowSeconds"},
        Settings{"LimitsInAList", R"({"authentication":"none","limits":[]})", "/limits"},
        Settings{"UnknownLimit", R"({"authentication":"none","limits":{"perDay":1}})", "/limits/perDay"},
        Settings{"LimitOfNothing", R"({"authentication":"none","limits":{"requestsPerSecond":0}})",
                 "/limits/requestsPerSecond"},
        Settings{"LimitBeyondNumbers", R"({"authentication":"none","limits":{"messagesPerSecond":1e999}})",
                 "/limits/messagesPerSecond"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(InletTest, ARotationNamesItsSecretAndItsGrace) {
  const auto plain = read_rotation(Value());
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->secret, "");
  EXPECT_EQ(plain->grace, std::chrono::hours(24));
  const auto whole = read_rotation(parsed(R"({"secret":"0123456789abcdef","graceSeconds":0})"));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->secret, "0123456789abcdef");
  EXPECT_EQ(whole->grace, std::chrono::seconds(0));
  for (const auto* body : {R"({"secret":"too-short"})", R"({"secret":7})", R"({"graceSeconds":-1})",
                           R"({"graceSeconds":1.5})", R"({"graceSeconds":99999999})"}) {
    const auto refused = read_rotation(parsed(body));
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().message.find("too-short"), std::string::npos);
  }
}

}  // namespace
}  // namespace headwater::domain
