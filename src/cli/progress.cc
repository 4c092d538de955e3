#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/report.h"

namespace headwater::cli {

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

std::string describe(const run::RunCounts& counts, std::chrono::nanoseconds elapsed) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  std::string out = fmt::format("{}, {}, {} in {:.1f} s", counted(counts.pages, "page"),
                                counted(counts.records_written, "record"),
                                format_bytes(static_cast<double>(counts.input_bytes)), seconds);
  if (seconds > 0 && counts.pages > 0)
    out += fmt::format(" ({}/s, {:.0f} records/s)",
                       format_bytes(static_cast<double>(counts.input_bytes) / seconds),
                       static_cast<double>(counts.records_written) / seconds);
  if (counts.records_failed > 0) out += fmt::format(", {} rejected", counts.records_failed);
  if (counts.retries > 0) out += fmt::format(", {} retries", counts.retries);
  if (counts.throttled.count() > 0)
    out += fmt::format(", throttled for {:.1f} s", std::chrono::duration<double>(counts.throttled).count());
  return out;
}

void ProgressLine::show(std::string line, std::chrono::nanoseconds elapsed) {
  constexpr std::chrono::seconds kPlainEvery{10};
  if (!terminal_ && elapsed - last_ < kPlainEvery) return;
  last_ = elapsed;
  // A line that wraps is not taken back by going to its start.
  if (const auto width = terminal_width(STDERR_FILENO); width > 0)
    line.resize(std::min(line.size(), width - 1));
  std::fputs((terminal_ ? "\r\033[K" + line : line + "\n").c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::finish() {
  if (terminal_ && shown_) std::fputs("\r\033[K", stderr);
}

}  // namespace headwater::cli
