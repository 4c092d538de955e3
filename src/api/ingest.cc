#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "base/crypto.h"
#include "domain/batch.h"
#include "lake/uploads.h"

namespace headwater::api::ingest {
namespace {

using domain::BatchAction;
using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

Error unknown_predecessor(std::string_view id) {
  return bad_request("CONNECTOR-1302-400", "/replay/predecessors",
                     "There is no committed batch " + std::string(id) + " in this dataset to be replaced.");
}

Result<void> check_predecessor(const Call& call, const std::string& id, const DatasetId& dataset) {
  const auto batch = TRY(call.store().find(call.scope(), ResourceKind::batch, id));
  if (!batch || domain::dataset_of(batch->body) != dataset || batch->body.string_at("status") != "success")
    return unknown_predecessor(id);
  return {};
}

// External ids are the client's own: each may name several batches over the time, all are replaced.
Result<Array> resolve_predecessors(const Call& call, const domain::IngestRequest& request) {
  Array out;
  for (const BatchId& id : request.predecessors) {
    TRY(check_predecessor(call, id.value, request.dataset));
    out.emplace_back(id.value);
  }
  for (const std::string& external : request.external_predecessors) {
    domain::ListQuery query;
    query.filters.push_back({{{"externalId", false}}, domain::FilterOp::equal, {external}});
    query.filters.push_back({{{"status", false}}, domain::FilterOp::equal, {"success"}});
    query.limit = 1000;
    const auto page = TRY(call.store().list(call.scope(), ResourceKind::batch, query));
    const auto before = out.size();
    for (const Resource& batch : page.items)
      if (domain::dataset_of(batch.body) == request.dataset) out.emplace_back(batch.id);
    if (out.size() == before) return unknown_predecessor(external);
  }
  return out;
}

Object tags_of(const Value& sent, const domain::IngestRequest& request, const Value& dataset) {
  Object tags;
  if (const Value* own = sent.find("tags"); own != nullptr && own->is_object()) tags = *own->if_object();
  const Value* wanted = dataset.find("enableErrorDiagnostics");
  const bool by_dataset = wanted == nullptr || wanted->as_bool_lenient().value_or(true);
  const bool diagnostics = request.error_diagnostics.value_or(by_dataset);
  tags.set("acp_enableErrorDiagnostics", Array{Value(diagnostics ? "true" : "false")});
  tags.erase("acp_partialIngestionPercent");
  if (request.partial_ingestion_percent)
    tags.set("acp_partialIngestionPercent", Array{Value(Value(*request.partial_ingestion_percent).dump())});
  return tags;
}

http::Response answer(int status, const Resource& batch) {
  Object out{{"id", batch.id}};
  for (const auto& [name, value] : batch_form(batch)) out.set(name, value);
  return http::Response::json(status, out).with_header("ETag", batch.etag.value);
}

Result<Resource> find_batch(const Call& call) {
  return call.store().get(call.scope(), ResourceKind::batch, call.id());
}

Result<Resource> set_status(const Call& call, const Resource& batch, BatchAction action) {
  const auto change = [&call, action](Resource current) -> Result<Resource> {
    const auto status = TRY(domain::status_after(action, current.body.string_at("status")));
    if (status == current.body.string_at("status")) return current;
    current.body.if_object()->set("status", status);
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  return call.store().update(call.scope(), ResourceKind::batch, batch.id, change);
}

lake::Uploads uploads_of(const Call& call, const Resource& batch) {
  return lake::Uploads(call.services.lake, domain::dataset_of(batch.body), BatchId(batch.id));
}

Result<http::Response> complete(const Call& call, const Resource& batch) {
  // Sealed first: what was acknowledged before is in the batch, and nothing is acknowledged after.
  if (batch.body.string_at("status") == "loading") TRY(uploads_of(call, batch).seal());
  const auto stored = TRY(set_status(call, batch, BatchAction::complete));
  call.services.upload_completed();
  return answer(200, stored);
}

Result<http::Response> give_up(const Call& call, const Resource& batch, BatchAction action) {
  const auto stored = TRY(set_status(call, batch, action));
  uploads_of(call, batch).remove();
  return answer(200, stored);
}

}  // namespace

Result<http::Response> create(const Call& call) {
  const auto sent = TRY(object_body(call));
  const auto request = TRY(domain::read_ingest_request(sent));
  const auto dataset = TRY(call.store().find(call.scope(), ResourceKind::dataset, request.dataset.value));
  if (!dataset)
    return bad_request("CONNECTOR-1302-400", "/datasetId",
                       "There is no dataset " + request.dataset.value + ".");
  auto predecessors = TRY(resolve_predecessors(call, request));
  const std::string id = crypto::random_hex(16);
  Object body{{"status", "loading"},
              {"externalId", request.external_id.empty() ? id : request.external_id},
              {"inputFormat", *sent.find("inputFormat")},
              {"relatedObjects", Array{Object{{"type", "dataSet"}, {"id", dataset->id}}}},
              {"tags", tags_of(sent, request, dataset->body)},
              {"metrics", Object{}},
              {"errors", Array{}}};
  if (!predecessors.empty()) {
    const Value* reason = sent.find_path("replay.reason");
    body.set("replay", Object{{"predecessors", std::move(predecessors)},
                              {"reason", reason == nullptr ? Value("replace") : *reason}});
  }
  TRY(lake::Uploads(call.services.lake, request.dataset, BatchId(id)).begin());
  auto stored = call.store().insert(new_resource(call, ResourceKind::batch, std::move(body), {}, id));
  if (!stored) {
    lake::Uploads(call.services.lake, request.dataset, BatchId(id)).remove();
    return std::move(stored).error();
  }
  return answer(201, *stored).with_header("Location", "/data/foundation/catalog/batches/" + id);
}

Result<http::Response> act(const Call& call) {
  const auto op = call.request.query_param("action").value_or("");
  const auto action = domain::batch_action_from(op);
  if (!action)
    return bad_request("CONNECTOR-1302-400", "action",
                       "The query parameter action must be COMPLETE, ABORT, FAIL or REVERT.");
  const auto batch = TRY(find_batch(call));
  if (*action == BatchAction::revert) return revert(call, batch);
  if (!domain::is_upload(batch.body))
    return Error{ErrorKind::conflict, "The batch belongs to a run of a flow: cancel the run instead."};
  if (*action == BatchAction::complete) return complete(call, batch);
  return give_up(call, batch, *action);
}

Result<http::Response> revert(const Call& call, const Resource& batch) {
  TRY(domain::status_after(BatchAction::revert, batch.body.string_at("status")));
  TRY(remove_from_lake(call, batch));
  return answer(200, TRY(set_status(call, batch, BatchAction::revert)));
}

}  // namespace headwater::api::ingest
