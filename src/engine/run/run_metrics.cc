#include "engine/run/run_metrics.h"

namespace headwater::run {
namespace {

void put_counts(domain::RunMeasures& measures, const RunCounts& counts) {
  measures.pages = counts.pages;
  measures.input_bytes = counts.input_bytes;
  measures.output_bytes = counts.output_bytes;
  measures.output_files = counts.output_files;
  measures.records_read = counts.records_read;
  measures.records_shaped = counts.records_shaped;
  measures.records_mapped = counts.records_mapped;
  measures.records_written = counts.records_written;
  measures.records_failed = counts.records_failed;
  measures.retries = counts.retries;
  measures.throttled_ms = static_cast<std::uint64_t>(counts.throttled.count());
}

domain::RunMeasures measures_for(const RunReferences& references) {
  domain::RunMeasures measures;
  measures.window = references.window;
  measures.once = references.one_time;
  measures.source = references.source;
  measures.target = references.target;
  measures.batch = references.batch;
  return measures;
}

}  // namespace

domain::RunMeasures measures_of(const RunOutcome& outcome, const RunReferences& references) {
  auto measures = measures_for(references);
  put_counts(measures, outcome.counts);
  measures.status = outcome.status;
  measures.started = outcome.started;
  measures.copied = outcome.copied;
  measures.completed = outcome.completed;
  measures.errors = outcome.errors;
  measures.notes = outcome.notes;
  return measures;
}

domain::RunMeasures running_measures(const RunCounts& counts, TimePoint started,
                                     const RunReferences& references) {
  auto measures = measures_for(references);
  put_counts(measures, counts);
  measures.status = domain::RunStatus::in_progress;
  measures.started = started;
  return measures;
}

}  // namespace headwater::run
