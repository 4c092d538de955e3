#include "domain/run.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace headwater::domain {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::int64_t kSecondsMax = 9'000'000'000;

Value millis(const std::optional<TimePoint>& time) {
  return Value(time ? epoch_millis(*time) : std::int64_t{0});
}

Value count(std::uint64_t number) { return Value(number); }

Array encode_errors(const std::vector<RunError>& errors, bool with_counts) {
  Array out;
  for (const RunError& error : errors) {
    Object item{{"code", error.code}, {"message", error.message}};
    if (with_counts && error.record_count > 0) item.set("recordCount", count(error.record_count));
    out.emplace_back(std::move(item));
  }
  return out;
}

// The wire says -1 where a copy failed before anything was measured.
bool failed_in_copy(const RunMeasures& run) {
  return run.status == RunStatus::failed && run.input_bytes == 0 && run.records_read == 0;
}

Object size_summary(const RunMeasures& run, std::uint64_t output) {
  if (failed_in_copy(run)) return Object{{"inputBytes", -1}, {"outputBytes", -1}};
  return Object{{"inputBytes", count(run.input_bytes)}, {"outputBytes", count(output)}};
}

Object window_extensions(const RunWindow& window) {
  Object out;
  if (window.begin) out.set("windowStart", Value(epoch_millis(*window.begin)));
  out.set("windowEnd", Value(epoch_millis(window.end)));
  return out;
}

// A copy that is behind us counts as done even while the run goes on.
std::string_view copy_status(const RunMeasures& run) {
  if (run.copied) return text_of(RunStatus::success);
  return text_of(run.status);
}

Object copy_activity(const RunMeasures& run) {
  Object extensions{{"type", run.once ? "one-time" : "recurring"},
                    {"pages", count(run.pages)},
                    {"retries", count(run.retries)},
                    {"throttledMs", count(run.throttled_ms)}};
  if (!run.notes.empty()) {
    Array notes;
    for (const std::string& note : run.notes) notes.emplace_back(note);
    extensions.set("notes", std::move(notes));
  }
  Object status{{"status", copy_status(run)}};
  if (!run.copied && !run.errors.empty()) status.set("errors", encode_errors(run.errors, false));
  status.set("extensions", std::move(extensions));
  Object reference{{"type", "Source"}, {"ids", Array{Value(run.source.value)}}};
  Object source{{"id", run.source.value}, {"type", "SourceConnection"}, {"reference", std::move(reference)}};
  const bool failed = failed_in_copy(run);
  return Object{
      {"id", kCopyActivityId},
      {"name", "Copy Activity"},
      {"updatedAtUTC", 0},
      {"durationSummary", Object{{"startedAtUTC", millis(run.started)},
                                 {"completedAtUTC", millis(run.copied ? run.copied : run.completed)},
                                 {"extensions", window_extensions(run.window)}}},
      {"latencySummary", Object{}},
      {"sizeSummary", size_summary(run, run.input_bytes)},
      {"recordSummary", Object{{"inputRecordCount", count(run.records_read)},
                               {"outputRecordCount", count(run.records_shaped)}}},
      {"fileSummary", Object{{"inputFileCount", failed ? Value(-1) : count(run.pages)},
                             {"outputFileCount", failed ? Value(-1) : count(run.output_files)}}},
      {"statusSummary", std::move(status)},
      {"sourceInfo", Array{Value(std::move(source))}}};
}

Object promotion_activity(const RunMeasures& run, std::string_view export_base) {
  const std::string meta = std::string(export_base) + "/batches/" + run.batch.value + "/meta?path=";
  Object extensions{{"manifest", Object{{"failedRecords", meta + "row_errors"},
                                        {"sampleErrors", meta + "row_error_samples.json"}}},
                    {"errors", encode_errors(run.errors, true)}};
  Object target{{"id", run.target.value},
                {"type", "TargetConnection"},
                {"reference", Object{{"type", "Batch"}, {"ids", Array{Value(run.batch.value)}}}}};
  return Object{{"id", kPromotionActivityId},
                {"name", "Promotion Activity"},
                {"updatedAtUTC", 0},
                {"durationSummary",
                 Object{{"startedAtUTC", millis(run.copied)}, {"completedAtUTC", millis(run.completed)}}},
                {"latencySummary", Object{}},
                {"sizeSummary", size_summary(run, run.output_bytes)},
                {"recordSummary", Object{{"inputRecordCount", count(run.records_shaped)},
                                         {"mappedRecordCount", count(run.records_mapped)},
                                         {"outputRecordCount", count(run.records_written)},
                                         {"failedRecordCount", count(run.records_failed)}}},
                {"fileSummary",
                 Object{{"inputFileCount", count(run.pages)},
                        {"outputFileCount", count(run.output_files)},
                        {"extensions", Object{{"manifest", Object{{"fileInfo", meta + "input_files"}}}}}}},
                {"statusSummary", Object{{"status", text_of(run.status)},
                                         {"errors", encode_errors(run.errors, false)},
                                         {"extensions", std::move(extensions)}}},
                {"targetInfo", Array{Value(std::move(target))}}};
}

Result<std::optional<TimePoint>> read_seconds(const Value& params, std::string_view name) {
  const Value* value = params.find(name);
  if (value == nullptr || value->is_null()) return std::optional<TimePoint>{};
  const auto number = value->as_int64_lenient();
  if (!number || *number < 0 || *number > kSecondsMax)
    return Error{ErrorKind::invalid_argument,
                 "params." + std::string(name) + " must be a whole number of seconds since 1970.",
                 "/params/" + std::string(name), "CONNECTOR-1380-400"};
  return std::optional<TimePoint>{from_epoch_seconds(*number)};
}

}  // namespace

std::string_view text_of(RunStatus status) {
  switch (status) {
    case RunStatus::scheduled:
      return "scheduled";
    case RunStatus::in_progress:
      return "inProgress";
    case RunStatus::success:
      return "success";
    case RunStatus::partial_success:
      return "partialSuccess";
    case RunStatus::failed:
      return "failed";
  }
  return "";
}

std::optional<RunStatus> run_status_from(std::string_view text) {
  std::string folded;
  for (const char c : text)
    if (c != '_') folded.push_back(ascii_lower(c));
  if (folded == "scheduled" || folded == "queued") return RunStatus::scheduled;
  if (folded == "inprogress") return RunStatus::in_progress;
  if (folded == "success" || folded == "completed") return RunStatus::success;
  if (folded == "partialsuccess" || folded == "partialfailure") return RunStatus::partial_success;
  if (folded == "failed") return RunStatus::failed;
  return std::nullopt;
}

bool is_final(RunStatus status) { return status != RunStatus::scheduled && status != RunStatus::in_progress; }

Result<std::optional<RunWindow>> read_run_window(const Value& params, TimePoint now) {
  if (params.is_null()) return std::optional<RunWindow>{};
  if (!params.is_object())
    return Error{ErrorKind::invalid_argument,
                 "params must be an object with windowStartTime and windowEndTime.", "/params",
                 "CONNECTOR-1380-400"};
  TRY(read_seconds(params, "startTime"));
  const auto begin = TRY(read_seconds(params, "windowStartTime"));
  const auto end = TRY(read_seconds(params, "windowEndTime"));
  if (!begin && !end) return std::optional<RunWindow>{};
  const RunWindow window{begin, end.value_or(now)};
  if (begin && window.end < *begin)
    return Error{ErrorKind::invalid_argument, "params.windowEndTime lies before params.windowStartTime.",
                 "/params/windowEndTime", "CONNECTOR-1381-400"};
  return std::optional<RunWindow>{window};
}

Value encode_run_metrics(const RunMeasures& run) {
  const Array activity{Value(kPromotionActivityId)};
  const bool failed = failed_in_copy(run);
  return Object{{"durationSummary",
                 Object{{"startedAtUTC", millis(run.started)}, {"completedAtUTC", millis(run.completed)}}},
                {"sizeSummary", size_summary(run, run.output_bytes)},
                {"recordSummary", Object{{"inputRecordCount", count(run.records_shaped)},
                                         {"outputRecordCount", count(run.records_written)},
                                         {"createdRecordCount", count(run.records_written)},
                                         {"failedRecordCount", count(run.records_failed)}}},
                {"fileSummary", Object{{"inputFileCount", failed ? Value(-1) : count(run.pages)},
                                       {"outputFileCount", failed ? Value(-1) : count(run.output_files)},
                                       {"activityRefs", activity}}},
                {"statusSummary", Object{{"status", text_of(run.status)},
                                         {"errors", encode_errors(run.errors, false)},
                                         {"activityRefs", activity}}}};
}

Value encode_run_activities(const RunMeasures& run, std::string_view export_base) {
  Array activities{Value(copy_activity(run))};
  if (run.copied) activities.emplace_back(promotion_activity(run, export_base));
  return activities;
}

Value new_run_document(const FlowId& flow, const Value& flow_spec, const Value& params,
                       const RunMeasures& measures) {
  Object run{{"flowId", flow.value}, {"flowSpec", flow_spec}, {"recordTypes", Array{}}};
  if (!params.is_null()) run.set("params", params);
  run.set("state", text_of(measures.status));
  run.set("metrics", encode_run_metrics(measures));
  run.set("activities", Array{});
  return run;
}

void put_measures(Value& run, const RunMeasures& measures, std::string_view export_base) {
  Object* members = run.if_object();
  if (members == nullptr) return;
  members->set("state", text_of(measures.status));
  members->set("metrics", encode_run_metrics(measures));
  members->set("activities", encode_run_activities(measures, export_base));
}

Result<void> check_is_batch_run(const Value& run) {
  if (run.string_at("trigger") != kStreamTrigger) return {};
  return Error{
      ErrorKind::invalid_argument,
      "The run is a streaming flow's: it begins and ends with its events. Disable the flow to stop it.", "",
      "CONNECTOR-1386-400"};
}

Result<void> check_retriable(const Value& run) {
  TRY(check_is_batch_run(run));
  const Value* status = run.find_path("metrics.statusSummary.status");
  const std::string* text = status == nullptr ? nullptr : status->if_string();
  const auto known = run_status_from(text == nullptr ? std::string_view{} : std::string_view(*text));
  const Value* written = run.find_path("metrics.recordSummary.outputRecordCount");
  const bool nothing = written == nullptr || written->as_int64().value_or(0) == 0;
  if (known == RunStatus::failed || (known == RunStatus::success && nothing)) return {};
  return Error{ErrorKind::invalid_argument,
               "Only a failed run, or a successful one that ingested nothing, can be triggered again.", "",
               "CONNECTOR-1387-400"};
}

}  // namespace headwater::domain
