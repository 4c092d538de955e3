#include "cli/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authoring/draft.h"
#include "authoring/source_template.h"
#include "base/crypto.h"
#include "base/time.h"
#include "base/url.h"
#include "cli/report.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using json::Array;
using json::Object;
using json::Value;

const std::string kService = "/data/foundation/flowservice/";
const std::string kSchemas = "/data/foundation/schemaregistry/tenant/schemas";
const std::string kDatasets = "/data/foundation/catalog/dataSets";
const std::string kMappingSets = "/data/foundation/conversion/mappingSets";
constexpr std::string_view kLakeSpec = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
constexpr std::string_view kSchemaType = "application/vnd.adobe.xed-full+json;version=1";
std::int64_t number_at(const Value& value, std::string_view path) {
  const auto* found = value.find_path(path);
  return found == nullptr ? 0 : found->as_int64_lenient().value_or(0);
}

// All that an error says, on one line.
std::string told(const Error& error) {
  std::string text = error.message;
  if (!error.where.empty()) text += " (" + error.where + ")";
  for (const auto& problem : error.problems)
    if (error.message.find(problem.reason) == std::string::npos)
      text +=
          "; " + problem.pointer + ": " + problem.reason + (problem.hint.empty() ? "" : " " + problem.hint);
  return text;
}

// As the mapping language writes a name that holds its own characters.
std::string escaped_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::string_view("\\.[]}").find(c) != std::string_view::npos || (out.empty() && c == '$'))
      out += '\\';
    out += c;
  }
  return out;
}

constexpr std::string_view kAccountHelp =
    "Check --auth FILE against authSpec: its specName, the required params, and that the credentials are "
    "right.";

constexpr std::string_view kTroubleHelp =
    "The source is in trouble, not the account: see whether its address and parameters are right, and try it "
    "again later.";

// What to do about an answer of the source; `usual` where it says nothing special.
std::string help_for(std::string_view message, std::string usual) {
  constexpr std::string_view kAnswered = "answered ";
  for (auto at = message.find(kAnswered); at != std::string_view::npos;
       at = message.find(kAnswered, at + 1)) {
    if (message.substr(0, at).ends_with("server ")) continue;  // the one that is verified on
    const auto status = message.substr(at + kAnswered.size(), 3);
    if (status == "401" || status == "403") return std::string(kAccountHelp);
    if (status.size() == 3 && status.starts_with('5') && status[1] >= '0' && status[1] <= '9')
      return std::string(kTroubleHelp);
  }
  return usual;
}

// What the source's side says of a run that failed nothing.
std::vector<std::string> notes_of(const Value& run) {
  std::vector<std::string> out;
  const auto* activities = run.find("activities");
  if (activities == nullptr || !activities->is_array()) return out;
  for (const auto& activity : *activities->if_array()) {
    const auto* notes = activity.find_path("statusSummary.extensions.notes");
    if (notes == nullptr || !notes->is_array()) continue;
    for (const auto& note : *notes->if_array())
      if (const auto* text = note.if_string()) out.push_back(*text);
  }
  return out;
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// ["@/dataSets/ID"]
std::string dataset_in(const Value& answer) {
  const auto* first =
      answer.is_array() && !answer.if_array()->empty() ? answer.if_array()->front().if_string() : nullptr;
  return first == nullptr ? std::string() : last_name(*first);
}

// The server has not refused it in so many words: it, or what stands before it, may have failed behind that.
bool may_have_come(const Error& error) {
  constexpr std::array kUnknown{ErrorKind::cancelled, ErrorKind::unavailable, ErrorKind::timeout,
                                ErrorKind::upstream, ErrorKind::storage};
  return std::find(kUnknown.begin(), kUnknown.end(), error.kind) != kUnknown.end();
}

}  // namespace

Error Verification::failed(std::string message) { return Error{ErrorKind::upstream, std::move(message)}; }

bool Verification::step(std::string name, std::string done, std::string help, const Work& work) {
  VerifyStep out{std::move(name), std::move(done), StepOutcome::skipped, {}, {}, {}};
  if (!reachable_ || stop_.stop_requested()) {
    out.result = stop_.stop_requested() ? "interrupted" : "not reached: a step before it failed";
  } else {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = work();
    out.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    out.outcome = result                   ? StepOutcome::passed
                  : stop_.stop_requested() ? StepOutcome::skipped
                                           : StepOutcome::failed;
    out.result = result                   ? *result
                 : stop_.stop_requested() ? std::string("interrupted")
                                          : told(result.error());
    if (out.outcome == StepOutcome::failed) {
      out.help = help_for(out.result, help_.empty() ? std::move(help) : std::exchange(help_, {}));
      if (const auto why = why_unreached(out.result); !why.empty()) {
        out.result = "The source was not reached: " + why;
        out.help = std::string(kUnreachedHelp);
      }
    }
  }
  const bool passed = out.outcome == StepOutcome::passed;
  add(std::move(out));
  for (auto& warning : std::exchange(warnings_, {})) add(std::move(warning));
  return passed;
}

// What stands in front of a source answers these where it cannot be asked.
std::string Verification::why_unreached(std::string_view result) const {
  const bool may_be =
      result.find("424") != std::string_view::npos || result.find("502") != std::string_view::npos;
  return may_be && subject_.unreached ? subject_.unreached() : std::string();
}

void Verification::add(VerifyStep step) {
  watch_(step);
  steps_.push_back(std::move(step));
}

void Verification::warn(std::string name, std::string what, std::string help) {
  warnings_.push_back(
      VerifyStep{std::move(name), {}, StepOutcome::warned, std::move(what), std::move(help), {}});
}

void Verification::skip(std::string name, std::string why) {
  add(VerifyStep{std::move(name), {}, StepOutcome::skipped, std::move(why), {}, {}});
}

Result<Value> Verification::call(std::string_view method, const std::string& path, const Value& body) {
  return client_.call(method, path, body.is_null() ? std::string() : body.dump(), {}, stop_);
}

void Verification::made(std::string what, std::string path) {
  const std::lock_guard lock(made_mutex_);
  made_.emplace_back(std::move(what), std::move(path));
}

std::vector<std::string> Verification::left() const {
  const std::lock_guard lock(made_mutex_);
  std::vector<std::string> out;
  out.reserve(made_.size());
  for (const auto& [what, path] : made_) out.push_back(std::string(what).append(" ").append(path));
  return out;
}

Result<Value> Verification::make(const std::string& path, const Value& body, const PathOf& path_of) {
  Unanswered asked{path, body.dump(), "verify-" + crypto::random_hex(16), path_of};
  auto answer = client_.call("POST", path, asked.body, {{"Idempotency-Key", asked.key}}, stop_);
  if (answer) {
    if (auto place = path_of(*answer); !place.empty()) made(last_name(path), std::move(place));
  } else if (may_have_come(answer.error())) {
    unanswered_.push_back(std::move(asked));
  }
  return answer;
}

Result<std::string> Verification::create(const std::string& path, const Value& body) {
  const auto answer = TRY(make(path, body, [path](const Value& stored) {
    const auto id = stored.string_at("id");
    return id.empty() ? std::string() : path + "/" + std::string(id);
  }));
  const std::string id(answer.string_at("id"));
  if (id.empty()) return failed("The answer to POST " + path + " has no id.");
  return id;
}

std::vector<VerifyStep> Verification::run() {
  name_ = "verify " + std::string(subject_.spec.string_at("name")) + " " + crypto::random_hex(4);
  const auto need = [this](bool passed) { reachable_ = reachable_ && passed; };
  need(step("Spec", "headwater lint", "Mend what lint says; headwater lint tells all of it.",
            [this] { return check_spec(); }));
  need(
      step("Registration",
           std::string("POST connectionSpecs, and the spec into the flow spec ") +
               (subject_.events.empty() ? "RestStorageToAEP" : "GenericStreamingAEP"),
           "Is the server there, and does the token's owner own the spec's id? Give --server, or another id.",
           [this] { return register_spec(); }));
  if (subject_.events.empty())
    walk_requests();
  else
    walk_inlet();
  remove_all();
  return std::move(steps_);
}

std::string Verification::flow_spec() const {
  return std::string(subject_.events.empty() ? authoring::kRestFlowSpec : authoring::kStreamingFlowSpec);
}

void Verification::walk_requests() {
  const auto need = [this](bool passed) { reachable_ = reachable_ && passed; };
  need(step("Account", "POST connections, GET connections/{id}/test", std::string(kAccountHelp),
            [this] { return connect(); }));
  need(step("Explore", "GET connections/{id}/explore",
            "Compare urlParams, queryParams and contentPath with the API's answer: headwater source try "
            "shows both.",
            [this] { return explore(); }));
  need(step("Source connection", "POST sourceConnections with the source's params",
            "Give what sourceSpec.spec requires with --params FILE or --param name=value.",
            [this] { return choose_source(); }));
  need(step("Target", "POST schemas of what was explored, dataSets, targetConnections",
            "The explored schema cannot be stored; a sourceSpec.schema of the raw answer makes it certain.",
            [this] { return make_target(); }));
  need(step("Mapping", "POST mappingSets, each member to itself", "See which member the server names.",
            [this] { return make_mapping(); }));
  need(step("Flow", "POST flows", "See what the server's answer names.", [this] { return start_flow(); }));
  need(step("Run", "the flow's first run, awaited",
            "The message says where it failed; headwater explain shows every request of a run.",
            [this] { return first_run(); }));
  const bool counted_right =
      step("Records", "count of the dataset by SQL, against the run's own count",
           "Records are lost or doubled between source and dataset.", [this] { return count_records(); });
  need(counted_right);
  step("Pagination",
       subject_.mock != nullptr ? "the run's records and pages, against the mock's"
                                : "the run's records and pages, against what the source's answers say",
       "Compare paginationParams with the API: names, limitValue (what it really gives), the end condition.",
       [this] { return check_pages(); });
  if (filters_by_time()) {
    need(step("Incremental run", "POST flows/{id}/action?op=run over what came since",
              "scheduleParams do not make the API filter: compare their names and date formats with its "
              "description.",
              [this] { return incremental_run(); }));
    step("Run again", "POST flows/{id}/action?op=run over a window without anything new",
         "The same records come in every window: the end parameter, or the format of the times, is not "
         "understood.",
         [this] { return idle_run(); });
  } else {
    const std::string why = "the spec has no scheduleParams: every run fetches everything again, and adds it";
    skip("Incremental run", why);
    skip("Run again", why);
  }
  if (subject_.mock != nullptr) certify();
}

Value Verification::typed_only(const Value& schema) {
  const auto* members = schema.find("properties");
  if (members == nullptr || !members->is_object()) return schema;
  Object kept;
  for (const auto& [name, member] : *members->if_object())
    if (member.find("type") != nullptr) kept.set(name, typed_only(member));
  Object out = *schema.if_object();
  out.set("properties", std::move(kept));
  out.erase("required");
  return out;
}

domain::SourceSpec Verification::read_spec() const {
  std::vector<Problem> ignored;
  return domain::read_source_spec(subject_.spec, &subject_.params, ignored);
}

bool Verification::filters_by_time() const { return !read_spec().schedule.empty(); }

Result<std::string> Verification::check_spec() {
  auto problems = authoring::lint(subject_.spec);
  const auto errors = std::count_if(problems.begin(), problems.end(),
                                    [](const Problem& each) { return each.severity == Severity::error; });
  if (errors > 0) {
    Error error = failed(counted(static_cast<std::uint64_t>(errors), "error"));
    std::erase_if(problems, [](const Problem& each) { return each.severity != Severity::error; });
    error.problems = std::move(problems);
    return error;
  }
  return fmt::format("no errors, {}", counted(problems.size(), "warning"));
}

Result<std::string> Verification::explore() {
  const auto answer =
      TRY(call("GET", kService + "connections/" + connection_ +
                          "/explore?objectType=rest&object=json&fileType=json&preview=true&sourceParams=" +
                          percent_encode(crypto::base64(subject_.params.dump()))));
  const auto* data = answer.find("data");
  const auto* schema = answer.find("schema");
  explored_ = data != nullptr && data->is_array() ? data->if_array()->size() : 0;
  if (explored_ == 0 || schema == nullptr) return failed("The first page holds no records.");
  schema_ = typed_only(*schema);
  const auto* members = schema_.find("properties");
  if (members == nullptr || !members->is_object() || members->if_object()->empty())
    return failed("The records have no members with values.");
  if (subject_.mock == nullptr) first_answer_ = ask();
  return fmt::format("{} shown, {}", counted(explored_, "record"),
                     counted(members->if_object()->size(), "member"));
}

Result<std::string> Verification::choose_source() {
  Object source{{"name", name_},
                {"connectionSpec", Object{{"id", spec_id_}, {"version", "1.0"}}},
                {"data", Object{{"format", "json"}}},
                {"params", subject_.params}};
  if (!connection_.empty()) source.set("baseConnectionId", connection_);
  source_ = TRY(create(kService + "sourceConnections", source));
  return "created as " + source_;
}

Result<void> Verification::make_landing(const std::string& name, Landing& landing) {
  Object reference{{"id", schema_id_}, {"contentType", kSchemaType}};
  const auto answer =
      TRY(make(kDatasets, Object{{"name", name}, {"schemaRef", reference}}, [](const Value& stored) {
        const auto id = dataset_in(stored);
        return id.empty() ? id : kDatasets + "/" + id;
      }));
  landing.dataset = dataset_in(answer);
  if (landing.dataset.empty()) return failed("The answer to POST dataSets names no dataset.");
  return {};
}

Result<std::string> Verification::make_target() {
  Object schema = *schema_.if_object();
  schema.set("title", name_);
  const auto stored = TRY(make(kSchemas, schema, [](const Value& answer) {
    // Its other name, which holds no slashes.
    return kSchemas + "/" + percent_encode(answer.string_at("meta:altId"));
  }));
  schema_id_ = stored.string_at("$id");
  if (schema_id_.empty()) return failed("The answer to POST schemas has no $id.");
  TRY(make_landing(name_, main_));
  return "dataset " + main_.dataset;
}

Result<std::string> Verification::make_rows(Landing& landing) {
  Array rows;
  for (const auto& [name, member] : *schema_.find("properties")->if_object())
    if (!name.empty())
      rows.emplace_back(Object{{"sourceType", "ATTRIBUTE"},
                               {"source", "${" + escaped_name(name) + "}"},
                               {"destination", "${" + escaped_name(name) + "}"}});
  const auto count = rows.size();
  const Object reference{{"id", schema_id_}, {"contentType", kSchemaType}};
  landing.mapping = TRY(create(kMappingSets, Object{{"name", name_},
                                                    {"outputSchema", Object{{"schemaRef", reference}}},
                                                    {"mappings", std::move(rows)}}));
  return counted(count, "row");
}

Result<std::string> Verification::make_mapping() { return make_rows(main_); }

Result<void> Verification::make_flow(const std::string& name, Landing& landing) {
  const auto target =
      TRY(create(kService + "targetConnections",
                 Object{{"name", name},
                        {"connectionSpec", Object{{"id", kLakeSpec}, {"version", "1.0"}}},
                        {"data", Object{{"format", "parquet_xdm"},
                                        {"schema", Object{{"id", schema_id_}, {"version", kSchemaType}}}}},
                        {"params", Object{{"dataSetId", landing.dataset}}}}));
  const Object mapping{{"mappingId", landing.mapping}, {"mappingVersion", 0}};
  Object flow{{"name", name},
              {"flowSpec", Object{{"id", flow_spec()}, {"version", "1.0"}}},
              {"sourceConnectionIds", Array{source_}},
              {"targetConnectionIds", Array{target}},
              {"transformations", Array{Object{{"name", "Mapping"}, {"params", mapping}}}},
              {"options", Object{{"errorDiagnosticsEnabled", true}, {"partialIngestionPercent", 0}}}};
  // The first run begins at once and has no lower bound; the next one is hours away.
  if (subject_.events.empty())
    flow.set("scheduleParams", Object{{"startTime", epoch_seconds(clock_.now()) - 1},
                                      {"frequency", "day"},
                                      {"interval", 1},
                                      {"backfill", true}});
  landing.flow = TRY(create(kService + "flows", flow));
  return {};
}

Result<std::string> Verification::start_flow() {
  TRY(make_flow(name_, main_));
  return "created as " + main_.flow;
}

bool Verification::is_over(const Value& run) {
  const auto* status = run.find_path("metrics.statusSummary.status");
  const auto* text = status == nullptr ? nullptr : status->if_string();
  return text != nullptr && (*text == "success" || *text == "failed" || *text == "partialSuccess");
}

// `run`: a run that is over.
Verification::RunResult Verification::run_result(const Value& run) {
  RunResult out;
  out.id = run.string_at("id");
  if (const auto* status = run.find_path("metrics.statusSummary.status");
      status != nullptr && status->is_string())
    out.status = *status->if_string();
  out.window_end = number_at(run, "params.windowEndTime");
  out.records_in = number_at(run, "metrics.recordSummary.inputRecordCount");
  out.records_out = number_at(run, "metrics.recordSummary.outputRecordCount");
  out.failed = number_at(run, "metrics.recordSummary.failedRecordCount");
  out.pages = number_at(run, "metrics.fileSummary.inputFileCount");
  out.notes = notes_of(run);
  if (const auto* errors = run.find_path("metrics.statusSummary.errors");
      errors != nullptr && errors->is_array())
    for (const auto& error : *errors->if_array())
      out.message += (out.message.empty() ? "" : "; ") + std::string(error.string_at("message"));
  return out;
}

Result<Verification::RunResult> Verification::wait_for_run(const std::string& flow, const std::string& run) {
  const auto end = clock_.now() + subject_.run_time_max;
  const std::string runs = kService + "runs?property=flowId==" + flow + "&limit=100";
  while (clock_.now() < end) {
    const auto answer = TRY(call("GET", runs));
    const auto* items = answer.find("items");
    if (items != nullptr && items->is_array())
      for (const auto& each : *items->if_array()) {
        if (!is_over(each)) continue;
        if (!run.empty() && each.string_at("id") != run) continue;
        return run_result(each);
      }
    constexpr std::chrono::milliseconds kAskEvery{150};
    if (!clock_.wait_for(kAskEvery, stop_)) return Error{ErrorKind::cancelled, "interrupted"};
  }
  return failed(fmt::format("The run is not over after {} s; --timeout lets it take longer.",
                            subject_.run_time_max.count()));
}

Result<Verification::RunResult> Verification::run_over(std::int64_t from, std::int64_t to) {
  const auto answer = TRY(call("POST", kService + "flows/" + main_.flow + "/action?op=run",
                               Object{{"windowStartTime", from}, {"windowEndTime", to}}));
  std::string run(answer.string_at("id"));
  if (const auto* items = answer.find("items");
      items != nullptr && items->is_array() && !items->if_array()->empty())
    run = items->if_array()->front().string_at("id");
  auto result = TRY(wait_for_run(main_.flow, run == main_.flow ? std::string() : run));
  if (result.status != "success")
    return failed("The run " + result.id + " ended " + result.status + ": " + result.message);
  return result;
}

Result<std::int64_t> Verification::rows_in(const std::string& dataset, std::string_view what) {
  const auto sql = what == "*" ? fmt::format("SELECT count(*) FROM \"{}\"", dataset)
                               : fmt::format("SELECT count(*) FROM (SELECT {} FROM \"{}\")", what, dataset);
  const auto answer = TRY(call("POST", "/headwater/query", Object{{"sql", sql}}));
  const auto* rows = answer.find("rows");
  if (rows == nullptr || !rows->is_array() || rows->if_array()->empty() ||
      !rows->if_array()->front().is_array())
    return failed("The query gave no count.");
  return rows->if_array()->front().if_array()->front().as_int64().value_or(-1);
}

}  // namespace headwater::cli
