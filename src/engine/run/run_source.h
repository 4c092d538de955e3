#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "engine/land/landing.h"
#include "engine/run/run_counts.h"

namespace headwater::extract {
class Extractor;
}
namespace headwater::shape {
class Shaper;
}
namespace headwater::map {
class Mapper;
}

namespace headwater::run {

struct Progress {
  RunCounts counts;
  TimePoint started{};  // of the run, before any interruption
  std::chrono::nanoseconds elapsed{0};
  bool resumed = false;
};

struct RunOptions {
  /// Share of bad records (0 to 100) that a run may have; none: any bad record fails the batch.
  std::optional<double> partial_ingestion_percent;
  /// Decides only the code of the warning (INGEST-1212 or 1211): rejected records are always kept.
  bool error_diagnostics = false;
  /// Called on the run's thread after pages, at most once per `progress_every`, and once at the end.
  std::function<void(const Progress&)> progress;
  std::chrono::milliseconds progress_every{200};
  /// Told of each page that went downstream, before its checkpoint: the lake lists input files. Optional.
  std::function<Result<void>(std::uint64_t page, std::uint64_t bytes)> note_page;
  /// Of what is read and how (RunInputs::definition): kept with each checkpoint.
  std::string definition;
  /// What a person should know before the run reads anything.
  std::vector<std::string> notes;
  /// True once somebody cancelled the run: a stop then fails it and discards the batch instead of parking.
  std::function<bool()> cancelled;
};

/// Reads a source from its last checkpoint to a committed batch, the same for server and command line:
/// pages -> shaped -> mapped -> landed, in groups of at most about 512 KB, with records and cursor made
/// durable together after each page. Never an Error: what went wrong is in the outcome.
///
/// A failing page, a broken threshold or a cancel discards the batch; a stop parks it at its checkpoint.
/// The extractor must have been made with the landing's cursor (`resume_cursor`, checkpoint.h). Runs on the
/// calling thread; all collaborators are confined to it.
/// Source: REST-source reference, section 11; flow-service reference, section 19 and choice 27.
RunOutcome run_source(extract::Extractor& extractor, shape::Shaper& shaper, map::Mapper& mapper,
                      land::Landing& landing, const RunOptions& options, Clock& clock, std::stop_token stop);

/// The outcome of a run whose landing an earlier process had committed before it could say so: nothing is
/// read any more.
RunOutcome finish_committed(land::Landing& landing, const RunOptions& options, Clock& clock);

}  // namespace headwater::run
