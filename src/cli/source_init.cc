#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/source_folder.h"
#include "authoring/source_template.h"
#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

struct InitArguments {
  std::string name;
  std::string folder = ".";
  std::string kind = "rest";
  bool force = false;
};

authoring::SourceArtifacts from_template(const InitArguments& arguments) {
  authoring::SourceTexts texts;
  texts.name = arguments.name;
  texts.label = authoring::title_of(arguments.name);
  if (arguments.kind == "streaming") {
    texts.category = "streaming";
    texts.description = "Events of " + texts.label + ", posted to an inlet as they happen.";
    return authoring::make_artifacts(texts, authoring::streaming_spec(texts));
  }
  texts.category = "protocols";
  texts.description = "Records of " + texts.label + ", fetched over its REST API.";
  return authoring::make_artifacts(texts, authoring::rest_spec(texts, authoring::rest_template()));
}

Result<int> execute(const InitArguments& arguments) {
  TRY(authoring::check_source_name(arguments.name));
  const auto place = authoring::place_in(arguments.folder, arguments.name);
  const auto overwrite = arguments.force ? authoring::Overwrite::yes : authoring::Overwrite::no;
  TRY(authoring::write_source(place, from_template(arguments), overwrite));
  for (const auto part : authoring::kArtifactParts) fmt::print("{}\n", place.file(part).string());
  return kOk;
}

}  // namespace

void add_source_init(CLI::App& family, int& exit_code) {
  auto* command = family.add_subcommand("init", "Begin a source: its folder with all five artifacts");
  const auto arguments = std::make_shared<InitArguments>();  // Shared by the parser's callback.
  command->add_option("name", arguments->name, "Of the source, its folder and its files")
      ->required()
      ->type_name("NAME");
  command->add_option("--dir", arguments->folder, "The repository; the source is made in its Sources/NAME")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_option("--template", arguments->kind, "What kind of source")
      ->check(CLI::IsMember({"rest", "streaming"}))
      ->capture_default_str();
  command->add_flag("--force", arguments->force, "Write over the source's files that are there");
  command->footer("Prints the files that it wrote, Sources/NAME/Artifacts/NAME-*.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
