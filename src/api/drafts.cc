#include "api/internal/account.h"
#include "api/internal/handlers.h"
#include "domain/spec_check.h"

namespace headwater::api::drafts {
namespace {

using json::Array;
using json::Object;
using json::Value;

Value member_or_null(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  return found == nullptr ? Value() : *found;
}

// Nothing is stored, so there is nothing whose tokens could be kept either; but the folder of an author may
// have the account's file.
SourceDraft draft_of(const Call& call, const Value& body, Value spec) {
  SourceDraft draft;
  draft.connection_spec = std::move(spec);
  draft.auth = member_or_null(body, "auth");
  draft.params = member_or_null(body, "params");
  if (draft.params.is_null()) draft.params = Object{};
  draft.keep_tokens = [&services = call.services, auth = draft.auth](const Value& changed,
                                                                     const Value&) -> Result<void> {
    if (!services.source_folder) return {};
    return services.source_folder->keep_tokens(auth, changed);
  };
  return draft;
}

}  // namespace

// POST /headwater/drafts/try, our extension: {"connectionSpec", "auth"?, "params"?, "preview"?} ->
// {"problems", "plan" or "refusal"}, and with `preview` what one call of the source leads to: {"page",
// "content", "next"?, "preview"} or {"page", "failure"}. What an author sees while writing a spec; only
// `preview` calls the source.
Result<http::Response> try_out(const Call& call) {
  const auto body = TRY(object_body(call));
  const Value spec = member_or_null(body, "connectionSpec");
  if (!spec.is_object())
    return bad_request("CONNECTOR-1304-400", "/connectionSpec", "connectionSpec is required: a JSON object.");
  const Value* wanted = body.find("preview");
  const bool preview = wanted != nullptr && wanted->as_bool_lenient().value_or(false);
  const auto problems = domain::check_connection_spec(spec);
  Object answer{{"problems", domain::encode(problems)}};
  if (!domain::can_run(problems)) {
    if (preview)
      return bad_request("CONNECTOR-1304-400", "/connectionSpec",
                         "The spec cannot run yet: repair its errors before the source is called.");
    answer.set("refusal", "The requests are shown when the spec has no errors.");
    return http::Response::json(200, answer);
  }
  // Inputs that are missing yet are no fault of the request.
  const SourceDraft draft = draft_of(call, body, spec);
  if (auto plan = call.services.sources.explain(draft))
    answer.set("plan", *std::move(plan));
  else
    answer.set("refusal", plan.error().message);
  if (preview) {
    auto seen = call.services.sources.look(draft);
    if (!seen) return source_error(std::move(seen).error());
    for (auto& [name, value] : *seen->if_object()) answer.set(name, std::move(value));
  }
  return http::Response::json(200, answer);
}

}  // namespace headwater::api::drafts
