#pragma once

#include <gmock/gmock.h>

#include "api_fixture.h"
#include "base/time.h"

namespace headwater::tests {

inline constexpr std::string_view kHttpApi = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
inline constexpr std::string_view kStreamingTemplate = "e77fd9d2-22a8-11ed-861d-0242ac120002";
inline constexpr std::string_view kStreamingFlow = "e77fde5a-22a8-11ed-861d-0242ac120002";
inline constexpr std::string_view kHttpApiFlow = "d8a6f005-7eaf-4153-983e-e8574508b877";
inline constexpr const char* kAddress = "https://events\\.acme\\.test/collection/[0-9a-f]+";

class InletFixture : public ApiFixture {
 protected:
  /// As the reference's example, with these members of auth.params.
  static std::string connection_body(std::string_view params) {
    return R"({"name":"web inlet","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033","connectionSpec":{"id":")" +
           std::string(kHttpApi) +
           R"(","version":"1.0"},"auth":{"specName":"Streaming Connection","params":)" + std::string(params) +
           "}}";
  }
  std::string create_inlet_connection(std::string_view params = "{}", std::string_view mode = "") {
    const auto answer = post(fs("/connections") + std::string(mode), connection_body(params));
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  json::Value connection(const std::string& id) { return get(fs("/connections/" + id)).item(); }
  static std::string at(const json::Value& document, std::string_view path) {
    const json::Value* found = document.find_path(path);
    if (found == nullptr) return "";
    return found->if_string() != nullptr ? *found->if_string() : found->dump();
  }
  json::Value inlet(const std::string& id) { return get("/data/core/edge/inlets/" + id).item(); }
  std::string inlet_of(const std::string& connection_id) {
    return at(connection(connection_id), "auth.params.inletId");
  }
  std::string count(const std::string& query = "") {
    return get("/data/core/edge/inlets?count=true" + query).at("count");
  }
  Answer patch_any(const std::string& path, std::string_view body) { return patch(path, body, "*"); }
  Answer act(const std::string& id, std::string_view op, std::string_view body = "") {
    return post("/data/core/edge/inlets/" + id + "/action?op=" + std::string(op), body);
  }
  std::string create_http_source(const std::string& base, std::string_view mode = "") {
    const auto answer = post(fs("/sourceConnections") + std::string(mode),
                             R"({"name":"s","baseConnectionId":")" + base + R"(","connectionSpec":{"id":")" +
                                 std::string(kHttpApi) + R"("}})");
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  std::string create_sdk_source() {
    const auto answer =
        post(fs("/sourceConnections"),
             R"({"name":"s","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033","connectionSpec":{"id":")" +
                 std::string(kStreamingTemplate) + R"(","version":"1.0"},"data":{"format":"json"}})");
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  Answer post_flow(std::string_view spec, const std::string& source, std::string_view more = "",
                   std::string_view mode = "") {
    if (target_.empty()) target_ = create_target(create_dataset());
    return post(fs("/flows") + std::string(mode), R"({"name":"stream","flowSpec":{"id":")" +
                                                      std::string(spec) + R"("},"sourceConnectionIds":[")" +
                                                      source + R"("],"targetConnectionIds":[")" + target_ +
                                                      "\"]" + std::string(more) + "}");
  }
  /// As the streaming side writes them.
  domain::Resource stream_run(const std::string& flow_id, std::string_view state) {
    return domain::new_resource(
        domain::ResourceKind::run, "", tenant, {"u", "c"}, epoch_millis(clock.now()),
        json::Object{{"flowId", flow_id},
                     {"trigger", "stream"},
                     {"state", state},
                     {"metrics", json::Object{{"statusSummary", json::Object{{"status", state}}}}}});
  }
  json::Value flow(const std::string& id) { return get(fs("/flows/" + id)).item(); }
  store::NamedSecrets secrets_of(const std::string& inlet_id) {
    store::NamedSecrets found;
    EXPECT_TRUE(store->read([&](store::Transaction& transaction) -> Result<void> {
      for (const auto& [name, sealed] : TRY(transaction.secrets_of(inlet_id)))
        found.emplace(name, Secret(sealed));
      return {};
    }));
    return found;
  }

 private:
  std::string target_;
};

}  // namespace headwater::tests
