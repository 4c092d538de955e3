#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/time.h"
#include "http/client.h"
#include "http/server.h"
#include "identity/identity.h"
#include "inlet/streaming.h"
#include "lake/lake.h"
#include "secrets/vault.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet::test {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using store::Scope;

inline constexpr std::string_view kStreamingSpec = "e77fd9d2-22a8-11ed-861d-0242ac120002";
inline constexpr std::string_view kStreamingFlow = "e77fde5a-22a8-11ed-861d-0242ac120002";

struct Answer {
  int status = 0;
  std::string text;
  Value body;
  http::Headers headers;
  std::string header(std::string_view name) const {
    const auto found = http::find_header(headers, name);
    return found ? std::string(*found) : "";
  }
};

/// The streaming side behind a real server, with a real store and lake in a temporary folder.
class InletTest : public ::testing::Test {
 protected:
  InletTest()
      : folder_(*TemporaryFolder::make("headwater-inlet-")),
        store_(*store::Store::open("sqlite", folder_.path())),
        vault_(*secrets::Vault::open(folder_.path() / "key")),
        credentials_(*store_, vault_),
        identity_(*identity::Identity::open(*store_, vault_, clock_)),
        tenant_(*identity_->default_tenant()) {
    lake::Lake::Options lake;
    lake.root = folder_.path() / "lake";
    lake_ = *lake::Lake::open(lake, clock_);
    options_.journals = folder_.path() / "journal";
    options_.consumer.commit_age = std::chrono::milliseconds(20);
    options_.consumer.retry_after = std::chrono::milliseconds(100);
    add(ResourceKind::connection_spec, Object{{"name", "generic-streaming"}}, "",
        std::string(kStreamingSpec));
  }
  ~InletTest() override { close(); }

  /// Opens what takes events, and what lands them unless told otherwise.
  void open(bool consume = true) {
    streaming_ = *Streaming::open({*store_, credentials_, *identity_, *lake_, clock_}, options_);
    router_ = std::make_unique<http::Router>();
    streaming_->add_routes(*router_);
    http::ServerOptions server;
    server.port = 0;
    server_ = *http::Server::make(server, *router_);
    server_->start();
    if (consume) streaming_->start();
    http::ClientOptions client;
    client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
    client_ = *http::Client::make(client);
  }
  void close() {
    if (server_) server_->stop(std::chrono::milliseconds(500));
    if (streaming_) streaming_->stop();
    server_.reset();
    streaming_.reset();
  }

  std::string add(ResourceKind kind, Value body, std::string state = "enabled", std::string id = {}) {
    const auto resource = domain::new_resource(kind, std::move(id), tenant_, domain::Actor{"user", "client"},
                                               epoch_millis(clock_.now()), std::move(body), std::move(state));
    const auto stored = store_->insert(resource);
    EXPECT_TRUE(stored) << stored.error().message;
    return resource.id;
  }
  void change(ResourceKind kind, const std::string& id, std::string_view member, Value value) {
    const auto set = [&](Resource current) -> Result<Resource> {
      if (member == "state")
        current.state = *value.if_string();
      else
        current.body.if_object()->set(member, value);
      domain::touch(current, {"user", "client"}, epoch_millis(clock_.now()));
      return current;
    };
    const auto done = store_->update(Scope::all(), kind, id, set);
    EXPECT_TRUE(done) << done.error().message;
    if (streaming_) streaming_->changed();
  }

  /// A streaming flow into a dataset of its own, with an inlet of the given digit; records have an id.
  struct Made {
    std::string flow, inlet, dataset;
  };
  Made add_flow(char digit, Object inlet = {}) {
    Made made;
    made.dataset = std::string("dataset-") + digit;
    EXPECT_TRUE(lake_->put_dataset(
        {DatasetId(made.dataset), std::string("events_") + digit, "", lake::Format::parquet}));
    const std::string schema =
        add(ResourceKind::schema,
            Object{{"$id", std::string("https://ns.acme.test/schemas/") + digit},
                   {"type", "object"},
                   {"properties", Object{{"id", Object{{"type", "integer"}}},
                                         {"name", Object{{"type", "string"}, {"enum", Array{"Ada", "Bob"}}}},
                                         {"age", Object{{"type", "integer"}, {"minimum", 0}}}}},
                   {"required", Array{"id"}}},
            "", std::string("https://ns.acme.test/schemas/") + digit);
    add(ResourceKind::dataset, Object{{"name", made.dataset}, {"schemaRef", Object{{"id", schema}}}}, "",
        made.dataset);
    const Value spec = Object{{"id", kStreamingSpec}, {"version", "1.0"}};
    const std::string source = add(ResourceKind::source_connection, Object{{"connectionSpec", spec}});
    const std::string target =
        add(ResourceKind::target_connection, Object{{"params", Object{{"dataSetId", made.dataset}}}});
    made.inlet = std::string(64, digit);
    made.flow = add(ResourceKind::flow,
                    Object{{"name", "events"},
                           {"flowSpec", Object{{"id", kStreamingFlow}, {"version", "1.0"}}},
                           {"sourceConnectionIds", Array{source}},
                           {"targetConnectionIds", Array{target}},
                           {"options", Object{{"inletUrl", "http://acme.test/collection/" + made.inlet}}}});
    inlet.set("flowId", made.flow);
    if (!inlet.contains("dataType")) inlet.set("dataType", "raw");
    add(ResourceKind::inlet, std::move(inlet), "", made.inlet);
    return made;
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  Answer post(const std::string& path, std::string body, Headers headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return send(path, std::move(body), headers);
  }
  Answer send(const std::string& path, std::string body, const Headers& headers) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = *Url::parse("http://127.0.0.1:" + std::to_string(server_->port()) + path);
    request.headers = headers;
    request.body = std::move(body);
    http::StringSink sink;
    const auto sent = client_->send(request, sink, {});
    EXPECT_TRUE(sent) << sent.error().message;
    Answer answer{sink.answer.status, sink.text, {}, sink.answer.headers};
    if (auto parsed = json::parse(sink.text)) answer.body = *std::move(parsed);
    return answer;
  }
  Answer post_to(const Made& made, std::string body, Headers headers = {}) {
    return post("/collection/" + made.inlet, std::move(body), std::move(headers));
  }

  std::uint64_t landed(const std::string& dataset) {
    std::uint64_t records = 0;
    const auto manifest = *lake_->manifest(DatasetId(dataset));
    const auto add = [&records](const lake::BatchInfo& batch) {
      records += batch.records;
      return true;
    };
    EXPECT_TRUE(manifest->batches.each(add).has_value());
    return records;
  }
  /// Waits until a condition holds; false after ten seconds.
  template <class Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  /// Waits until the lake has all that the journal has.
  bool drained(const Made& made) {
    return soon(
        [&] { return streaming_->counters(made.inlet)->find_path("journal.events")->as_int64() == 0; });
  }
  std::vector<Resource> all(ResourceKind kind) {
    return store_->list(Scope::all(), kind, domain::ListQuery{})->items;
  }

  SystemClock clock_;
  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  secrets::Vault vault_;
  store::Credentials credentials_;
  std::unique_ptr<identity::Identity> identity_;
  domain::Tenant tenant_;
  std::unique_ptr<lake::Lake> lake_;
  StreamingOptions options_;
  std::unique_ptr<Streaming> streaming_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace headwater::inlet::test
