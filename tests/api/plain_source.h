#pragma once

#include <string>
#include <string_view>

#include "api_fixture.h"

namespace headwater::tests {

/// With accounts of a source that is as plain as can be.
class PlainSourceTest : public ApiFixture {
 protected:
  // A spec whose users enter nothing but their account.
  static json::Value plain_spec() {
    return *json::parse(
        R"({"name":"t","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","authSpec":)"
        R"([{"name":"Basic","type":"BasicAuthentication","spec":{"type":"object","properties":{)"
        R"("username":{"type":"string"},"password":{"type":"string","format":"password"}}}}],)"
        R"("sourceSpec":{"attributes":{"urlParams":{"host":"https://a.test","path":"/x","method":"GET"},)"
        R"("contentPath":{"path":"$.items"},"paginationParams":{"type":"NONE"}},"spec":{"type":"object",)"
        R"("properties":{"opt":{"type":"string"},"token":{"type":"string","format":"password"}}}},)"
        R"("exploreSpec":{"name":"Resource","type":"Resource"}})");
  }
  std::string create_plain_connection(const json::Value& spec = plain_spec(),
                                      std::string_view password = "s3cret") {
    const auto stored = post(fs("/connectionSpecs"), spec.dump());
    EXPECT_EQ(stored.status, 201) << stored.text;
    spec_id_ = stored.id();
    const auto connection =
        post(fs("/connections"),
             R"({"name":"c","auth":{"specName":"Basic","params":{"username":"u5er","password":")" +
                 std::string(password) + R"("}},"connectionSpec":{"id":")" + spec_id_ + R"("}})");
    EXPECT_EQ(connection.status, 201) << connection.text;
    return connection.id();
  }
  std::string spec_id_;  // of the last plain connection
};

}  // namespace headwater::tests
