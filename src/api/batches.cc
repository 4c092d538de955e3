#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "domain/batch.h"
#include "lake/uploads.h"

namespace headwater::api {

// Counts stand in `metrics`; readers of the flat members find them as well.
json::Object batch_form(const domain::Resource& batch) {
  json::Object out = catalog_form(batch, "1.0.0");
  const json::Value* metrics = out.find("metrics");
  if (metrics == nullptr) return out;
  const json::Value counts = *metrics;
  if (const json::Value* records = counts.find("outputRecordCount")) out.set("recordCount", *records);
  if (const json::Value* failed = counts.find("failedRecordCount")) out.set("failedRecordCount", *failed);
  if (const json::Value* size = counts.find("outputByteSize")) out.set("size", *size);
  return out;
}

Result<void> remove_from_lake(const Call& call, const domain::Resource& batch) {
  auto removed = call.services.lake.remove_batches(domain::dataset_of(batch.body), {BatchId(batch.id)});
  if (removed || removed.error().kind == ErrorKind::not_found) return {};  // the dataset is gone with it
  if (removed.error().kind == ErrorKind::unsupported)
    return Error{ErrorKind::conflict, removed.error().message};
  return removed;
}

namespace batches {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Value;

Value wire(const Resource& batch) { return batch_form(batch); }

}  // namespace

Result<http::Response> list(const Call& call) { return answer_catalog_list(call, ResourceKind::batch, wire); }

Result<http::Response> lookup(const Call& call) {
  const auto batch = TRY(call.store().get(call.scope(), ResourceKind::batch, call.id()));
  return http::Response::json(200, json::Object{{batch.id, with_properties(call, wire(batch))}})
      .with_header("ETag", batch.etag.value);
}

Result<http::Response> remove(const Call& call) {
  const auto batch = TRY(call.store().get(call.scope(), ResourceKind::batch, call.id()));
  const auto status = batch.body.string_at("status");
  const bool upload = domain::is_upload(batch.body);
  if (status == "loaded" || status == "processing" || (status == "loading" && !upload))
    return Error{ErrorKind::conflict, "The batch is being written: wait for its end" +
                                          std::string(upload ? "." : ", or cancel its run.")};
  TRY(remove_from_lake(call, batch));
  // The etag of what was looked at: nobody may have completed it meanwhile.
  TRY(call.store().remove(call.scope(), ResourceKind::batch, batch.id, batch.etag));
  if (upload) lake::Uploads(call.services.lake, domain::dataset_of(batch.body), BatchId(batch.id)).remove();
  return http::Response::json(200, json::Array{Value("@/batches/" + batch.id)});
}

}  // namespace batches
}  // namespace headwater::api
