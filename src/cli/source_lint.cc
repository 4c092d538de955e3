#include "authoring/source_lint.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <iterator>
#include <memory>

#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

struct LintArguments {
  std::string folder = ".";
  std::string format = "text";
  bool strict = false;
  bool rules = false;
};

// Hosts of repositories show findings by paths from the folder that the command runs in.
void shorten(authoring::SourcePlace& place) {
  std::error_code failed;
  const auto near = std::filesystem::proximate(place.artifacts, failed);
  if (!failed && !near.empty() && *near.begin() != "..") place.artifacts = near;
}

void print(const std::vector<authoring::Finding>& findings, const std::string& format, std::size_t sources) {
  if (format == "json") {
    fmt::print("{}\n", authoring::findings_json(findings).dump(2));
  } else if (format == "sarif") {
    fmt::print("{}\n", authoring::findings_sarif(findings).dump(2));
  } else if (format == "github") {
    fmt::print("{}", authoring::findings_github(findings));
  } else {
    fmt::print("{}{}: {}, {}\n", tame(authoring::findings_text(findings)), counted(sources, "source"),
               counted(authoring::count(findings, Severity::error), "error"),
               counted(authoring::count(findings, Severity::warning), "warning"));
  }
}

void print_rules() {
  std::vector<std::vector<std::string>> rows;
  for (const auto& rule : authoring::lint_rules())
    rows.push_back({std::string(rule.id), std::string(rule.about)});
  fmt::print("{}", format_table({"rule", "it wants"}, rows));
}

Result<int> execute(const LintArguments& arguments) {
  if (arguments.rules) {
    print_rules();
    return kOk;
  }
  auto places = TRY(authoring::find_sources(arguments.folder));
  std::vector<authoring::Finding> findings;
  const auto names = authoring::SpecNames::beside(places.front());
  for (auto& place : places) {
    shorten(place);
    auto found = authoring::lint_source(place, names);
    std::move(found.begin(), found.end(), std::back_inserter(findings));
  }
  if (arguments.strict)
    for (auto& finding : findings) finding.severity = Severity::error;
  print(findings, arguments.format, places.size());
  return authoring::count(findings, Severity::error) == 0 ? kOk : kFailed;
}

}  // namespace

void add_source_lint(CLI::App& family, int& exit_code) {
  auto* command = family.add_subcommand("lint", "Review sources: the spec, the texts, the icon, no secrets");
  const auto arguments = std::make_shared<LintArguments>();  // Shared by the parser's callback.
  command
      ->add_option("folder", arguments->folder,
                   "A repository (all of its sources), a source's folder, or its Artifacts")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "For people, programs, or a git host's review")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Warnings are errors");
  command->add_flag("--rules", arguments->rules, "List the rules instead");
  command->footer(
      "Exit codes: 0 no errors (warnings are no errors, unless --strict), 1 errors, 2 nothing to review.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
