#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "wire.h"

namespace source {

/// One misbehaviour and when it happens; the table in source_server.cc names the kinds.
struct Fault {
  std::string kind;
  std::string path;                   // only requests whose path ends so; empty: any
  std::optional<std::uint64_t> page;  // only this page, counted from 0
  std::uint64_t at = 0;               // from the at-th matching request on, counted from 1; 0: from the first
  std::uint64_t times = UINT64_MAX;   // how often
  std::uint64_t size = 0;
  std::uint64_t record = 0;
  double seconds = 0;
  int status = 0;
  std::string to;

  std::uint64_t size_or(std::uint64_t otherwise) const { return size > 0 ? size : otherwise; }
};

/// The misbehaviours switched on. Thread-safe.
class Faults {
 public:
  /// `text` is a JSON object, or an array of them, with the members of Fault. False: not understood.
  bool add(const std::string& text);
  void clear();
  /// Those that strike this request: posted ones, and the query parameters `fault=kind:page=2:times=1`.
  /// Counts them as happened.
  std::vector<Fault> strike(const Request& request, std::uint64_t page);

 private:
  struct Posted {
    Fault fault;
    std::uint64_t seen = 0;
    std::uint64_t done = 0;
  };
  static bool strikes(Posted& posted, const Request& request, std::uint64_t page);

  std::mutex mutex_;
  std::vector<Posted> posted_;
  std::map<std::string, Posted> from_query_;  // by the parameter's text and the path
};

/// A fault that concerns the request as a whole: status, sending, redirect, content type.
/// nullopt when it concerns the page's content (pages.cc).
std::optional<Answer> answer_instead(const Fault& fault, const Request& request);
/// Changes how a good answer is sent.
void spoil(const Fault& fault, Answer& answer, const Dataset& dataset);

}  // namespace source
