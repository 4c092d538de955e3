#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string_view>

#include "authoring/source_folder.h"
#include "authoring/source_lint.h"
#include "cli/api_client.h"
#include "cli/publication.h"
#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

struct PublishArguments {
  std::string folder = ".";
  bool dry_run = false;
  bool yes = false;
  ServerOptions server;
};

Result<int> execute(const PublishArguments& arguments, const LocalLogin& login) {
  const auto places = TRY(authoring::find_sources(arguments.folder));
  bool red = false;
  const auto names = authoring::SpecNames::beside(places.front());
  for (const auto& place : places) {
    const auto findings = authoring::lint_source(place, names);
    fmt::print(stderr, "{}", authoring::findings_text(findings));
    red = red || authoring::count(findings, Severity::error) > 0;
  }
  if (red) {
    fmt::print(stderr, "Nothing was published: correct the errors first.\n");
    return kFailed;
  }
  auto client = TRY(ApiClient::make(arguments.server, login));
  const auto tell = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  int exit_code = kOk;
  for (const auto& place : places) {
    const auto done = TRY(publish_source(place, client, {arguments.dry_run, arguments.yes}, tell));
    if (done.refused) {
      fmt::print(stderr, "Or publish it with --yes all the same.\n");
      exit_code = kFailed;  // in a dry run, too: a CI asks whether it would be refused
    }
    if (!done.id.empty()) fmt::print("{}{}\n", places.size() > 1 ? place.name + " " : "", done.id);
  }
  return exit_code;
}

}  // namespace

void add_source_publish(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command = family.add_subcommand("publish", "Register a source at a server, or update it there");
  const auto arguments = std::make_shared<PublishArguments>();  // Shared by the parser's callback.
  command
      ->add_option("folder", arguments->folder,
                   "A source's folder, its Artifacts, or a repository (all of its sources)")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_flag("--dry-run", arguments->dry_run, "Show what would change, and change nothing");
  command->add_flag("--yes", arguments->yes,
                    "Publish even what breaks flows, or was published from a folder of another name");
  arguments->server.add_to(*command);
  command->footer(
      "Lints first: errors refuse. A spec is found again by its id, or by name and version; another version "
      "is\n"
      "registered beside the earlier ones. Prints the spec's id.\n"
      "Exit codes: 0 published, or --dry-run would; 1 refused, or --dry-run would be (lint, flows that would "
      "break,\n"
      "another folder's spec, the server); 2 wrong usage.");
  command->callback([arguments, login, &exit_code] {
    const auto done = execute(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
