#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/preview.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/source_options.h"

namespace headwater::cli {
namespace {

struct PreviewArguments {
  SourceOptions source;
  std::size_t records = 10;
  bool json = false;
};

Result<int> execute(const PreviewArguments& arguments) {
  const Interrupt interrupt;
  SystemClock clock;
  auto client = TRY(arguments.source.client_options());
  const auto draft = TRY(arguments.source.read_checked_draft());
  run::SourceAccess access(std::move(client), clock);
  const run::PreviewOptions options{arguments.records};
  const auto preview = TRY(run::preview(access, draft, options, interrupt.token()));
  if (preview.rejected > 0)
    fmt::print(stderr, "note: {} of the page cannot be read and {} missing here; {}\n",
               counted(preview.rejected, "record"), preview.rejected == 1 ? "is" : "are",
               preview.first_rejected);
  if (preview.cut)
    fmt::print(stderr,
               "note: the page is large and was read only in part; members behind its records are missing\n");
  constexpr std::size_t kLineMax = 160;
  fmt::print("{}", arguments.json ? run::encode(preview).dump(2) + "\n"
                                  : authoring::format_preview(preview, kLineMax));
  return kOk;
}

}  // namespace

void add_preview_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("preview", "Show a source's schema and first records");
  const auto arguments = std::make_shared<PreviewArguments>();  // Shared by the parser's callback.
  arguments->source.add_to(*command);
  command->add_option("--records", arguments->records, "How many records")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_flag("--json", arguments->json, "The API's explore document instead of a table");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
