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

/// One metric with its labels, found once, for what is counted with every request. Thread-safe; stays valid
/// for the rest of the process.
class Counter {
 public:
  void add(double by = 1) const;

 private:
  friend Counter counter(std::string_view name, std::string_view help, const Labels& labels);
  explicit Counter(void* metric) : metric_(metric) {}
  void* metric_;
};
class Seconds {
 public:
  void observe(double seconds) const;

 private:
  friend Seconds seconds(std::string_view name, std::string_view help, const Labels& labels);
  explicit Seconds(void* metric) : metric_(metric) {}
  void* metric_;
};
Counter counter(std::string_view name, std::string_view help, const Labels& labels);
Seconds seconds(std::string_view name, std::string_view help, const Labels& labels);

/// The exposition text for GET /metrics.
std::string render();

}  // namespace headwater::metrics
