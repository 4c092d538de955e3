#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <unordered_map>

namespace headwater::metrics {
namespace {

/// prometheus-cpp refuses to build the same family twice, so families are remembered by name.
struct Families {
  std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*, std::less<>> histograms;
};

Families& families() {
  static Families instance;
  return instance;
}

template <class Map, class Builder>
auto& family(Map& known, Builder builder, std::string_view name, std::string_view help) {
  const auto found = known.find(name);
  if (found != known.end()) return *found->second;
  auto& made = builder().Name(std::string(name)).Help(std::string(help)).Register(families().registry);
  known.emplace(name, &made);
  return made;
}

prometheus::Labels to_labels(const Labels& labels) { return {labels.begin(), labels.end()}; }

/// What this thread has found before, by name and labels: each request counts, and the registry's own look-up
/// takes three locks and sorts the labels. Metrics are never removed.
template <class Metric, class Find>
Metric& remembered(std::string_view name, const Labels& labels, Find find) {
  thread_local std::unordered_map<std::string, Metric*> known;
  thread_local std::string key;
  key = name;
  for (const auto& [label, value] : labels) key.append(1, '\0').append(label).append(1, '\0').append(value);
  Metric*& metric = known[key];
  if (metric == nullptr) {
    auto& all = families();
    const std::scoped_lock lock(all.mutex);
    metric = &find(all);
  }
  return *metric;
}

const prometheus::Histogram::BucketBoundaries kSecondsBuckets{
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800};

prometheus::Counter& find_counter(std::string_view name, std::string_view help, const Labels& labels) {
  const auto find = [&](Families& all) -> auto& {
    return family(all.counters, prometheus::BuildCounter, name, help).Add(to_labels(labels));
  };
  return remembered<prometheus::Counter>(name, labels, find);
}

prometheus::Histogram& find_seconds(std::string_view name, std::string_view help, const Labels& labels) {
  const auto find = [&](Families& all) -> auto& {
    return family(all.histograms, prometheus::BuildHistogram, name, help)
        .Add(to_labels(labels), kSecondsBuckets);
  };
  return remembered<prometheus::Histogram>(name, labels, find);
}

}  // namespace

void count(std::string_view name, std::string_view help, double by, const Labels& labels) {
  find_counter(name, help, labels).Increment(by);
}

void gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
  auto& all = families();
  const std::scoped_lock lock(all.mutex);
  family(all.gauges, prometheus::BuildGauge, name, help).Add(to_labels(labels)).Set(value);
}

void observe_seconds(std::string_view name, std::string_view help, double seconds, const Labels& labels) {
  find_seconds(name, help, labels).Observe(seconds);
}

Counter counter(std::string_view name, std::string_view help, const Labels& labels) {
  return Counter(&find_counter(name, help, labels));
}

Seconds seconds(std::string_view name, std::string_view help, const Labels& labels) {
  return Seconds(&find_seconds(name, help, labels));
}

void Counter::add(double by) const { static_cast<prometheus::Counter*>(metric_)->Increment(by); }

void Seconds::observe(double seconds) const {
  static_cast<prometheus::Histogram*>(metric_)->Observe(seconds);
}

std::string render() {
  auto& all = families();
  const std::scoped_lock lock(all.mutex);
  return prometheus::TextSerializer().Serialize(all.registry.Collect());
}

}  // namespace headwater::metrics
