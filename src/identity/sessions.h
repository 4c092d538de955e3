#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::identity {

inline constexpr std::chrono::minutes kCodeLifetime{15};
inline constexpr std::chrono::hours kSessionLifetime{12};
/// The cookie that carries a session's id.
inline constexpr std::string_view kSessionCookie = "headwater_session";

/// What a browser gets when it signs in.
struct NewSession {
  Secret id;    // for the cookie
  Secret csrf;  // for the x-csrf-token header of every change
  std::optional<OrgId> org;
  TimePoint expires;
};

/// What a session that holds says.
struct SessionClaims {
  std::optional<OrgId> org;  // the only organisation; nullopt: every one of the installation
  TimePoint expires;
};

/// A browser that is signed in, as others are shown it.
struct OpenSession {
  std::string id;  // made from what the store has: nobody can act with it
  std::optional<OrgId> org;
  TimePoint began;
  TimePoint expires;
  bool own = false;  // of whoever asks
};

/// Sessions of browsers and the one-time codes that begin them. The store has only keyed hashes of both, so
/// sessions survive a restart and a copy of the store signs nobody in. Thread-safe.
class Sessions {
 public:
  Sessions(store::Store& store, const secrets::Vault& vault, const Clock& clock)
      : store_(store), vault_(vault), clock_(clock) {}

  /// A code for one sign-in within kCodeLifetime. Without `org` the session may act for every organisation:
  /// only for whoever may read the data directory. Errors: not_found, no such organisation.
  Result<Secret> make_code(const std::optional<OrgId>& org);
  /// Begins a session; the code is used up. Errors: unauthorized (401021), when it is none, was used or has
  /// expired: they are not told apart.
  Result<NewSession> begin(std::string_view code);
  /// nullopt: there is no such session, it was ended or has expired.
  Result<std::optional<SessionClaims>> find(std::string_view id);
  /// Ends it at once, on every server of the store. Absent: fine.
  Result<void> end(std::string_view id);
  /// The sessions that the one with this id may see and end: of its organisation if it is for one only,
  /// otherwise all. The latest first.
  Result<std::vector<OpenSession>> open(std::string_view id);
  /// Ends one that `open` shows, never the own one. False: there is none such (any more).
  Result<bool> end_other(std::string_view id, std::string_view other);
  /// Ends all that `open` shows but the own one; their number.
  Result<std::int64_t> end_others(std::string_view id);
  /// Follows from the session's id: there is nothing to store.
  Secret csrf_of(std::string_view id) const;

 private:
  std::string hash_of(std::string_view kind, std::string_view text) const;
  Result<std::vector<store::Session>> visible(store::Transaction& transaction, std::string_view own_hash);

  store::Store& store_;
  const secrets::Vault& vault_;
  const Clock& clock_;
};

/// The session's id of a Cookie header; nullopt when it has none.
std::optional<std::string_view> session_cookie(std::string_view cookies);

}  // namespace headwater::identity
