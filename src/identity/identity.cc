#include "identity/identity.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/time.h"
#include "identity/internal/local_token.h"

namespace headwater::identity {
namespace {

constexpr std::string_view kDefaultOrganisation = "default_organisation";
constexpr std::string_view kClientShown = "client_shown";
constexpr std::string_view kDefaultSandbox = "prod";
constexpr std::string_view kBrowser = "headwater-web";  // user and client of what is done in a browser
constexpr std::size_t kTokensMax = 1024;                // remembered; past it all are checked anew
constexpr std::size_t kNameShown = 64;                  // of a name that there is not, in a message

std::string upper_hex(std::size_t bytes) {
  auto digits = crypto::random_hex(bytes);
  for (auto& c : digits)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return digits;
}

bool is_organisation_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
           c == '.' || c == '-' || c == '_';
  });
}

bool is_client_id(std::string_view id) {
  return id.size() <= 256 && std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_sandbox_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// A name of the caller's in a message: as much of it as can be read.
std::string shown_name(std::string_view name) {
  std::string shown;
  for (const char c : name.substr(0, kNameShown)) shown += c >= ' ' && c < 0x7f ? c : '?';
  return name.size() > kNameShown ? shown + "..." : shown;
}

store::Sandbox new_sandbox(const OrgId& org, std::string_view name, std::int64_t now_ms) {
  const bool production = name == kDefaultSandbox;
  return {SandboxId(crypto::uuid()),
          org,
          std::string(name),
          production ? "Production" : std::string(name),
          production ? "production" : "development",
          now_ms};
}

Error gateway_error(ErrorKind kind, std::string_view code, std::string message) {
  return Error{kind, std::move(message), "", code};
}

// Not longer than `span` either, when the clock was set back.
bool is_believed(TimePoint until, TimePoint now, std::chrono::seconds span) {
  return now < until && until - now <= span;
}

TokenAnswer oauth_error(int status, std::string_view error, std::string_view description) {
  json::Object body;
  body.set("error", error);
  body.set("error_description", description);
  return {status, std::move(body)};
}

/// The token of "Bearer TOKEN"; nullopt for another scheme.
std::optional<std::string_view> bearer_token(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((header[i] | ' ') != kScheme[i]) return std::nullopt;
  header.remove_prefix(kScheme.size());
  while (header.starts_with(' ')) header.remove_prefix(1);
  return header;
}

}  // namespace

json::Value MintedToken::json() const {
  json::Object out;
  out.set("access_token", access_token.reveal());
  out.set("token_type", "bearer");
  out.set("expires_in", static_cast<std::int64_t>(expires_in.count()));
  out.set("ims_org_id", org.value);
  out.set("client_id", client.value);
  out.set("sandbox_name", sandbox_name);
  return out;
}

Identity::Identity(store::Store& store, const secrets::Vault& vault, const Clock& clock)
    : store_(store), vault_(vault), clock_(clock), sessions_(store, vault, clock) {
  issuers_.push_back(std::make_unique<internal::LocalTokens>(vault.derive_key("access-token")));
}

Result<std::unique_ptr<Identity>> Identity::open(store::Store& store, const secrets::Vault& vault,
                                                 const Clock& clock, Opening opening) {
  std::unique_ptr<Identity> identity(new Identity(store, vault, clock));  // the constructor is private
  TRY(identity->prepare(opening));
  return identity;
}

Result<void> Identity::prepare(Opening opening) {
  const auto now_ms = epoch_millis(clock_.now());
  return store_.transact([&](store::Transaction& transaction) -> Result<void> {
    created_.reset();
    const OrgId candidate(upper_hex(12) + "@AdobeOrg");
    // Several processes may start at once: the one whose id is kept makes the rest.
    const OrgId org(TRY(transaction.setting_or_put(kDefaultOrganisation, candidate.value)));
    const bool first = org == candidate;
    if (first) {
      TRY(transaction.add_organisation({org, "Headwater", now_ms}));
      TRY(transaction.add_sandbox(new_sandbox(org, kDefaultSandbox, now_ms)));
    }
    const bool shown = TRY(transaction.setting(kClientShown)).has_value();
    const bool show = opening == Opening::server && !shown;
    if (!first && !show) return {};
    const auto client = new_client(org);
    TRY(store_client(transaction, client));
    if (!show) return {};
    TRY(transaction.put_setting(kClientShown, client.id.value));
    created_ = client;
    return {};
  });
}

NewClient Identity::new_client(const OrgId& org) const {
  return {org, ClientId(crypto::random_hex(16)), Secret("p8e-" + crypto::base64url(crypto::random_bytes(24))),
          upper_hex(12) + "@techacct.adobe.com"};
}

Result<void> Identity::store_client(store::Transaction& transaction, const NewClient& client) const {
  TRY(transaction.add_client(
      {client.id, client.org, hash_of(client.secret), client.technical_account, epoch_millis(clock_.now())}));
  return {};
}

// A client's secret is 192 random bits, so a keyed hash protects it as well as a slow one would.
std::string Identity::hash_of(const Secret& client_secret) const {
  return crypto::hex(
      crypto::hmac_sha256(vault_.derive_key("client-secret").reveal(), client_secret.reveal()));
}

Result<domain::Tenant> Identity::default_tenant() {
  std::optional<std::string> org;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    org = TRY(transaction.setting(kDefaultOrganisation));
    return {};
  };
  TRY(store_.read(ask));
  const auto tenant = TRY(find_tenant(OrgId(org.value_or("")), kDefaultSandbox, ""));
  if (!tenant) return Error{ErrorKind::storage, "The metadata store has lost its first organisation."};
  return *tenant;
}

Result<std::optional<store::Client>> Identity::find_client(const ClientId& id) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = clients_.find(id.value);
    if (known != clients_.end()) return std::optional(known->second);
  }
  std::optional<store::Client> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found = TRY(transaction.client(id));
    return {};
  };
  TRY(store_.read(ask));
  if (found) {
    const std::lock_guard lock(mutex_);
    clients_.emplace(id.value, *found);
  }
  return found;
}

Result<std::optional<domain::Tenant>> Identity::find_tenant(const OrgId& org, std::string_view sandbox_name,
                                                            std::string_view sandbox_id) {
  std::string key = org.value + "/" + (sandbox_id.empty() ? "name/" : "id/");
  key += sandbox_id.empty() ? sandbox_name : sandbox_id;
  {
    const std::lock_guard lock(mutex_);
    const auto known = tenants_.find(key);
    if (known != tenants_.end() && is_believed(known->second.until, clock_.now(), kSandboxKnown))
      return std::optional(known->second.tenant);
  }
  std::optional<store::Sandbox> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found = sandbox_id.empty() ? TRY(transaction.sandbox_named(org, sandbox_name))
                               : TRY(transaction.sandbox(org, SandboxId(std::string(sandbox_id))));
    return {};
  };
  TRY(store_.read(ask));
  if (!found) return std::optional<domain::Tenant>();
  domain::Tenant tenant{org, found->id, found->name};
  const std::lock_guard lock(mutex_);
  tenants_.insert_or_assign(key, KnownTenant{tenant, clock_.now() + kSandboxKnown});
  return std::optional(std::move(tenant));
}

Secret Identity::make_token(const OrgId& org, const ClientId& client, std::int64_t generation,
                            std::chrono::seconds lifetime) const {
  const auto now = clock_.now();
  const internal::LocalTokens tokens(vault_.derive_key("access-token"));
  // A service token's user is its client (Flow Service reference, section 3).
  return tokens.make({org, client, client.value, now + lifetime, generation}, now);
}

Result<TokenAnswer> Identity::answer_token_request(const QueryParams& form) {
  const auto field = [&](std::string_view name) -> std::string {
    for (const auto& [key, value] : form)
      if (key == name) return value;
    return {};
  };
  const auto grant = field("grant_type");
  if (grant.empty()) return oauth_error(400, "invalid_request", "grant_type is missing");
  if (grant != "client_credentials")
    return oauth_error(400, "unsupported_grant_type", "grant_type must be client_credentials");
  const ClientId id(field("client_id"));
  const Secret secret(field("client_secret"));
  if (id.empty()) return oauth_error(400, "invalid_request", "client_id is missing");
  if (secret.empty()) return oauth_error(400, "invalid_request", "client_secret is missing");
  const auto client = TRY(find_client(id));
  if (!client || !crypto::equal_constant_time(client->secret_hash, hash_of(secret)))
    return oauth_error(401, "invalid_client", "client_id or client_secret is wrong");
  std::int64_t generation = 0;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    generation = TRY(token_generation(transaction, id)).number;
    return {};
  };
  TRY(store_.read(ask));
  json::Object body;
  body.set("access_token", make_token(client->org, client->id, generation).reveal());
  body.set("token_type", "bearer");
  body.set("expires_in", static_cast<std::int64_t>(kTokenLifetime.count()));
  return TokenAnswer{200, std::move(body)};
}

Result<TokenClaims> Identity::check_token(std::string_view token) {
  const auto now = clock_.now();
  std::string key(token);
  std::uint64_t revocations = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto known = tokens_.find(key);
    if (known != tokens_.end() && is_believed(known->second.until, now, kTokenKnown))
      return known->second.claims;
    revocations = revocations_;
  }
  for (const auto& issuer : issuers_) {
    auto claims = issuer->check(token, now);
    if (!claims) continue;
    if (*claims) {
      TRY(check_generation(**claims));
      const std::lock_guard lock(mutex_);
      if (revocations != revocations_) return *std::move(claims);
      if (tokens_.size() >= kTokensMax) tokens_.clear();
      tokens_.insert_or_assign(std::move(key),
                               KnownToken{**claims, std::min((*claims)->expires, now + kTokenKnown)});
    }
    return *std::move(claims);
  }
  return gateway_error(ErrorKind::unauthorized, "401013", "Oauth token is not valid");
}

Result<TokenClaims> Identity::check_authorization(std::string_view header) {
  const auto token = bearer_token(header);
  if (!token) return gateway_error(ErrorKind::unauthorized, "401013", "Oauth token is not valid");
  return check_token(*token);
}

Result<domain::Tenant> Identity::tenant_of(const TokenClaims& claims, const HeaderLookup& header) {
  const auto id = header("x-sandbox-id").value_or(std::string_view());
  const auto sent_name = header("x-sandbox-name").value_or(std::string_view());
  if (!id.empty() && claims.user != claims.client.value)
    return Error{ErrorKind::invalid_argument,
                 "The header x-sandbox-id is for service tokens only: send x-sandbox-name.", "",
                 "FLOW-2110-400"};
  const std::string_view name = sent_name.empty() && id.empty() ? default_sandbox_ : sent_name;
  if (name.empty() && id.empty())
    return Error{ErrorKind::invalid_argument, "The header x-sandbox-name is missing.", "", "FLOW-2105-400"};
  // Only what can be one is looked up.
  const std::string_view sent = id.empty() ? name : id;
  const bool possible = is_sandbox_name(sent);
  const auto tenant = possible ? TRY(find_tenant(claims.org, name, id)) : std::nullopt;
  if (!tenant)
    return Error{ErrorKind::not_found,
                 "The organisation has no sandbox " +
                     std::string(id.empty() ? "named \"" : "with the id \"") + shown_name(sent) + "\"" +
                     (possible ? "." : ": these are lower-case letters, digits and dashes."),
                 "", "FLOW-2100-404"};
  if (!id.empty() && !sent_name.empty() && sent_name != tenant->sandbox_name)
    return Error{ErrorKind::invalid_argument,
                 "The headers x-sandbox-name and x-sandbox-id name two sandboxes: send one of them.", "",
                 "FLOW-2106-400"};
  return *tenant;
}

// What a page of another origin makes a browser send is refused although the cookie came along: another port
// of the same host is the same site to SameSite.
Result<TokenClaims> Identity::check_session(std::string_view id, const HeaderLookup& header, Intent intent) {
  const auto site = header("sec-fetch-site").value_or("same-origin");
  if (site != "same-origin" && site != "none")
    return gateway_error(ErrorKind::forbidden, "403022", "A session is for the pages of this server only.");
  const auto session = TRY(sessions_.find(id));
  if (!session)
    return gateway_error(ErrorKind::unauthorized, "401022", "The session has ended: sign in again.");
  if (intent == Intent::changes &&
      !crypto::equal_constant_time(sessions_.csrf_of(id).reveal(), header("x-csrf-token").value_or("")))
    return gateway_error(ErrorKind::forbidden, "403021",
                         "A change needs the session's token in the header x-csrf-token.");
  const std::string wanted(header("x-gw-ims-org-id").value_or(""));
  const OrgId org = !wanted.empty() ? OrgId(wanted)
                    : session->org  ? *session->org
                                    : TRY(default_tenant()).org;
  if (session->org && *session->org != org)
    return Error{ErrorKind::unauthorized, "The session is for another organisation than x-gw-ims-org-id.", "",
                 "FLOW-2000-401"};
  bool known = false;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    known = TRY(transaction.organisation(org)).has_value();
    return {};
  };
  if (is_organisation_id(org.value)) TRY(store_.read(ask));
  if (!known)
    return Error{ErrorKind::unauthorized, "There is no organisation such as x-gw-ims-org-id names.", "",
                 "FLOW-2000-401"};
  return TokenClaims{org, ClientId(std::string(kBrowser)), std::string(kBrowser), session->expires};
}

Result<std::vector<store::Organisation>> Identity::organisations_of(const SessionClaims& session) {
  std::vector<store::Organisation> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found = TRY(transaction.organisations());
    return {};
  };
  TRY(store_.read(ask));
  if (session.org) std::erase_if(found, [&](const auto& one) { return one.id != *session.org; });
  return found;
}

Result<Caller> Identity::authenticate(const HeaderLookup& header, SandboxHeader sandbox, Intent intent) {
  const auto value = [&](std::string_view name) { return header(name).value_or(std::string_view()); };
  const auto authorization = value("authorization");
  if (const auto session = session_cookie(value("cookie")); session && authorization.empty()) {
    const auto signed_in = TRY(check_session(*session, header, intent));
    const domain::Actor actor{signed_in.user, signed_in.client.value};
    if (sandbox == SandboxHeader::ignored) return Caller{{signed_in.org, {}, {}}, actor};
    const auto tenant = TRY(tenant_of(signed_in, header));
    return Caller{tenant, actor};
  }
  if (authorization.empty()) return gateway_error(ErrorKind::forbidden, "403010", "Oauth token is missing.");
  const ClientId api_key{std::string(value("x-api-key"))};
  if (api_key.empty()) return gateway_error(ErrorKind::forbidden, "403000", "Api Key is required");
  const auto token = bearer_token(authorization);
  if (!token) return gateway_error(ErrorKind::unauthorized, "401013", "Oauth token is not valid");
  const auto claims = TRY(check_token(*token));
  const auto client = is_client_id(api_key.value) ? TRY(find_client(api_key)) : std::nullopt;
  if (!client || client->org != claims.org)
    return gateway_error(ErrorKind::forbidden, "403003", "Api Key is invalid");
  const OrgId org{std::string(value("x-gw-ims-org-id"))};
  if (org.empty())
    return gateway_error(ErrorKind::invalid_argument, "400003", "The header x-gw-ims-org-id is missing");
  if (org != claims.org)
    return Error{ErrorKind::unauthorized, "The token does not belong to the organisation of x-gw-ims-org-id.",
                 "", "FLOW-2000-401"};
  const domain::Actor actor{claims.user, api_key.value};
  if (sandbox == SandboxHeader::ignored) return Caller{{org, {}, {}}, actor};
  const auto tenant = TRY(tenant_of(claims, header));
  return Caller{tenant, actor};
}

Result<store::Sandbox> Identity::ensure_sandbox(const OrgId& org, std::string_view name) {
  if (!is_sandbox_name(name))
    return Error{ErrorKind::invalid_argument,
                 "A sandbox name has lower-case letters, digits and dashes, at most 64: \"" +
                     std::string(name) + "\"."};
  std::optional<store::Sandbox> sandbox;
  const auto add = [&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.add_sandbox(new_sandbox(org, name, epoch_millis(clock_.now()))));
    sandbox = TRY(transaction.sandbox_named(org, name));
    return {};
  };
  TRY(store_.transact(add));
  if (!sandbox) return Error{ErrorKind::storage, "The sandbox could not be stored."};
  return *std::move(sandbox);
}

Result<std::vector<store::Sandbox>> Identity::sandboxes(const OrgId& org) {
  std::vector<store::Sandbox> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found = TRY(transaction.sandboxes(org));
    return {};
  };
  TRY(store_.read(ask));
  return found;
}

Result<store::Sandbox> Identity::create_sandbox(const OrgId& org, const NewSandbox& sandbox) {
  const auto wrong = [](std::string where, std::string message) {
    return Error{ErrorKind::invalid_argument, std::move(message), std::move(where)};
  };
  if (!is_sandbox_name(sandbox.name))
    return wrong("/name", "name is required: lower-case letters, digits and dashes, at most 64.");
  if (!sandbox.type.empty() && sandbox.type != "development" && sandbox.type != "production")
    return wrong("/type", "type must be development or production.");
  store::Sandbox made = new_sandbox(org, sandbox.name, epoch_millis(clock_.now()));
  if (!sandbox.title.empty()) made.title = sandbox.title;
  made.type = sandbox.type.empty() ? "development" : sandbox.type;
  const auto add = [&](store::Transaction& transaction) -> Result<void> {
    if (TRY(transaction.add_sandbox(made))) return {};
    return Error{ErrorKind::conflict, "There is a sandbox named \"" + made.name + "\" already.", "/name"};
  };
  TRY(store_.transact(add));
  return made;
}

Result<store::Sandbox> Identity::sandbox(const OrgId& org, std::string_view name) {
  std::optional<store::Sandbox> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found = TRY(transaction.sandbox_named(org, name));
    return {};
  };
  if (is_sandbox_name(name)) TRY(store_.read(ask));
  if (!found)
    return Error{ErrorKind::not_found, "The organisation has no sandbox of this name.", "", "FLOW-2100-404"};
  return *std::move(found);
}

Result<void> Identity::remove_sandbox(const domain::Tenant& tenant) {
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.remove_resources_of(tenant));
    return transaction.remove_sandbox(tenant.org, tenant.sandbox);
  };
  TRY(store_.transact(work));
  const std::lock_guard lock(mutex_);
  std::erase_if(tenants_, [&](const auto& known) { return known.second.tenant.sandbox == tenant.sandbox; });
  return {};
}

Result<NewClient> Identity::add_client(const OrgId& org) {
  const auto client = new_client(org);
  const auto add = [&](store::Transaction& transaction) -> Result<void> {
    if (!TRY(transaction.organisation(org)))
      return Error{ErrorKind::not_found, "There is no organisation " + org.value + "."};
    return store_client(transaction, client);
  };
  TRY(store_.transact(add));
  return client;
}

Result<MintedToken> Identity::mint(const std::optional<OrgId>& org, const std::optional<std::string>& sandbox,
                                   Unknown unknown, std::chrono::seconds lifetime) {
  const OrgId owner = org ? *org : TRY(default_tenant()).org;
  if (!is_organisation_id(owner.value))
    return Error{ErrorKind::invalid_argument,
                 "An organisation id looks like 0123456789ABCDEF01234567@AdobeOrg: \"" + owner.value + "\"."};
  const std::string name = sandbox.value_or(std::string(kDefaultSandbox));
  const auto now_ms = epoch_millis(clock_.now());
  ClientId client;
  std::int64_t generation = 0;
  const auto prepare_organisation = [&](store::Transaction& transaction) -> Result<void> {
    if (unknown == Unknown::refused && !TRY(transaction.organisation(owner)))
      return Error{ErrorKind::not_found, "There is no organisation " + owner.value + " here."};
    TRY(transaction.add_organisation({owner, owner.value, now_ms}));
    TRY(transaction.add_sandbox(new_sandbox(owner, kDefaultSandbox, now_ms)));
    const auto known = TRY(transaction.clients(owner));
    if (!known.empty()) {
      client = known.front().id;
      generation = TRY(token_generation(transaction, client)).number;
      return {};
    }
    const auto added = new_client(owner);
    client = added.id;
    return store_client(transaction, added);
  };
  TRY(store_.transact(prepare_organisation));
  auto found = this->sandbox(owner, name);
  if (!found && unknown == Unknown::refused && is_sandbox_name(name)) return std::move(found).error();
  const auto made = TRY(ensure_sandbox(owner, name));
  return MintedToken{make_token(owner, client, generation, lifetime), lifetime, owner, client, made.name};
}

void Identity::add_issuer(std::unique_ptr<TokenIssuer> issuer) { issuers_.push_back(std::move(issuer)); }

}  // namespace headwater::identity
