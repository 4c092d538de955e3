#include "api_fixture.h"

#include <algorithm>
#include <cstdlib>

#include "api/shipped_specs.h"
#include "base/time.h"
#include "domain/run.h"
#include "tests/servers/postgres_fixture.h"

namespace headwater::tests {
namespace {

using json::Object;
using json::Value;

// The source's password decides how the stand-in answers.
constexpr std::string_view kWrongPassword = "wrong";

std::string text_of(const Value& value) {
  return value.if_string() != nullptr ? *value.if_string() : value.dump();
}

}  // namespace

std::string fs(std::string_view path) { return std::string(kFlowService) + std::string(path); }

std::string Answer::header(std::string_view name) const {
  return std::string(http::find_header(headers, name).value_or(""));
}

std::string Answer::at(std::string_view dotted) const {
  const Value* value = body.find_path(dotted);
  return value == nullptr ? std::string() : text_of(*value);
}

const Value& Answer::item(std::size_t index) const {
  static const Value kNone;
  const Value* items = body.find("items");
  if (items == nullptr || items->if_array() == nullptr || items->if_array()->size() <= index) return kNone;
  return (*items->if_array())[index];
}

std::string ApiFixture::usual_store() {
  const char* wanted = std::getenv("HEADWATER_TEST_STORE");
  return wanted != nullptr && wanted == std::string_view("postgres") ? PostgresServer::shared().new_database()
                                                                     : "sqlite";
}

ApiFixture::ApiFixture(const std::string& store_url) {
  folder_.emplace(*TemporaryFolder::make("headwater-api"));
  const auto& data = folder_->path();
  store = *store::Store::open(store_url, data);
  vault_.emplace(*secrets::Vault::open(data / "key"));
  identity_ = *identity::Identity::open(*store, *vault_, clock);
  credentials_ = std::make_unique<store::Credentials>(*store, *vault_);
  lake::Lake::Options options;
  options.root = data / "lake";
  lake = *lake::Lake::open(options, clock);
  tenant = *identity_->default_tenant();
  promoter = std::make_unique<run::UploadPromoter>(*store, *lake, clock);
  promoter->start();
  EXPECT_TRUE(api::install_shipped_specs(*store, tenant, clock));
  services_ = std::make_unique<api::ApiServices>(
      api::ApiServices{*store, *credentials_, *identity_, *lake, clock, run_control(), source_questions(),
                       [this] { promoter->wake(); }, inlet_control(), webhook_control()});
  api::add_routes(router_, *services_);
  http::ServerOptions listening;
  listening.port = 0;
  listening.worker_threads = 2;
  server_ = *http::Server::make(listening, router_);
  server_->start();
  const auto minted = *identity_->mint(std::nullopt, std::nullopt);
  token_ = minted.access_token.reveal();
  api_key_ = minted.client.value;
  org_ = minted.org.value;
}

// The real one, which may call this machine; it is not started.
api::WebhookControl ApiFixture::webhook_control() {
  webhook::DelivererOptions options;
  options.client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  const auto egress = options.client.egress;
  deliverer_ = std::make_unique<webhook::Deliverer>(*store, *credentials_, clock, options);
  api::WebhookControl control;
  control.read = [egress](const json::Value& body) { return webhook::read_settings(body, egress); };
  control.test = [this](const domain::Resource& webhook) { return deliverer_->test(webhook); };
  return control;
}

std::unique_ptr<inlet::Streaming> ApiFixture::open_streaming() {
  inlet::StreamingOptions options;
  options.journals = folder_->path() / "journals";
  return *inlet::Streaming::open({*store, *credentials_, *identity_, *lake, clock}, options);
}

ApiFixture::~ApiFixture() { server_->stop(std::chrono::seconds(5)); }

api::RunControl ApiFixture::run_control() {
  api::RunControl control;
  control.start = [this](const api::RunControl::OnDemand& request) -> Result<api::AcceptedRun> {
    const api::AcceptedRun run{RunId("11111111-0000-4000-8000-000000000001"), Etag("\"run-etag\"")};
    domain::Resource document;
    document.id = run.id.value;
    document.etag = run.etag;
    TRY(store->transact(
        [&](store::Transaction& transaction) { return request.also(transaction, document); }));
    asked.runs.push_back(request);
    return run;
  };
  control.retrigger = [this](const RunId& run, const domain::Actor&,
                             const api::RunControl::Also& also) -> Result<api::AcceptedRun> {
    domain::Resource document;
    document.id = "11111111-0000-4000-8000-000000000002";
    document.etag = Etag("\"again-etag\"");
    TRY(store->transact([&](store::Transaction& transaction) { return also(transaction, document); }));
    asked.retriggered.push_back(run.value);
    return api::AcceptedRun{RunId(document.id), document.etag};
  };
  control.cancel = [this](const RunId& run, const domain::Actor&) -> Result<api::AcceptedRun> {
    asked.cancelled.push_back(run.value);
    return api::AcceptedRun{run, Etag("\"cancelled-etag\"")};
  };
  control.flow_changed = [this](const FlowId& flow) { asked.changed_flows.push_back(flow.value); };
  return control;
}

api::InletControl ApiFixture::inlet_control() {
  api::InletControl control;
  control.base_url = kInletBase;
  control.changed = [this] { ++asked.inlet_changes; };
  control.counters = [](const std::string& inlet) { return Value(Object{{"inletId", inlet}}); };
  control.replay = [](const domain::Resource& batch, bool again) -> Result<std::uint64_t> {
    if (again || batch.body.find("replay") == nullptr) return std::uint64_t{7};
    return Error{ErrorKind::conflict, "The rejected events of this batch were replayed already."};
  };
  control.events = [](const std::string&, std::uint64_t after) {
    return Value(Object{{"events", json::Array{}}, {"next", static_cast<std::int64_t>(after)}});
  };
  return control;
}

api::SourceQuestions ApiFixture::source_questions() {
  api::SourceQuestions questions;
  questions.probe = [this](const api::SourceDraft& draft, bool only_test_url) -> Result<void> {
    asked.probes.push_back(draft);
    asked.only_test_url.push_back(only_test_url);
    if (probe_error) return *probe_error;
    if (!rotated.is_null()) {
      // Those of a stored account are kept by the server itself, as here.
      const Secret token{std::string(rotated.string_at("accessToken"))};
      if (draft.account.empty())
        EXPECT_TRUE(draft.keep_tokens(rotated, Value()));
      else
        EXPECT_TRUE(credentials_->put(draft.account, {{"/accessToken", token}}));
      rotated = Value();
    }
    const Value* password = draft.auth.find_path("params.password");
    if (password == nullptr || text_of(*password) != kWrongPassword) return {};
    return Error{ErrorKind::unauthorized, "https://a.test/ answered 401: it refuses the credentials.", "",
                 "CONNECTOR-1001-500"};
  };
  questions.preview = [this](const api::SourceDraft& draft) -> Result<Value> {
    asked.previews.push_back(draft);
    if (probe_error) return *probe_error;
    return Value(Object{{"format", "hierarchical"},
                        {"schema", preview_schema},
                        {"data", json::Array{Value(Object{{"id", 1}})}}});
  };
  questions.look = [this](const api::SourceDraft& draft) -> Result<Value> {
    asked.previews.push_back(draft);
    if (probe_error) return *probe_error;
    return Value(Object{{"page", Object{{"status", 200}, {"text", "{}"}}}, {"preview", Object{}}});
  };
  questions.explain = [](const api::SourceDraft&) -> Result<Value> {
    return Value(Object{{"requests", json::Array{}}});
  };
  questions.compare = [](const Value& before, const Value& after,
                         const std::vector<api::FlowOfSpec>& flows) -> Value {
    json::Array names;
    for (const auto& flow : flows)
      names.emplace_back(flow.name + " of " + flow.sandbox + " by " + flow.auth_name);
    return Object{{"same", before == after}, {"flows", std::move(names)}};
  };
  questions.forget = [this](const std::string& account) { asked.forgotten.push_back(account); };
  return questions;
}

Answer ApiFixture::send(std::string_view method, std::string_view path, std::string_view body,
                        Headers headers) {
  http::ClientRequest request;
  request.method = method;
  request.url = *Url::parse("http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path));
  request.body = body;
  request.headers.assign(headers.begin(), headers.end());
  http::StringSink sink;
  http::ClientOptions outgoing;
  outgoing.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  // A client belongs to one thread, and some tests call from many.
  const auto sent = (*http::Client::make(outgoing))->send(request, sink, {});
  EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
  Answer answer{sink.answer.status, sink.answer.headers, sink.text, {}};
  if (auto parsed = json::parse(sink.text)) answer.body = *std::move(parsed);
  return answer;
}

Answer ApiFixture::call(std::string_view method, std::string_view path, std::string_view body,
                        const Headers& more) {
  Headers headers{{"authorization", "Bearer " + token_}, {"x-api-key", api_key_}, {"x-gw-ims-org-id", org_}};
  if (!body.empty()) headers.emplace_back("content-type", "application/json");
  if (!sandbox.empty()) headers.emplace_back("x-sandbox-name", sandbox);
  for (const auto& [name, value] : more) {
    std::erase_if(headers, [&name](const auto& header) { return header.first == name; });
    if (!value.empty()) headers.emplace_back(name, value);
  }
  return send(method, path, body, std::move(headers));
}

Answer ApiFixture::put(std::string_view path, std::string_view body, std::string_view etag) {
  return call("PUT", path, body, {{"if-match", std::string(etag)}});
}

Answer ApiFixture::patch(std::string_view path, std::string_view body, std::string_view etag) {
  return call("PATCH", path, body, {{"if-match", std::string(etag)}});
}

Answer ApiFixture::call_as_stranger(std::string_view method, std::string_view path, std::string_view body) {
  const auto minted =
      *identity_->mint(OrgId("0123456789ABCDEF01234567@AdobeOrg"), std::nullopt, identity::Unknown::made);
  return call(method, path, body,
              {{"authorization", "Bearer " + minted.access_token.reveal()},
               {"x-api-key", minted.client.value},
               {"x-gw-ims-org-id", minted.org.value}});
}

std::string ApiFixture::create_connection(std::string_view password) {
  const Value body = Object{
      {"name", "Acme account"},
      {"auth",
       Object{{"specName", "Basic Authentication"},
              {"params",
               Object{{"host", "https://api.acme.test"}, {"username", "ada"}, {"password", password}}}}},
      {"connectionSpec", Object{{"id", kGenericRest}, {"version", "1.0"}}}};
  const Answer answer = post(fs("/connections"), body.dump());
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.id();
}

std::string ApiFixture::create_source(const std::string& connection) {
  const Answer answer =
      post(fs("/sourceConnections"), R"({"name":"members","baseConnectionId":")" + connection +
                                         R"(","connectionSpec":{"id":")" + std::string(kGenericRest) +
                                         R"("},"data":{"format":"json"},"params":{
      "urlParams":{"path":"/members","method":"GET"},"contentPath":{"path":"$.members"},
      "paginationParams":{"type":"NONE"}}})");
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.id();
}

std::string ApiFixture::create_schema() {
  const Answer answer =
      post("/data/foundation/schemaregistry/tenant/schemas",
           R"({"title":"Member","type":"object","properties":{"id":{"type":"string","title":"Id"},
                                "score":{"type":"integer"}}})");
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.body.find("$id") == nullptr ? std::string() : text_of(*answer.body.find("$id"));
}

std::string ApiFixture::create_dataset(const std::string& schema) {
  Object body{{"name", "members"}};
  if (!schema.empty())
    body.set("schemaRef",
             Object{{"id", schema}, {"contentType", "application/vnd.adobe.xed-full+json;version=1"}});
  else
    body.set("fileDescription", Object{{"format", "json"}});
  const Answer answer = post("/data/foundation/catalog/dataSets", Value(body).dump());
  EXPECT_EQ(answer.status, 201) << answer.text;
  const std::string reference = answer.body.is_array() ? text_of(answer.body.if_array()->front()) : "";
  EXPECT_TRUE(reference.starts_with("@/dataSets/")) << answer.text;
  return reference.substr(reference.rfind('/') + 1);
}

std::string ApiFixture::create_target(const std::string& dataset) {
  const Answer answer =
      post(fs("/targetConnections"),
           R"({"name":"lake","connectionSpec":{"id":")" + std::string(kDataLake) +
               R"(","version":"1.0"},"data":{"format":"parquet_xdm"},"params":{"dataSetId":")" + dataset +
               R"("}})");
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.id();
}

std::string ApiFixture::create_mapping(const std::string& schema) {
  Object body{
      {"version", 0},
      {"mappings", json::Array{Value(Object{
                       {"sourceType", "ATTRIBUTE"}, {"source", "members.id"}, {"destination", "id"}})}}};
  if (!schema.empty())
    body.set("outputSchema",
             Object{{"schemaRef", Object{{"id", schema},
                                         {"contentType", "application/vnd.adobe.xed-full+json;version=1"}}}});
  const Answer answer = post("/data/foundation/conversion/mappingSets", Value(body).dump());
  EXPECT_EQ(answer.status, 200) << answer.text;
  return answer.id();
}

std::string ApiFixture::flow_body(const std::string& source, const std::string& target,
                                  std::string_view schedule, std::string_view more) {
  return R"({"name":"members daily","flowSpec":{"id":")" + std::string(kRestFlow) +
         R"("},"sourceConnectionIds":[")" + source + R"("],"targetConnectionIds":[")" + target + "\"]" +
         (schedule.empty() ? "" : R"(,"scheduleParams":)" + std::string(schedule)) + std::string(more) + "}";
}

std::string ApiFixture::create_flow(std::string_view schedule) {
  const std::string source = create_source(create_connection());
  const std::string target = create_target(create_dataset());
  const Answer answer = post(fs("/flows"), flow_body(source, target, schedule));
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.id();
}

std::string ApiFixture::add_run(const std::string& flow, std::string_view status, std::int64_t written) {
  domain::RunMeasures measures;
  measures.status = *domain::run_status_from(status);
  measures.started = from_epoch_seconds(1'700'000'000);
  measures.records_written = static_cast<std::uint64_t>(written);
  auto body =
      domain::new_run_document(FlowId(flow), Object{{"id", kRestFlow}, {"version", "1.0"}}, {}, measures);
  const auto stored = store->insert(domain::new_resource(
      domain::ResourceKind::run, "", tenant, {"engine", "engine"}, epoch_millis(clock.now()), body));
  EXPECT_TRUE(stored);
  return stored->id;
}

}  // namespace headwater::tests
