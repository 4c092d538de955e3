#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "domain/resource.h"
#include "http/client.h"
#include "json/value.h"
#include "store/store.h"

// An organisation's webhooks: our extension of the Flow Service (docs/webhooks.md).
namespace headwater::webhook {

inline constexpr std::string_view kRunFailed = "run.failed";
inline constexpr std::string_view kRunLate = "run.late";
inline constexpr std::string_view kRunRecovered = "run.recovered";
/// What a test sends; nobody can leave it out.
inline constexpr std::string_view kTest = "webhook.test";

/// The name of a webhook's credential: what deliveries are signed with.
inline constexpr std::string_view kSecretName = "/secret";

/// Whose webhooks stand in the store: an organisation's, in none of its sandboxes.
domain::Tenant owner_of(const OrgId& org);

/// A webhook as somebody sends it.
struct Settings {
  json::Value document;            // url, events, enabled, and name where there is one
  std::optional<Secret> secret;    // a new one
  bool unsigned_from_now = false;  // the secret was sent as null or empty: the one that is stored goes
};

/// Reads what POST and PUT send; members that are not a webhook's are left out. `egress` says which plain
/// http addresses may be. Errors: invalid_argument, CONNECTOR-1302-400, `where` naming the member. Never the
/// secret.
Result<Settings> read_settings(const json::Value& body, const http::EgressPolicy& egress);

/// Whether a stored webhook is to be told of events of that type.
bool wants(const json::Value& webhook, std::string_view type);

}  // namespace headwater::webhook
