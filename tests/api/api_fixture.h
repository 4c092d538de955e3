#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/routes.h"
#include "api/services.h"
#include "base/clock.h"
#include "base/file.h"
#include "engine/run/upload_promoter.h"
#include "http/client.h"
#include "http/server.h"
#include "identity/identity.h"
#include "inlet/streaming.h"
#include "json/value.h"
#include "lake/lake.h"
#include "secrets/vault.h"
#include "store/credentials.h"
#include "store/store.h"
#include "webhook/deliverer.h"

namespace headwater::tests {

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string text;
  json::Value body;  // null when the text is no JSON

  std::string header(std::string_view name) const;
  /// The text at a dotted path ("items.0" is not a path: see `item`); numbers as they are written.
  std::string at(std::string_view dotted) const;
  /// `items[index]`.
  const json::Value& item(std::size_t index = 0) const;
  std::string id() const { return at("id"); }
  std::string etag() const { return at("etag"); }
};

/// A whole API on loopback: real server, real SQLite in a temporary folder (or, with
/// HEADWATER_TEST_STORE=postgres in the environment, a new database of the tests' PostgreSQL), real lake.
/// Only the parts that call sources and run flows are stand-ins, and they write down what they were asked.
class ApiFixture : public testing::Test {
 protected:
  explicit ApiFixture(const std::string& store_url = usual_store());
  ~ApiFixture() override;

  static std::string usual_store();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// As the default caller; `more` replaces or (empty value) removes headers.
  Answer call(std::string_view method, std::string_view path, std::string_view body = {},
              const Headers& more = {});
  Answer get(std::string_view path) { return call("GET", path); }
  Answer post(std::string_view path, std::string_view body) { return call("POST", path, body); }
  Answer put(std::string_view path, std::string_view body, std::string_view etag = {});
  Answer patch(std::string_view path, std::string_view body, std::string_view etag);
  Answer del(std::string_view path) { return call("DELETE", path); }
  std::vector<std::string> routes() const { return router_.routes(); }
  /// The streaming side of this fixture's server, with a journal of its own; it is not started.
  std::unique_ptr<inlet::Streaming> open_streaming();
  /// A call from another organisation.
  Answer call_as_stranger(std::string_view method, std::string_view path, std::string_view body = {});
  /// What stands behind the # of a sign-in link.
  std::string sign_in_code(const std::optional<OrgId>& org = {}) {
    return identity_->sessions().make_code(org)->reveal();
  }

  // The resources of a whole flow, each created through the API.
  std::string create_connection(std::string_view password = "s3cret-w0rd");
  std::string create_source(const std::string& connection);
  std::string create_schema();
  std::string create_dataset(const std::string& schema = {});
  std::string create_target(const std::string& dataset);
  std::string create_mapping(const std::string& schema = {});
  std::string flow_body(const std::string& source, const std::string& target, std::string_view schedule,
                        std::string_view more = {});
  std::string create_flow(std::string_view schedule = R"({"startTime":1700000000,"frequency":"once"})");
  /// A finished run of the flow as the scheduler would leave it.
  std::string add_run(const std::string& flow, std::string_view status, std::int64_t written);

  struct Asked {
    std::vector<api::SourceDraft> probes;
    std::vector<bool> only_test_url;
    std::vector<api::SourceDraft> previews;
    std::vector<api::RunControl::OnDemand> runs;
    std::vector<std::string> changed_flows;
    std::vector<std::string> cancelled, retriggered, forgotten;
    std::atomic<int> inlet_changes = 0;
  };
  /// Written on the server's threads, read after the answer has come.
  Asked asked;
  /// What the next probe answers.
  std::optional<Error> probe_error;
  /// The schema that a preview answers.
  json::Value preview_schema = json::Object{{"type", "object"}};
  /// What the next probe's token refresh brings; null: none.
  json::Value rotated;

  /// The sandbox of the calls that follow; empty: the header is not sent.
  std::string sandbox;
  const store::Credentials& credentials() const { return *credentials_; }
  void be_strict() { services_->strict = true; }
  void edit(api::SourceFolder folder) { services_->source_folder = std::move(folder); }
  void watch(api::SourceRepository repository) { services_->source_repository = std::move(repository); }
  domain::Tenant tenant;
  SystemClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<run::UploadPromoter> promoter;

 private:
  api::RunControl run_control();
  api::SourceQuestions source_questions();
  api::InletControl inlet_control();
  api::WebhookControl webhook_control();
  Answer send(std::string_view method, std::string_view path, std::string_view body, Headers headers);

  std::optional<TemporaryFolder> folder_;
  std::optional<secrets::Vault> vault_;
  std::unique_ptr<identity::Identity> identity_;
  std::unique_ptr<store::Credentials> credentials_;
  std::unique_ptr<webhook::Deliverer> deliverer_;
  std::unique_ptr<api::ApiServices> services_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::string token_, api_key_, org_;
};

inline constexpr std::string_view kFlowService = "/data/foundation/flowservice";
/// What the addresses of the fixture's inlets begin with.
inline constexpr std::string_view kInletBase = "https://events.acme.test";
inline constexpr std::string_view kGenericRest = "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62";
inline constexpr std::string_view kRestStorage = "2d46966e-4fcc-4015-9f9e-a67594e395a3";
inline constexpr std::string_view kDataLake = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
inline constexpr std::string_view kRestFlow = "6499120c-0b15-42dc-936e-847ea3c24d72";

/// "/data/foundation/flowservice" + path.
std::string fs(std::string_view path);

}  // namespace headwater::tests
