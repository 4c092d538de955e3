#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "json/record.h"
#include "mapping/expression.h"
#include "mapping/mapping_set_json.h"
#include "mapping/suggest.h"

namespace headwater::cli {
namespace {

struct MapArguments {
  std::string expression;
  std::string mappings;
  std::string schema;
  std::string in;
};

struct SuggestArguments {
  std::string source;
  std::string target;
};

// One line after the other of a file, or of standard input for "" and "-".
class Lines {
 public:
  static Result<Lines> open(const std::string& file) {
    Lines lines;
    if (file.empty() || file == "-") return lines;
    lines.file_ = std::make_unique<std::ifstream>(file);
    if (!*lines.file_)
      return Error{ErrorKind::invalid_argument,
                   "The file " + file + " cannot be read. Give records one a line."};
    return lines;
  }
  // Blank lines are passed over.
  bool next(std::string& line) {
    std::istream& in = file_ ? *file_ : std::cin;
    while (std::getline(in, line)) {
      ++number_;
      if (line.find_first_not_of(" \t\r") != std::string::npos) return true;
    }
    return false;
  }
  std::size_t number() const { return number_; }

 private:
  std::unique_ptr<std::ifstream> file_;
  std::size_t number_ = 0;
};

// A line's record, parsed.
class RecordLine {
 public:
  Result<json::Record> parse(const std::string& line, std::size_t number) {
    group_.clear();
    group_.append(line);
    auto record = parser_.parse(group_[0]);
    if (record) return record;
    Error error = std::move(record).error();
    error.message = fmt::format("Line {} is no JSON record: {}", number, error.message);
    return error;
  }

 private:
  json::RecordGroup group_;
  json::RecordParser parser_;
};

// The expression with a caret under each mistake.
int report_expression(const std::string& text, const std::vector<mapping::ExpressionProblem>& problems) {
  for (const auto& problem : problems) {
    const auto line_begin = problem.begin == 0 ? 0 : text.rfind('\n', problem.begin - 1) + 1;
    const auto line_end = std::min(text.find('\n', line_begin), text.size());
    std::string under;
    for (auto i = line_begin; i < problem.begin; ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) under += text[i] == '\t' ? '\t' : ' ';
    std::size_t width = 0;
    for (auto i = problem.begin; i < std::min(problem.end, line_end); ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) ++width;
    under.append(std::max<std::size_t>(width, 1), '^');
    fmt::print(stderr, "{}\n{}\n{}\n", text.substr(line_begin, line_end - line_begin), under, problem.reason);
    if (!problem.hint.empty()) fmt::print(stderr, "{}\n", problem.hint);
  }
  return kUsage;
}

Result<int> map_expression(const MapArguments& arguments) {
  if (const auto problems = mapping::check_expression(arguments.expression); !problems.empty())
    return report_expression(arguments.expression, problems);
  const auto expression = TRY(mapping::Expression::compile(arguments.expression));
  auto lines = TRY(Lines::open(arguments.in));
  mapping::Mapping::Scratch scratch;
  RecordLine parsed;
  std::string out;
  bool failed = false;
  for (std::string line; lines.next(line);) {
    const auto record = TRY(parsed.parse(line, lines.number()));
    out.clear();
    if (const auto done = expression.evaluate(record, scratch, out); !done) {
      failed = true;
      out = "null";
      fmt::print(stderr, "Line {}: {}\n", lines.number(), done.error().message);
    }
    fmt::print("{}\n", out);
  }
  return failed ? kFailed : kOk;
}

Result<int> map_records(const MapArguments& arguments) {
  const auto set_text = TRY(read_file(arguments.mappings));
  const auto document = TRY(json::parse(set_text));
  const auto set = TRY(mapping::read_mapping_set(document));
  json::Value target;
  if (!arguments.schema.empty()) {
    const auto schema_text = TRY(read_file(arguments.schema));
    target = TRY(json::parse(schema_text));
  }
  const auto rows = TRY(mapping::Mapping::compile(set, target));
  auto lines = TRY(Lines::open(arguments.in));
  mapping::Mapping::Scratch scratch;
  RecordLine parsed;
  json::RecordGroup out;
  std::vector<mapping::Mapping::Failure> failures;
  bool failed = false;
  for (std::string line; lines.next(line);) {
    const auto record = TRY(parsed.parse(line, lines.number()));
    out.clear();
    rows.apply(record, scratch, out, failures);
    out.close_text();
    fmt::print("{}\n", out[0]);
    for (const auto& failure : failures) {
      failed = true;
      const auto& row = rows.row(failure.row);
      fmt::print(stderr, "Line {}: mapping {} ({} to {}) failed: {}.\n", lines.number(), failure.row,
                 row.source, row.destination, failure.reason);
    }
  }
  return failed ? kFailed : kOk;
}

Result<int> execute(const MapArguments& arguments) {
  if (arguments.expression.empty() == arguments.mappings.empty())
    return Error{ErrorKind::invalid_argument, "Give either --expr EXPRESSION or --mappings FILE."};
  return arguments.mappings.empty() ? map_expression(arguments) : map_records(arguments);
}

Result<int> suggest(const SuggestArguments& arguments) {
  const auto sample_text = TRY(read_file(arguments.source));
  const auto schema_text = TRY(read_file(arguments.target));
  const auto sample = TRY(json::parse(sample_text));
  const auto schema = TRY(json::parse(schema_text));
  const auto found = TRY(mapping::suggest(sample, schema));
  json::Array rows;
  for (const auto& suggestion : found)
    rows.emplace_back(json::Object{{"sourceType", "ATTRIBUTE"},
                                   {"source", suggestion.source},
                                   {"destination", suggestion.destination},
                                   {"matchScore", json::Number{fmt::format("{:.2f}", suggestion.score)}}});
  fmt::print("{}\n", json::Value(json::Object{{"mappings", std::move(rows)}}).dump(2));
  return kOk;
}

}  // namespace

void add_map_command(CLI::App& program, int& exit_code) {
  auto* command =
      program.add_subcommand("map", "Map records by an expression or a mapping set, without a server");
  const auto arguments = std::make_shared<MapArguments>();  // Shared by the parser's callbacks.
  command->add_option("--expr", arguments->expression, "For example 'concat(first, \" \", last)'");
  command->add_option("--mappings", arguments->mappings, "JSON file of a mapping set")->type_name("FILE");
  command->add_option("--schema", arguments->schema, "JSON file of the target schema: values take its types")
      ->type_name("FILE");
  command->add_option("--in", arguments->in, "File of records, one a line; default: standard input")
      ->type_name("FILE");
  command->footer(
      "Prints one JSON value for each record. `headwater functions` lists what expressions may call.\n"
      "Exit codes: 0 done, 1 some value failed (null was printed, the reason is on standard error), 2 wrong "
      "usage,\n"
      "expression, mapping set or record.");
  auto* proposal = command->add_subcommand(
      "suggest", "Propose mappings from a sample record to a schema, by names and types");
  const auto proposed = std::make_shared<SuggestArguments>();
  proposal->add_option("--source", proposed->source, "JSON file of a sample record, or of an array of them")
      ->required()
      ->type_name("FILE");
  proposal->add_option("--schema", proposed->target, "JSON file of the target schema")
      ->required()
      ->type_name("FILE");
  proposal->callback([proposed, &exit_code] {
    const auto done = suggest(*proposed);
    exit_code = done ? *done : report(done.error());
  });
  command->callback([command, arguments, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
