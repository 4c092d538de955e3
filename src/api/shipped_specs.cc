#include "api/shipped_specs.h"

#include <vector>

#include "base/time.h"
#include "json/value.h"

namespace headwater::api {

Result<void> install_shipped_specs(store::Store& store, const domain::Tenant& owner, const Clock& clock) {
  const domain::Actor actor{"headwater", "headwater"};
  std::vector<domain::Resource> specs;
  for (const ShippedSpec& shipped : shipped_specs()) {
    auto body = TRY(json::parse(shipped.text));
    std::string id(body.string_at("id"));
    const auto present = TRY(store.find(store::Scope::all(), shipped.kind, id));
    if (!present)
      specs.push_back(domain::new_resource(shipped.kind, std::move(id), owner, actor,
                                           epoch_millis(clock.now()), std::move(body)));
  }
  // One transaction for all: a first start waits for the disk once.
  if (specs.empty()) return {};
  return store.transact([&specs](store::Transaction& transaction) -> Result<void> {
    for (const domain::Resource& spec : specs) {
      const auto present = TRY(transaction.find(store::Scope::all(), spec.kind, spec.id));
      if (!present) TRY(transaction.insert(spec));
    }
    return {};
  });
}

}  // namespace headwater::api
