#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/explain.h"
#include "cli/commands.h"
#include "cli/not_negative.h"
#include "cli/report.h"
#include "cli/source_options.h"

namespace headwater::cli {
namespace {

struct ExplainArguments {
  SourceOptions source;
  WindowOptions window;
  std::uint64_t pages_max = 0;
  bool json = false;
};

Result<int> execute(const ExplainArguments& arguments) {
  SystemClock clock;
  auto client = TRY(arguments.source.client_options());
  const auto draft = TRY(arguments.source.read_checked_draft());
  run::SourceAccess access(std::move(client), clock);
  access.defaults().pages_max = arguments.pages_max;
  const auto window = TRY(arguments.window.window(clock));
  const auto explanation = TRY(authoring::explain(access, draft, window));
  fmt::print("{}",
             arguments.json ? authoring::encode(explanation).dump(2) + "\n" : authoring::format(explanation));
  return kOk;
}

}  // namespace

void add_explain_command(CLI::App& program, int& exit_code) {
  auto* command =
      program.add_subcommand("explain", "Show the requests a run would make, without calling anybody");
  const auto arguments = std::make_shared<ExplainArguments>();  // Shared by the parser's callback.
  arguments->source.add_to(*command);
  arguments->window.add_to(*command);
  refuse_negative(command->add_option("--max-pages", arguments->pages_max, "Plan for so many pages at most")
                      ->type_name("N")
                      ->check(CLI::PositiveNumber));
  command->add_flag("--json", arguments->json, "As JSON");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
