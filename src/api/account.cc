#include "api/internal/account.h"

#include "api/internal/spec_lookup.h"

namespace headwater::api {
namespace {

using json::Object;
using json::Value;

bool needs_no_account(const Value& spec) {
  const Value* list = spec.find("authSpec");
  return list == nullptr || list->if_array() == nullptr || list->if_array()->empty();
}

std::string names_of(const Value& spec) {
  std::string names;
  const Value* list = spec.find("authSpec");
  if (list == nullptr || list->if_array() == nullptr) return "none";
  for (const Value& entry : *list->if_array())
    names += (names.empty() ? "\"" : ", \"") + std::string(entry.string_at("name")) + "\"";
  return names.empty() ? "none" : names;
}

bool has_test_url(const Account& account) {
  const Value* url = account.auth.find_path("params.authorizationTestUrl");
  return url != nullptr && url->if_string() != nullptr && !url->if_string()->empty();
}

// The outcome of asking a source, for the caller whose account it is.
Result<void> told(Result<void> accepted) {
  if (accepted) return {};
  Error error = std::move(accepted).error();
  if (error.kind == ErrorKind::unauthorized)
    error.message = "The source refused the credentials: " + error.message;
  else if (error.kind != ErrorKind::invalid_argument && !is_busy(error))
    error.message = "The source could not be asked whether it accepts the credentials: " + error.message;
  return source_error(std::move(error));
}

}  // namespace

bool is_busy(const Error& error) { return error.kind == ErrorKind::rate_limited && error.code.empty(); }

Error source_error(Error error) {
  if (is_busy(error)) return error;
  // What the spec or the params got wrong has a code of its own, such as a content path that leads nowhere.
  if (!error.code.empty() && status_of(error) < 500) {
    error.kind = ErrorKind::invalid_argument;
    return error;
  }
  switch (error.kind) {
    case ErrorKind::unauthorized:
    case ErrorKind::forbidden:
      error.kind = ErrorKind::invalid_argument;
      error.code = "CONNECTOR-1001-400";
      return error;
    case ErrorKind::timeout:
      error.code = "CONNECTOR-1001-504";
      return error;
    case ErrorKind::unavailable:
    case ErrorKind::upstream:
    case ErrorKind::too_large:
    case ErrorKind::rate_limited:
      error.code = "CONNECTOR-1001-502";
      return error;
    case ErrorKind::invalid_argument:
      if (status_of(error) >= 500) error.code = "CONNECTOR-2001-502";
      return error;
    case ErrorKind::not_found:
    case ErrorKind::conflict:
    case ErrorKind::precondition_required:
    case ErrorKind::stale_etag:
    case ErrorKind::unsupported:
    case ErrorKind::cancelled:
    case ErrorKind::storage:
      return error;
  }
  return error;
}

Result<Account> read_account(Value spec, const Value& connection, bool draft) {
  Account account{std::move(spec), {}, {}, {}};
  const Value* auth = connection.find("auth");
  if (auth == nullptr || auth->is_null()) {
    if (draft || needs_no_account(account.spec)) return account;
    return bad_request(
        "FLOW-1415-400", "/auth/specName",
        "auth.specName is required; the connection spec offers: " + names_of(account.spec) + ".");
  }
  const Value* entry = find_auth_spec(account.spec, auth->string_at("specName"));
  if (entry == nullptr)
    return bad_request(
        "FLOW-1415-400", "/auth/specName",
        "auth.specName must name an authentication of the connection spec: " + names_of(account.spec) + ".");
  account.auth = *auth;
  account.auth_type = entry->string_at("type");
  if (const Value* schema = entry->find("spec")) account.auth_schema = *schema;
  Value params = Object{};
  if (const Value* given = auth->find("params"); given != nullptr && !given->is_null()) params = *given;
  if (!params.is_object())
    return bad_request("CONNECTOR-1302-400", "/auth/params", "auth.params must be an object.");
  if (!draft && !account.auth_schema.is_null())
    TRY(check_against(account.auth_schema, params, "/auth/params", "auth.params", "CONNECTOR-1302-400"));
  return account;
}

Result<Account> open_account(const Call& call, const domain::Resource& connection) {
  Value document = connection.body;
  Value spec = TRY(resolve_connection_spec(call, document));
  if (Value* auth = document.find("auth"); auth != nullptr && auth->find("params") != nullptr) {
    const auto secrets = TRY(call.services.credentials.of(connection.id));
    auth->if_object()->set("params", secrets::merge_params(*auth->find("params"), secrets));
  }
  return read_account(std::move(spec), document, true);
}

secrets::SplitParams split_account(const Account& account, Value& connection) {
  Value* auth = connection.find("auth");
  const Value* params = auth == nullptr ? nullptr : auth->find("params");
  if (params == nullptr) return {};
  auto split = secrets::split_params(account.auth_schema, *params);
  auth->if_object()->set("params", split.open);
  return split;
}

SourceDraft draft_of(const Call& call, const Account& account, Value params,
                     const std::string& connection_id) {
  return SourceDraft{account.spec,  account.auth, std::move(params),
                     connection_id, {},           call.caller.tenant.org.value};
}

Result<void> check_credentials(const Call& call, Account& account) {
  if (!has_test_url(account)) return {};
  const auto keep = [&account](const Value& changed, const Value&) -> Result<void> {
    Value* params = account.auth.find("params");
    if (params == nullptr || params->if_object() == nullptr || !changed.is_object()) return {};
    for (const auto& [name, value] : *changed.if_object()) params->if_object()->set(name, value);
    return {};
  };
  auto draft = draft_of(call, account, Object{}, "");
  draft.keep_tokens = keep;
  return told(call.services.sources.probe(draft, true));
}

Result<void> check_credentials_with(const Call& call, const Account& account,
                                    const std::string& connection_id, const Value& params) {
  if (!std::string_view(account.auth_type).starts_with("OAuth2")) return {};
  if (has_test_url(account)) return {};
  return told(call.services.sources.probe(draft_of(call, account, params, connection_id), false));
}

}  // namespace headwater::api
