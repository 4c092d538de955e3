#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "domain/resource.h"
#include "identity/sessions.h"
#include "identity/token_generations.h"
#include "json/value.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::identity {

inline constexpr std::chrono::seconds kTokenLifetime{24 * 60 * 60};
inline constexpr std::chrono::seconds kSandboxKnown{5};
inline constexpr std::chrono::seconds kTokenKnown{5};

/// Who calls, on whose behalf.
struct Caller {
  domain::Tenant tenant;
  domain::Actor actor;
  const OrgId& org() const { return tenant.org; }
};

/// What a valid access token says. A token is for one organisation and client, whatever the sandbox.
struct TokenClaims {
  OrgId org;
  ClientId client;
  std::string user;  // technical account or user id
  TimePoint expires;
  std::optional<std::int64_t> generation =
      {};  // of the local issuer's: of the client's tokens, when it was made
};

/// Recognises and checks the access tokens of one issuer. The seam for external identity providers: an
/// installation has a list of these, the local one among them. Thread-safe.
class TokenIssuer {
 public:
  virtual ~TokenIssuer() = default;
  /// nullopt: not this issuer's token, ask the next one. Errors: unauthorized, never naming the token.
  virtual std::optional<Result<TokenClaims>> check(std::string_view token, TimePoint now) const = 0;
};

/// A client as it was created: the only time its secret is known.
struct NewClient {
  OrgId org;
  ClientId id;
  Secret secret;
  std::string technical_account;
};

/// A client, and when its tokens were revoked last.
struct ClientAccess {
  store::Client client;
  std::optional<TimePoint> revoked;
};

/// What `headwater token` prints.
struct MintedToken {
  Secret access_token;
  std::chrono::seconds expires_in{};
  OrgId org;
  ClientId client;
  std::string sandbox_name;
  /// {"access_token","token_type","expires_in","ims_org_id","client_id","sandbox_name"}
  json::Value json() const;
};

/// An answer of the token endpoint: 200 with a token, or an OAuth 2 error (RFC 6749 section 5.2).
struct TokenAnswer {
  int status = 200;
  json::Value body;
};

/// Gives a request header's value; nullopt when it was not sent. Names are lower case.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view)>;

/// Whether a request belongs to one sandbox, or to the organisation (sandbox management).
enum class SandboxHeader : std::uint8_t { decides, ignored };

/// What a request wants. A browser's session changes something only with its CSRF token.
enum class Intent : std::uint8_t { changes, reads };

/// What to do with an organisation or sandbox that a token is wanted for and that is not there.
enum class Unknown : std::uint8_t { refused, made };

/// A sandbox as a caller describes it.
struct NewSandbox {
  std::string name;
  std::string title;  // empty: the name
  std::string type;   // "development" (also when empty) or "production"
};

/// Who opens: the server tells its user about the first client, a command (`headwater token`) does not.
enum class Opening : std::uint8_t { server, command };

/// Organisations, sandboxes, clients and their access tokens. Thread-safe.
class Identity {
 public:
  /// At first start makes an organisation with sandbox `prod` and a client; `created()` tells its secret.
  /// The clock is the caller's and outlives this, as store and vault do.
  /// A server makes a further client when all earlier starts were commands, which tell nobody the secret.
  static Result<std::unique_ptr<Identity>> open(store::Store& store, const secrets::Vault& vault,
                                                const Clock& clock, Opening opening = Opening::server);

  /// The client made at this very start, to be shown now or never; nullopt at later starts.
  const std::optional<NewClient>& created() const { return created_; }
  /// The first organisation, its sandbox `prod`.
  Result<domain::Tenant> default_tenant();

  /// POST /ims/token/v3: the decoded form fields. Errors inside the answer: invalid_request (400),
  /// unsupported_grant_type (400), invalid_client (401).
  Result<TokenAnswer> answer_token_request(const QueryParams& form);

  /// Checks a request's headers. Errors: the gateway's (Flow Service reference, section 20 D), whose code is
  /// digits only: 403010 token missing, 401013 token invalid, 403000 and 403003 API key missing and invalid,
  /// 400003 organisation header missing; and the service's: FLOW-2000-401 (not the token's organisation),
  /// FLOW-2100-404 (no such sandbox), 2105-400 (no sandbox named and no default), 2106-400 (name and id of
  /// two sandboxes), 2110-400 (an id with a user's token). Where the sandbox header is ignored the caller's
  /// tenant has no sandbox.
  /// A request without an Authorization header may come from a browser that has signed in: its cookie stands
  /// for token and API key, everything else is checked alike. Without the header x-gw-ims-org-id it is for
  /// the session's organisation, or the first one. Errors then: 401022 (the session has ended), 403021
  /// (x-csrf-token missing or wrong), 403022 (from a page of another origin).
  Result<Caller> authenticate(const HeaderLookup& header, SandboxHeader sandbox = SandboxHeader::decides,
                              Intent intent = Intent::changes);

  /// What the token of an Authorization header says, nothing else of a request being looked at. Errors:
  /// unauthorized, 401013 (another scheme, or not valid).
  Result<TokenClaims> check_authorization(std::string_view header);

  Sessions& sessions() { return sessions_; }
  /// The organisations that a session may act for, oldest first.
  Result<std::vector<store::Organisation>> organisations_of(const SessionClaims& session);

  /// A token without a client's secret, for whoever may read the data directory: of `org` (default: the first
  /// one) and `sandbox` (default: prod). Errors: invalid_argument (a malformed organisation id or sandbox
  /// name), not_found.
  Result<MintedToken> mint(const std::optional<OrgId>& org, const std::optional<std::string>& sandbox,
                           Unknown unknown = Unknown::refused,
                           std::chrono::seconds lifetime = kTokenLifetime);

  /// Makes the sandbox, or finds it. Errors: invalid_argument (name).
  Result<store::Sandbox> ensure_sandbox(const OrgId& org, std::string_view name);
  Result<std::vector<store::Sandbox>> sandboxes(const OrgId& org);
  /// Errors: invalid_argument (`where` names the member), conflict when the name is taken.
  Result<store::Sandbox> create_sandbox(const OrgId& org, const NewSandbox& sandbox);
  /// Errors: not_found, FLOW-2100-404.
  Result<store::Sandbox> sandbox(const OrgId& org, std::string_view name);
  /// Removes the sandbox with every resource in it. Other servers of the store follow within kSandboxKnown.
  Result<void> remove_sandbox(const domain::Tenant& tenant);
  /// Who may get tokens for the organisation, the oldest first.
  Result<std::vector<ClientAccess>> clients(const OrgId& org);
  /// No token that the client has so far is good any more, on this server and within kTokenKnown on the
  /// others of the store; its secret gets new ones. Errors: not_found (the organisation has no such client).
  Result<void> revoke_tokens(const OrgId& org, const ClientId& client);
  /// A further client of an organisation that exists. Errors: not_found.
  Result<NewClient> add_client(const OrgId& org);

  /// The sandbox of requests that name none; empty: they are refused. Before the first request only.
  void set_default_sandbox(std::string name) { default_sandbox_ = std::move(name); }
  /// Adds an issuer, asked after those before it. Before the first request only.
  void add_issuer(std::unique_ptr<TokenIssuer> issuer);

 private:
  Identity(store::Store& store, const secrets::Vault& vault, const Clock& clock);
  Result<void> prepare(Opening opening);
  NewClient new_client(const OrgId& org) const;
  Result<void> store_client(store::Transaction& transaction, const NewClient& client) const;
  Result<std::optional<store::Client>> find_client(const ClientId& id);
  Result<std::optional<domain::Tenant>> find_tenant(const OrgId& org, std::string_view sandbox_name,
                                                    std::string_view sandbox_id);
  Result<TokenClaims> check_session(std::string_view id, const HeaderLookup& header, Intent intent);
  Result<domain::Tenant> tenant_of(const TokenClaims& claims, const HeaderLookup& header);
  Result<TokenClaims> check_token(std::string_view token);
  Result<void> check_generation(const TokenClaims& claims);
  Secret make_token(const OrgId& org, const ClientId& client, std::int64_t generation,
                    std::chrono::seconds lifetime = kTokenLifetime) const;
  std::string hash_of(const Secret& client_secret) const;

  store::Store& store_;
  const secrets::Vault& vault_;
  const Clock& clock_;
  Sessions sessions_;
  std::optional<NewClient> created_;
  std::vector<std::unique_ptr<TokenIssuer>> issuers_;
  std::string default_sandbox_ = "prod";
  // Clients are never changed or removed, so what was found once stays true. A sandbox can be removed, also
  // by another server: what was found is believed for kSandboxKnown.
  struct KnownTenant {
    domain::Tenant tenant;
    TimePoint until;
  };
  /// A token that was accepted, believed until then: it does not outlive its expiry, nor by more than
  /// kTokenKnown that it was revoked.
  struct KnownToken {
    TokenClaims claims;
    TimePoint until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, KnownToken> tokens_;
  std::uint64_t revocations_ = 0;  // a check that one came in between of is not remembered
  std::unordered_map<std::string, store::Client> clients_;
  std::unordered_map<std::string, KnownTenant> tenants_;
};

}  // namespace headwater::identity
