#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

#include "app/commands.h"
#include "cli/report.h"
#include "json/value.h"
#include "secrets/vault.h"
#include "store/maintenance.h"

namespace headwater::app {
namespace {

struct StoreArguments {
  std::string data_dir = "./headwater-data";
  std::string store = "sqlite";
  std::string key_file;
  std::string from, to;
  bool json = false;
};

void print(const json::Value& answer) { fmt::print("{}\n", answer.dump()); }

json::Object rows_of(const std::vector<store::TableRows>& tables) {
  json::Object rows;
  for (const auto& [table, count] : tables) rows.set(table, count);
  return rows;
}

void print_rows(const std::vector<store::TableRows>& tables) {
  for (const auto& [table, count] : tables) fmt::print("{:<20} {:>10}\n", table, count);
}

Result<int> migrate(const StoreArguments& arguments) {
  const auto done = TRY(store::migrate_store(arguments.store, arguments.data_dir));
  if (arguments.json)
    print(json::Object{{"from", done.from}, {"to", done.to}});
  else if (done.from == done.to)
    fmt::print("the tables have version {}: nothing to do\n", done.to);
  else
    fmt::print("the tables had version {}, now {}\n", done.from, done.to);
  return cli::kOk;
}

Result<int> check(const StoreArguments& arguments) {
  const std::filesystem::path folder = arguments.data_dir;
  const auto key = arguments.key_file.empty() ? folder / "key" : std::filesystem::path(arguments.key_file);
  // Opening would make a new one, which opens nothing.
  if (!std::filesystem::exists(key))
    return Error{ErrorKind::not_found, "There is no key file " + key.native() +
                                           ": name it with --key-file, or the server's --data-dir."};
  const auto vault = TRY(secrets::Vault::open(key));
  const auto report = TRY(store::check_store(arguments.store, folder, vault));
  if (arguments.json) {
    print(json::Object{{"version", report.version},
                       {"rows", rows_of(report.tables)},
                       {"problems", json::Array(report.problems.begin(), report.problems.end())}});
  } else {
    print_rows(report.tables);
    for (const auto& problem : report.problems) fmt::print("problem: {}\n", problem);
    fmt::print(
        "version {}, {}\n", report.version,
        report.problems.empty() ? "no problems" : std::to_string(report.problems.size()) + " problems");
  }
  return report.problems.empty() ? cli::kOk : cli::kFailed;
}

Result<int> copy(const StoreArguments& arguments) {
  const auto copied = TRY(store::copy_store(arguments.from, arguments.to, arguments.data_dir));
  if (arguments.json)
    print(json::Object{{"rows", rows_of(copied)}});
  else
    print_rows(copied);
  return cli::kOk;
}

using Verb = Result<int> (*)(const StoreArguments&);

CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& what, Verb verb,
                   const std::shared_ptr<StoreArguments>& arguments, int& exit_code) {
  auto* command = parent.add_subcommand(name, what);
  command->add_option("--data-dir", arguments->data_dir, "The server's data directory")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "The answer as one JSON object");
  command->callback([verb, arguments, &exit_code] {
    const auto done = verb(*arguments);
    exit_code = done ? *done : cli::report(done.error());
  });
  return command;
}

void add_store_option(CLI::App& command, const std::shared_ptr<StoreArguments>& arguments) {
  command.add_option("--store", arguments->store, "sqlite, sqlite:PATH or postgres://...")
      ->envname("HEADWATER_STORE")
      ->capture_default_str();
}

}  // namespace

void add_store_command(CLI::App& program, int& exit_code) {
  auto* parent = program.add_subcommand("store", "Look after the metadata store");
  parent->require_subcommand(1);
  const auto arguments = std::make_shared<StoreArguments>();  // Shared by the parser's callbacks.
  auto* migrating =
      add_verb(*parent, "migrate", "Bring the tables up to date, as every start of a server does", migrate,
               arguments, exit_code);
  add_store_option(*migrating, arguments);
  auto* checking = add_verb(*parent, "check", "Read everything and tell what is wrong; changes nothing",
                            check, arguments, exit_code);
  add_store_option(*checking, arguments);
  checking->add_option("--key-file", arguments->key_file, "The server's key file")
      ->envname("HEADWATER_KEY_FILE");
  checking->footer("Exit code 0: no problems; 1: problems, one a line.");
  auto* copying =
      add_verb(*parent, "copy", "Copy all of one store into another, empty one", copy, arguments, exit_code);
  copying->add_option("--from", arguments->from, "The store to read")->required();
  copying->add_option("--to", arguments->to, "The store to fill, which must hold nothing")->required();
  copying->footer(
      "All or nothing: counts and hashes of every table are compared before anything is kept. Stop the "
      "server\n"
      "first. The data directory, with the lake and the key, stays where it is; start the server with\n"
      "--store naming the new one.");
}

}  // namespace headwater::app
