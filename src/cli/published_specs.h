#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/publish_source.h"
#include "base/result.h"
#include "cli/api_client.h"
#include "json/value.h"

namespace headwater::cli {

/// The connection spec with that id, as the server has it, or nullopt.
Result<std::optional<json::Value>> spec_with_id(ApiClient& client, std::string_view id);
/// All connection specs of a name, in every version.
Result<std::vector<json::Value>> specs_called(ApiClient& client, std::string_view name);

/// The flows whose sources have that connection spec, in every sandbox of the caller's organisation; of a
/// server that does not tell its sandboxes those of the caller's own.
Result<std::vector<authoring::FlowUse>> flows_of_spec(ApiClient& client, std::string_view spec_id);

/// Lets flows of a flow spec have sources of this connection spec. False when they could already.
/// Errors: as ApiClient::call; a flow spec that others keep changing.
Result<bool> add_to_flow_spec(ApiClient& client, std::string_view flow_spec_id, std::string_view spec_id);

/// The opposite. False when they could not.
Result<bool> remove_from_flow_spec(ApiClient& client, std::string_view flow_spec_id,
                                   std::string_view spec_id);

}  // namespace headwater::cli
