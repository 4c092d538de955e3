#pragma once

#include <string>
#include <string_view>

#include "authoring/observed_request.h"
#include "authoring/openapi_schemas.h"
#include "json/value.h"

namespace headwater::authoring {

/// What an API's description says of one parameter, of the query or of a body.

/// Up to its full stop, on one line.
std::string first_sentence(std::string_view text);

/// A path with a reference to the input wherever it has "{name}".
std::string with_reference(const std::string& path, const std::string& name, const std::string& input);

/// A list as most APIs take it in a query; what only a style of its own could write is left to a person.
std::string query_text(const json::Value& value);

/// The value that the description suggests; "" when it suggests none.
std::string suggested_value(const OpenApiSchemas& schemas, const json::Value& parameter,
                            const json::Value& schema);

/// Of a time, however it is described; a number may be one.
std::string format_of_parameter(std::string_view name, const json::Value& parameter,
                                const json::Value& schema);

/// An input of the source that fills it in, unless there is one of that name.
void add_described_input(const OpenApiSchemas& schemas, const std::string& name, const json::Value& parameter,
                         const json::Value& schema, ObservedRequest& request);

/// A key of the account. Of one place and name there is one, and of what the header Authorization carries.
void add_described_key(ObservedCredential key, ObservedRequest& request);

}  // namespace headwater::authoring
