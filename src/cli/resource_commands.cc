#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/resources.h"
#include "cli/span_units.h"
#include "cli/verbs.h"

namespace headwater::cli {
namespace {

void add_list_options(CLI::App& command, const Resource& resource, const Verb& verb,
                      VerbArguments& arguments) {
  if (verb.shape == Shape::search) {
    command.add_option("text", arguments.text, "Conditions joined by &, for example 'state==enabled'")
        ->required();
    command.add_option("--fields", arguments.fields, "Only these members, joined by commas");
  } else if (!resource.list.property.empty()) {
    command
        .add_option(
            "--property", arguments.property,
            "Condition, for example 'state==enabled' or 'updatedAt>1700000000000' (repeatable: all hold)")
        ->type_name("CONDITION")
        ->allow_extra_args(false);
  }
  if (!resource.list.orderby.empty())
    command
        .add_option("--orderby", arguments.orderby, "Member to sort by; -name: downwards; several by commas")
        ->type_name("MEMBER");
  command.add_option("--limit", arguments.limit, "At most so many; with --all: so many a call")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command.add_flag("--all", arguments.all, "All of them, page by page");
}

void add_secret_options(CLI::App& command, VerbArguments& arguments) {
  command
      .add_option("--secret-file", arguments.secret_file,
                  "File with the new secret, - for standard input; default: one is made and printed")
      ->type_name("FILE");
  command
      .add_option("--grace", arguments.grace_seconds,
                  "How long the secret in use is accepted as well, such as 12h; default: a day")
      ->transform(CLI::AsNumberWithUnit(kSpanUnits, CLI::AsNumberWithUnit::CASE_INSENSITIVE, "SPAN"));
}

void add_body_options(CLI::App& command, unsigned takes, VerbArguments& arguments) {
  if ((takes & kBody) != 0)
    command.add_option("file", arguments.file, "JSON file; - for standard input")
        ->required()
        ->type_name("FILE");
  if ((takes & (kEtag | kIfMatch)) != 0)
    command
        .add_option("--if-match", arguments.if_match,
                    (takes & kEtag) != 0 ? "Etag it must have; default: the current one"
                                         : "Etag it must have; default: any")
        ->type_name("ETAG");
  if ((takes & kDraft) != 0)
    command.add_flag("--draft", arguments.draft, "Store it unchecked, to be published later");
  if ((takes & kValidate) != 0)
    command.add_flag("--validate", arguments.validate, "Say what is wrong with it, store nothing");
  if ((takes & kWindow) != 0) {
    command.add_option("--since", arguments.since, "Start of the window, RFC 3339; default: the flow's own")
        ->type_name("TIME");
    command.add_option("--until", arguments.until, "End of the window, RFC 3339; default: now")
        ->type_name("TIME");
  }
  if ((takes & kSecret) != 0) add_secret_options(command, arguments);
  if ((takes & kParams) != 0)
    command.add_option("--params", arguments.params, "JSON file with the source connection's params")
        ->type_name("FILE");
}

void add_upload_options(CLI::App& command, const Verb& verb, UploadArguments& arguments) {
  command.add_option("files", arguments.files, "JSON, Parquet or CSV files")->required()->type_name("FILE");
  if (verb.shape == Shape::put) return;
  command.add_option("--dataset", arguments.dataset, "Id of the dataset")->required()->type_name("ID");
  command.add_option("--format", arguments.format, "Format of the files; default: by their names")
      ->check(CLI::IsMember({"json", "parquet", "csv"}));
  command.add_flag("--multi-line", arguments.multi_line, "JSON records may go over several lines");
  command
      .add_option("--delimiter", arguments.delimiter, "What stands between the columns of CSV; default: ,")
      ->type_name("CHARACTER");
  command
      .add_option("--partial-percent", arguments.partial_percent,
                  "How many of the records may be bad; default: 0")
      ->type_name("N")
      ->check(CLI::Range(0, 100));
}

// One line to copy and change.
std::string example(const Resource& resource, const Verb& verb) {
  std::string line = fmt::format("Example: headwater {} {}", resource.name, verb.name);
  if (verb.shape == Shape::list)
    return line +
           (resource.list.property.empty() ? " --output yaml" : " --property 'name==Orders' --output yaml");
  if (verb.shape == Shape::search) return line + " 'state==enabled' --orderby -updatedAt";
  if ((verb.takes & kId) != 0) line += " ID";
  if ((verb.takes & kBody) != 0) line += verb.method == "PATCH" ? " patch.json" : " document.json";
  if ((verb.takes & kWindow) != 0) line += " --since 2024-03-01 --until 2024-03-02";
  if ((verb.takes & kParams) != 0) line += " --params params.json";
  if (verb.shape == Shape::upload) line += " --dataset ID";
  if ((verb.takes & kFiles) != 0) line += " orders-1.json orders-2.json";
  if (verb.shape == Shape::files || verb.shape == Shape::meta) line += " --to folder";
  if ((verb.takes & kSecret) != 0) line += " --secret-file secret.txt --grace 12h";
  if (resource.name == "inlets" && verb.method == "PATCH")
    return line + "\nThe file: [{\"op\": \"replace\", \"path\": \"/authentication\", \"value\": \"hmac\"}]";
  if (verb.method == "PATCH")
    line += "\nThe file: [{\"op\": \"replace\", \"path\": \"/name\", \"value\": \"New\"}]";
  return line;
}

void add_verb(CLI::App& family, const Resource& resource, const Verb& verb, const LocalLogin& login,
              int& exit_code) {
  auto* command = family.add_subcommand(std::string(verb.name), std::string(verb.help));
  command->group("Commands");
  if (verb.name == "update") command->alias("put");
  const auto arguments = std::make_shared<VerbArguments>();  // Shared by the parser's callback.
  if ((verb.takes & kId) != 0)
    command->add_option("id", arguments->id, fmt::format("Id of {}", resource.noun))
        ->required()
        ->type_name("ID");
  add_body_options(*command, verb.takes, *arguments);
  if ((verb.takes & kFiles) != 0) add_upload_options(*command, verb, arguments->upload);
  const bool is_list = verb.shape == Shape::list || verb.shape == Shape::search;
  if (is_list) add_list_options(*command, resource, verb, *arguments);
  const bool has_files = verb.shape == Shape::files || verb.shape == Shape::meta;
  if (has_files)
    command->add_option("--to", arguments->to, "Folder to download them to")->type_name("FOLDER");
  if (is_list || verb.shape == Shape::one)
    command->add_option("--query", arguments->query, "Further query parameter of the call (repeatable)")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  if (is_list || has_files || verb.shape == Shape::one || verb.shape == Shape::upload)
    command
        ->add_option("--output", arguments->output,
                     is_list || has_files ? "Default: table on a terminal, else json" : "Default: json")
        ->check(CLI::IsMember({"table", "json", "yaml"}));
  arguments->server.add_to(*command);
  command->footer(example(resource, verb));
  command->callback([arguments, login, &exit_code, &resource, &verb] {
    const auto done = [&]() -> Result<int> {
      auto client = TRY(ApiClient::make(arguments->server, login));
      return execute_verb(resource, verb, *arguments, client);
    }();
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace

void add_resource_commands(CLI::App& program, int& exit_code, const LocalLogin& login) {
  for (const auto& resource : resources()) {
    auto* family = program.add_subcommand(std::string(resource.name), std::string(resource.help))
                       ->group("Resources of a server");
    family->require_subcommand(1);
    for (const auto& verb : resource.verbs) add_verb(*family, resource, verb, login, exit_code);
  }
}

}  // namespace headwater::cli
