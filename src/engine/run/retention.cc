#include <algorithm>

#include "base/log.h"
#include "base/time.h"
#include "domain/dataset.h"
#include "engine/run/upload_promoter.h"
#include "lake/uploads.h"

namespace headwater::run {
namespace {

using domain::Resource;
using domain::ResourceKind;
using store::Scope;

Result<void> expire_of(store::Store& store, lake::Lake& lake, const DatasetId& id, const Clock& clock) {
  const auto dataset = TRY(store.find(Scope::all(), ResourceKind::dataset, id.value));
  if (!dataset) return {};
  const auto kept = TRY(domain::read_retention(dataset->body));
  if (!kept) return {};
  const auto manifest = TRY(lake.manifest(id));
  const auto now = clock.now();
  std::vector<BatchId> expired;
  const auto oldest_kept = epoch_millis(now - *kept);
  if (oldest_kept < 0) return {};
  TRY(manifest->batches.each_up_to(static_cast<std::uint64_t>(oldest_kept),
                                   [&](const lake::BatchInfo& batch) {
                                     if (now - batch.created > *kept) expired.push_back(batch.id);
                                     return true;
                                   }));
  if (expired.empty()) return {};
  // The documents first: the manifest tells again what is left to do when this is interrupted.
  TRY(set_inactive(store, expired, clock));
  TRY(lake.remove_batches(id, expired));
  log::info("batches expired", {{"dataset", id.value}, {"batches", expired.size()}});
  return {};
}

constexpr std::chrono::days kUploadKept{30};

Result<void> abandon(store::Store& store, lake::Lake& lake, const Resource& batch, const Clock& clock) {
  const auto change = [&clock](Resource current) -> Result<Resource> {
    if (current.body.string_at("status") != "loading") return current;
    current.body.if_object()->set("status", "abandoned");
    domain::touch(current, {current.updated_by, current.updated_client}, epoch_millis(clock.now()));
    return current;
  };
  const auto stored = TRY(store.update(Scope::all(), ResourceKind::batch, batch.id, change));
  if (stored.body.string_at("status") == "abandoned")
    lake::Uploads(lake, domain::dataset_of(batch.body), BatchId(batch.id)).remove();
  return {};
}

}  // namespace

void abandon_uploads(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop) {
  domain::ListQuery query;
  query.filters.push_back(
      domain::Filter{{domain::PathStep{"status", false}}, domain::FilterOp::equal, {"loading"}});
  query.filters.push_back(domain::Filter{{domain::PathStep{"createdAt", false}},
                                         domain::FilterOp::less,
                                         {std::to_string(epoch_millis(clock.now() - kUploadKept))}});
  query.limit = 1000;
  const auto old = store.list(Scope::all(), ResourceKind::batch, query);
  if (!old) return;
  for (const Resource& batch : old->items) {
    if (stop.stop_requested()) return;
    if (!domain::is_upload(batch.body)) continue;  // of a run, which ends in its own way
    if (auto done = abandon(store, lake, batch, clock); !done)
      log::warn("upload not abandoned", {{"batch", batch.id}, {"error", done.error().message}});
  }
}

Result<void> set_inactive(store::Store& store, const std::vector<BatchId>& batches, const Clock& clock) {
  const auto change = [&clock](Resource current) -> Result<Resource> {
    if (current.body.string_at("status") != "success") return current;
    current.body.if_object()->set("status", "inactive");
    domain::touch(current, {current.updated_by, current.updated_client}, epoch_millis(clock.now()));
    return current;
  };
  for (const BatchId& batch : batches) {
    auto done = store.update(Scope::all(), ResourceKind::batch, batch.value, change);
    if (!done && done.error().kind != ErrorKind::not_found) return std::move(done).error();
  }
  return {};
}

void expire_batches(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop) {
  const auto datasets = lake.datasets();
  if (!datasets) return;
  for (const lake::DatasetInfo& dataset : *datasets) {
    if (stop.stop_requested()) return;
    if (auto done = expire_of(store, lake, dataset.id, clock); !done)
      log::warn("batches not expired", {{"dataset", dataset.id.value}, {"error", done.error().message}});
  }
}

}  // namespace headwater::run
