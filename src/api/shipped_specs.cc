#include "api/shipped_specs.h"

#include "base/time.h"
#include "json/value.h"

namespace headwater::api {

Result<void> install_shipped_specs(store::Store& store, const domain::Tenant& owner, const Clock& clock) {
  const domain::Actor actor{"headwater", "headwater"};
  for (const ShippedSpec& shipped : shipped_specs()) {
    auto body = TRY(json::parse(shipped.text));
    const std::string id(body.string_at("id"));
    const auto work = [&](store::Transaction& transaction) -> Result<void> {
      const auto present = TRY(transaction.find(store::Scope::all(), shipped.kind, id));
      if (present) return {};
      TRY(transaction.insert(
          domain::new_resource(shipped.kind, id, owner, actor, epoch_millis(clock.now()), body)));
      return {};
    };
    TRY(store.transact(work));
  }
  return {};
}

}  // namespace headwater::api
