#pragma once

#include <vector>

#include "dataset.h"
#include "faults.h"
#include "wire.h"

namespace source {

/// Answers the paging endpoints; nullopt when the path is none of theirs. `origin` is "http://host:port".
std::optional<Answer> answer_page(const Request& request, const Dataset& dataset, Faults& faults,
                                  const std::string& origin);

}  // namespace source
