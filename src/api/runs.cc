#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"
#include "domain/flow.h"
#include "domain/run.h"

namespace headwater::api::runs {
namespace {

using domain::Action;
using domain::ResourceKind;
using domain::State;
using json::Array;
using json::Object;
using json::Value;

// What a caller may note on a run; all else is the engine's.
constexpr std::string_view kWritable[] = {"providerRefId", "parentFlowRunId", "childFlowRunIds",
                                          "predecessors", "recordTypes"};
constexpr std::size_t kNotesMax = 100;
constexpr std::string_view kEngineOwned[] = {"params", "metrics", "activities", "state"};

Result<domain::Resource> flow_of(const Call& call, const Value& body) {
  const std::string id(body.string_at("flowId"));
  if (id.empty()) return bad_request("FLOW-1446-400", "/flowId", "flowId is required: the flow to run.");
  const auto flow = TRY(call.store().find(call.scope(), ResourceKind::flow, id));
  if (!flow) return bad_request("FLOW-1430-400", "/flowId", "There is no flow " + id + ".");
  return *flow;
}

// Runs on demand are for enabled batch flows of frequency "once" (reference section 19.1).
Result<void> check_on_demand(const Call& call, const domain::Resource& flow) {
  Value document = flow.body;
  const auto flow_spec = TRY(resolve_flow_spec(call, document));
  const Value* schedule = document.find("scheduleParams");
  const auto read = domain::read_flow_schedule(schedule == nullptr ? Value() : *schedule);
  if (!domain::is_batch_flow_spec(flow_spec) || !read || read->frequency != domain::Frequency::once)
    return bad_request("CONNECTOR-1386-400", "/flowId",
                       "Only a flow with the frequency once is run by POST /runs; for any other use "
                       "POST /flows/{id}/action?op=run.");
  if (state_of(flow) != State::enabled)
    return bad_request("CONNECTOR-1388-400", "/flowId",
                       "The flow is not enabled: enable it before running it.");
  return {};
}

// One object that every documented reader understands (choice 6).
http::Response started_again(const domain::Resource& run) {
  return http::Response::json(200, Object{{"id", run.id}, {"etag", run.etag.value}});
}

http::Response accepted(const domain::Resource& run) {
  const Object both{{"id", run.id}, {"etag", run.etag.value}};
  Object answer = both;
  answer.set("items", Array{Value(both)});
  return http::Response::json(201, answer)
      .with_header("Location", "/data/foundation/flowservice/runs/" + run.id)
      .with_header("ETag", run.etag.value);
}

// A run's delta column is the flow's; the first run of a table source may bring it (reference section 19.1).
Result<void> check_delta_column(const domain::Resource& flow, const Value& params) {
  const Value* column = params.find("deltaColumn");
  if (column == nullptr || column->is_null()) return {};
  if (column->string_at("name").empty())
    return bad_request("CONNECTOR-1380-400", "/params/deltaColumn",
                       "params.deltaColumn must be an object with the column's name.");
  const auto own = domain::delta_column_of(flow.body);
  if (own.empty() || own == column->string_at("name")) return {};
  return bad_request("CONNECTOR-1382-400", "/params/deltaColumn/name",
                     "The flow's delta column is \"" + std::string(own) + "\" and cannot change.");
}

// What a note says about other runs and flows must be true within the tenant.
Result<void> check_known(const Call& call, ResourceKind kind, const Value& id, std::string_view code,
                         const std::string& where) {
  const std::string* text = id.if_string();
  if (text == nullptr) return bad_request("CONNECTOR-1302-400", where, "An id must be a text.");
  if (TRY(call.store().find(call.scope(), kind, *text))) return {};
  return bad_request(
      code, where, "There is no entry " + *text + " in " + std::string(domain::collection_name(kind)) + ".");
}

Result<void> check_predecessor(const Call& call, const Value& predecessor, const std::string& where) {
  if (const Value* run = predecessor.find("flowRunId"))
    TRY(check_known(call, ResourceKind::run, *run, "FLOW-1428-400", where + "/flowRunId"));
  if (const Value* flow = predecessor.find("flowId"))
    return check_known(call, ResourceKind::flow, *flow, "FLOW-1429-400", where + "/flowId");
  if (predecessor.is_object()) return {};
  return bad_request("CONNECTOR-1302-400", where,
                     "A predecessor must be an object with flowId and flowRunId.");
}

Result<const Array*> read_list(const Value& body, std::string_view member) {
  static const Array none;
  const Value* list = body.find(member);
  if (list == nullptr || list->is_null()) return &none;
  const Array* items = list->if_array();
  if (items == nullptr || items->size() > kNotesMax)
    return bad_request(
        "CONNECTOR-1302-400", "/" + std::string(member),
        std::string(member) + " must be an array of at most " + std::to_string(kNotesMax) + " entries.");
  return items;
}

Result<void> check_notes(const Call& call, const Value& body) {
  if (const Value* ref = body.find("providerRefId"); ref != nullptr && !ref->is_string() && !ref->is_null())
    return bad_request("CONNECTOR-1302-400", "/providerRefId", "providerRefId must be a text.");
  if (const Value* parent = body.find("parentFlowRunId"); parent != nullptr && !parent->is_null())
    TRY(check_known(call, ResourceKind::run, *parent, "FLOW-1431-400", "/parentFlowRunId"));
  const Array* children = TRY(read_list(body, "childFlowRunIds"));
  for (std::size_t index = 0; index < children->size(); ++index)
    TRY(check_known(call, ResourceKind::run, (*children)[index], "FLOW-1431-400",
                    "/childFlowRunIds/" + std::to_string(index)));
  const Array* before = TRY(read_list(body, "predecessors"));
  for (std::size_t index = 0; index < before->size(); ++index)
    TRY(check_predecessor(call, (*before)[index], "/predecessors/" + std::to_string(index)));
  TRY(read_list(body, "recordTypes"));
  return {};
}

Result<void> check_identity(const Value& body, const Value& stored, std::string_view member) {
  const Value* sent = body.find(member);
  const Value* own = stored.find(member);
  if (sent == nullptr || (own != nullptr && *sent == *own)) return {};
  return bad_request("CONNECTOR-1302-400", "/" + std::string(member),
                     std::string(member) + " of a run cannot be changed.");
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::run); }

Result<http::Response> create(const Call& call) {
  const auto body = TRY(object_body(call));
  const auto flow = TRY(flow_of(call, body));
  TRY(check_on_demand(call, flow));
  const Value* params = body.find("params");
  const Value asked = params == nullptr ? Value() : *params;
  TRY(domain::read_run_window(asked, call.services.clock.now()));
  TRY(check_delta_column(flow, asked));
  const auto start = [&](const StoredWith& also) -> Result<domain::Resource> {
    const auto run = TRY(call.services.runs.start({FlowId(flow.id), asked, call.caller.actor, also}));
    return run_of(run);
  };
  return answer_once(call, accepted, start);
}

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::run); }

Result<http::Response> replace(const Call& call) {
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::run, call.id()));
  TRY(required_if_match(call));
  const auto body = TRY(object_body(call));
  TRY(check_if_match(call, current));
  TRY(check_identity(body, current.body, "flowId"));
  TRY(check_identity(body, current.body, "flowSpec"));
  for (const std::string_view name : kEngineOwned)
    if (body.find(name) != nullptr)
      return bad_request("FLOW-1402-400", "/" + std::string(name),
                         std::string(name) + " of a run is written by the engine that runs it.");
  TRY(check_notes(call, body));
  const auto change = [&call, &body](domain::Resource run) -> Result<domain::Resource> {
    for (const std::string_view name : kWritable)
      if (const Value* value = body.find(name)) run.body.if_object()->set(name, *value);
    domain::touch(run, call.caller.actor, call.now_ms());
    return run;
  };
  const auto stored = TRY(call.store().update(call.scope(), current.kind, current.id, change, current.etag));
  return http::Response::json(200, domain::wire_form(stored))
      .with_header("Location", location_of(stored))
      .with_header("ETag", stored.etag.value);
}

Result<http::Response> act(const Call& call) {
  const auto action = TRY(read_action(call, {Action::retrigger, Action::cancel}));
  TRY(action_body(call));
  const auto run = TRY(call.store().get(call.scope(), ResourceKind::run, call.id()));
  TRY(check_if_match(call, run));
  const RunId id(run.id);
  TRY(domain::check_is_batch_run(run.body));
  if (action == Action::cancel) {
    auto cancelled = call.services.runs.cancel(id, call.caller.actor);
    if (!cancelled && cancelled.error().kind == ErrorKind::conflict)
      return bad_request("CONNECTOR-1387-400", "", cancelled.error().message);
    if (!cancelled) return std::move(cancelled).error();
    return http::Response::json(200, Object{{"id", cancelled->id.value}, {"etag", cancelled->etag.value}});
  }
  TRY(domain::check_retriable(run.body));
  const auto flow = TRY(call.store().find(call.scope(), ResourceKind::flow, run.body.string_at("flowId")));
  if (!flow || state_of(*flow) != State::enabled)
    return bad_request("CONNECTOR-1388-400", "",
                       "The run's flow is not enabled: enable it before running it again.");
  return answer_once(call, started_again, [&](const StoredWith& also) -> Result<domain::Resource> {
    return run_of(TRY(call.services.runs.retrigger(id, call.caller.actor, also)));
  });
}

}  // namespace headwater::api::runs
