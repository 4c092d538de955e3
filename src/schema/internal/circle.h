#pragma once

#include <optional>
#include <vector>

#include "schema/internal/program.h"

namespace headwater::schema {

/// A schema whose steps lead back to it; nullopt when none does. `steps` are those of each schema, by index.
std::optional<Index> find_circle(const std::vector<std::vector<Index>>& steps);

}  // namespace headwater::schema
