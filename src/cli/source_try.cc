#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/source_folder.h"
#include "authoring/try_source.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/source_commands.h"
#include "cli/source_options.h"

namespace headwater::cli {
namespace {

struct TryArguments {
  std::string folder = ".";
  std::string format = "text";
  SourceOptions source;
};

Result<int> execute(TryArguments& arguments) {
  const Interrupt interrupt;
  SystemClock clock;
  const auto place = TRY(authoring::find_source(arguments.folder));
  arguments.source.spec = place.file("connectionSpec.json").string();
  auto client = TRY(arguments.source.client_options());
  const auto draft = TRY(arguments.source.read_draft());
  run::SourceAccess access(std::move(client), clock);
  const auto trial = TRY(authoring::try_source(access, draft, interrupt.token()));
  fmt::print("{}", arguments.format == "json" ? authoring::encode(trial).dump(2) + "\n"
                                              : tame(authoring::format(trial)));
  return trial.good() ? kOk : kFailed;
}

}  // namespace

void add_source_try(CLI::App& family, int& exit_code) {
  auto* command = family.add_subcommand(
      "try", "Ask the real API: is the account accepted, what does a page become; secrets masked");
  const auto arguments = std::make_shared<TryArguments>();  // Shared by the parser's callback.
  command
      ->add_option("folder", arguments->folder,
                   "A source's folder, its Artifacts, or a repository with one source")
      ->type_name("FOLDER")
      ->capture_default_str();
  arguments->source.add_account_to(*command);
  command->add_option("--format", arguments->format, "For people or for programs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  arguments->source.add_network_to(*command);
  command->footer(
      "Exit codes: 0 every step went well, 1 one failed, 2 nothing could be sent: spec or parameters.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
