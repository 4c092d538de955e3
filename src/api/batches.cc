#include "api/internal/catalog.h"
#include "api/internal/handlers.h"

namespace headwater::api::batches {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Object;
using json::Value;

// Counts stand in `metrics`; readers of the flat members find them as well.
Value wire(const Resource& batch) {
  Object out = catalog_form(batch, "1.0.0");
  const Value* metrics = out.find("metrics");
  if (metrics == nullptr) return out;
  const Value counts = *metrics;
  if (const Value* records = counts.find("outputRecordCount")) out.set("recordCount", *records);
  if (const Value* failed = counts.find("failedRecordCount")) out.set("failedRecordCount", *failed);
  if (const Value* size = counts.find("outputByteSize")) out.set("size", *size);
  return out;
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_catalog_list(call, ResourceKind::batch, wire); }

Result<http::Response> lookup(const Call& call) {
  const auto batch = TRY(call.store().get(call.scope(), ResourceKind::batch, call.id()));
  return http::Response::json(200, Object{{batch.id, with_properties(call, wire(batch))}})
      .with_header("ETag", batch.etag.value);
}

}  // namespace headwater::api::batches
