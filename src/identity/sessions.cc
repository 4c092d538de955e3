#include "identity/sessions.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/time.h"

namespace headwater::identity {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kTextMax = 128;  // longer texts are none of ours: not even hashed

TimePoint from_millis(std::int64_t millis) { return TimePoint(std::chrono::milliseconds(millis)); }

std::optional<OrgId> org_of(const store::Session& stored) {
  return stored.org.empty() ? std::nullopt : std::optional(stored.org);
}

// Long enough to tell sessions apart.
std::string shown_id(const store::Session& session) { return session.hash.substr(0, 16); }

}  // namespace

// Codes and ids are 256 random bits, so a keyed hash protects them as well as a slow one would.
std::string Sessions::hash_of(std::string_view kind, std::string_view text) const {
  const Secret key = vault_.derive_key("browser-" + std::string(kind));
  return crypto::hex(crypto::hmac_sha256(key.reveal(), text));
}

Secret Sessions::csrf_of(std::string_view id) const {
  return Secret(crypto::base64url(crypto::hmac_sha256(vault_.derive_key("browser-csrf").reveal(), id)));
}

Result<Secret> Sessions::make_code(const std::optional<OrgId>& org) {
  Secret code(crypto::base64url(crypto::random_bytes(kRandomBytes)));
  const auto now_ms = epoch_millis(clock_.now());
  const store::Session stored{hash_of("code", code.reveal()), "code", org.value_or(OrgId()), now_ms,
                              now_ms + std::chrono::milliseconds(kCodeLifetime).count()};
  const auto add = [&](store::Transaction& transaction) -> Result<void> {
    if (org && !TRY(transaction.organisation(*org)))
      return Error{ErrorKind::not_found, "There is no organisation " + org->value + " here."};
    return transaction.add_session(stored);
  };
  TRY(store_.transact(add));
  return code;
}

Result<NewSession> Sessions::begin(std::string_view code) {
  const Error refused{ErrorKind::unauthorized,
                      "This sign-in link was used already or is too old: make a new one with `headwater "
                      "login` on the server's machine.",
                      "", "401021"};
  if (code.empty() || code.size() > kTextMax) return refused;
  const Secret id(crypto::base64url(crypto::random_bytes(kRandomBytes)));
  const auto now_ms = epoch_millis(clock_.now());
  store::Session made{hash_of("session", id.reveal()), "session", OrgId(), now_ms,
                      now_ms + std::chrono::milliseconds(kSessionLifetime).count()};
  bool began = false;
  const auto exchange = [&](store::Transaction& transaction) -> Result<void> {
    const auto hash = hash_of("code", code);
    const auto found = TRY(transaction.session(hash));
    // Of two who come with one code only one removes it.
    const bool first = TRY(transaction.remove_session(hash));
    began = found && first && found->kind == "code" && found->expires_at_ms > now_ms;
    if (!began) return {};
    made.org = found->org;
    return transaction.add_session(made);
  };
  TRY(store_.transact(exchange));
  if (!began) return refused;
  return NewSession{id, csrf_of(id.reveal()), org_of(made), from_millis(made.expires_at_ms)};
}

Result<std::optional<SessionClaims>> Sessions::find(std::string_view id) {
  using Found = std::optional<SessionClaims>;
  if (id.empty() || id.size() > kTextMax) return Found();
  std::optional<store::Session> stored;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    stored = TRY(transaction.session(hash_of("session", id)));
    return {};
  };
  TRY(store_.read(ask));
  if (!stored || stored->kind != "session" || stored->expires_at_ms <= epoch_millis(clock_.now()))
    return Found();
  return Found(SessionClaims{org_of(*stored), from_millis(stored->expires_at_ms)});
}

Result<void> Sessions::end(std::string_view id) {
  if (id.size() > kTextMax) return {};
  return store_.transact([&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.remove_session(hash_of("session", id)));
    return {};
  });
}

Result<std::vector<store::Session>> Sessions::visible(store::Transaction& transaction,
                                                      std::string_view own_hash) {
  const auto own = TRY(transaction.session(own_hash));
  auto sessions = TRY(transaction.sessions("session", epoch_millis(clock_.now())));
  std::erase_if(sessions, [&](const store::Session& session) {
    return !own || (!own->org.empty() && session.org != own->org);
  });
  return sessions;
}

Result<std::vector<OpenSession>> Sessions::open(std::string_view id) {
  const auto own = hash_of("session", id);
  std::vector<OpenSession> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    found.clear();
    const auto sessions = TRY(visible(transaction, own));
    for (const auto& session : sessions)
      found.push_back({shown_id(session), org_of(session), from_millis(session.created_at_ms),
                       from_millis(session.expires_at_ms), session.hash == own});
    return {};
  };
  TRY(store_.read(ask));
  return found;
}

Result<bool> Sessions::end_other(std::string_view id, std::string_view other) {
  const auto own = hash_of("session", id);
  bool ended = false;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    ended = false;
    const auto sessions = TRY(visible(transaction, own));
    for (const auto& session : sessions)
      if (session.hash != own && shown_id(session) == other)
        ended = TRY(transaction.remove_session(session.hash));
    return {};
  };
  TRY(store_.transact(work));
  return ended;
}

Result<std::int64_t> Sessions::end_others(std::string_view id) {
  const auto own = hash_of("session", id);
  std::int64_t ended = 0;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    ended = 0;
    const auto sessions = TRY(visible(transaction, own));
    for (const auto& session : sessions)
      if (session.hash != own && TRY(transaction.remove_session(session.hash))) ++ended;
    return {};
  };
  TRY(store_.transact(work));
  return ended;
}

std::optional<std::string_view> session_cookie(std::string_view cookies) {
  while (!cookies.empty()) {
    std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.starts_with(kSessionCookie)) continue;
    one.remove_prefix(kSessionCookie.size());
    if (one.starts_with('=') && one.size() > 1) return one.substr(1);
  }
  return std::nullopt;
}

}  // namespace headwater::identity
