#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "wire.h"

namespace source {

/// The requests that came, newest last, at most 20,000. Thread-safe.
class RequestLog {
 public:
  void add(const Request& request);
  void clear();
  /// A JSON array of {method, target, path, query, headers, body, ms}.
  std::string entries() const;
  /// {"requests": n, "by_path": {...}} since the last reset, also of those that were dropped.
  std::string counts() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> entries_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace source
