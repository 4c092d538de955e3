#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "store/store.h"

namespace headwater::identity {

/// The access tokens of a client that are good: those of its generation. A token says which one it was made
/// in; to revoke is to begin the next. Counted, not timed: the clocks of servers differ.
struct TokenGeneration {
  std::int64_t number = 0;
  std::optional<TimePoint> revoked;  // when the one before ended
};

Result<TokenGeneration> token_generation(store::Transaction& transaction, const ClientId& client);
Result<void> begin_token_generation(store::Transaction& transaction, const ClientId& client, TimePoint now);

}  // namespace headwater::identity
