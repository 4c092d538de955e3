#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <iostream>
#include <iterator>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "json/json_path.h"

namespace headwater::cli {
namespace {

struct JsonPathArguments {
  std::string expression;
  std::string file;
  bool paths = false;
};

Result<std::string> read_input(const std::string& file) {
  if (!file.empty() && file != "-") return read_file(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

Result<int> execute(const JsonPathArguments& arguments) {
  const auto path = TRY(json::JsonPath::compile(arguments.expression));
  const std::string text = TRY(read_input(arguments.file));
  auto document = json::parse(text);
  if (!document) {
    Error error = std::move(document).error();
    error.kind = ErrorKind::invalid_argument;  // also when it is nested too deep
    return error;
  }
  json::Array out;
  if (arguments.paths) {
    for (const auto& node : path.nodes(*document)) out.push_back(node.path);
  } else {
    for (const auto* value : path.values(*document)) out.push_back(*value);
  }
  fmt::print("{}\n", json::Value(std::move(out)).dump(2));
  return kOk;
}

}  // namespace

void add_jsonpath_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("jsonpath", "Select values from a JSON document (RFC 9535)");
  const auto arguments = std::make_shared<JsonPathArguments>();  // Shared by the parser's callback.
  command->add_option("expression", arguments->expression, "For example '$.orders[?@.total > 10].id'")
      ->required();
  command->add_option("file", arguments->file, "JSON file; default: standard input")->type_name("FILE");
  command->add_flag("--paths", arguments->paths, "Print normalized paths instead of values");
  command->footer(
      "Prints a JSON array. Exit codes: 0 done, 1 the file cannot be read, 2 bad expression or document, no "
      "such file.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
