#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "authoring/publish_source.h"
#include "authoring/source_folder.h"
#include "cli/api_client.h"
#include "cli/published_specs.h"
#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

struct PullArguments {
  std::string which, name;
  std::string folder = ".";
  bool force = false;
  ServerOptions server;
};

Result<json::Value> find(ApiClient& client, const std::string& which) {
  if (auto found = TRY(spec_with_id(client, which))) return *std::move(found);
  auto called = TRY(specs_called(client, which));
  if (called.size() == 1) return std::move(called.front());
  if (called.empty())
    return Error{ErrorKind::not_found, "The server has no connection spec \"" + which +
                                           "\"; \"headwater connection-specs list\" shows those it has."};
  std::string ids;
  for (const auto& each : called)
    ids += (ids.empty() ? "" : ", ") + std::string(each.string_at("id")) + " (version " +
           std::string(each.string_at("version")) + ")";
  return Error{ErrorKind::invalid_argument, "There are several of that name; give an id: " + ids + "."};
}

Result<int> execute(const PullArguments& arguments, const LocalLogin& login) {
  auto client = TRY(ApiClient::make(arguments.server, login));
  const auto spec = TRY(find(client, arguments.which));
  const std::string name = arguments.name.empty() ? std::string(spec.string_at("name")) : arguments.name;
  if (const auto good = authoring::check_source_name(name); !good)
    return Error{ErrorKind::invalid_argument,
                 good.error().message + " Say what to call the folder with --name."};
  const auto place = authoring::place_in(arguments.folder, name);
  const auto overwrite = arguments.force ? authoring::Overwrite::yes : authoring::Overwrite::no;
  TRY(authoring::write_source(place, authoring::artifacts_of(spec, name), overwrite));
  for (const auto part : authoring::kArtifactParts) fmt::print("{}\n", place.file(part).string());
  return kOk;
}

}  // namespace

void add_source_pull(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command = family.add_subcommand("pull", "Bring a server's spec back into a source's folder");
  const auto arguments = std::make_shared<PullArguments>();  // Shared by the parser's callback.
  command->add_option("spec", arguments->which, "A connection spec's id or name")
      ->required()
      ->type_name("ID|NAME");
  command->add_option("--dir", arguments->folder, "The repository; the files are written to its Sources/NAME")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_option("--name", arguments->name, "What to call the source; default: as the spec")
      ->type_name("NAME");
  command->add_flag("--force", arguments->force, "Write over the source's files that are there");
  arguments->server.add_to(*command);
  command->callback([arguments, login, &exit_code] {
    const auto done = execute(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
