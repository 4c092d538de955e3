#include <algorithm>

#include "api/internal/catalog.h"
#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "base/crypto.h"
#include "json/patch.h"

namespace headwater::api::datasets {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {"name", "description", "tags", "schemaRef",
                                            "enableErrorDiagnostics"};

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
  return check_schema(call, dataset);
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

Result<Value> patched_body(const Call& call, const Resource& current) {
  const auto body = TRY(json_body(call));
  if (body.is_array()) {
    const auto patch = TRY(domain::read_resource_patch(body, kPatchRoots));
    return patch.apply(current.body);
  }
  if (!body.is_object())
    return bad_request("CONNECTOR-1302-400", "", "The request body must be a JSON object.");
  Value merged = current.body;
  for (const auto& [name, value] : *body.if_object()) {
    if (std::find(std::begin(kPatchRoots), std::end(kPatchRoots), name) == std::end(kPatchRoots))
      return bad_request("CONNECTOR-1365-400", "/" + name, name + " of a dataset cannot be changed.");
    merged.if_object()->set(name, value);
  }
  return merged;
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

Result<http::Response> patch(const Call& call) {
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  TRY(check_if_match(call, current));
  const Value body = TRY(patched_body(call, current));
  TRY(check(call, body));
  const auto change = [&call, &body](Resource resource) -> Result<Resource> {
    resource.body = body;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  const auto stored = TRY(call.store().update(call.scope(), current.kind, current.id, change, current.etag));
  TRY(put_into_lake(call, stored.id, stored.body));
  return reference_to(200, stored);
}

Result<http::Response> remove(const Call& call) {
  TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    const auto targets = TRY(count_where(transaction, call.scope(), ResourceKind::target_connection,
                                         "params.dataSetId", call.id()));
    if (targets > 0)
      return bad_request("FLOW-1417-400", "",
                         "The dataset is in use by " + std::to_string(targets) +
                             " target connection(s): delete them first.");
    return transaction.remove(call.scope(), ResourceKind::dataset, call.id(), if_match(call));
  };
  TRY(call.store().transact(work));
  TRY(call.services.lake.remove_dataset(DatasetId(std::string(call.id()))));
  return http::Response::json(200, Array{Value("@/dataSets/" + std::string(call.id()))});
}

}  // namespace headwater::api::datasets
