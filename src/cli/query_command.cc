#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "lake/lake.h"
#include "lake/query.h"

namespace headwater::cli {
namespace {

struct QueryArguments {
  ServerOptions server;
  std::string sql;
  std::string output;
};

// Writes a result to standard output as it arrives; a table needs all rows first.
class ResultWriter {
 public:
  explicit ResultWriter(std::string form) : form_(std::move(form)) {}

  Result<void> columns(std::vector<std::string> names) {
    names_ = std::move(names);
    if (form_ == "csv") write_csv(names_);
    if (form_ == "json") std::fputs("[", stdout);
    return {};
  }

  Result<void> row(std::span<const lake::Cell> cells) {
    if (form_ == "json") {
      write_json(cells);
    } else {
      std::vector<std::string> texts;
      texts.reserve(cells.size());
      for (const auto& cell : cells) texts.emplace_back(cell.text);
      if (form_ == "csv")
        write_csv(texts);
      else
        table_.push_back(std::move(texts));
    }
    ++rows_;
    return {};
  }

  void finish() {
    if (form_ == "json") std::fputs(rows_ == 0 ? "]\n" : "\n]\n", stdout);
    if (form_ != "table") return;
    put(format_table(names_, table_));
    fmt::print(stderr, "{}\n", counted(rows_, "row"));
  }

 private:
  // A text may hold NUL.
  static void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  static void write_csv(const std::vector<std::string>& cells) {
    std::string line;
    for (const auto& cell : cells) {
      if (!line.empty() || &cell != cells.data()) line += ',';
      if (cell.find_first_of(",\"\r\n") == std::string::npos) {
        line += cell;
        continue;
      }
      line += '"';
      for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
      line += '"';
    }
    line += "\r\n";
    put(line);
  }

  void write_json(std::span<const lake::Cell> cells) {
    std::string line = rows_ == 0 ? "\n{" : ",\n{";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += ',';
      json::append_quoted(line, names_[i]);
      line += ':';
      switch (cells[i].kind) {
        case lake::Cell::Kind::null:
          line += "null";
          break;
        case lake::Cell::Kind::text:
          json::append_quoted(line, cells[i].text);
          break;
        case lake::Cell::Kind::boolean:
        case lake::Cell::Kind::number:
        case lake::Cell::Kind::json:
          line += cells[i].text;
          break;
      }
    }
    put(line + "}");
  }

  std::string form_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> table_;
  std::uint64_t rows_ = 0;
};

constexpr std::int64_t kServerRowsMax = 1'000'000;

lake::Cell cell_of(const json::Value& value, std::string& text) {
  switch (value.kind()) {
    case json::Kind::null:
      return {};
    case json::Kind::string:
      text = *value.if_string();
      return {lake::Cell::Kind::text, text};
    case json::Kind::boolean:
      text = value.dump();
      return {lake::Cell::Kind::boolean, text};
    case json::Kind::number:
      text = value.dump();
      return {lake::Cell::Kind::number, text};
    case json::Kind::array:
    case json::Kind::object:
      break;
  }
  text = value.dump();
  return {lake::Cell::Kind::json, text};
}

// {"columns":[{"name","type"}],"rows":[[...]]}. Gives the exit code.
Result<int> ask_server(const QueryArguments& arguments, const LocalLogin& login, ResultWriter& writer) {
  auto client = TRY(ApiClient::make(arguments.server, login));
  const auto answer =
      TRY(client.call("POST", "/headwater/query",
                      json::Value(json::Object{{"sql", arguments.sql}, {"limit", kServerRowsMax}}).dump()));
  const auto* columns = answer.find("columns");
  const auto* rows = answer.find("rows");
  if (columns == nullptr || !columns->is_array() || rows == nullptr || !rows->is_array())
    return Error{ErrorKind::upstream, "The server's answer is no query result; is it a Headwater server?"};
  std::vector<std::string> names;
  for (const auto& column : *columns->if_array()) names.emplace_back(column.string_at("name"));
  TRY(writer.columns(std::move(names)));
  for (const auto& row : *rows->if_array()) {
    if (!row.is_array()) continue;
    std::vector<std::string> texts(row.if_array()->size());
    std::vector<lake::Cell> cells;
    cells.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) cells.push_back(cell_of((*row.if_array())[i], texts[i]));
    TRY(writer.row(cells));
  }
  const auto* truncated = answer.find("truncated");
  if (truncated != nullptr && truncated->as_bool_lenient().value_or(false)) {
    fmt::print(stderr, "The server gave the first {} rows; there are more.\n", rows->if_array()->size());
    return kPartial;
  }
  return kOk;
}

Result<void> ask_lake(const QueryArguments& arguments, std::stop_token stop, ResultWriter& writer) {
  SystemClock clock;
  const auto options =
      lake::Lake::Options::of_a_reader(std::filesystem::path(arguments.server.data_dir) / "lake");
  if (!std::filesystem::exists(options.root))
    return Error{ErrorKind::not_found, "There is no lake in " + arguments.server.data_dir +
                                           "; name the server's --data-dir, or its --server URL."};
  const auto lake = TRY(lake::Lake::open(options, clock));
  lake::QueryOptions query;
  query.stop = std::move(stop);
  lake::RowSink sink;
  sink.columns = [&writer](std::span<const lake::ResultColumn> columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const auto& column : columns) names.push_back(column.name);
    return writer.columns(std::move(names));
  };
  sink.row = [&writer](std::span<const lake::Cell> cells) { return writer.row(cells); };
  TRY(lake::run_query(*lake, arguments.sql, query, sink));
  return {};
}

Result<int> execute(const QueryArguments& arguments, const LocalLogin& login) {
  const Interrupt interrupt;
  std::string form = arguments.output;
  if (form.empty()) form = ::isatty(STDOUT_FILENO) == 1 ? "table" : "json";
  ResultWriter writer(form);
  int exit_code = kOk;
  if (arguments.server.server.empty())
    TRY(ask_lake(arguments, interrupt.token(), writer));
  else
    exit_code = TRY(ask_server(arguments, login, writer));
  writer.finish();
  return exit_code;
}

}  // namespace

void add_query_command(CLI::App& program, int& exit_code, const LocalLogin& login) {
  auto* command =
      program.add_subcommand("query", "SQL over the lake: SELECT ... FROM \"dataset id or name\"");
  const auto arguments = std::make_shared<QueryArguments>();  // Shared by the parser's callback.
  command->add_option("sql", arguments->sql, "One read-only statement")->required();
  arguments->server.add_to(*command);
  command
      ->add_option("--output", arguments->output,
                   "table, json or csv; default: table on a terminal, else json")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  command->footer(
      "Reads the lake of --data-dir, beside a running server; with --server (or HEADWATER_URL) asks that "
      "server,\n"
      "which gives a million rows and 64 MB at most: with more the exit code is 4.");
  command->callback([arguments, login, &exit_code] {
    const auto done = execute(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
