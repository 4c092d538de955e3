#pragma once

#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/resource.h"
#include "store/store.h"

namespace headwater::api {

/// A connection or flow spec that comes with the product: `specs/` of the sources, embedded at build time.
struct ShippedSpec {
  domain::ResourceKind kind;
  std::string_view name;  // of its file, without ".json"
  std::string_view text;
};
std::span<const ShippedSpec> shipped_specs();

/// Stores the shipped specs that the store does not have, under their fixed ids. One that is there stays as
/// it is, also when somebody changed it. Errors: storage.
Result<void> install_shipped_specs(store::Store& store, const domain::Tenant& owner, const Clock& clock);

}  // namespace headwater::api
