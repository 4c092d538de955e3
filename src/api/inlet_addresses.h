#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace headwater::api {

/// Makes every inlet's address, in all documents that tell it, begin with `base_url`: a server may have got
/// another name since they were stored. Nothing is read when it is still the one of the last start.
/// Before the first request. Errors: storage.
Result<void> move_inlets(store::Store& store, std::string_view base_url, const Clock& clock);

}  // namespace headwater::api
