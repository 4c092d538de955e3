#include "domain/batch.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace headwater::domain {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::string_view batch_status(RunStatus status) {
  switch (status) {
    case RunStatus::scheduled:
    case RunStatus::in_progress:
      return "loading";
    case RunStatus::success:
    case RunStatus::partial_success:
      return "success";
    case RunStatus::failed:
      return "failed";
  }
  return "";
}

Error wrong(std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where)};
}

Result<void> read_character(const Value& format, std::string_view name, char& out) {
  const Value* value = format.find(name);
  if (value == nullptr || value->is_null()) return {};
  const std::string* text = value->if_string();
  const bool fits = text != nullptr && text->size() == 1 && (*text)[0] != '\n' && (*text)[0] != '\r' &&
                    static_cast<unsigned char>((*text)[0]) < 0x80;
  if (!fits)
    return wrong("/inputFormat/" + std::string(name), std::string(name) + " must be one ASCII character.");
  out = (*text)[0];
  return {};
}

Result<void> read_flag(const Value& format, std::string_view name, bool& out) {
  const Value* value = format.find(name);
  if (value == nullptr || value->is_null()) return {};
  const auto flag = value->as_bool_lenient();
  if (!flag) return wrong("/inputFormat/" + std::string(name), std::string(name) + " must be true or false.");
  out = *flag;
  return {};
}

Result<void> read_csv_options(const Value& format, InputFormat& out) {
  TRY(read_character(format, "delimiter", out.delimiter));
  TRY(read_character(format, "quote", out.quote));
  TRY(read_character(format, "escape", out.escape));
  TRY(read_flag(format, "header", out.header));
  if (out.delimiter == out.quote)
    return wrong("/inputFormat/quote", "quote and delimiter must be different characters.");
  out.null_marker = format.string_at("nullMarker");
  const std::string charset = lower(format.string_at("charset"));
  out.latin1 = charset == "iso-8859-1" || charset == "latin1";
  if (!out.latin1 && !charset.empty() && charset != "utf-8" && charset != "utf8" && charset != "us-ascii")
    return wrong("/inputFormat/charset", "charset must be UTF-8, US-ASCII or ISO-8859-1.");
  return {};
}

// Clients prefix ids with '$', and some put several into one text.
template <class Id>
Result<void> read_ids(const Value& replay, std::string_view name, std::vector<Id>& out) {
  const Value* list = replay.find(name);
  if (list == nullptr || list->is_null()) return {};
  const std::string where = "/replay/" + std::string(name);
  if (!list->is_array()) return wrong(where, std::string(name) + " must be an array of ids.");
  for (const Value& item : *list->if_array()) {
    const std::string* text = item.if_string();
    if (text == nullptr || text->empty())
      return wrong(where, "Each id in " + std::string(name) + " must be a text.");
    for (std::string_view rest = *text;;) {
      const auto comma = rest.find(',');
      std::string_view id = rest.substr(0, comma);
      while (id.starts_with(' ') || id.starts_with('$')) id.remove_prefix(1);
      while (id.ends_with(' ')) id.remove_suffix(1);
      if (!id.empty()) out.emplace_back(std::string(id));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  if (out.size() > 1000) return wrong(where, "A batch replaces at most 1000 others.");
  return {};
}

Result<void> read_replay(const Value& body, IngestRequest& out) {
  const Value* replay = body.find("replay");
  if (replay == nullptr || replay->is_null()) return {};
  if (!replay->is_object()) return wrong("/replay", "replay must be an object with predecessors.");
  TRY(read_ids(*replay, "predecessors", out.predecessors));
  return read_ids(*replay, "predecessorsByExternalId", out.external_predecessors);
}

Result<void> read_partial(const Value& body, IngestRequest& out) {
  for (const std::string_view name :
       {std::string_view("partialIngestionPercent"), std::string_view("partialIngestionPercentage")}) {
    const Value* value = body.find(name);
    if (value == nullptr || value->is_null()) continue;
    auto number = value->as_double();
    if (const std::string* text = value->if_string(); text != nullptr)
      if (const auto parsed = json::parse(*text)) number = parsed->as_double();
    if (!number || *number < 0 || *number > 100)
      return wrong("/" + std::string(name), std::string(name) + " must be a number from 0 to 100.");
    out.partial_ingestion_percent = number;
  }
  const Value* diagnostics = body.find("enableErrorDiagnostics");
  if (diagnostics == nullptr || diagnostics->is_null()) return {};
  out.error_diagnostics = diagnostics->as_bool_lenient();
  if (!out.error_diagnostics)
    return wrong("/enableErrorDiagnostics", "enableErrorDiagnostics must be true or false.");
  return {};
}

}  // namespace

Result<InputFormat> read_input_format(const Value& format) {
  if (!format.is_object())
    return wrong("/inputFormat", R"(inputFormat is missing: {"format": "json"}, "parquet" or "csv".)");
  InputFormat out;
  const std::string name = lower(format.string_at("format"));
  if (name == "parquet") {
    out.kind = InputFormat::Kind::parquet;
  } else if (name == "json") {
    TRY(read_flag(format, "isMultiLineJson", out.multi_line));
  } else if (name == "csv") {
    out.kind = InputFormat::Kind::csv;
    TRY(read_csv_options(format, out));
  } else {
    return wrong("/inputFormat/format", "format must be json, parquet or csv.");
  }
  return out;
}

Result<IngestRequest> read_ingest_request(const Value& body) {
  IngestRequest out;
  out.dataset = DatasetId(std::string(body.string_at("datasetId")));
  if (out.dataset.empty()) return wrong("/datasetId", "datasetId is missing: it names the dataset to load.");
  const Value* format = body.find("inputFormat");
  out.format = TRY(read_input_format(format == nullptr ? Value() : *format));
  const Value* external = body.find("externalId");
  if (external != nullptr && !external->is_null() &&
      (!external->is_string() || external->if_string()->size() > 256))
    return wrong("/externalId", "externalId must be a text of at most 256 bytes.");
  out.external_id = body.string_at("externalId");
  const Value* tags = body.find("tags");
  if (tags != nullptr && !tags->is_null() && !tags->is_object())
    return wrong("/tags", "tags must be an object of arrays of texts.");
  TRY(read_replay(body, out));
  TRY(read_partial(body, out));
  return out;
}

std::optional<BatchAction> batch_action_from(std::string_view text) {
  const std::string name = lower(text);
  if (name == "complete") return BatchAction::complete;
  if (name == "abort") return BatchAction::abort;
  if (name == "fail") return BatchAction::fail;
  if (name == "revert") return BatchAction::revert;
  return std::nullopt;
}

Result<std::string_view> status_after(BatchAction action, std::string_view status) {
  const auto refused = [status](std::string_view only) {
    return Error{ErrorKind::conflict, "The batch is " + std::string(status) + ": " + std::string(only) + ".",
                 "/status"};
  };
  const bool taken = status == "loaded" || status == "processing" || status == "success";
  switch (action) {
    case BatchAction::complete:
      if (status == "loading") return std::string_view("loaded");
      if (taken) return status;
      return refused("only one that is loading can be completed");
    case BatchAction::abort:
      if (status == "loading" || status == "aborted") return std::string_view("aborted");
      return refused("only one that is loading can be aborted; a committed one can be reverted");
    case BatchAction::fail:
      if (status == "loading" || status == "failed") return std::string_view("failed");
      return refused("only one that is loading can be failed; a committed one can be reverted");
    case BatchAction::revert:
      if (status == "success" || status == "inactive") return std::string_view("inactive");
      return refused("only one that was committed can be reverted");
  }
  return refused("there is no such action");
}

Value new_run_batch(const RunBatch& batch) {
  const FlowOptions& options = batch.options;
  Object tags{{"acp_enableErrorDiagnostics", Array{Value(options.error_diagnostics ? "true" : "false")}},
              {"flowId", Array{Value(batch.flow.value)}},
              {"flowRunId", Array{Value(batch.run.value)}}};
  if (options.partial_ingestion_percent)
    tags.set("acp_partialIngestionPercent", Array{Value(Value(*options.partial_ingestion_percent).dump())});
  return Object{{"status", batch_status(RunStatus::in_progress)},
                {"started", epoch_millis(batch.started)},
                {"relatedObjects", Array{Object{{"type", "dataSet"}, {"id", batch.dataset.value}}}},
                {"tags", std::move(tags)},
                {"metrics", Object{}},
                {"errors", Array{}}};
}

void put_batch_outcome(Value& batch, const BatchOutcome& outcome) {
  Object* members = batch.if_object();
  if (members == nullptr) return;
  members->set("status", batch_status(outcome.status));
  members->set("completed", epoch_millis(outcome.completed));
  members->set("metrics", Object{{"startTime", epoch_millis(outcome.started)},
                                 {"endTime", epoch_millis(outcome.completed)},
                                 {"inputRecordCount", outcome.records_in},
                                 {"outputRecordCount", outcome.records_out},
                                 {"failedRecordCount", outcome.records_failed},
                                 {"inputByteSize", outcome.input_bytes},
                                 {"outputByteSize", outcome.output_bytes},
                                 {"inputFileCount", outcome.input_files},
                                 {"outputFileCount", outcome.output_files}});
  Array errors;
  for (const RunError& error : outcome.errors)
    errors.emplace_back(
        Object{{"code", error.code}, {"description", error.message}, {"recordCount", error.record_count}});
  members->set("errors", std::move(errors));
}

bool is_upload(const Value& batch) { return batch.find("inputFormat") != nullptr; }

DatasetId dataset_of(const Value& batch) {
  const Value* related = batch.find("relatedObjects");
  if (related != nullptr && related->is_array())
    for (const Value& object : *related->if_array())
      if (object.string_at("type") == "dataSet") return DatasetId(std::string(object.string_at("id")));
  return {};
}

}  // namespace headwater::domain
