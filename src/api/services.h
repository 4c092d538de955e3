#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/resource.h"
#include "identity/identity.h"
#include "json/value.h"
#include "lake/lake.h"
#include "store/credentials.h"
#include "store/store.h"
#include "webhook/settings.h"

namespace headwater::api {

/// A run that was accepted.
struct AcceptedRun {
  RunId id;
  Etag etag;
};

/// What the API asks of the part that runs flows. Every member is set; all are thread-safe.
struct RunControl {
  /// Belongs to the transaction that stores a run; an error of it leaves nothing stored.
  using Also = std::function<Result<void>(store::Transaction&, const domain::Resource& run)>;
  struct OnDemand {
    FlowId flow;
    json::Value params;  // as the caller sent them, or null
    domain::Actor actor;
    Also also = {};
  };
  std::function<Result<AcceptedRun>(const OnDemand&)> start;
  std::function<Result<AcceptedRun>(const RunId&, const domain::Actor&, const Also&)> retrigger;
  std::function<Result<AcceptedRun>(const RunId&, const domain::Actor&)> cancel;
  /// A flow was created, changed, enabled, disabled, published or deleted, and that is stored: nothing can be
  /// refused any more.
  std::function<void(const FlowId&)> flow_changed;
};

/// A source as documents; `auth` holds credentials in clear and is never logged, stored or put into an error.
struct SourceDraft {
  json::Value connection_spec;
  json::Value auth;     // {specName, params} or null
  json::Value params;   // the source connection's, an object
  std::string account;  // the base connection's id; empty while it is not stored
  /// Of an account that is not stored: keeps the members of auth.params that a token refresh changed, before
  /// the new token is used.
  std::function<Result<void>(const json::Value& changed, const json::Value& before)> keep_tokens;
  std::string asker;  // the organisation: of those who ask at once each has its share
};

/// A flow whose source has a spec, by what decides whether a change of the spec breaks it.
struct FlowOfSpec {
  std::string id, name;
  json::Value params;     // of its source connection
  std::string auth_name;  // auth.specName of its account; empty without one
  std::string sandbox;    // its name
};

/// What the API asks of the part that calls sources. Every member is set; all are thread-safe.
struct SourceQuestions {
  /// {"format":"hierarchical","schema":{...},"data":[...]}
  std::function<Result<json::Value>(const SourceDraft&)> preview;
  /// One call for whoever writes the spec: {"page","content","next","preview"} or {"page","failure"}; see
  /// authoring/source_look.h.
  std::function<Result<json::Value>(const SourceDraft&)> look;
  /// {"requests":[...],"content":"...","problems":[...],...}: what a run would ask, secrets masked, nobody
  /// called.
  std::function<Result<json::Value>(const SourceDraft&)> explain;
  /// What publishing a spec in place of another means for flows: authoring/spec_comparison.h.
  std::function<json::Value(const json::Value& before, const json::Value& after,
                            const std::vector<FlowOfSpec>& flows)>
      compare;
  /// That the source accepts the credentials. With `only_test_url` nothing but auth.params'
  /// authorizationTestUrl is called. Errors: unauthorized, when it refuses them; why else they are not known
  /// to work.
  std::function<Result<void>(const SourceDraft&, bool only_test_url)> probe;
  /// The account was deleted.
  std::function<void(const std::string& account)> forget;
};

/// What the API asks of the streaming side. Every member is set; all but `base_url` are thread-safe.
struct InletControl {
  /// What stands before /collection/{id} in an inlet's address, "http://127.0.0.1:8080": set before the
  /// first request.
  std::string base_url;
  /// An inlet, its connection, or a flow, source or target connection that may use one was stored, changed or
  /// deleted, and that is stored.
  std::function<void()> changed;
  /// Numbers of one inlet since the server's start, an object.
  std::function<json::Value(const std::string& inlet)> counters;
  /// Gives the rejected events of a batch to its flow once more, also those that were replayed before when
  /// `again`; their number. Errors: invalid_argument, conflict, rate_limited, storage.
  std::function<Result<std::uint64_t>(const domain::Resource& batch, bool again)> replay;
  /// What happened at one inlet after the event of that number: {"events":[...],"next":N}.
  std::function<json::Value(const std::string& inlet, std::uint64_t after)> events;
};

/// What the API asks of the part that tells webhooks. Every member is set; all are thread-safe.
struct WebhookControl {
  /// See webhook::read_settings: what may be called is the server's to say.
  std::function<Result<webhook::Settings>(const json::Value& body)> read;
  /// Delivers a test now; gives what lastDelivery says of it. Errors: the store's.
  std::function<Result<json::Value>(const domain::Resource& webhook)> test;
};

/// The folder of a source that an author edits, on a server that `headwater source dev` has started. All are
/// set and thread-safe; their documents: authoring/source_editing.h.
struct SourceFolder {
  std::function<Result<json::Value>()> read;
  std::function<Result<json::Value>(const json::Value& changes)> write;
  /// The account `auth` of a draft has got other tokens.
  std::function<Result<void>(const json::Value& auth, const json::Value& changed)> keep_tokens;
};

/// The git repository whose sources this server publishes. Both functions are set and thread-safe.
struct SourceRepository {
  OrgId org;  // that it publishes for
  /// What is known of it: catalog/source_watch.h.
  std::function<Result<json::Value>()> status;
  /// Looks at every source soon; those of these names, as they were refused at these commits, are published
  /// although flows break.
  std::function<void(const std::vector<std::pair<std::string, std::string>>&)> check;
};

/// All that handlers use. The references are app's; they outlive the server.
struct ApiServices {
  store::Store& store;
  store::Credentials& credentials;
  identity::Identity& identity;
  lake::Lake& lake;
  const Clock& clock;
  RunControl runs;
  SourceQuestions sources;
  /// An upload was completed, and that is stored.
  std::function<void()> upload_completed;
  InletControl inlets;
  WebhookControl webhooks;
  /// Refuse what the documents forbid although their own examples do it: see docs/api.md.
  bool strict = false;
  std::optional<SourceFolder> source_folder = std::nullopt;
  /// Set before the first request.
  std::optional<SourceRepository> source_repository = std::nullopt;
  /// Runs a query as `query-process`, see api/query_task.h; empty: queries run within this process.
  std::filesystem::path query_program = {};
};

}  // namespace headwater::api
