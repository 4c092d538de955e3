#pragma once

#include <chrono>
#include <string>

#include "engine/run/run_source.h"

namespace headwater::cli {

/// "12 pages, 6000 records, 6.6 MB in 0.4 s (16.5 MB/s, 15000 records/s)"
std::string describe(const run::RunCounts& counts, std::chrono::nanoseconds elapsed);

/// Shows progress on standard error: one live line on a terminal, plain lines every ten seconds
/// otherwise. Confined to one thread.
class ProgressLine {
 public:
  ProgressLine();
  void show(const run::Progress& progress) {
    show(describe(progress.counts, progress.elapsed), progress.elapsed);
  }
  /// `elapsed`: since the start of what is shown.
  void show(std::string line, std::chrono::nanoseconds elapsed);
  /// Ends the live line.
  void finish();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::nanoseconds last_{0};
};

}  // namespace headwater::cli
