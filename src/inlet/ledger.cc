#include "inlet/ledger.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/time.h"
#include "domain/batch.h"
#include "webhook/events.h"

namespace headwater::inlet {
namespace {

using domain::Resource;
using domain::ResourceKind;
using domain::RunStatus;
using json::Array;
using json::Object;
using json::Value;
using store::Scope;
using store::Transaction;

constexpr std::string_view kExportBase = "/data/foundation/export";
constexpr std::string_view kTrigger = "stream";
constexpr std::size_t kErrorsMax = 20;
const domain::Actor kService{"headwater", "headwater"};

struct CountMember {
  std::string_view name;
  std::uint64_t Tally::* member;
};
// The names are stored.
constexpr CountMember kCounts[] = {{"events", &Tally::events},
                                   {"bytes", &Tally::bytes},
                                   {"mapped", &Tally::mapped},
                                   {"written", &Tally::written},
                                   {"failed", &Tally::failed},
                                   {"outputBytes", &Tally::output_bytes},
                                   {"outputFiles", &Tally::output_files},
                                   {"batches", &Tally::batches}};
struct LatencyMember {
  std::string_view name;
  std::int64_t Tally::* member;
};
constexpr LatencyMember kLatencies[] = {{"latencyMinMs", &Tally::latency_min_ms},
                                        {"latencyMaxMs", &Tally::latency_max_ms},
                                        {"latencySumMs", &Tally::latency_sum_ms}};

std::int64_t number_at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? 0 : value->as_int64().value_or(0);
}

std::string position_name(const std::string& journal, std::string_view key) {
  return "stream/" + journal + "/" + std::string(key);
}

std::uint64_t parse_position(const std::optional<std::string>& text) {
  return text ? std::stoull(*text) : 0;  // we wrote it
}

TimePoint hour_of(TimePoint time) { return std::chrono::floor<std::chrono::hours>(time); }

// Always the same run for one flow, hour and journal.
std::string run_id(const FlowId& flow, TimePoint hour, const std::string& journal) {
  return crypto::derived_uuid(flow.value + "/" + std::to_string(epoch_seconds(hour)) + "/" + journal);
}

domain::RunMeasures measures_of(const Tally& tally, TimePoint hour) {
  domain::RunMeasures run;
  run.status = RunStatus::in_progress;
  run.window = {hour, hour + std::chrono::hours(1)};
  run.pages = tally.batches;
  run.input_bytes = tally.bytes;
  run.output_bytes = tally.output_bytes;
  run.output_files = tally.output_files;
  run.records_read = run.records_shaped = tally.events;
  run.records_mapped = tally.mapped;
  run.records_written = tally.written;
  run.records_failed = tally.failed;
  run.errors = tally.errors;
  return run;
}

std::optional<TimePoint> time_at(const Value& run, std::string_view path) {
  const Value* time = run.find_path(path);
  const std::int64_t ms = time == nullptr ? 0 : time->as_int64().value_or(0);
  return ms > 0 ? std::optional(from_epoch_millis(ms)) : std::nullopt;
}

// Sums and what they belong to stand in the document: the next micro-batch adds to them.
void put_run(Value& run, const domain::RunMeasures& measures, const Tally& tally) {
  domain::put_measures(run, measures, kExportBase);
  const auto events = static_cast<std::int64_t>(std::max<std::uint64_t>(tally.events, 1));
  if (Value* metrics = run.find("metrics"))
    metrics->if_object()->set("latencySummary", Object{{"minMs", tally.latency_min_ms},
                                                       {"maxMs", tally.latency_max_ms},
                                                       {"avgMs", tally.latency_sum_ms / events}});
  Object stream = encode(tally);
  stream.set("sourceConnectionId", measures.source.value);
  stream.set("targetConnectionId", measures.target.value);
  stream.set("batchId", measures.batch.value);
  run.if_object()->set("stream", std::move(stream));
}

Value member_or_null(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr ? Value() : *found;
}

Resource new_run(const CommittedBatch& batch, const std::string& id, TimePoint hour) {
  Object params{{"windowStartTime", epoch_seconds(hour)},
                {"windowEndTime", epoch_seconds(hour + std::chrono::hours(1))}};
  Value body = domain::new_run_document(FlowId(batch.flow.id), member_or_null(batch.flow.body, "flowSpec"),
                                        Value(std::move(params)), {});
  body.if_object()->set("trigger", kTrigger);
  return domain::new_resource(ResourceKind::run, id, batch.flow.tenant, kService,
                              epoch_millis(batch.committed), std::move(body), "");
}

Resource new_batch(const CommittedBatch& batch, const std::string& run) {
  Value body =
      domain::new_run_batch({FlowId(batch.flow.id), RunId(run), batch.dataset, batch.options, batch.opened});
  domain::BatchOutcome outcome;
  outcome.status =
      batch.tally.written == 0 && batch.tally.failed > 0 ? RunStatus::failed : RunStatus::success;
  outcome.started = batch.opened;
  outcome.completed = batch.committed;
  outcome.records_in = batch.tally.events;
  outcome.records_out = batch.tally.written;
  outcome.records_failed = batch.tally.failed;
  outcome.input_bytes = batch.tally.bytes;
  outcome.output_bytes = batch.tally.output_bytes;
  outcome.input_files = 1;
  outcome.output_files = batch.tally.output_files;
  outcome.errors = batch.tally.errors;
  domain::put_batch_outcome(body, outcome);
  return domain::new_resource(ResourceKind::batch, batch.batch.value, batch.flow.tenant, kService,
                              epoch_millis(batch.committed), std::move(body));
}

// The flow's lastRunDetails, by which its etag changes once an hour; and the webhooks.
Result<void> tell_flow(Transaction& transaction, const Resource& run) {
  const std::string flow(run.body.string_at("flowId"));
  const auto known = TRY(transaction.find(Scope::all(), ResourceKind::flow, flow));
  if (!known) return {};
  const auto number = [&run](std::string_view path) {
    const auto time = time_at(run.body, path);
    return time ? epoch_millis(*time) : std::int64_t{0};
  };
  const auto tell = [&](Resource current) -> Result<Resource> {
    current.body.if_object()->set(
        "lastRunDetails", Object{{"id", run.id},
                                 {"state", run.body.string_at("state")},
                                 {"startedAtUTC", number("metrics.durationSummary.startedAtUTC")},
                                 {"completedAtUTC", number("metrics.durationSummary.completedAtUTC")}});
    return current;
  };
  TRY(transaction.update(Scope::all(), ResourceKind::flow, flow, tell));
  const Value* before = known->body.find("lastRunDetails");
  return webhook::tell_run_ended(transaction, *known, run,
                                 before == nullptr ? std::string_view() : before->string_at("state"),
                                 from_epoch_millis(run.updated_at_ms));
}

}  // namespace

Object encode(const Tally& tally) {
  Object out;
  for (const auto& [name, member] : kCounts) out.set(name, tally.*member);
  for (const auto& [name, member] : kLatencies) out.set(name, tally.*member);
  Array errors;
  for (const domain::RunError& error : tally.errors)
    errors.emplace_back(
        Object{{"code", error.code}, {"message", error.message}, {"count", error.record_count}});
  out.set("errors", std::move(errors));
  return out;
}

Tally decode_tally(const Value& document) {
  Tally tally;
  for (const auto& [name, member] : kCounts)
    tally.*member = static_cast<std::uint64_t>(number_at(document, name));
  for (const auto& [name, member] : kLatencies) tally.*member = number_at(document, name);
  const Value* errors = document.find("errors");
  if (errors == nullptr || !errors->is_array()) return tally;
  for (const Value& error : *errors->if_array())
    tally.errors.push_back({std::string(error.string_at("code")), std::string(error.string_at("message")),
                            static_cast<std::uint64_t>(number_at(error, "count"))});
  return tally;
}

void Tally::add(const Tally& other) {
  latency_min_ms =
      events == 0 ? other.latency_min_ms
                  : (other.events == 0 ? latency_min_ms : std::min(latency_min_ms, other.latency_min_ms));
  latency_max_ms = std::max(latency_max_ms, other.latency_max_ms);
  latency_sum_ms += other.latency_sum_ms;
  for (const auto& [name, member] : kCounts) this->*member += other.*member;
  for (const domain::RunError& error : other.errors) add_error(error.code, error.message, error.record_count);
}

void Tally::add_error(std::string_view code, std::string message, std::uint64_t count) {
  const auto known = std::find_if(errors.begin(), errors.end(),
                                  [code](const domain::RunError& error) { return error.code == code; });
  if (known != errors.end())
    known->record_count += count;
  else if (errors.size() < kErrorsMax)
    errors.push_back({std::string(code), std::move(message), count});
}

Result<std::uint64_t> Ledger::position(std::string_view key) {
  std::optional<std::string> text;
  const auto read = [&](Transaction& transaction) -> Result<void> {
    text = TRY(transaction.setting(position_name(journal_, key)));
    return {};
  };
  TRY(store_.read(read));
  return parse_position(text);
}

Result<void> Ledger::record(const CommittedBatch& batch) {
  const FlowId flow(batch.flow.id);
  const std::string run = run_id(flow, hour_of(batch.committed), journal_);
  const Resource document = new_batch(batch, run);
  const auto work = [&](Transaction& transaction) -> Result<void> {
    const auto stored = TRY(transaction.setting(position_name(journal_, batch.key)));
    if (parse_position(stored) >= batch.next) return {};
    TRY(transaction.put_setting(position_name(journal_, batch.key), std::to_string(batch.next)));
    const auto known = TRY(transaction.find(Scope::all(), ResourceKind::batch, document.id));
    if (!known) TRY(transaction.insert(document));
    return add_to_run(transaction, batch);
  };
  return store_.transact(work);
}

Result<void> Ledger::add_to_run(Transaction& transaction, const CommittedBatch& batch) {
  const TimePoint hour = hour_of(batch.committed);
  const std::string id = run_id(FlowId(batch.flow.id), hour, journal_);
  const auto add = [&](Resource run) -> Result<Resource> {
    Tally tally = decode_tally(member_or_null(run.body, "stream"));
    tally.add(batch.tally);
    auto measures = measures_of(tally, hour);
    measures.started = time_at(run.body, "metrics.durationSummary.startedAtUTC").value_or(batch.opened);
    measures.copied = batch.committed;
    measures.source = batch.source;
    measures.target = batch.target;
    measures.batch = batch.batch;
    put_run(run.body, measures, tally);
    domain::touch(run, kService, epoch_millis(batch.committed));
    return run;
  };
  const auto known = TRY(transaction.find(Scope::all(), ResourceKind::run, id));
  if (!known) {
    const Resource made = TRY(add(new_run(batch, id, hour)));
    TRY(transaction.insert(made));
    return {};
  }
  TRY(transaction.update(Scope::all(), ResourceKind::run, id, add));
  return {};
}

Result<void> Ledger::close_hours(TimePoint now) {
  domain::ListQuery query;
  query.filters.push_back(TRY(domain::parse_filter("state==inProgress")));
  query.filters.push_back(TRY(domain::parse_filter("trigger==" + std::string(kTrigger))));
  const auto open = TRY(store_.list(Scope::all(), ResourceKind::run, query));
  for (const Resource& run : open.items) {
    const Value* end = run.body.find_path("params.windowEndTime");
    const std::int64_t end_seconds = end == nullptr ? 0 : end->as_int64().value_or(0);
    if (now < from_epoch_seconds(end_seconds)) continue;
    const auto finish = [&](Resource current) -> Result<Resource> {
      const Value stream = member_or_null(current.body, "stream");
      const Tally tally = decode_tally(stream);
      auto measures = measures_of(tally, from_epoch_seconds(end_seconds) - std::chrono::hours(1));
      measures.status = tally.written == 0 && tally.failed > 0 ? RunStatus::failed : RunStatus::success;
      measures.started = time_at(current.body, "metrics.durationSummary.startedAtUTC");
      measures.copied = measures.completed = now;
      measures.source = SourceConnectionId(std::string(stream.string_at("sourceConnectionId")));
      measures.target = TargetConnectionId(std::string(stream.string_at("targetConnectionId")));
      measures.batch = BatchId(std::string(stream.string_at("batchId")));
      put_run(current.body, measures, tally);
      domain::touch(current, kService, epoch_millis(now));
      return current;
    };
    const auto finish_both = [&](Transaction& transaction) -> Result<void> {
      const auto finished = TRY(transaction.update(Scope::all(), ResourceKind::run, run.id, finish));
      return tell_flow(transaction, finished);
    };
    TRY(store_.transact(finish_both));
  }
  return {};
}

}  // namespace headwater::inlet
