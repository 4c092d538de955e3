#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"
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
http::Response accepted(const domain::Resource& run) {
  const Object both{{"id", run.id}, {"etag", run.etag.value}};
  Object answer = both;
  answer.set("items", Array{Value(both)});
  return http::Response::json(201, answer)
      .with_header("Location", "/data/foundation/flowservice/runs/" + run.id)
      .with_header("ETag", run.etag.value);
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
  TRY(optional_body(call));
  const auto run = TRY(call.store().get(call.scope(), ResourceKind::run, call.id()));
  TRY(check_if_match(call, run));
  const RunId id(run.id);
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
  const auto again = TRY(call.services.runs.retrigger(id, call.caller.actor));
  return http::Response::json(200, Object{{"id", again.id.value}, {"etag", again.etag.value}});
}

}  // namespace headwater::api::runs
