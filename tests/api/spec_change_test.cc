#include "plain_source.h"

namespace headwater::tests {
namespace {

// A spec of its own, whose account has a password, and a source connection with a secret among its params.
class SpecChangeTest : public PlainSourceTest {
 protected:
  void SetUp() override {
    const auto base = create_plain_connection(spec_);
    connection_ = fs("/connections/" + base);
    const auto source = post(fs("/sourceConnections"),
                             R"({"name":"s","baseConnectionId":")" + base +
                                 R"(","data":{"format":"json"},"params":{"token":"t0ken","opt":"0pt"},)"
                                 R"("connectionSpec":{"id":")" +
                                 spec_id_ + R"("}})");
    ASSERT_EQ(source.status, 201) << source.text;
    source_ = fs("/sourceConnections/" + source.id());
  }
  // Changes the schema of one param and puts the spec.
  void describe(std::string_view path, std::string_view name, std::string_view schema) {
    json::Value* properties = &spec_;
    if (path == "account")
      properties = (*spec_.find("authSpec")->if_array())[0].find("spec")->find("properties");
    else
      properties = spec_.find("sourceSpec")->find("spec")->find("properties");
    properties->if_object()->set(name, *json::parse(schema));
    const auto stored = put(fs("/connectionSpecs/" + spec_id_), spec_.dump());
    ASSERT_EQ(stored.status, 200) << stored.text;
  }
  std::string etag_of(const std::string& path) { return std::string(get(path).item().string_at("etag")); }
  Answer set(const std::string& path, std::string_view member, std::string_view value) {
    return patch(
        path,
        R"([{"op":"add","path":")" + std::string(member) + R"(","value":")" + std::string(value) + R"("}])",
        etag_of(path));
  }
  // What a run would send.
  std::string account_param(const std::string& name) {
    get(connection_ + "/test");
    return asked.probes.back().auth.find_path("params." + name)->dump();
  }
  std::string source_param(const std::string& name) {
    const auto id = source_.substr(source_.rfind('/') + 1);
    const auto body = store->get(store::Scope::all(), domain::ResourceKind::source_connection, id)->body;
    return credentials().open_params(id, *body.find("params"))->find(name)->dump();
  }
  std::string at_rest() {
    std::string all;
    for (const auto kind : {domain::ResourceKind::connection, domain::ResourceKind::source_connection}) {
      const auto page = store->list(store::Scope::all(), kind, {});
      for (const auto& item : page->items) all += item.body.dump();
    }
    return all;
  }
  std::string answered() {
    return get(connection_).text + get(source_).text + get(fs("/connections")).text +
           get(fs("/sourceConnections")).text + post(fs("/connections/search"), "{}").text;
  }

  json::Value spec_ = plain_spec();
  std::string connection_, source_;
};

TEST_F(SpecChangeTest, ASpecThatForgetsAPasswordDestroysNoCredential) {
  describe("account", "password", R"({"type":"string"})");
  describe("source", "token", R"({"type":"string"})");
  ASSERT_EQ(set(connection_, "/description", "d").status, 200);
  ASSERT_EQ(set(source_, "/params/opt", "new").status, 200);
  EXPECT_EQ(account_param("password"), "\"s3cret\"");
  EXPECT_EQ(source_param("token"), "\"t0ken\"");
  // Also when the account is another one now, and again.
  ASSERT_EQ(set(connection_, "/auth/params/username", "other").status, 200);
  ASSERT_EQ(set(connection_, "/description", "e").status, 200);
  EXPECT_EQ(account_param("password"), "\"s3cret\"");
  for (const std::string& text : {answered(), at_rest()})
    for (const char* secret : {"s3cret", "t0ken"}) EXPECT_EQ(text.find(secret), std::string::npos) << text;
  ASSERT_EQ(set(connection_, "/auth/params/password", "n3w").status, 200);
  EXPECT_EQ(account_param("password"), "\"n3w\"");
}

TEST_F(SpecChangeTest, ASpecThatMakesAParamAPasswordSealsItInWhatIsThere) {
  ASSERT_NE(at_rest().find("u5er"), std::string::npos);
  describe("account", "username", R"({"type":"string","format":"password"})");
  describe("source", "opt", R"({"type":"string","format":"password"})");
  for (const std::string& text : {answered(), at_rest()})
    for (const char* secret : {"u5er", "0pt", "s3cret", "t0ken"})
      EXPECT_EQ(text.find(secret), std::string::npos) << text;
  EXPECT_EQ(account_param("username"), "\"u5er\"");
  EXPECT_EQ(account_param("password"), "\"s3cret\"");
  EXPECT_EQ(source_param("opt"), "\"0pt\"");
  EXPECT_EQ(source_param("token"), "\"t0ken\"");
  // Once more: there is nothing left to seal.
  const auto etag = etag_of(connection_);
  describe("account", "more", R"({"type":"string"})");
  EXPECT_EQ(etag_of(connection_), etag);
}

TEST_F(SpecChangeTest, ACredentialWithinWhatBecomesOneIsSealedWithIt) {
  describe("account", "login",
           R"({"type":"object","properties":{"key":{"type":"string","format":"password"}}})");
  ASSERT_EQ(
      patch(connection_, R"([{"op":"add","path":"/auth/params/login","value":{"name":"n","key":"k3y"}}])",
            etag_of(connection_))
          .status,
      200);
  describe("account", "login", R"({"type":"object","format":"password"})");
  EXPECT_EQ(get(connection_).item().find_path("auth.params.login")->dump(), "\"********\"");
  EXPECT_EQ(account_param("login"), R"({"name":"n","key":"k3y"})");
}

// Stored before its spec said so, by a server that did not seal it then.
TEST_F(SpecChangeTest, WhatTheSpecOfTodayMakesASecretIsNotAnswered) {
  const auto change = [](domain::Resource spec) -> Result<domain::Resource> {
    auto* entry = &(*spec.body.find("authSpec")->if_array())[0];
    entry->find("spec")->find("properties")->find("username")->if_object()->set("format", "password");
    spec.body.find("sourceSpec")
        ->find("spec")
        ->find("properties")
        ->find("opt")
        ->if_object()
        ->set("format", "password");
    return spec;
  };
  ASSERT_TRUE(store->update(store::Scope::all(), domain::ResourceKind::connection_spec, spec_id_, change));
  for (const char* secret : {"u5er", "0pt"}) EXPECT_EQ(answered().find(secret), std::string::npos) << secret;
  // A change of something else seals it.
  ASSERT_EQ(set(connection_, "/description", "d").status, 200);
  ASSERT_EQ(set(source_, "/description", "d").status, 200);
  for (const char* secret : {"u5er", "0pt"}) EXPECT_EQ(at_rest().find(secret), std::string::npos) << secret;
  EXPECT_EQ(account_param("username"), "\"u5er\"");
  EXPECT_EQ(source_param("opt"), "\"0pt\"");
}

}  // namespace
}  // namespace headwater::tests
