#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::domain {

/// A run moves scheduled -> in_progress -> success | partial_success | failed, and never back.
enum class RunStatus : std::uint8_t { scheduled, in_progress, success, partial_success, failed };

/// "scheduled", "inProgress", "success", "partialSuccess", "failed".
std::string_view text_of(RunStatus status);
/// Reads the stored spelling without regard to letter case, and the write-side spellings (IN_PROGRESS,
/// COMPLETED, ...). nullopt for anything else.
std::optional<RunStatus> run_status_from(std::string_view text);
bool is_final(RunStatus status);

/// What a run reads: (begin, end], the beginning of the source when `begin` is absent.
struct RunWindow {
  std::optional<TimePoint> begin;
  TimePoint end;
};

/// Reads the `params` of POST /runs (seconds, numbers or numeric strings). Without any params the window ends
/// at `now` and begins nowhere; nullopt tells that no bound was given at all.
/// Errors: invalid_argument, CONNECTOR-1380 (not a time), CONNECTOR-1381 (end before start).
Result<std::optional<RunWindow>> read_run_window(const json::Value& params, TimePoint now);

struct RunError {
  std::string code;                // "CONNECTOR-1001-500"
  std::string message;             // names page and record where there is one
  std::uint64_t record_count = 0;  // 0: the error is about no particular records
};

/// All that is told about a run. Counters are of the whole run, over interruptions.
struct RunMeasures {
  RunStatus status = RunStatus::scheduled;
  std::optional<TimePoint> started;
  std::optional<TimePoint> copied;  // when the last page was fetched
  std::optional<TimePoint> completed;
  RunWindow window;
  bool once = false;  // extensions.type "one-time", otherwise "recurring"
  std::uint64_t pages = 0;
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t output_files = 0;
  std::uint64_t records_read = 0;
  std::uint64_t records_shaped = 0;
  std::uint64_t records_mapped = 0;
  std::uint64_t records_written = 0;
  std::uint64_t records_failed = 0;
  std::uint64_t retries = 0;
  std::uint64_t throttled_ms = 0;
  std::vector<RunError> errors;    // why it failed, or what it tolerated
  std::vector<std::string> notes;  // findings that failed nothing (inferred totals, _other members)
  SourceConnectionId source;
  TargetConnectionId target;
  BatchId batch;  // empty when no batch was begun
};

inline constexpr std::string_view kCopyActivityId = "4f008a00-3a04-11eb-adc1-0242ac120002";
inline constexpr std::string_view kPromotionActivityId = "37b34f84-1ada-11eb-adc1-0242ac120002";

/// The run's `metrics` member. Source: Flow Service reference, section 19.3.
json::Value encode_run_metrics(const RunMeasures& measures);
/// The run's `activities` member. `export_base` is put before "/batches/{id}/meta?path=...", for example
/// "/data/foundation/export".
json::Value encode_run_activities(const RunMeasures& measures, std::string_view export_base);

/// A run's own document members (flowId, flowSpec, params, state, metrics, activities); the store adds
/// the common fields. `params` is what the run was asked with, or null.
json::Value new_run_document(const FlowId& flow, const json::Value& flow_spec, const json::Value& params,
                             const RunMeasures& measures);
/// Writes state, metrics and activities into a run document.
void put_measures(json::Value& run, const RunMeasures& measures, std::string_view export_base);

/// The `trigger` of a run that a streaming flow's consumer writes: a slice of time, which it alone begins,
/// goes on with and ends.
inline constexpr std::string_view kStreamTrigger = "stream";
/// That callers and the scheduler may act on the run. Errors: invalid_argument with CONNECTOR-1386-400, a run
/// of a streaming flow.
Result<void> check_is_batch_run(const json::Value& run);

/// Whether `run` may be triggered again: failed, or success with nothing ingested (CONNECTOR-1387 otherwise),
/// and no streaming flow's (CONNECTOR-1386).
Result<void> check_retriable(const json::Value& run);

}  // namespace headwater::domain
