#include "authoring/cassette.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace headwater::authoring {
namespace {

extract::AuthSettings account() {
  extract::AuthSettings settings;
  settings.params = json::Object{{"username", "ada"},
                                 {"password", "p\"w/1"},
                                 {"accountToken", "tenant-42"},
                                 {"host", "https://api.example.test"}};
  settings.secret_names = {"password"};
  return settings;
}

TEST(Scrubber, FindsACredentialInEveryFormItTakes) {
  Scrubber scrubber(account());
  scrubber.add("token-1");
  EXPECT_EQ(scrubber.scrub(R"(p"w/1 p%22w%2F1 "p\"w/1" YWRhOnAidy8x token-1 tenant-42)"),
            R"(*** *** "***" *** *** ***)");
  // A name of three letters and the host are in too many texts to be secrets.
  EXPECT_EQ(scrubber.scrub("ada at https://api.example.test"), "ada at https://api.example.test");
  EXPECT_TRUE(scrubber.finds("x=tenant-42"));
  EXPECT_FALSE(scrubber.finds("x=tenant-43"));
}

http::Request asked(QueryParams query) {
  http::Request request;
  request.path = "/orders";
  request.query = std::move(query);
  return request;
}

TEST(CassetteKey, LeavesOutTheOrderTheWindowAndCredentials) {
  const Scrubber scrubber(account());
  domain::SourceSpec spec;
  spec.schedule.start_name = "since";
  spec.schedule.end_name = "until";
  const auto one = cassette_key(asked({{"since", "1"}, {"until", "2"}, {"key", "p\"w/1"}}), spec, scrubber);
  const auto two = cassette_key(asked({{"key", "p\"w/1"}, {"until", "9"}, {"since", "8"}}), spec, scrubber);
  EXPECT_EQ(one.text(), two.text());
  const auto first = cassette_key(asked({{"until", "2"}, {"key", "p\"w/1"}}), spec, scrubber);
  EXPECT_NE(one.text(), first.text()) << "with a lower bound and without";
  EXPECT_FALSE(scrubber.finds(one.text()));
}

TEST(Scrubber, LeavesAnAccountsOtherMembers) {
  extract::AuthSettings settings;
  settings.params =
      json::Object{{"region", "europe-1"}, {"domain", "shop.example.test"}, {"username", "somebody"}};
  const Scrubber scrubber(settings);
  EXPECT_EQ(scrubber.scrub("https://shop.example.test/europe-1 somebody"),
            "https://shop.example.test/europe-1 somebody");
}

// "100" is a limit, an id and half of another, too.
TEST(Scrubber, ACommonSecretIsLeftOutWhereItIsSent) {
  extract::AuthSettings settings;
  settings.params = json::Object{{"key", "100"}, {"other", "orders"}};
  settings.secret_names = {"key", "other"};
  settings.keys.push_back({extract::KeyPlacement::Place::query, "k", Secret("100")});
  const Scrubber scrubber(settings, R"({"path":"/orders","queryParams":{"o":"${other}"}})");
  domain::SourceSpec spec;
  spec.url.query = {{"o", "${other}"}};
  const auto key = cassette_key(asked({{"k", "100"}, {"o", "orders"}, {"limit", "100"}}), spec, scrubber);
  EXPECT_EQ(key.text(), "GET /orders?limit=100");
  EXPECT_EQ(scrubber.scrub_answer(R"({"id":1004,"key":"100","of":"orders","n":"100s"})"),
            R"({"id":1004,"key":"***","of":"***","n":"100s"})");
  EXPECT_FALSE(scrubber.finds("limit=100"));
}

// A parameter of four digits stood in the answers, and in what a request is known by.
TEST(Scrubber, ANumberIsLeftOutWhereItStandsAlone) {
  extract::AuthSettings settings;
  settings.params = json::Object{{"param pin", "4711"}, {"param code", "-12.75"}, {"param few", "471"}};
  settings.secret_names = {"param pin", "param code", "param few"};
  const Scrubber scrubber(settings);
  const auto scrubbed = scrubber.scrub_answer(
      R"({"pin":4711,"codes":[-12.75,12.75],"n":471,"id":14711,"of":"4711","at":"4711-01-02","say":"pin \"4711\"."})");
  EXPECT_EQ(
      scrubbed,
      R"({"pin":"***","codes":["***",12.75],"n":471,"id":14711,"of":"***","at":"4711-01-02","say":"pin \"***\"."})");
  EXPECT_TRUE(json::parse(scrubbed));
  EXPECT_EQ(scrubber.scrub("/pins/4711/orders"), "/pins/***/orders");
  EXPECT_TRUE(scrubber.finds("pin=4711"));
  EXPECT_FALSE(scrubber.finds("pin=47112"));

  domain::SourceSpec spec;
  spec.url.query = {{"p", "${pin}"}};
  spec.body = *json::parse(R"({"user":{"pin":"${pin}","id":"${id}"},"all":["${pin}",1]})");
  const auto key = [&](const std::string& pin) {
    auto request = asked({{"p", pin}, {"page", "1"}});
    request.method = http::Method::post;
    request.body = R"({"user":{"pin":)" + pin + R"(,"id":7},"all":[)" + pin + ",1]}";
    return cassette_key(request, spec, scrubber);
  };
  EXPECT_EQ(key("4711").query, "page=1");
  EXPECT_EQ(key("4711").text(), key("1").text()) << "that of the replay is made up";
}

TEST(CassetteKey, LeavesOutTheTimesOfAnAdvancedSchedule) {
  const Scrubber scrubber(account());
  domain::SourceSpec spec;
  spec.schedule.advance = true;
  spec.schedule.incremental = "updated > {START_TIME} updated < {END_TIME}";
  spec.schedule.backfill = "updated < {END_TIME}";
  const auto key = [&](const char* text) {
    return cassette_key(asked({{"q", text}}), spec, scrubber).text();
  };
  EXPECT_EQ(key("updated > 2024-01-01 updated < 2024-01-02"),
            key("updated > 2025-01-01 updated < 2025-01-02"));
  EXPECT_EQ(key("updated < 2024-01-02"), key("updated < 2025-01-02"));
  EXPECT_NE(key("updated < 2024-01-02"), key("updated > 2024-01-01 updated < 2024-01-02"));
}

TEST(Cassette, PlaysInTheOrderOfTheRecordingAndThenTheLastAgain) {
  const auto folder = *TemporaryFolder::make("headwater-cassette-");
  const auto file = folder.path() / "c.json";
  const Scrubber scrubber(account());
  const CassetteKey key{"GET", "/orders", "", ""};
  Cassette recorded;
  recorded.add({key, 200, {{"X-Pages", "2"}}, "[1]"});
  recorded.add({key, 503, {}, "down"});
  ASSERT_TRUE(recorded.write(file, scrubber));
  auto played = *Cassette::read(file);
  EXPECT_EQ(played.next(key)->headers.front().second, "2");
  EXPECT_EQ(played.next(key)->status, 503);
  EXPECT_EQ(played.next(key)->body, "down");
  EXPECT_EQ(played.next(CassetteKey{"GET", "/others", "", ""}), nullptr);
}

// A source that echoes what it was asked for does so in notations of its own.
TEST(Cassette, IsNotWrittenWithACredentialInAnotherNotation) {
  const auto folder = *TemporaryFolder::make("headwater-cassette-");
  const Scrubber scrubber(account());
  for (const char* echoed : {"p%22w/1", "p&quot;w/1", "cCJ3LzE=", "702277 702277", "7022772f31"}) {
    Cassette cassette;
    cassette.add({CassetteKey{"GET", "/orders", "", ""}, 200, {}, echoed});
    EXPECT_EQ(cassette.write(folder.path() / "c.json", scrubber).has_value(),
              std::string(echoed) == "702277 702277")
        << echoed;
    Cassette scrubbed;
    scrubbed.add({CassetteKey{"GET", "/orders", "", ""}, 200, {}, scrubber.scrub_answer(echoed)});
    EXPECT_TRUE(scrubbed.write(folder.path() / "d.json", scrubber)) << echoed;
  }
}

TEST(Cassette, IsNotWrittenWithACredentialInIt) {
  const auto folder = *TemporaryFolder::make("headwater-cassette-");
  const auto file = folder.path() / "c.json";
  Cassette cassette;
  cassette.origin = "https://tenant-42.example.test";
  const auto written = cassette.write(file, Scrubber(account()));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::forbidden);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_FALSE(Cassette::read(folder.path() / "none.json"));
}

}  // namespace
}  // namespace headwater::authoring
