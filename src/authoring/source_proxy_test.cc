#include "authoring/source_proxy.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/crypto.h"
#include "base/file.h"
#include "http/client.h"
#include "http/server.h"

namespace headwater::authoring {
namespace {

http::ClientOptions loopback() {
  http::ClientOptions options;
  options.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  return options;
}

// /items leads to /items/, at the same place or with the whole address.
class Moved : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    router_.add(http::Method::get, "/{path...}", [this](const http::Request& request) {
      if (request.path == "/items/")
        return http::Response::text(200, R"({"items":[],"next":"page2"})", "application/json");
      auto moved = http::Response::text(301, "", "text/plain");
      moved.headers.emplace_back("Location", (GetParam() ? origin_ : std::string()) + "/items/");
      return moved;
    });
    http::ServerOptions options;
    options.port = 0;
    server_ = *http::Server::make(options, router_);
    origin_ = "http://127.0.0.1:" + std::to_string(server_->port());
    server_->start();
    auto spec = json::parse(
        R"({"name":"moved","providerId":"p","type":"generic-rest","authSpec":[],"sourceSpec":{"attributes":{
      "urlParams":{"host":")" +
        origin_ + R"(","path":"/items"},"contentPath":"$.items",
      "paginationParams":{"type":"POINTER","pointerPath":"$.next"}}}})");
    ASSERT_TRUE(spec);
    spec_ = *std::move(spec);
  }
  void TearDown() override { server_->stop(std::chrono::milliseconds(200)); }

  // Where the first page of the proxy's source comes from.
  static std::string came_from(const SourceProxy& proxy) {
    const std::string host(proxy.spec().find_path("sourceSpec.attributes.urlParams")->string_at("host"));
    const auto client = http::Client::make(loopback());
    http::StringSink sink;
    EXPECT_TRUE((*client)->send({"GET", *Url::parse(host + "/items"), {}, {}}, sink, {}));
    EXPECT_EQ(sink.text, R"({"items":[],"next":"page2"})");
    return sink.answer.final_url.substr(host.size());
  }

  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::string origin_;
  json::Value spec_;
};

TEST_P(Moved, ARecordedRedirectIsTheCallersToFollowAndIsPlayedAgain) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("moved-" + std::to_string(server_->port()) + (GetParam() ? "-a" : "-r"));
  const json::Value no_params{json::Object{}};
  {
    const auto recorder = SourceProxy::record({spec_, {}, no_params, {}, {}}, loopback());
    ASSERT_TRUE(recorder) << recorder.error().message;
    EXPECT_EQ(came_from(**recorder), "/items/");
    ASSERT_TRUE((*recorder)->write(file));
  }
  const auto player = SourceProxy::replay(spec_, no_params, *Cassette::read(file));
  ASSERT_TRUE(player) << player.error().message;
  EXPECT_EQ(came_from(**player), "/items/");
  std::filesystem::remove(file);
}

// None of them says that it is a password.
TEST(SourceProxy, WhatIsSentAsACredentialStandsInNoCassette) {
  http::Router router;
  router.add(http::Method::post, "/items", [](const http::Request& request) {
    return http::Response::json(200, json::Object{{"items", json::Array{}}, {"echoed", request.body}});
  });
  http::ServerOptions options;
  options.port = 0;
  const auto server = *http::Server::make(options, router);
  server->start();
  auto spec = *json::parse(R"({"name":"s","providerId":"p","type":"generic-rest",
    "authSpec":[{"name":"K","type":"KeyBased","spec":{"type":"object","properties":{"tok":{"type":"string"},
      "region":{"type":"string"}}}}],
    "sourceSpec":{"spec":{"type":"object","required":["hk","bp"],"properties":{"hk":{"type":"string"},
      "bp":{"type":"string"},"list":{"type":"string"}}},"attributes":{
      "urlParams":{"path":"/items","method":"POST"},"contentPath":"$.items",
      "headerParams":{"X-Api-Key":"${hk}"},
      "bodyParams":{"api_key":"${tok}","auth":{"password":"${bp}"},"region":"${region}","list":"${list}"},
      "paginationParams":{"type":"NONE"}}}})");
  const std::string origin = "http://127.0.0.1:" + std::to_string(server->port());
  spec.find("sourceSpec")->find("attributes")->find("urlParams")->if_object()->set("host", origin);
  run::SourceDocuments source;
  source.connection_spec = spec;
  source.auth = *json::parse(R"({"specName":"K","params":{"tok":"SECRETTOK1","region":"north"}})");
  source.params = *json::parse(R"({"hk":"HEADERKEY77","bp":"BODYPASS88","list":"list-9"})");
  const auto proxy = SourceProxy::record(source, loopback());
  ASSERT_TRUE(proxy) << proxy.error().message;
  const std::string host((*proxy)->spec().find_path("sourceSpec.attributes.urlParams")->string_at("host"));
  const auto client = *http::Client::make(loopback());
  http::StringSink sink;
  const std::string body =
      R"({"api_key":"SECRETTOK1","auth":{"password":"BODYPASS88"},"region":"north","list":"list-9"})";
  ASSERT_TRUE(
      client->send({"POST", *Url::parse(host + "/items"), {{"X-Api-Key", "HEADERKEY77"}}, body}, sink, {}));
  const auto folder = *TemporaryFolder::make("headwater-proxy");
  const auto file = folder.path() / "cassette.json";
  ASSERT_TRUE((*proxy)->write(file));
  server->stop(std::chrono::milliseconds(200));
  const auto text = *read_file(file);
  for (const char* secret : {"SECRETTOK1", "HEADERKEY77", "BODYPASS88"})
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  for (const char* shown : {"north", "list-9"}) EXPECT_NE(text.find(shown), std::string::npos) << shown;
  EXPECT_TRUE(SourceProxy::replay(spec, {}, *Cassette::read(file))) << "needs none of them";
}

int status_of(const SourceProxy& proxy, const std::string& method, const std::string& target,
              const std::string& body = {}) {
  const std::string host(proxy.spec().find_path("sourceSpec.attributes.urlParams")->string_at("host"));
  const auto client = *http::Client::make(loopback());
  http::StringSink sink;
  const auto sent = client->send({method, *Url::parse(host + target), {}, body}, sink, {});
  return sent ? sink.answer.status : 0;
}

// They had no answer to any request, since what is a credential by now was a part of what it was known by.
TEST(SourceProxy, CassettesOfEarlierVersionsPlay) {
  const auto spec = *json::parse(R"({"name":"s","providerId":"p","type":"generic-rest",
    "authSpec":[{"name":"K","type":"KeyBased","spec":{"type":"object","properties":{"tok":{"type":"string"}}}}],
    "sourceSpec":{"spec":{"type":"object","required":["app","other"],"properties":{"app":{"type":"string"},
      "other":{"type":"string"}}},"attributes":{
      "urlParams":{"host":"https://a.test","path":"/items/${app}","method":"POST",
        "queryParams":{"appid":"${app}","user_token":"${other}"}},
      "bodyParams":{"auth":{"token":"${tok}"}},"contentPath":"$.items","paginationParams":{"type":"NONE"},
      "scheduleParams":{"scheduleStartParamName":"since","scheduleEndParamName":"until"}}}})");
  const std::string body = R"({"auth":{"token":"north"}})";
  const auto text = json::Value(
      json::Object{{"headwaterCassette", 2},
                   {"source", "s"},
                   {"origin", "https://a.test"},
                   {"account", json::Object{{"tok", "north"}}},
                   {"params", json::Object{{"app", "1091500"}, {"other", "mine"}}},
                   {"answers", json::Array{json::Object{{"method", "POST"},
                                                        {"path", "/items/1091500"},
                                                        {"query", "appid=1091500&user_token=mine"},
                                                        {"bodyHash", crypto::hex(crypto::sha256(body))},
                                                        {"status", 200},
                                                        {"headers", json::Object{}},
                                                        {"body", "{}"}}}}});
  const auto folder = *TemporaryFolder::make("headwater-proxy");
  const auto file = folder.path() / "cassette.json";
  std::ofstream(file) << text.dump();
  const auto player = SourceProxy::replay(spec, {}, *Cassette::read(file));
  ASSERT_TRUE(player) << player.error().message;
  EXPECT_EQ(status_of(**player, "POST", "/items/1091500?user_token=mine&appid=1091500", body), 200);
  EXPECT_EQ(status_of(**player, "POST", "/items/1091501?user_token=mine&appid=1091501", body), 404);
  EXPECT_EQ((*player)->missing().size(), 1U);
}

// Which app, and whose session, is no credential where the source's parameters say it.
TEST(SourceProxy, IdsOfWhatIsAskedAboutStandInACassette) {
  http::Router router;
  router.add(http::Method::get, "/items", [](const http::Request&) {
    return http::Response::json(200, json::Object{{"items", json::Array{}}});
  });
  http::ServerOptions options;
  options.port = 0;
  const auto server = *http::Server::make(options, router);
  server->start();
  auto spec = *json::parse(R"({"name":"s","providerId":"p","type":"generic-rest","authSpec":[],
    "sourceSpec":{"spec":{"type":"object","required":["i0"],"properties":{"i0":{"type":"string"}}},"attributes":{
      "urlParams":{"path":"/items"},"contentPath":"$.items","paginationParams":{"type":"NONE"}}}})");
  const std::vector<std::string> ids{"appid", "appids", "userKeys", "sessionId"};
  const std::vector<std::string> keys{"api_key",  "apikey", "token",    "access_token",
                                      "password", "secret", "X-Api-Key"};
  json::Object query, params;
  std::string target = "/items?";
  const auto add = [&](const std::string& place, const std::string& kind) {
    const auto input = "i" + std::to_string(query.size());
    query.set(place, "${" + input + "}");
    params.set(input, kind + input);
    target += place + "=" + kind + input + "&";
  };
  for (const auto& place : ids) add(place, "shown-");
  for (const auto& place : keys) add(place, "zq9x7-");
  // An input that is called like a key is one, wherever it is sent.
  query.set("app-id", "${apiKey}");
  params.set("apiKey", "zq9x7-key");
  target += "app-id=zq9x7-key&";
  auto* url = spec.find("sourceSpec")->find("attributes")->find("urlParams")->if_object();
  url->set("host", "http://127.0.0.1:" + std::to_string(server->port()));
  url->set("queryParams", query);
  const auto proxy = SourceProxy::record({spec, {}, params, {}, {}}, loopback());
  ASSERT_TRUE(proxy) << proxy.error().message;
  target.pop_back();
  EXPECT_EQ(status_of(**proxy, "GET", target), 200);
  server->stop(std::chrono::milliseconds(200));
  const auto folder = *TemporaryFolder::make("headwater-proxy");
  const auto file = folder.path() / "cassette.json";
  ASSERT_TRUE((*proxy)->write(file));
  const auto text = *read_file(file);
  EXPECT_EQ(text.find("zq9x7"), std::string::npos) << text;
  for (const auto& place : ids) EXPECT_NE(text.find(place + "=shown-"), std::string::npos) << text;
  for (const auto& place : keys) EXPECT_EQ(text.find(place + "="), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(All, Moved, testing::Bool());

}  // namespace
}  // namespace headwater::authoring
