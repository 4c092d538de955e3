#pragma once

#include "api/internal/call.h"
#include "json/value.h"
#include "secrets/params.h"

namespace headwater::api {

/// A base connection's account, credentials in clear. Never logged or answered.
struct Account {
  json::Value spec;         // the connection spec
  json::Value auth;         // {specName, params}, or null when the spec needs none
  json::Value auth_schema;  // JSON schema of auth.params, or null
  std::string auth_type;    // "OAuth2RefreshCode", ...; empty without auth
};

/// Reads a connection document's `auth` against the spec. With `draft` the params may be incomplete.
/// Errors: FLOW-1415-400 (specName), invalid_argument with every problem of the params.
Result<Account> read_account(json::Value spec, const json::Value& connection, bool draft);

/// The account of a stored connection, credentials put back.
Result<Account> open_account(const Call& call, const domain::Resource& connection);

/// Puts auth.params without credentials into `connection` and gives the credentials apart.
secrets::SplitParams split_account(const Account& account, json::Value& connection);

/// The account of a stored connection as a source to be asked; tokens that rotate meanwhile are stored.
SourceDraft draft_of(const Call& call, const Account& account, json::Value params,
                     const std::string& connection_id);

/// Calls the authorisation test URL when there is one. Tokens that rotate meanwhile are put into the account,
/// which is not stored yet. Errors: invalid_argument, when the source refuses; as source_error.
Result<void> check_credentials(const Call& call, Account& account);

/// The same with the source connection's params: for OAuth accounts without a test URL (reference section 9).
Result<void> check_credentials_with(const Call& call, const Account& account,
                                    const std::string& connection_id, const json::Value& params);

/// Ours: too many sources are being asked at once. A source's own has the code of its failure.
bool is_busy(const Error& error);

/// An error of a source, for a caller: the remote side's fault is never a 500 of ours.
Error source_error(Error error);

}  // namespace headwater::api
