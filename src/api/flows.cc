#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/inlet_owners.h"
#include "api/internal/spec_lookup.h"
#include "api/internal/wiring.h"
#include "domain/run.h"

namespace headwater::api::flows {
namespace {

using domain::Action;
using domain::ResourceKind;
using domain::State;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {
    "name",    "description", "scheduleParams",      "transformations",
    "options", "labels",      "sourceConnectionIds", "policy"};
constexpr int kActionRetries = 16;

void put_operation(const Call& call, Value& flow, std::string_view operation) {
  const auto now = call.services.clock.now();
  flow.if_object()->set("lastOperation", domain::last_operation(operation, now, now));
}

// What needs the id, which a new flow gets before it is stored.
domain::Resource as_new(const Call& call, Value flow, State state, std::string_view operation) {
  auto resource =
      new_resource(call, ResourceKind::flow, std::move(flow), std::string(domain::text_of(state)));
  resource.body.if_object()->set("runs", "/runs?property=flowId==" + resource.id);
  const auto now = call.services.clock.now();
  resource.body.if_object()->set("lastOperation", domain::last_operation(operation, now, TimePoint{}));
  return resource;
}

Result<void> check_draft_mode(const Value& flow_spec, bool draft) {
  if (!draft || domain::draft_mode_supported(flow_spec)) return {};
  return bad_request("FLOW-1100-400", "/flowSpec/id", "The flow spec does not support drafts.");
}

// Reference section 22, choices 12 and 13.
Result<void> check_strictly(const Call& call, const Value& flow_spec, const Value& flow) {
  const Value* params = flow.find("scheduleParams");
  if (!call.services.strict || params == nullptr || params->is_null()) return {};
  if (!domain::is_batch_flow_spec(flow_spec)) return {};  // a schedule of a streaming flow means nothing
  const auto schedule = TRY(domain::read_flow_schedule(*params));
  if (schedule.frequency == domain::Frequency::once && params->find("interval") != nullptr)
    return bad_request("CONNECTOR-1361-400", "/scheduleParams/interval",
                       "scheduleParams.interval is not allowed with the frequency once: leave it out.");
  if (schedule.start >= call.services.clock.now()) return {};
  return bad_request("CONNECTOR-1360-400", "/scheduleParams/startTime",
                     "scheduleParams.startTime is in the past.");
}

std::string_view name_of(Action action) {
  if (action == Action::enable) return "enable";
  if (action == Action::disable) return "disable";
  return "publish";
}

// Run now, whatever the schedule: our extension (choice 22). It never moves the regular window.
Result<http::Response> run_now(const Call& call, const domain::Resource& flow, const Value& params) {
  if (state_of(flow) != State::enabled)
    return bad_request("CONNECTOR-1388-400", "", "The flow is not enabled: enable it before running it.");
  Value document = flow.body;
  const auto flow_spec = TRY(resolve_flow_spec(call, document));
  if (!domain::is_batch_flow_spec(flow_spec))
    return bad_request("CONNECTOR-1386-400", "", "A streaming flow has no runs to start.");
  TRY(domain::read_run_window(params, call.services.clock.now()));
  const auto start = [&](const StoredWith& also) -> Result<domain::Resource> {
    const auto run = TRY(call.services.runs.start({FlowId(flow.id), params, call.caller.actor, also}));
    return run_of(run);
  };
  return answer_once(
      call,
      [](const domain::Resource& run) {
        return http::Response::json(200, Object{{"id", run.id}, {"etag", run.etag.value}});
      },
      start);
}

// Publication is a create, late: `flow` becomes what a new one would be.
Result<FlowInlet> publish(const Call& call, const domain::Resource& current, Value& flow) {
  const auto flow_spec = TRY(resolve_flow_spec(call, flow));
  TRY(domain::check_new_flow(flow, flow_spec, false));
  TRY(check_strictly(call, flow_spec, flow));
  TRY(resolve_flow(call, flow_spec, flow, false));
  return settle_inlet(call, flow_spec, current.id, flow, false);
}

StoredWith with_inlet(const Call& call, const FlowInlet& inlet) {
  return [&call, &inlet](store::Transaction& transaction, const domain::Resource& flow) {
    return store_inlet(call, transaction, inlet, flow);
  };
}

void tell_changed(const Call& call, const FlowId& flow) {
  call.services.runs.flow_changed(flow);
  call.services.inlets.changed();
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::flow); }

Result<http::Response> create(const Call& call) {
  auto flow = TRY(object_body(call));
  TRY(check_texts(flow));
  const auto flow_spec = TRY(resolve_flow_spec(call, flow));
  const bool draft = TRY(read_draft_mode(call));
  TRY(check_draft_mode(flow_spec, draft));
  TRY(domain::check_new_flow(flow, flow_spec, draft));
  if (!draft) TRY(check_strictly(call, flow_spec, flow));
  TRY(resolve_flow(call, flow_spec, flow, draft));
  const auto inlet = TRY(settle_inlet(call, flow_spec, "", flow, draft));
  const auto resource = as_new(call, std::move(flow), draft ? State::draft : State::enabled,
                               inlet.streaming && !draft ? "enable" : "create");
  auto answer = TRY(store_new(call, resource, created, with_inlet(call, inlet)));
  tell_changed(call, FlowId(resource.id));
  return answer;
}

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::flow); }

Result<http::Response> patch(const Call& call) {
  auto patched = TRY(read_patched(call, ResourceKind::flow, kPatchRoots));
  const bool draft = state_of(patched.before) == State::draft;
  const auto flow_spec = TRY(resolve_flow_spec(call, patched.after));
  if (!draft)
    TRY(domain::check_flow_change(patched.before.body, patched.after, flow_spec, call.services.clock.now()));
  TRY(resolve_flow(call, flow_spec, patched.after, draft));
  const auto inlet = TRY(settle_inlet(call, flow_spec, patched.before.id, patched.after, draft));
  put_operation(call, patched.after, "update");
  const auto stored = TRY(store_patched(call, patched, with_inlet(call, inlet)));
  tell_changed(call, FlowId(stored.id));
  return changed(stored);
}

// Connections that the flow used, and its runs, stay (reference section 13).
Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.remove(call.scope(), ResourceKind::flow, call.id(), if_match(call)));
    return remove_inlets(call, transaction, "flowId", call.id());
  };
  TRY(call.store().transact(work));
  tell_changed(call, FlowId(std::string(call.id())));
  return http::Response::empty(204);
}

namespace {

Result<http::Response> act_once(const Call& call, Action action, const Value& body) {
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::flow, call.id()));
  TRY(check_if_match(call, current));
  if (action == Action::run) return run_now(call, current, body);
  const auto state = state_of(current);
  const auto next = TRY(domain::state_after(state, action));
  if (next == state) return changed(current);
  Value flow = current.body;
  FlowInlet inlet;
  if (action == Action::publish) inlet = TRY(publish(call, current, flow));
  put_operation(call, flow, name_of(inlet.streaming ? Action::enable : action));
  const auto change = [&call, &flow, next](domain::Resource resource) -> Result<domain::Resource> {
    resource.state = domain::text_of(next);
    resource.body = flow;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  // Whatever has become of its connections, a flow can be stopped.
  const auto stored = action == Action::disable
                          ? call.store().update(call.scope(), current.kind, current.id, change, current.etag)
                          : store_changed(call, current, change, with_inlet(call, inlet));
  if (!stored) return stored.error();
  tell_changed(call, FlowId(stored->id));
  return changed(*stored);
}

}  // namespace

Result<http::Response> act(const Call& call) {
  const auto action = TRY(read_action(call, {Action::enable, Action::disable, Action::publish, Action::run}));
  const auto body = TRY(action_body(call));
  auto answer = act_once(call, action, body);
  // A caller who names no version never sees that somebody else was faster: a run ends at any moment.
  for (int again = 0; again < kActionRetries && !answer; ++again) {
    if (answer.error().kind != ErrorKind::stale_etag || if_match(call)) break;
    answer = act_once(call, action, body);
  }
  return answer;
}

Result<http::Response> search(const Call& call) { return answer_search(call, ResourceKind::flow); }

}  // namespace headwater::api::flows
