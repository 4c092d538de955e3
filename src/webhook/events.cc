#include "webhook/events.h"

#include <algorithm>
#include <string>

#include "base/crypto.h"
#include "base/time.h"
#include "domain/run.h"
#include "json/value.h"
#include "webhook/settings.h"

namespace headwater::webhook {
namespace {

using domain::Resource;
using domain::RunStatus;
using json::Array;
using json::Object;
using json::Value;
using store::Transaction;

constexpr std::size_t kErrorsMax = 20;

void copy(Object& out, std::string_view name, const Value& from, std::string_view path) {
  if (const Value* value = from.find_path(path); value != nullptr && !value->is_null()) out.set(name, *value);
}

// A time that the run document has as 0 was never.
void copy_time(Object& out, std::string_view name, const Value& from, std::string_view path) {
  const Value* value = from.find_path(path);
  if (value != nullptr && value->as_int64().value_or(0) > 0) out.set(name, *value);
}

Value run_member(const Resource& run) {
  const Value& body = run.body;
  Object out{{"id", run.id}, {"state", body.string_at("state")}};
  copy(out, "trigger", body, "trigger");
  copy_time(out, "startedAt", body, "metrics.durationSummary.startedAtUTC");
  copy_time(out, "completedAt", body, "metrics.durationSummary.completedAtUTC");
  copy(out, "windowStartTime", body, "params.windowStartTime");
  copy(out, "windowEndTime", body, "params.windowEndTime");
  Object records;
  copy(records, "read", body, "metrics.recordSummary.inputRecordCount");
  copy(records, "written", body, "metrics.recordSummary.outputRecordCount");
  copy(records, "failed", body, "metrics.recordSummary.failedRecordCount");
  out.set("records", std::move(records));
  Array errors;
  const Value* told = body.find_path("metrics.statusSummary.errors");
  if (const Array* list = told == nullptr ? nullptr : told->if_array())
    for (std::size_t i = 0; i < std::min(list->size(), kErrorsMax); ++i)
      errors.emplace_back(
          Object{{"code", (*list)[i].string_at("code")}, {"message", (*list)[i].string_at("message")}});
  out.set("errors", std::move(errors));
  return Value(std::move(out));
}

Object head(const std::string& id, std::string_view type, const domain::Tenant& tenant, TimePoint now) {
  Object out{{"id", id}, {"type", type}, {"time", epoch_millis(now)}, {"imsOrgId", tenant.org.value}};
  if (!tenant.sandbox_name.empty()) out.set("sandboxName", tenant.sandbox_name);
  return out;
}

Result<void> add(Transaction& transaction, std::string_view type, const std::string& id, const Resource& flow,
                 std::string_view member, const Value& about, TimePoint now) {
  const auto webhooks = TRY(transaction.list(owner_of(flow.tenant.org), domain::ResourceKind::webhook, {}));
  std::string body;
  for (const Resource& webhook : webhooks.items) {
    if (!wants(webhook.body, type)) continue;
    if (body.empty()) {
      Object event = head(id, type, flow.tenant, now);
      event.set("flow", Object{{"id", flow.id}, {"name", flow.body.string_at("name")}});
      event.set(member, about);
      body = Value(std::move(event)).dump();
    }
    TRY(transaction.add_event(
        {webhook.id, id, std::string(type), body, epoch_millis(now), epoch_millis(now)}));
  }
  return {};
}

}  // namespace

Result<void> tell_run_ended(Transaction& transaction, const Resource& flow, const Resource& run,
                            std::string_view state_before, TimePoint now) {
  const std::string_view state =
      run.state.empty() ? run.body.string_at("state") : std::string_view(run.state);
  const auto status = domain::run_status_from(state);
  if (!status || !domain::is_final(*status)) return {};
  const bool failed = status == RunStatus::failed;
  if (!failed && domain::run_status_from(state_before) != RunStatus::failed) return {};
  const std::string_view type = failed ? kRunFailed : kRunRecovered;
  return add(transaction, type, crypto::derived_uuid(std::string(type) + "/" + run.id), flow, "run",
             run_member(run), now);
}

bool is_late(const Resource& flow, TimePoint due, std::chrono::seconds grace, TimePoint now) {
  return std::max(due, from_epoch_millis(flow.updated_at_ms)) + grace < now;
}

Result<void> tell_late(Transaction& transaction, const Resource& flow, const Lateness& lateness,
                       TimePoint now) {
  const auto due = epoch_millis(lateness.due);
  Object about{{"dueAt", due}, {"graceSeconds", static_cast<std::int64_t>(lateness.grace.count())}};
  if (!lateness.in_progress.empty()) about.set("runInProgress", lateness.in_progress.value);
  return add(transaction, kRunLate,
             crypto::derived_uuid(std::string(kRunLate) + "/" + flow.id + "/" + std::to_string(due)), flow,
             "late", Value(std::move(about)), now);
}

store::WebhookEvent test_event(const Resource& webhook, TimePoint now) {
  const std::string id = crypto::uuid();
  Object event = head(id, kTest, webhook.tenant, now);
  event.set("webhook", Object{{"id", webhook.id}});
  return {webhook.id,       id, std::string(kTest), Value(std::move(event)).dump(), epoch_millis(now),
          epoch_millis(now)};
}

}  // namespace headwater::webhook
