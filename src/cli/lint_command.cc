#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "authoring/draft.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/spec_file.h"
#include "domain/spec_check.h"
#include "json/value.h"

namespace headwater::cli {
namespace {

struct LintArguments {
  std::string spec;
  bool json = false;
};

Result<int> execute(const LintArguments& arguments) {
  const auto spec = TRY(read_json_file(arguments.spec));
  const auto problems = authoring::lint(spec);
  const auto errors = std::count_if(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Severity::error;
  });
  if (arguments.json)
    fmt::print("{}\n", json::Value(json::Object{{"problems", domain::encode(problems)}}).dump(2));
  else
    fmt::print("{}{}: {} errors, {} warnings\n", format_problems(problems), arguments.spec, errors,
               static_cast<std::ptrdiff_t>(problems.size()) - errors);
  return errors == 0 ? kOk : kUsage;
}

}  // namespace

void add_lint_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("lint", "Check a connection spec: all problems at once");
  const auto arguments = std::make_shared<LintArguments>();  // Shared by the parser's callback.
  command->add_option("spec", arguments->spec, "The connection spec, a JSON file")
      ->required()
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "As JSON: {\"problems\": [...]}");
  command->footer("Exit codes: 0 no errors (warnings are no errors), 2 errors.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
