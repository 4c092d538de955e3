#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/run_draft.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/not_negative.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/source_options.h"

namespace headwater::cli {
namespace {

struct RunArguments {
  SourceOptions source;
  WindowOptions window;
  std::uint64_t pages_max = 0;
  std::string to = "-";
  double partial_percent = 0;
  double requests_per_second = 0;
};

int exit_code_of(const run::RunOutcome& outcome, bool interrupted) {
  switch (outcome.status) {
    case domain::RunStatus::success:
      return kOk;
    case domain::RunStatus::partial_success:
      return kPartial;
    case domain::RunStatus::scheduled:
    case domain::RunStatus::in_progress:
      return kInterrupted;
    case domain::RunStatus::failed:
      break;
  }
  return interrupted ? kInterrupted : kFailed;
}

void print_outcome(const run::RunOutcome& outcome, std::chrono::nanoseconds elapsed) {
  for (const auto& error : outcome.errors) fmt::print(stderr, "{}: {}\n", error.code, tame(error.message));
  for (const auto& note : outcome.notes) fmt::print(stderr, "note: {}\n", tame(note));
  // Without a server nobody resumes a parked run.
  const bool parked = outcome.status == domain::RunStatus::in_progress;
  fmt::print(stderr, "{}: {}\n", parked ? "interrupted" : domain::text_of(outcome.status),
             describe(outcome.counts, elapsed));
}

Result<int> execute(const RunArguments& arguments) {
  const Interrupt interrupt;
  SystemClock clock;
  auto client = TRY(arguments.source.client_options());
  const auto draft = TRY(arguments.source.read_checked_draft());
  run::SourceAccess access(std::move(client), clock);
  if (arguments.requests_per_second > 0)
    access.defaults().requests_per_second = arguments.requests_per_second;
  ProgressLine line;
  authoring::RunDraftOptions options;
  options.window = TRY(arguments.window.window(clock));
  options.pages_max = arguments.pages_max;
  options.to = arguments.to;
  if (arguments.partial_percent > 0) options.run.partial_ingestion_percent = arguments.partial_percent;
  options.run.progress = [&line](const run::Progress& progress) { line.show(progress); };
  const TimePoint started = clock.now();
  const auto outcome = TRY(authoring::run_draft(access, draft, options, interrupt.token()));
  line.finish();
  print_outcome(outcome, clock.now() - started);
  return exit_code_of(outcome, interrupt.token().stop_requested());
}

}  // namespace

void add_run_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("run", "Run a connection spec, no server needed: source to file");
  const auto arguments = std::make_shared<RunArguments>();  // Shared by the parser's callback.
  arguments->source.add_to(*command);
  arguments->window.add_to(*command);
  refuse_negative(command->add_option("--max-pages", arguments->pages_max, "Stop after so many pages")
                      ->type_name("N")
                      ->check(CLI::PositiveNumber));
  command
      ->add_option("--to", arguments->to,
                   "FILE.parquet; FILE.ndjson, .jsonl or .json for a JSON record a line; - for these on "
                   "standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      ->add_option("--partial-percent", arguments->partial_percent, "Share of bad records that is tolerated")
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--requests-per-second", arguments->requests_per_second, "Call the source no faster")
      ->check(CLI::PositiveNumber);
  command->footer(
      "Exit codes: 0 done, 1 failed, 2 wrong usage or input, 4 ended by maximumRequest, 130 interrupted.\n"
      "The file appears whole at the end, or not at all; a link is followed, a file's mode is kept. Through "
      "a "
      "pipe or\n"
      "a device records go as they come. Rejected ones go to FILE.rejected.ndjson, beside a file only.\n"
      "Records go to standard output or --to, all else to standard error.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
