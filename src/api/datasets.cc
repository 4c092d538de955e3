#include <algorithm>

#include "api/internal/catalog.h"
#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "base/crypto.h"
#include "domain/dataset.h"
#include "json/patch.h"

namespace headwater::api::datasets {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {
    "name", "description", "tags", "schemaRef", "enableErrorDiagnostics", "extensions", "classification"};
// Of a document that is put back as it was read, these are the server's.
constexpr std::string_view kServerOwned[] = {"imsOrg",        "sandboxId", "sandboxName", "created",
                                             "createdClient", "updated",   "createdUser", "updatedUser",
                                             "version",       "files",     "id"};

lake::Format format_of(const Value& dataset) {
  const Value* format = dataset.find_path("fileDescription.format");
  const std::string* text = format == nullptr ? nullptr : format->if_string();
  return text != nullptr && (*text == "json" || *text == "ndjson") ? lake::Format::ndjson
                                                                   : lake::Format::parquet;
}

// A schema that the registry does not know cannot give the dataset its columns.
Result<void> check_schema(const Call& call, const Value& dataset) {
  const Value* reference = dataset.find("schemaRef");
  if (reference == nullptr || reference->is_null()) return {};
  const std::string_view id = reference->string_at("id");
  if (id.empty())
    return bad_request("CONNECTOR-1302-400", "/schemaRef/id", "schemaRef.id must name a schema.");
  if (TRY(call.store().find(call.scope(), ResourceKind::schema, id))) return {};
  return bad_request("CONNECTOR-1302-400", "/schemaRef/id",
                     "There is no schema " + std::string(id) + ": create it in the schema registry first.");
}

Result<void> check(const Call& call, const Value& dataset) {
  const Value* name = dataset.find("name");
  if (name != nullptr && !name->is_string())
    return bad_request("CONNECTOR-1302-400", "/name", "name must be a text.");
  const Value* tags = dataset.find("tags");
  if (tags != nullptr && !tags->is_object())
    return bad_request("CONNECTOR-1302-400", "/tags", "tags must be an object of arrays of texts.");
  const Value* diagnostics = dataset.find("enableErrorDiagnostics");
  if (diagnostics != nullptr && !diagnostics->as_bool_lenient() && !diagnostics->is_null())
    return bad_request("CONNECTOR-1302-400", "/enableErrorDiagnostics",
                       "enableErrorDiagnostics must be true or false.");
  TRY(domain::read_retention(dataset));
  return check_schema(call, dataset);
}

// What was written under one schema stays readable under the other only when the registry says so; a dataset
// that holds batches keeps its schema.
Result<void> check_change(const Call& call, const Resource& current, const Value& after) {
  TRY(check(call, after));
  if (format_of(after) != format_of(current.body))
    return bad_request("CONNECTOR-1302-400", "/fileDescription/format", "A dataset keeps its format.");
  const auto schema_of = [](const Value& dataset) {
    const Value* reference = dataset.find("schemaRef");
    return reference == nullptr ? std::string() : std::string(reference->string_at("id"));
  };
  if (schema_of(after) == schema_of(current.body)) return {};
  const auto manifest = call.services.lake.manifest(DatasetId(current.id));
  if (!manifest || (*manifest)->batches.empty()) return {};
  return bad_request("CONNECTOR-1302-400", "/schemaRef/id",
                     "The dataset holds batches of its schema: change that schema, or use another dataset.");
}

// RFC 7396: objects merge, null removes, anything else replaces.
void merge_into(Value& target, const Value& changes) {
  if (!changes.is_object()) {
    target = changes;
    return;
  }
  if (!target.is_object()) target = Object{};
  for (const auto& [name, value] : *changes.if_object()) {
    if (value.is_null())
      target.if_object()->erase(name);
    else
      merge_into((*target.if_object())[name], value);
  }
}

Result<void> put_into_lake(const Call& call, const std::string& id, const Value& dataset) {
  return call.services.lake.put_dataset({DatasetId(id), std::string(dataset.string_at("name")),
                                         lake_tenant(call.caller.tenant), format_of(dataset)});
}

Value wire(const Resource& dataset) {
  Object out = catalog_form(dataset, "1.0.0");
  // Readers of the vendor's catalog take these two for granted.
  if (out.find("tags") == nullptr) out.set("tags", Object{});
  if (out.find("classification") == nullptr)
    out.set("classification",
            Object{{"managedBy", "CUSTOMER"},
                   {"dataBehavior", out.find("schemaRef") == nullptr ? "adhoc" : "record"}});
  out.set("files", "@/dataSetFiles?dataSetId=" + dataset.id);
  return out;
}

http::Response reference_to(int status, const Resource& dataset) {
  return http::Response::json(status, Array{Value("@/dataSets/" + dataset.id)})
      .with_header("ETag", dataset.etag.value);
}

Result<void> check_roots(const Value& changes) {
  for (const auto& [name, value] : *changes.if_object())
    if (std::find(std::begin(kPatchRoots), std::end(kPatchRoots), name) == std::end(kPatchRoots))
      return bad_request("CONNECTOR-1365-400", "/" + name, name + " of a dataset cannot be changed.");
  return {};
}

Result<Value> patched_body(const Call& call, const Resource& current) {
  const auto body = TRY(json_body(call));
  if (body.is_array()) {
    const auto patch = TRY(domain::read_resource_patch(body, kPatchRoots));
    return patch.apply(current.body);
  }
  if (!body.is_object())
    return bad_request("CONNECTOR-1302-400", "", "The request body must be a JSON object.");
  TRY(check_roots(body));
  Value merged = current.body;
  for (const auto& [name, value] : *body.if_object()) merged.if_object()->set(name, value);
  return merged;
}

Result<Resource> find(const Call& call) {
  auto current = TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  TRY(check_if_match(call, current));
  return current;
}

Result<http::Response> store_changed(const Call& call, const Resource& current, const Value& body) {
  TRY(check_change(call, current, body));
  const auto change = [&call, &body](Resource resource) -> Result<Resource> {
    resource.body = body;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  const auto stored = TRY(api::store_changed(call, current, change));
  TRY(put_into_lake(call, stored.id, stored.body));
  return reference_to(200, stored);
}

}  // namespace

Result<http::Response> list(const Call& call) {
  return answer_catalog_list(call, ResourceKind::dataset, wire);
}

Result<http::Response> create(const Call& call) {
  auto body = TRY(object_body(call));
  TRY(check(call, body));
  if (body.find("fileDescription") == nullptr)
    body.if_object()->set("fileDescription",
                          Object{{"persisted", true}, {"containerFormat", "parquet"}, {"format", "parquet"}});
  const std::string id = crypto::random_hex(12);
  TRY(put_into_lake(call, id, body));
  auto answer = store_new(call, new_resource(call, ResourceKind::dataset, std::move(body), {}, id),
                          [](const Resource& stored) {
                            return reference_to(201, stored)
                                .with_header("Location", "/data/foundation/catalog/dataSets/" + stored.id);
                          });
  // Not ours that was stored: an error, or an earlier answer to the same Idempotency-Key.
  if (!answer || is_replay(*answer)) TRY(call.services.lake.remove_dataset(DatasetId(id)));
  return answer;
}

Result<http::Response> lookup(const Call& call) {
  const auto dataset = TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  return http::Response::json(200, Object{{dataset.id, with_properties(call, wire(dataset))}})
      .with_header("ETag", dataset.etag.value);
}

// What cannot change stays as it is, so that a document that was read can be put back.
Result<http::Response> replace(const Call& call) {
  const auto current = TRY(find(call));
  const auto sent = TRY(object_body(call));
  Object body;
  for (const auto& [name, value] : *sent.if_object())
    if (std::find(std::begin(kServerOwned), std::end(kServerOwned), name) == std::end(kServerOwned))
      body.set(name, value);
  if (const Value* files = current.body.find("fileDescription");
      files != nullptr && !body.contains("fileDescription"))
    body.set("fileDescription", *files);
  return store_changed(call, current, Value(std::move(body)));
}

Result<http::Response> patch(const Call& call) {
  const auto current = TRY(find(call));
  return store_changed(call, current, TRY(patched_body(call, current)));
}

// PATCH of the second version reaches into objects and makes those that are missing on the way.
Result<http::Response> merge(const Call& call) {
  const auto current = TRY(find(call));
  const auto changes = TRY(object_body(call));
  TRY(check_roots(changes));
  Value body = current.body;
  merge_into(body, changes);
  return store_changed(call, current, body);
}

Result<http::Response> remove(const Call& call) {
  const auto dataset = TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  const auto work = [&call, &dataset](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.lock(call.scope(), ResourceKind::dataset, dataset.id));
    const auto targets = TRY(count_where(transaction, call.scope(), ResourceKind::target_connection,
                                         "params.dataSetId", dataset.id));
    if (targets > 0)
      return bad_request("FLOW-1417-400", "",
                         "The dataset is in use by " + std::to_string(targets) +
                             " target connection(s): delete their flows and them first.");
    TRY(transaction.remove(call.scope(), ResourceKind::dataset, dataset.id, if_match(call)));
    // Last: while a batch is being written the lake refuses, and nothing has happened.
    return call.services.lake.remove_dataset(DatasetId(dataset.id));
  };
  TRY(call.store().transact(work));
  return http::Response::json(200, Array{Value("@/dataSets/" + dataset.id)});
}

}  // namespace headwater::api::datasets
