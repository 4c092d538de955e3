#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headwater::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Process-wide metrics in the Prometheus text format. Thread-safe. Names start with "headwater_"; label
/// values are bounded sets (routes, outcomes), never ids or user text.
void count(std::string_view name, std::string_view help, double by = 1, const Labels& labels = {});
void gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});
void observe_seconds(std::string_view name, std::string_view help, double seconds, const Labels& labels = {});

/// The exposition text for GET /metrics.
std::string render();

}  // namespace headwater::metrics
