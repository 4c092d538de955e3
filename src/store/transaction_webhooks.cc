#include <utility>

#include "store/internal/database.h"
#include "store/store.h"

namespace headwater::store {

using internal::DbValue;
using internal::Row;

namespace {

// Events of one webhook go one at a time, whoever sends them: a receiver that hangs holds up its own ones
// only. What a server has that is gone is nobody's.
constexpr std::string_view kFree =
    " FROM webhook_events e WHERE due_at_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM webhook_events o "
    "WHERE o.webhook = e.webhook AND o.owner IN (SELECT id FROM servers))";

// Until the transaction ends; beside migrations.cc's.
constexpr std::string_view kClaimLock = "SELECT pg_advisory_xact_lock(720190417)";

}  // namespace

Result<void> Transaction::add_event(const WebhookEvent& event) {
  TRY(connection_.run(
      "INSERT INTO webhook_events (webhook, id, type, body, created_at_ms, due_at_ms, attempts) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
      {event.webhook, event.id, event.type, event.body, event.created_at_ms, event.due_at_ms,
       event.attempts}));
  return {};
}

Result<bool> Transaction::has_due_event(std::int64_t now_ms) {
  bool found = false;
  TRY(connection_.run("SELECT 1" + std::string(kFree) + " LIMIT 1", {now_ms},
                      [&](const Row&) { found = true; }));
  return found;
}

Result<std::optional<WebhookEvent>> Transaction::claim_event(std::int64_t now_ms, std::string_view owner) {
  // Of two servers that look at once each would find another event of the same webhook free.
  if (connection_.dialect() == internal::Dialect::postgres) TRY(connection_.run(kClaimLock));
  const std::string sql = "SELECT webhook, id, type, body, created_at_ms, due_at_ms, attempts, owner" +
                          std::string(kFree) + " ORDER BY due_at_ms, created_at_ms, id LIMIT 1";
  std::optional<WebhookEvent> found;
  TRY(connection_.run(sql, {now_ms}, [&](const Row& row) {
    found = WebhookEvent{row.text(0),    row.text(1),    row.text(2),   row.text(3),
                         row.integer(4), row.integer(5), row.integer(6)};
  }));
  if (found)
    TRY(connection_.run("UPDATE webhook_events SET owner = ?1 WHERE webhook = ?2 AND id = ?3",
                        {std::string(owner), found->webhook, found->id}));
  return found;
}

Result<bool> Transaction::put_back_event(const WebhookEvent& event, std::string_view owner) {
  return TRY(connection_.run(
             "UPDATE webhook_events SET owner = NULL, due_at_ms = ?1, attempts = ?2 "
             "WHERE webhook = ?3 AND id = ?4 AND owner = ?5",
             {event.due_at_ms, event.attempts, event.webhook, event.id, std::string(owner)})) != 0;
}

Result<bool> Transaction::remove_event(const WebhookEvent& event, std::string_view owner) {
  return TRY(connection_.run("DELETE FROM webhook_events WHERE webhook = ?1 AND id = ?2 AND owner = ?3",
                             {event.webhook, event.id, std::string(owner)})) != 0;
}

Result<void> Transaction::remove_events_of(std::string_view webhook) {
  TRY(connection_.run("DELETE FROM webhook_events WHERE webhook = ?1", {std::string(webhook)}));
  return {};
}

Result<std::int64_t> Transaction::count_events_of(std::string_view webhook) {
  std::int64_t count = 0;
  TRY(connection_.run("SELECT count(*) FROM webhook_events WHERE webhook = ?1", {std::string(webhook)},
                      [&](const Row& row) { count = row.integer(0); }));
  return count;
}

Result<void> Transaction::put_delivery(std::string_view webhook, std::string_view last) {
  // A webhook that was deleted meanwhile leaves nothing.
  TRY(
      connection_.run("INSERT INTO webhook_deliveries (webhook, last) SELECT ?1, ?2 "
                      "WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = ?1) "
                      "ON CONFLICT (webhook) DO UPDATE SET last = excluded.last",
                      {std::string(webhook), std::string(last)}));
  return {};
}

Result<std::optional<std::string>> Transaction::delivery(std::string_view webhook) {
  std::optional<std::string> last;
  TRY(connection_.run("SELECT last FROM webhook_deliveries WHERE webhook = ?1", {std::string(webhook)},
                      [&](const Row& row) { last = row.text(0); }));
  return last;
}

Result<void> Transaction::forget_deliveries(std::string_view webhook) {
  TRY(remove_events_of(webhook));
  TRY(connection_.run("DELETE FROM webhook_deliveries WHERE webhook = ?1", {std::string(webhook)}));
  return {};
}

}  // namespace headwater::store
