#include "schedule/run_ledger.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "domain/batch.h"
#include "schedule/windows.h"
#include "webhook/events.h"

namespace headwater::schedule {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using store::Scope;
using store::Transaction;

constexpr std::string_view kCancelAsked = "cancelRequested";
constexpr std::int64_t kLaterRunsMax = 500;  // that are looked through for one that covers a window

std::string_view text_of(Trigger trigger) {
  switch (trigger) {
    case Trigger::schedule:
      return "schedule";
    case Trigger::demand:
      return "demand";
    case Trigger::retry:
      return "retry";
  }
  return "";
}

// Keeps the user of the last change: the service itself has no name in the reference.
void touch(Resource& resource, TimePoint now) {
  domain::touch(resource, domain::Actor{resource.updated_by, resource.updated_client}, epoch_millis(now));
}

Value with_window(Value params, const domain::RunWindow& window, TimePoint now) {
  if (!params.is_object()) params = Object{};
  Object& members = *params.if_object();
  if (!members.contains("startTime")) members.set("startTime", Value(epoch_seconds(now)));
  if (!members.contains("windowStartTime") && window.begin)
    members.set("windowStartTime", Value(epoch_seconds(*window.begin)));
  if (!members.contains("windowEndTime")) members.set("windowEndTime", Value(epoch_seconds(window.end)));
  return params;
}

Resource new_run(const NewRun& run, bool once, TimePoint now) {
  domain::RunMeasures measures;
  measures.window = run.window;
  measures.once = once;
  const Value* flow_spec = run.flow.body.find("flowSpec");
  Value body = domain::new_run_document(FlowId{run.flow.id}, flow_spec == nullptr ? Value() : *flow_spec,
                                        with_window(run.params, run.window, now), measures);
  Object& members = *body.if_object();
  members.set("trigger", text_of(run.trigger));
  if (run.moves_window) members.set("movesWindow", true);
  if (!run.retry_of.empty()) members.set("retryOf", run.retry_of.value);
  return domain::new_resource(ResourceKind::run, "", run.flow.tenant, run.actor, epoch_millis(now),
                              std::move(body));
}

bool is_once(const Resource& flow) {
  const auto schedule = schedule_of(flow);
  return schedule && *schedule && (*schedule)->frequency == domain::Frequency::once;
}

Result<StoredRun> read_run(Resource document, TimePoint now) {
  StoredRun run;
  run.id = RunId{document.id};
  run.flow = FlowId{std::string(document.body.string_at("flowId"))};
  const Value* moves = document.body.find("movesWindow");
  run.moves_window = moves != nullptr && moves->as_bool_lenient().value_or(false);
  run.cancel_asked = document.body.find(kCancelAsked) != nullptr;
  run.status = domain::run_status_from(state_of(document)).value_or(domain::RunStatus::failed);
  run.window.end = now;
  if (const Value* params = document.body.find("params")) {
    if (const auto window = TRY(domain::read_run_window(*params, now))) run.window = *window;
    if (const Value* start = params->find("startTime"))
      if (const auto seconds = start->as_int64_lenient()) run.not_before = from_epoch_seconds(*seconds);
  }
  run.document = std::move(document);
  return run;
}

domain::BatchOutcome batch_outcome(const run::RunOutcome& outcome, TimePoint completed) {
  const run::RunCounts& counts = outcome.counts;
  domain::BatchOutcome batch;
  batch.status = outcome.status;
  batch.started = outcome.started;
  batch.completed = completed;
  batch.records_in = counts.records_shaped;
  batch.records_out = counts.records_written;
  batch.records_failed = counts.records_failed;
  batch.input_bytes = counts.input_bytes;
  batch.output_bytes = counts.output_bytes;
  batch.input_files = counts.pages;
  batch.output_files = counts.output_files;
  batch.errors = outcome.errors;
  return batch;
}

Value last_run_details(const StoredRun& run, const run::RunOutcome& outcome, TimePoint completed) {
  return Object{{"id", run.id.value},
                {"state", domain::text_of(outcome.status)},
                {"startedAtUTC", Value(epoch_millis(outcome.started))},
                {"completedAtUTC", Value(epoch_millis(completed))}};
}

// A run that maximumRequest ended committed what it had: reading it again would double it.
bool moves_window(const StoredRun& run, const run::RunOutcome& outcome) {
  return run.moves_window && (outcome.status == domain::RunStatus::success ||
                              outcome.status == domain::RunStatus::partial_success);
}

// A streaming flow may carry a schedule, whole or in parts: it means nothing.
Result<bool> is_streaming(Transaction& transaction, const Resource& flow) {
  const Value* reference = flow.body.find("flowSpec");
  if (reference == nullptr) return false;
  const auto spec = TRY(transaction.find(Scope::all(), ResourceKind::flow_spec, reference->string_at("id")));
  return spec && !domain::is_batch_flow_spec(spec->body);
}

// The change that gives an unstarted run on demand the window from what is covered to `now`; nullopt when its
// window was named, or nothing was covered yet.
std::optional<store::Change> window_since(const Resource& document, const store::FlowTimer& timer,
                                          TimePoint now) {
  const Value* moves = document.body.find("movesWindow");
  const bool carries_on = moves != nullptr && moves->as_bool_lenient().value_or(false) &&
                          document.body.string_at("trigger") == text_of(Trigger::demand);
  if (!carries_on || !timer.covered) return std::nullopt;
  const std::int64_t begin = epoch_seconds(*timer.covered);
  const std::int64_t end = std::max(begin, epoch_seconds(now));
  return [begin, end](Resource run) -> Result<Resource> {
    Value* params = run.body.find("params");
    if (Object* members = params == nullptr ? nullptr : params->if_object()) {
      members->set("windowStartTime", Value(begin));
      members->set("windowEndTime", Value(end));
    }
    return run;
  };
}

// End of the flow's latest regular window that was tried.
Result<std::optional<TimePoint>> attempted(Transaction& transaction, const FlowId& flow, TimePoint now) {
  domain::ListQuery query;
  query.filters.push_back(
      domain::Filter{{domain::PathStep{"flowId", false}}, domain::FilterOp::equal, {flow.value}});
  query.filters.push_back(domain::Filter{{domain::PathStep{"trigger", false}},
                                         domain::FilterOp::equal,
                                         {std::string(text_of(Trigger::schedule))}});
  query.order.push_back(domain::OrderBy{{domain::PathStep{"createdAt", false}}, true});
  query.limit = 1;
  auto page = TRY(transaction.list(Scope::all(), ResourceKind::run, query));
  if (page.items.empty()) return std::optional<TimePoint>{};
  const auto run = TRY(read_run(std::move(page.items.front()), now));
  return std::optional<TimePoint>(run.window.end);
}

}  // namespace

BatchId batch_of(const RunId& run) {
  BatchId batch{run.value};
  std::erase(batch.value, '-');
  return batch;
}

std::string_view state_of(const Resource& resource) {
  return resource.state.empty() ? resource.body.string_at("state") : std::string_view(resource.state);
}

Result<std::optional<domain::FlowSchedule>> schedule_of(const Resource& flow) {
  const Value* params = flow.body.find("scheduleParams");
  if (params == nullptr || params->is_null()) return std::optional<domain::FlowSchedule>{};
  // Clients send parts of a schedule with streaming flows; a batch flow has a start, checked at the door.
  const Value* start = params->find("startTime");
  if (start == nullptr || start->is_null()) return std::optional<domain::FlowSchedule>{};
  return std::optional<domain::FlowSchedule>(TRY(domain::read_flow_schedule(*params)));
}

Result<Resource> RunLedger::add(const NewRun& run) {
  const Resource document = new_run(run, is_once(run.flow), clock_.now());
  Resource added;
  const auto work = [&](Transaction& transaction) -> Result<void> {
    added = TRY(transaction.insert(document));
    return run.also ? run.also(transaction, added) : Result<void>();
  };
  TRY(store_.transact(work));
  return added;
}

Result<std::optional<Resource>> RunLedger::add_claimed(const NewRun& run, const store::FlowTimer& seen,
                                                       std::optional<TimePoint> next) {
  const Resource document = new_run(run, is_once(run.flow), clock_.now());
  const FlowId flow{run.flow.id};
  std::optional<Resource> added;
  const auto work = [&](Transaction& transaction) -> Result<void> {
    added.reset();
    auto timer = TRY(transaction.lock_timer(flow));
    if (!timer || !timer->current_run.empty() || timer->due != seen.due || timer->covered != seen.covered)
      return {};
    TRY(tell_late(transaction, run.flow, *timer));
    timer->due = next;
    TRY(transaction.put_timer(*timer));
    if (!TRY(transaction.claim(flow, run.flow.tenant, RunId{document.id}, owner_))) return {};
    added = TRY(transaction.insert(document));
    return {};
  };
  TRY(store_.transact(work));
  return added;
}

Result<Claim> RunLedger::claim(StoredRun& run) {
  Claim outcome = Claim::busy;
  std::optional<Resource> document;
  const auto work = [&](Transaction& transaction) -> Result<void> {
    outcome = Claim::busy;
    const bool fresh = TRY(transaction.claim(run.flow, run.document.tenant, run.id, owner_));
    const auto timer = TRY(transaction.lock_timer(run.flow));
    if (!timer) return {};
    // Parked here: it is ours already.
    if (!fresh && timer->current_run == run.id && timer->owner == owner_) outcome = Claim::mine;
    // Read after the claim: whoever had the flow before has written the outcome before letting it go.
    document = TRY(transaction.find(Scope::all(), ResourceKind::run, run.id.value));
    const auto status = document ? domain::run_status_from(state_of(*document)) : std::nullopt;
    if (!status || domain::is_final(*status)) {
      outcome = Claim::gone;
      if (fresh) TRY(transaction.release(run.flow, run.id, timer->due, timer->covered));
      return {};
    }
    if (!fresh) return {};
    const auto flow = TRY(transaction.find(Scope::all(), ResourceKind::flow, run.flow.value));
    // A disabled flow starts nothing; what waits for it starts once it is enabled again.
    if (*status == domain::RunStatus::scheduled && flow && state_of(*flow) != "enabled") {
      TRY(transaction.release(run.flow, run.id, timer->due, timer->covered));
      return {};
    }
    outcome = Claim::mine;
    if (*status != domain::RunStatus::scheduled) return {};
    if (auto window = window_since(*document, *timer, clock_.now()))
      document = TRY(transaction.update(Scope::all(), ResourceKind::run, run.id.value, *std::move(window)));
    return {};
  };
  TRY(store_.transact(work));
  if (outcome == Claim::mine) run = TRY(read_run(*std::move(document), clock_.now()));
  return outcome;
}

Result<void> RunLedger::unclaim(const StoredRun& run) {
  const auto work = [&](Transaction& transaction) -> Result<void> {
    const auto timer = TRY(transaction.lock_timer(run.flow));
    if (timer) TRY(transaction.release(run.flow, run.id, timer->due, timer->covered));
    return {};
  };
  return store_.transact(work);
}

Result<StoredRun> RunLedger::get(const RunId& run) {
  auto document = TRY(store_.get(Scope::all(), ResourceKind::run, run.value));
  return read_run(std::move(document), clock_.now());
}

Result<std::optional<StoredRun>> RunLedger::covered_by(const StoredRun& run) {
  domain::ListQuery query;
  query.filters.push_back(
      domain::Filter{{domain::PathStep{"flowId", false}}, domain::FilterOp::equal, {run.flow.value}});
  query.filters.push_back(domain::Filter{{domain::PathStep{"state", false}},
                                         domain::FilterOp::equal,
                                         {std::string(domain::text_of(domain::RunStatus::success)),
                                          std::string(domain::text_of(domain::RunStatus::partial_success))}});
  query.filters.push_back(domain::Filter{{domain::PathStep{"createdAt", false}},
                                         domain::FilterOp::greater_equal,
                                         {std::to_string(run.document.created_at_ms)}});
  query.order.push_back(domain::OrderBy{{domain::PathStep{"createdAt", false}}, true});
  query.limit = kLaterRunsMax;
  auto page = TRY(store_.list(Scope::all(), ResourceKind::run, query));
  for (Resource& document : page.items) {
    if (document.id == run.id.value) continue;
    auto later = TRY(read_run(std::move(document), clock_.now()));
    const bool from_there =
        !later.window.begin || (run.window.begin && *later.window.begin <= *run.window.begin);
    if (from_there && later.window.end >= run.window.end) return std::optional<StoredRun>(later);
  }
  return std::optional<StoredRun>();
}

Result<std::map<RunId, std::string>> RunLedger::owners() {
  std::map<RunId, std::string> owners;
  const auto read_claims = [&owners](Transaction& transaction) -> Result<void> {
    owners.clear();
    const auto claims = TRY(transaction.claimed_timers(""));
    for (const store::FlowTimer& timer : claims) owners.emplace(timer.current_run, timer.owner);
    return {};
  };
  TRY(store_.read(read_claims));
  return owners;
}

Result<std::vector<StoredRun>> RunLedger::unfinished() {
  domain::ListQuery query;
  query.filters.push_back(domain::Filter{{domain::PathStep{"state", false}},
                                         domain::FilterOp::equal,
                                         {std::string(domain::text_of(domain::RunStatus::scheduled)),
                                          std::string(domain::text_of(domain::RunStatus::in_progress))}});
  query.filters.push_back(domain::Filter{{domain::PathStep{"trigger", false}},
                                         domain::FilterOp::not_equal,
                                         {std::string(domain::kStreamTrigger)}});
  query.order.push_back(domain::OrderBy{{domain::PathStep{"createdAt", false}}, false});
  auto page = TRY(store_.list(Scope::all(), ResourceKind::run, query));
  std::vector<StoredRun> runs;
  runs.reserve(page.items.size());
  for (Resource& document : page.items) runs.push_back(TRY(read_run(std::move(document), clock_.now())));
  return runs;
}

Result<void> RunLedger::start(const StoredRun& run, const run::RunReferences& references,
                              const domain::FlowOptions& options, const DatasetId& dataset,
                              TimePoint started) {
  const auto measures = run::running_measures(run::RunCounts{}, started, references);
  Resource batch = domain::new_resource(ResourceKind::batch, references.batch.value, run.document.tenant,
                                        domain::Actor{run.document.created_by, run.document.created_client},
                                        epoch_millis(started),
                                        domain::new_run_batch({run.flow, run.id, dataset, options, started}));
  const auto start_run = [&](Resource current) -> Result<Resource> {
    domain::put_measures(current.body, measures, export_base_);
    touch(current, started);
    return current;
  };
  const auto work = [&](Transaction& transaction) -> Result<void> {
    const auto known = TRY(transaction.find(Scope::all(), ResourceKind::batch, batch.id));
    if (!known) TRY(transaction.insert(batch));
    TRY(transaction.update(Scope::all(), ResourceKind::run, run.id.value, start_run));
    return {};
  };
  return store_.transact(work);
}

Result<bool> RunLedger::progress(const StoredRun& run, const domain::RunMeasures& measures) {
  const auto change = [&](Resource current) -> Result<Resource> {
    if (const auto status = domain::run_status_from(state_of(current)); status && domain::is_final(*status))
      return current;
    domain::put_measures(current.body, measures, export_base_);
    touch(current, clock_.now());
    return current;
  };
  const auto stored = TRY(store_.update(Scope::all(), ResourceKind::run, run.id.value, change));
  return stored.body.find(kCancelAsked) != nullptr;
}

Result<void> RunLedger::ask_to_cancel(const RunId& run) {
  const auto ask = [&](Resource current) -> Result<Resource> {
    const auto status = domain::run_status_from(state_of(current));
    if (status && domain::is_final(*status)) return current;
    current.body.if_object()->set(kCancelAsked, true);
    touch(current, clock_.now());
    return current;
  };
  TRY(store_.update(Scope::all(), ResourceKind::run, run.value, ask));
  return {};
}

Result<Resource> RunLedger::finish(const StoredRun& run, const run::RunOutcome& outcome,
                                   const run::RunReferences& references) {
  const TimePoint completed = outcome.completed.value_or(clock_.now());
  const auto measures = run::measures_of(outcome, references);
  const auto finish_run = [&](Resource current) -> Result<Resource> {
    if (const auto status = domain::run_status_from(state_of(current)); status && domain::is_final(*status))
      return Error{ErrorKind::conflict, "The run has ended already."};
    current.body.if_object()->erase(kCancelAsked);
    domain::put_measures(current.body, measures, export_base_);
    touch(current, completed);
    return current;
  };
  const auto finish_batch = [&](Resource current) -> Result<Resource> {
    domain::put_batch_outcome(current.body, batch_outcome(outcome, completed));
    touch(current, completed);
    return current;
  };
  const auto finish_flow = [&](Resource current) -> Result<Resource> {
    if (Object* members = current.body.if_object())
      members->set("lastRunDetails", last_run_details(run, outcome, completed));
    return current;
  };
  std::optional<Resource> finished;
  const auto work = [&](Transaction& transaction) -> Result<void> {
    const auto scope = Scope::all();
    const auto timer = TRY(transaction.lock_timer(run.flow));
    const bool claimed = timer && timer->current_run == run.id;
    if (claimed && timer->owner != owner_)
      return Error{ErrorKind::conflict, "Another server has taken over the run."};
    finished = TRY(transaction.update(scope, ResourceKind::run, run.id.value, finish_run));
    const auto batch = TRY(transaction.find(scope, ResourceKind::batch, references.batch.value));
    if (batch) TRY(transaction.update(scope, ResourceKind::batch, references.batch.value, finish_batch));
    const auto flow = TRY(transaction.find(scope, ResourceKind::flow, run.flow.value));
    if (flow) {
      const Value* before = flow->body.find("lastRunDetails");
      TRY(transaction.update(scope, ResourceKind::flow, run.flow.value, finish_flow));
      TRY(webhook::tell_run_ended(transaction, *flow, *finished,
                                  before == nullptr ? std::string_view() : before->string_at("state"),
                                  completed));
    }
    if (!claimed) return {};
    const auto covered =
        moves_window(run, outcome) ? covered_after(timer->covered, run.window) : timer->covered;
    TRY(transaction.release(run.flow, run.id, timer->due, covered));
    return {};
  };
  TRY(store_.transact(work));
  return *std::move(finished);
}

Result<void> RunLedger::tell_late(Transaction& transaction, const Resource& flow,
                                  const store::FlowTimer& timer) {
  const TimePoint now = clock_.now();
  if (!timer.due || !webhook::is_late(flow, *timer.due, late_after_, now)) return {};
  if (!TRY(transaction.mark_late(timer.flow, *timer.due))) return {};
  return webhook::tell_late(transaction, flow, {*timer.due, late_after_, timer.current_run}, now);
}

Result<void> RunLedger::tell_what_is_late() {
  std::vector<store::FlowTimer> late;
  const auto read_late = [&](Transaction& transaction) -> Result<void> {
    late = TRY(transaction.late_timers(clock_.now() - late_after_));
    return {};
  };
  TRY(store_.read(read_late));
  for (const store::FlowTimer& timer : late) {
    const auto tell = [&](Transaction& transaction) -> Result<void> {
      const auto flow = TRY(transaction.find(Scope::all(), ResourceKind::flow, timer.flow.value));
      return flow ? tell_late(transaction, *flow, timer) : Result<void>();
    };
    TRY(store_.transact(tell));
  }
  return {};
}

Result<void> RunLedger::set_timer(const FlowId& flow) {
  const auto set = [&](Transaction& transaction) -> Result<void> {
    const auto document = TRY(transaction.find(Scope::all(), ResourceKind::flow, flow.value));
    if (!document) return transaction.remove_timer(flow);
    auto timer = TRY(transaction.lock_timer(flow));
    if (!timer) timer = store::FlowTimer{flow, document->tenant, {}, {}, {}, {}};
    timer->due.reset();
    const bool runs = state_of(*document) == "enabled" && !TRY(is_streaming(transaction, *document));
    const auto schedule = runs ? TRY(schedule_of(*document)) : std::nullopt;
    if (schedule) {
      auto tried = TRY(attempted(transaction, flow, clock_.now()));
      // After a clock that went back the latest run need not be the one that reached furthest.
      if (schedule->frequency != domain::Frequency::once) tried = std::max(tried, timer->covered);
      timer->due = next_due(*schedule, tried);
    }
    return transaction.put_timer(*timer);
  };
  return store_.transact(set);
}

}  // namespace headwater::schedule
