#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace headwater::cli {

/// How long calls took: as many as there may be in a fixed space, each exact to 2 percent.
class LatencyHistogram {
 public:
  void add(std::chrono::microseconds took) {
    ++counts_[bucket(static_cast<double>(std::max<std::int64_t>(took.count(), 1)))];
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  /// Milliseconds within which this share (0 to 1) of the calls ended; 0 without any.
  double milliseconds_at(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < counts_.size() && count_ > 0; ++i) {
      passed += counts_[i];
      if (passed >= rank) return std::pow(kStep, static_cast<double>(i)) / 1e3;
    }
    return 0;
  }

 private:
  static constexpr double kStep = 1.02;
  static std::size_t bucket(double microseconds) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::log(microseconds) / std::log(kStep) + 0.5),
                                 kBuckets - 1);
  }
  static constexpr std::size_t kBuckets = 1200;  // past five hours
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace headwater::cli
