#pragma once

#include <string_view>

namespace headwater::api {

/// Our own OpenAPI description of every route, YAML; joined from specs/openapi when the room is built.
std::string_view description();

}  // namespace headwater::api
