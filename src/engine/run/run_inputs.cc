#include "engine/run/run_inputs.h"

#include <utility>

#include "domain/record_schema.h"
#include "mapping/mapping_set_json.h"
#include "schema/validator.h"

namespace headwater::run {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Value;

// A run cannot start for want of a document: the flow's owner has to repair it, so the message names it.
Error missing(std::string_view what, std::string_view id, const Error& error) {
  if (error.kind != ErrorKind::not_found) return error;
  return Error{ErrorKind::not_found,
               "The flow's " + std::string(what) + " " + std::string(id) + " does not exist any more."};
}

Result<Resource> get(store::Store& store, const store::Scope& scope, ResourceKind kind, std::string_view what,
                     std::string_view id) {
  auto found = store.get(scope, kind, id);
  if (!found) return missing(what, id, found.error());
  return found;
}

Value member_or_null(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr ? Value() : *found;
}

std::string_view id_in(const Value& object, std::string_view member) {
  const Value* reference = object.find(member);
  return reference == nullptr ? std::string_view{} : reference->string_at("id");
}

// Source connections without a base connection read sources that need no account.
Result<SourceDocuments> source_of(store::Store& store, store::Credentials& credentials,
                                  const store::Scope& scope, const Resource& source_connection) {
  Value params = member_or_null(source_connection.body, "params");
  if (params.is_null()) params = json::Object{};
  params = TRY(credentials.open_params(source_connection.id, params));
  const auto base = source_connection.body.string_at("baseConnectionId");
  if (!base.empty()) {
    const auto connection = TRY(get(store, scope, ResourceKind::connection, "base connection", base));
    return source_of_connection(store, credentials, connection, std::move(params));
  }
  const auto spec_id = id_in(source_connection.body, "connectionSpec");
  auto spec = TRY(get(store, scope, ResourceKind::connection_spec, "connection spec", spec_id));
  SourceDocuments source;
  source.connection_spec = std::move(spec.body);
  source.params = std::move(params);
  return source;
}

struct Target {
  DatasetId dataset;
  Value schema;
  std::string schema_version;
};

std::string schema_id_of(const Resource& dataset, const Resource& target_connection) {
  if (const auto id = id_in(dataset.body, "schemaRef"); !id.empty()) return std::string(id);
  const Value* schema = target_connection.body.find_path("data.schema");
  return schema == nullptr ? std::string() : std::string(schema->string_at("id"));
}

Result<Target> target_of(store::Store& store, const store::Scope& scope, const Resource& target_connection) {
  Target target;
  const Value* params = target_connection.body.find("params");
  if (params != nullptr) target.dataset = DatasetId{std::string(params->string_at("dataSetId"))};
  if (target.dataset.empty())
    return Error{ErrorKind::invalid_argument,
                 "The target connection " + target_connection.id + " names no dataset (params.dataSetId)."};
  const auto dataset = TRY(get(store, scope, ResourceKind::dataset, "dataset", target.dataset.value));
  const std::string schema_id = schema_id_of(dataset, target_connection);
  if (schema_id.empty()) return target;
  auto schema = TRY(find_schema(store, scope, schema_id));
  if (!schema)
    return Error{ErrorKind::not_found, "The dataset's schema " + schema_id + " does not exist any more."};
  target.schema_version = std::string(schema->body.string_at("version"));
  target.schema = std::move(schema->body);
  return target;
}

// What tells one account's tokens from another's: access tokens change by themselves.
std::string_view account_of(const Value& params) {
  const auto refresh = params.string_at("refreshToken");
  return refresh.empty() ? params.string_at("accessToken") : refresh;
}

// Of the source connection's params the stored form, which has no credentials.
std::string definition_of(const RunInputs& inputs, const Resource& source_connection, Value mapping_rows) {
  const Value* auth =
      extract::find_auth_spec(inputs.source.connection_spec, inputs.source.auth.string_at("specName"));
  Value account = secrets::redact_params(auth == nullptr ? Value() : member_or_null(*auth, "spec"),
                                         member_or_null(inputs.source.auth, "params"));
  if (json::Object* members = account.if_object()) members->erase("expirationDate");
  Value source = member_or_null(inputs.source.connection_spec, "sourceSpec");
  if (Value* attributes = source.find("attributes"); attributes != nullptr && attributes->is_object())
    attributes->if_object()->erase("uiAttributes");  // how it looks
  return Value(json::Object{{"source", std::move(source)},
                            {"params", member_or_null(source_connection.body, "params")},
                            {"connection", inputs.source.account},
                            {"account", std::move(account)},
                            {"dataset", inputs.dataset.value},
                            {"mapping", std::move(mapping_rows)}})
      .dump();
}

}  // namespace

// Token members travel as credentials, whatever their schema says: the store keeps them sealed.
extract::PersistTokens keep_tokens_of(store::Store& store, store::Credentials& credentials,
                                      std::string connection) {
  return [&store, &credentials, connection = std::move(connection)](const Value& changed,
                                                                    const Value& before) -> Result<void> {
    store::NamedSecrets secrets;
    if (const json::Object* members = changed.if_object())
      for (const auto& [name, value] : *members) {
        const std::string* text = value.if_string();
        const std::string written = value.is_null() ? std::string() : value.dump();
        secrets.emplace("/" + name, Secret(text != nullptr ? *text : written));
      }
    return store.transact([&](store::Transaction& transaction) -> Result<void> {
      const auto stored = transaction.lock(store::Scope::all(), ResourceKind::connection, connection);
      if (!stored) return stored.error().kind == ErrorKind::not_found ? Result<void>() : stored.error();
      const Value* params = stored->body.find_path("auth.params");
      const auto now = secrets::merge_params(params == nullptr ? Value(json::Object()) : *params,
                                             TRY(credentials.of(transaction, connection)));
      if (account_of(now) != account_of(before)) return {};
      return credentials.put(transaction, connection, secrets);
    });
  };
}

Result<SourceDocuments> source_of_connection(store::Store& store, store::Credentials& credentials,
                                             const Resource& connection, Value params) {
  SourceDocuments source;
  const auto spec_id = id_in(connection.body, "connectionSpec");
  auto spec = TRY(
      get(store, store::Scope(connection.tenant), ResourceKind::connection_spec, "connection spec", spec_id));
  source.connection_spec = std::move(spec.body);
  source.params = std::move(params);
  source.account = connection.id;
  if (const Value* auth = connection.body.find("auth"); auth != nullptr && auth->is_object()) {
    source.auth = *auth;
    auto open = TRY(credentials.open_params(connection.id, member_or_null(*auth, "params")));
    source.auth.if_object()->set("params", std::move(open));
    source.keep_tokens = keep_tokens_of(store, credentials, connection.id);
  }
  return source;
}

Result<RunInputs> read_run_inputs(store::Store& store, store::Credentials& credentials,
                                  const FlowId& flow_id) {
  RunInputs inputs;
  inputs.flow = TRY(get(store, store::Scope::all(), ResourceKind::flow, "own document", flow_id.value));
  const store::Scope scope(inputs.flow.tenant);
  const auto references = TRY(domain::read_flow_references(inputs.flow.body));
  inputs.options = TRY(domain::read_flow_options(inputs.flow.body));
  if (references.sources.empty() || references.targets.empty())
    return Error{ErrorKind::invalid_argument, "The flow names no source connection or no target connection."};

  inputs.source_connection = references.sources.front();
  inputs.target_connection = references.targets.front();
  const auto source = TRY(get(store, scope, ResourceKind::source_connection, "source connection",
                              inputs.source_connection.value));
  const auto target = TRY(get(store, scope, ResourceKind::target_connection, "target connection",
                              inputs.target_connection.value));
  inputs.source = TRY(source_of(store, credentials, scope, source));
  auto landing = TRY(target_of(store, scope, target));
  inputs.dataset = std::move(landing.dataset);
  inputs.target_schema = std::move(landing.schema);
  inputs.schema_version = std::move(landing.schema_version);
  Value rows;
  if (references.mapping) {
    const auto set = TRY(mapping_set_at(store, scope, *references.mapping));
    inputs.mapping = TRY(mapping::read_mapping_set(set.body));
    rows = member_or_null(set.body, "mappings");
  }
  inputs.definition = credentials.fingerprint(definition_of(inputs, source, std::move(rows)));
  return inputs;
}

Result<map::Mapper> make_mapper(const std::optional<mapping::MappingSet>& mapping,
                                const Value& target_schema) {
  std::optional<mapping::Mapping> compiled;
  if (mapping) compiled = TRY(mapping::Mapping::compile(*mapping, target_schema));
  std::optional<schema::Validator> target;
  if (!target_schema.is_null()) target = TRY(schema::Validator::compile(target_schema));
  return map::Mapper(std::move(compiled), std::move(target));
}

std::string mapping_version_id(const MappingSetId& set, std::int64_t version) {
  return set.value + "." + std::to_string(version);
}

Result<Resource> mapping_set_at(store::Store& store, const store::Scope& scope,
                                const domain::MappingReference& reference) {
  auto latest = TRY(get(store, scope, ResourceKind::mapping_set, "mapping set", reference.id.value));
  if (!reference.version) return latest;
  const Value* version = latest.body.find("version");
  if (version != nullptr && version->as_int64_lenient() == reference.version) return latest;
  auto kept =
      TRY(store.find(scope, ResourceKind::mapping_set, mapping_version_id(reference.id, *reference.version)));
  if (kept) return *std::move(kept);
  return Error{ErrorKind::not_found, "The flow's mapping set " + reference.id.value + " has no version " +
                                         std::to_string(*reference.version) + "."};
}

Result<std::optional<Resource>> find_schema(store::Store& store, const store::Scope& scope,
                                            const std::string& id) {
  const auto read = [](Resource& found) {
    found.body = domain::record_schema(std::move(found.body));
    return std::optional<Resource>(std::move(found));
  };
  auto direct = TRY(store.find(scope, ResourceKind::schema, id));
  if (direct) return read(*direct);
  for (const std::string_view member : {"$id", "meta:altId"}) {
    domain::ListQuery query;
    query.filters.push_back(
        domain::Filter{{domain::PathStep{std::string(member), false}}, domain::FilterOp::equal, {id}});
    query.limit = 1;
    auto page = TRY(store.list(scope, ResourceKind::schema, query));
    if (!page.items.empty()) return read(page.items.front());
  }
  return std::optional<Resource>{};
}

}  // namespace headwater::run
