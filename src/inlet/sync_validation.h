#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet {

/// Checks a record as its flow would before it goes to the lake, and more strictly: members that the
/// dataset's schema does not know are violations too. At most five are told. nullopt: the record is valid.
/// Otherwise one element of `_streamingValidation` as JSON text. Errors: of the flow's documents;
/// invalid_argument, a record that its mapping cannot read. Source: streaming reference, section 7.
Result<std::optional<std::string>> validate_now(store::Store& store, store::Credentials& credentials,
                                                const FlowId& flow, std::string_view record);

}  // namespace headwater::inlet
