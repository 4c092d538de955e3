#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace headwater::domain {

/// How long a dataset's batches are kept: `extensions.adobe_lakeHouse.rowExpiration.ttlValue`, an ISO 8601
/// duration ("P30D", "PT12H"). nullopt: for ever. A year counts 365 days, a month 30.
/// Errors: invalid_argument, `where` naming the member.
Result<std::optional<std::chrono::seconds>> read_retention(const json::Value& dataset);

/// Nullopt for what is no duration, or one of zero or of more than 1000 years.
std::optional<std::chrono::seconds> parse_iso_duration(std::string_view text);

}  // namespace headwater::domain
