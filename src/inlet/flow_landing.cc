#include "inlet/flow_landing.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/time.h"
#include "inlet/replay.h"
#include "json/value.h"

namespace headwater::inlet {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kGroupBytes = 512U << 10;
constexpr std::string_view kNotMapped = "MAPPER-3700-400";

BatchId batch_of(const std::string& journal, const std::string& key, std::uint64_t first) {
  const std::string digest = crypto::sha256(journal + "/" + key + "/" + std::to_string(first));
  return BatchId(crypto::hex(std::string_view(digest).substr(0, 16)));
}

std::int64_t number_at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? 0 : value->as_int64().value_or(0);
}

}  // namespace

Result<std::unique_ptr<FlowLanding>> FlowLanding::open(const Parts& parts, const std::string& key,
                                                       const std::string& journal, std::uint64_t offset) {
  const FlowId flow{std::string(flow_of_key(key))};
  const auto known = TRY(parts.store.find(store::Scope::all(), domain::ResourceKind::flow, flow.value));
  if (!known) return Error{ErrorKind::not_found, "The flow " + flow.value + " was deleted.", "/flow"};
  auto inputs = TRY(run::read_run_inputs(parts.store, parts.credentials, flow));
  auto mapper = TRY(run::make_mapper(inputs.mapping, inputs.target_schema));
  lake::BatchOptions batch;
  batch.dataset = inputs.dataset;
  batch.batch = batch_of(journal, key, offset);
  batch.schema = inputs.target_schema;
  batch.schema_version = inputs.schema_version;
  batch.check_records = false;
  std::unique_ptr<FlowLanding> out(new FlowLanding(parts, std::move(inputs), std::move(mapper), offset));
  out->key_ = key;
  out->batch_ = batch.batch;
  out->opened_ = parts.clock.now();
  out->landing_ = TRY(land::LakeLanding::make(parts.lake, std::move(batch)));
  if (const auto cursor = out->landing_->resumed_cursor()) TRY(out->resume(*cursor));
  return out;
}

std::string FlowLanding::cursor() const {
  Object out = encode(tally_);
  out.set("next", next_);
  out.set("oldestMs", oldest_ms_);
  out.set("newestMs", newest_ms_);
  out.set("receivedSumMs", received_sum_ms_);
  return Value(std::move(out)).dump();
}

Result<void> FlowLanding::resume(const std::string& cursor) {
  const auto document = TRY(json::parse(cursor));
  tally_ = decode_tally(document);
  next_ = static_cast<std::uint64_t>(number_at(document, "next"));
  oldest_ms_ = number_at(document, "oldestMs");
  newest_ms_ = number_at(document, "newestMs");
  received_sum_ms_ = number_at(document, "receivedSumMs");
  return {};
}

Result<void> FlowLanding::add(const journal::Event& event, const Witness& witness) {
  events_.append(event.value);
  offsets_.push_back(event.offset);
  next_ = event.offset + 1;
  ++tally_.events;
  tally_.bytes += event.value.size();
  if (oldest_ms_ == 0) oldest_ms_ = newest_ms_ = event.received_ms;
  newest_ms_ = std::max(newest_ms_, event.received_ms);
  received_sum_ms_ += event.received_ms - oldest_ms_;
  return events_.bytes() < kGroupBytes ? Result<void>() : flush(witness);
}

// What is kept is the event as it came: it can be sent again when its mapping has been mended.
Result<void> FlowLanding::reject(std::size_t index, std::string_view code, const std::string& reason,
                                 const Witness& witness) {
  const std::string message = "Event " + std::to_string(offsets_[index]) + ": " + reason;
  ++tally_.failed;
  tally_.add_error(code, message, 1);
  if (witness) witness({events_[index], code, message});
  land::RejectedRecord record;
  record.text = events_[index];
  record.code = code;
  record.message = message;
  record.page = 1;
  record.record = offsets_[index] - first_ + 1;
  record.file = "inlet";
  return landing_->reject(record);
}

Result<void> FlowLanding::flush(const Witness& witness) {
  if (events_.empty()) return {};
  const json::RecordGroup* accepted = &events_;
  const bool mapped = !mapper_.is_identity();
  if (mapped) {
    mapper_.map(events_, mapped_);
    accepted = &mapped_.accepted;
    for (const map::RowFailures& failed : mapped_.failures)
      tally_.add_error(kNotMapped, failed.message, failed.count);
    for (const map::Rejected& bad : mapped_.rejected) TRY(reject(bad.index, bad.code, bad.message, witness));
  }
  tally_.mapped += accepted->size();
  misfits_.clear();
  if (!accepted->empty()) TRY(landing_->append(*accepted, misfits_));
  for (const auto& bad : misfits_) {
    const std::size_t event = mapped ? mapped_.source_of[bad.index] : bad.index;
    TRY(reject(event, bad.code, bad.message, witness));
  }
  tally_.written += accepted->size() - misfits_.size();
  events_.clear();
  offsets_.clear();
  return {};
}

Result<CommittedBatch> FlowLanding::commit(const Witness& witness) {
  if (!committed()) {
    TRY(flush(witness));
    TRY(landing_->checkpoint(cursor()));
  }
  const auto totals = TRY(landing_->commit());
  CommittedBatch out;
  out.key = key_;
  out.flow = inputs_.flow;
  out.batch = batch_;
  out.dataset = inputs_.dataset;
  out.source = inputs_.source_connection;
  out.target = inputs_.target_connection;
  out.options = inputs_.options;
  out.next = next_;
  out.opened = opened_;
  out.committed = clock_.now();
  out.tally = tally_;
  out.tally.output_bytes = totals.output_bytes;
  out.tally.output_files = totals.output_files;
  out.tally.batches = 1;
  const std::int64_t now_ms = epoch_millis(out.committed);
  const auto events = static_cast<std::int64_t>(tally_.events);
  out.tally.latency_min_ms = now_ms - newest_ms_;
  out.tally.latency_max_ms = now_ms - oldest_ms_;
  out.tally.latency_sum_ms = (now_ms - oldest_ms_) * events - received_sum_ms_;
  return out;
}

}  // namespace headwater::inlet
