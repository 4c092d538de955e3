#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/report.h"
#include "mapping/functions.h"
#include "mapping/functions_page.h"

namespace headwater::cli {
namespace {

struct FunctionsArguments {
  std::string name;
  bool markdown = false;
};

std::string names_of(const mapping::FunctionInfo& info) {
  std::string out(info.name);
  for (const auto alias : info.aliases) out += ", " + std::string(alias);
  return out;
}

void print_list() {
  std::vector<std::vector<std::string>> rows;
  for (const auto* info : mapping::function_list())
    rows.push_back({names_of(*info), std::string(info->category), std::string(info->description)});
  fmt::print("{}", format_table({"FUNCTION", "CATEGORY", "DESCRIPTION"}, rows));
}

void print_one(const mapping::FunctionInfo& info) {
  fmt::print("{}\n\n{}\n{}\n", info.syntax(), info.description, info.returns);
  for (const auto& parameter : info.parameters)
    fmt::print("  {:<16} {} ({})\n", parameter.name, parameter.description, mapping::name_of(parameter.type));
  if (!info.aliases.empty()) fmt::print("\nAlso called: {}\n", names_of(info).substr(info.name.size() + 2));
  fmt::print("\nExamples:\n");
  for (const auto& example : info.examples) {
    fmt::print("  {}", example.expression);
    if (!example.result.empty()) fmt::print("  ->  {}", example.result);
    if (example.record != "{}") fmt::print("   on {}", example.record);
    fmt::print("\n");
  }
}

Result<int> execute(const FunctionsArguments& arguments) {
  if (arguments.markdown) {
    fmt::print("{}", mapping::functions_page());
    return kOk;
  }
  if (arguments.name.empty()) {
    print_list();
    return kOk;
  }
  const auto* info = mapping::find_function(arguments.name);
  if (info == nullptr)
    return Error{ErrorKind::invalid_argument,
                 "There is no function \"" + arguments.name + "\". `headwater functions` lists them all."};
  print_one(*info);
  return kOk;
}

}  // namespace

void add_functions_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("functions", "The functions that mapping expressions may call");
  const auto arguments = std::make_shared<FunctionsArguments>();  // Shared by the parser's callback.
  command->add_option("name", arguments->name, "One function; default: the list of all");
  command->add_flag("--markdown", arguments->markdown, "All of them as a page: docs/functions.md");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
