#include "engine/run/upload_promoter.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "base/time.h"
#include "engine/run/run_inputs.h"
#include "lake/uploads.h"

namespace headwater::run {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using store::Scope;

constexpr std::chrono::seconds kRetryAfter{5};
constexpr int kAttemptsMax = 5;

Result<std::vector<Resource>> waiting_batches(store::Store& store) {
  domain::ListQuery query;
  query.filters.push_back(
      domain::Filter{{domain::PathStep{"status", false}}, domain::FilterOp::equal, {"loaded", "processing"}});
  query.order.push_back(domain::OrderBy{{domain::PathStep{"updatedAt", false}}, false});
  query.limit = 100;
  auto page = TRY(store.list(Scope::all(), ResourceKind::batch, query));
  return std::move(page.items);
}

Result<void> set_members(store::Store& store, const Resource& batch, const Clock& clock,
                         const Object& members) {
  const auto change = [&](Resource current) -> Result<Resource> {
    for (const auto& [name, value] : members) current.body.if_object()->set(name, value);
    domain::touch(current, {current.created_by, current.created_client}, epoch_millis(clock.now()));
    return current;
  };
  TRY(store.update(Scope::all(), ResourceKind::batch, batch.id, change));
  return {};
}

std::string range_text(const std::pair<std::uint64_t, std::uint64_t>& range) {
  return range.first == range.second ? std::to_string(range.first)
                                     : std::to_string(range.first) + "-" + std::to_string(range.second);
}

Array encode_errors(const UploadOutcome& outcome) {
  Array errors;
  for (const UploadProblem& problem : outcome.problems) {
    Array rows;
    for (const auto& range : problem.rows) rows.emplace_back(range_text(range));
    const std::string description =
        problem.file.empty() ? problem.message : "File " + problem.file + ": " + problem.message;
    errors.emplace_back(Object{{"code", problem.code},
                               {"description", description},
                               {"rows", std::move(rows)},
                               {"recordCount", problem.count}});
  }
  return errors;
}

Object encode_outcome(const UploadOutcome& outcome, TimePoint now) {
  Object metrics{
      {"inputRecordCount", outcome.records_read},    {"outputRecordCount", outcome.records_written},
      {"failedRecordCount", outcome.records_failed}, {"inputByteSize", outcome.input_bytes},
      {"inputFileCount", outcome.input_files},       {"outputByteSize", outcome.output_bytes},
      {"outputFileCount", outcome.output_files}};
  return Object{{"status", outcome.committed ? "success" : "failed"},
                {"completed", epoch_millis(now)},
                {"metrics", std::move(metrics)},
                {"errors", encode_errors(outcome)}};
}

std::vector<BatchId> predecessors_of(const Value& batch) {
  std::vector<BatchId> out;
  const Value* list = batch.find_path("replay.predecessors");
  if (list != nullptr && list->is_array())
    for (const Value& id : *list->if_array())
      if (id.is_string()) out.emplace_back(*id.if_string());
  return out;
}

double percent_of(const Value& batch) {
  const Value* tag = batch.find_path("tags.acp_partialIngestionPercent");
  const Array* values = tag == nullptr ? nullptr : tag->if_array();
  if (values == nullptr || values->empty() || !values->front().is_string()) return 0;
  const auto number = json::parse(*values->front().if_string());
  return number ? number->as_double().value_or(0) : 0;
}

}  // namespace

Result<UploadRequest> UploadPromoter::request_of(const Resource& batch) {
  UploadRequest request;
  request.batch = BatchId(batch.id);
  request.dataset = domain::dataset_of(batch.body);
  request.format = TRY(domain::read_input_format(*batch.body.find("inputFormat")));
  request.replaces = predecessors_of(batch.body);
  request.partial_ingestion_percent = percent_of(batch.body);
  const Scope scope(batch.tenant);
  const auto dataset = TRY(store_.find(scope, ResourceKind::dataset, request.dataset.value));
  if (!dataset) return Error{ErrorKind::invalid_argument, "The batch's dataset was deleted."};
  const Value* reference = dataset->body.find("schemaRef");
  const std::string schema_id(reference == nullptr ? std::string_view() : reference->string_at("id"));
  if (schema_id.empty()) return request;
  auto schema = TRY(find_schema(store_, scope, schema_id));
  if (!schema)
    return Error{ErrorKind::invalid_argument, "The dataset's schema " + schema_id + " was deleted."};
  request.schema_version = schema->body.string_at("version");
  request.schema = std::move(schema->body);
  return request;
}

Result<void> UploadPromoter::store_outcome(const Resource& batch, const UploadOutcome& outcome) {
  if (outcome.committed) TRY(set_inactive(store_, predecessors_of(batch.body), clock_));
  return set_members(store_, batch, clock_, encode_outcome(outcome, clock_.now()));
}

Result<void> UploadPromoter::promote(const Resource& batch, const std::stop_token& stop) {
  const auto request = request_of(batch);
  UploadOutcome outcome;
  if (request) {
    if (batch.body.string_at("status") == "loaded")
      TRY(set_members(store_, batch, clock_,
                      Object{{"status", "processing"}, {"started", epoch_millis(clock_.now())}}));
    outcome = TRY(land_upload(lake_, *request, stop));
  } else if (const auto landed = TRY(committed(batch))) {
    outcome.committed = true;
    outcome.records_written = landed->records;
  } else if (request.error().kind == ErrorKind::invalid_argument) {
    outcome.problems.push_back({"INGEST-1400-400", "", request.error().message, 0, {}});
  } else {
    return request.error();
  }
  TRY(store_outcome(batch, outcome));
  lake::Uploads(lake_, domain::dataset_of(batch.body), BatchId(batch.id)).remove();
  log::info("upload ended", {{"batch", batch.id},
                             {"committed", outcome.committed},
                             {"records", outcome.records_written},
                             {"rejected", outcome.records_failed}});
  return {};
}

// An earlier attempt may have committed it without being able to say so.
Result<std::optional<lake::BatchInfo>> UploadPromoter::committed(const Resource& batch) const {
  const auto manifest = lake_.manifest(domain::dataset_of(batch.body));
  if (!manifest) {
    if (manifest.error().kind == ErrorKind::not_found) return std::optional<lake::BatchInfo>{};
    return manifest.error();
  }
  return (*manifest)->find_batch(BatchId(batch.id));
}

Result<void> UploadPromoter::give_up(const Resource& batch) {
  if (TRY(committed(batch))) return {};  // its next attempt stores that
  UploadOutcome outcome;
  outcome.problems.push_back(
      {"INGEST-1400-500", "", "The batch could not be stored; upload it again.", 0, {}});
  TRY(store_outcome(batch, outcome));
  const auto dataset = domain::dataset_of(batch.body);
  lake::Uploads(lake_, dataset, BatchId(batch.id)).remove();
  return lake_.discard_batch(dataset, BatchId(batch.id));
}

bool UploadPromoter::promote_all(const std::stop_token& stop) {
  const auto waiting = waiting_batches(store_);
  if (!waiting) {
    log::warn("uploads cannot be listed", {{"error", waiting.error().message}});
    return true;
  }
  bool again = waiting->size() == 100;
  for (const Resource& batch : *waiting) {
    if (stop.stop_requested()) return false;
    if (!domain::is_upload(batch.body)) continue;
    Result<void> done;
    try {
      done = promote(batch, stop);
    } catch (const std::exception& bug) {
      log::error("exception in an upload", {{"batch", batch.id}, {"what", bug.what()}});
      done = Error{ErrorKind::storage, "An internal error happened."};
    }
    if (done || done.error().kind == ErrorKind::cancelled) {
      attempts_.erase(batch.id);
      continue;
    }
    log::warn("upload not taken", {{"batch", batch.id}, {"error", done.error().message}});
    again = true;
    // A batch that another process holds is that one's; anything else is given up in the end.
    if (done.error().kind == ErrorKind::conflict || ++attempts_[batch.id] < kAttemptsMax) continue;
    if (give_up(batch)) attempts_.erase(batch.id);
  }
  return again;
}

void UploadPromoter::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::uint64_t wakes = 0;
    {
      const std::lock_guard lock(mutex_);
      wakes = wakes_;
    }
    const bool again = promote_all(stop);
    std::unique_lock lock(mutex_);
    seen_ = wakes;
    changed_.notify_all();
    const auto woken = [this, wakes] { return wakes_ != wakes; };
    if (again)
      changed_.wait_for(lock, stop, kRetryAfter, woken);
    else
      changed_.wait(lock, stop, woken);
  }
}

void UploadPromoter::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void UploadPromoter::stop() {
  thread_.request_stop();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void UploadPromoter::wake() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

void UploadPromoter::wait_idle() {
  std::unique_lock lock(mutex_);
  const auto wakes = wakes_;
  changed_.wait(lock, [&] { return seen_ >= wakes; });
}

}  // namespace headwater::run
