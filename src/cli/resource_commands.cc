#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <iostream>
#include <iterator>
#include <memory>

#include "base/clock.h"
#include "base/file.h"
#include "base/time.h"
#include "base/url.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

constexpr std::string_view kFlowService = "/data/foundation/flowservice";

enum Verb : unsigned {
  kList = 1,
  kGet = 2,
  kCreate = 4,
  kPut = 8,
  kPatch = 16,
  kDelete = 32,
};

/// One family of verbs; the column paths are what a list shows of each item.
struct ResourceFamily {
  const char* name;
  const char* description;
  const char* path;
  unsigned verbs;
  std::array<const char*, 5> columns;
};

constexpr std::array<ResourceFamily, 11> kFamilies{{
    {"connection-specs",
     "Connection specs",
     "/data/foundation/flowservice/connectionSpecs",
     kList | kGet | kCreate | kPut | kDelete,
     {"id", "name", "type", "version", ""}},
    {"flow-specs",
     "Flow specs",
     "/data/foundation/flowservice/flowSpecs",
     kList | kGet | kCreate | kPut,
     {"id", "name", "version", "", ""}},
    {"connections",
     "Base connections (accounts)",
     "/data/foundation/flowservice/connections",
     kList | kGet | kCreate | kPatch | kDelete,
     {"id", "name", "state", "connectionSpec.id", "updatedAt"}},
    {"source-connections",
     "Source connections",
     "/data/foundation/flowservice/sourceConnections",
     kList | kGet | kCreate | kPatch | kDelete,
     {"id", "name", "state", "baseConnectionId", "updatedAt"}},
    {"target-connections",
     "Target connections",
     "/data/foundation/flowservice/targetConnections",
     kList | kGet | kCreate | kPatch | kDelete,
     {"id", "name", "state", "params.dataSetId", "updatedAt"}},
    {"flows",
     "Flows",
     "/data/foundation/flowservice/flows",
     kList | kGet | kCreate | kPatch | kDelete,
     {"id", "name", "state", "lastRunDetails.state", "updatedAt"}},
    {"runs",
     "Runs",
     "/data/foundation/flowservice/runs",
     kList | kGet | kCreate,
     {"id", "flowId", "metrics.statusSummary.status", "metrics.recordSummary.outputRecordCount",
      "createdAt"}},
    {"mapping-sets",
     "Mapping sets",
     "/data/foundation/conversion/mappingSets",
     kList | kGet | kCreate | kPut,
     {"id", "name", "version", "", ""}},
    {"schemas",
     "Schemas",
     "/data/foundation/schemaregistry/tenant/schemas",
     kList | kGet | kCreate,
     {"$id", "title", "version", "", ""}},
    {"datasets",
     "Datasets",
     "/data/foundation/catalog/dataSets",
     kList | kGet | kCreate | kDelete,
     {"id", "name", "state", "schemaRef.id", "created"}},
    {"batches",
     "Batches",
     "/data/foundation/catalog/batches",
     kList | kGet,
     {"id", "status", "metrics.outputRecordCount", "metrics.failedRecordCount", "created"}},
}};

struct VerbArguments {
  ServerOptions server;
  std::string id;
  std::string file;
  std::vector<std::string> query;
  std::string output;
  std::string if_match;
};

std::string item_path(const ResourceFamily& family, std::string_view id) {
  return std::string(family.path) + "/" + percent_encode(id);
}

// "name=value" pairs become the query string.
Result<std::string> query_text(const std::vector<std::string>& pairs) {
  QueryParams params;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos)
      return Error{ErrorKind::invalid_argument, "--query \"" + pair + "\" must be written as name=value."};
    params.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return params.empty() ? std::string() : "?" + format_query(params);
}

Result<std::string> read_body(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  return read_file(file);
}

std::string cell(const json::Value& item, std::string_view path) {
  const auto* value = item.find_path(path);
  if (value == nullptr) return "";
  if (path == "updatedAt" || path == "createdAt" || path == "created")
    if (const auto millis = value->as_int64())
      return format_rfc3339(from_epoch_millis(*millis / 1000 * 1000));
  return value->is_string() ? *value->if_string() : value->dump();
}

// Lists come as {"items":[]}, {"results":[]}, {"data":[]}, an array, or an object keyed by id.
std::vector<json::Value> items_of(const json::Value& answer) {
  for (const char* name : {"items", "results", "data"})
    if (const auto* list = answer.find(name); list != nullptr && list->is_array()) return *list->if_array();
  if (answer.is_array()) return *answer.if_array();
  std::vector<json::Value> out;
  if (answer.is_object())
    for (const auto& [id, value] : *answer.if_object()) {
      if (!value.is_object()) continue;
      json::Value item = value;
      item.if_object()->set("id", id);
      out.push_back(std::move(item));
    }
  return out;
}

void print(const ResourceFamily& family, const json::Value& answer, const std::string& output, bool list) {
  const bool table = output.empty() ? list && ::isatty(STDOUT_FILENO) == 1 : output == "table";
  if (!table) {
    fmt::print("{}\n", answer.dump(2));
    return;
  }
  std::vector<std::string> header;
  for (const char* column : family.columns)
    if (*column != '\0') header.emplace_back(column);
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : items_of(answer)) {
    std::vector<std::string> row;
    for (const auto& column : header) row.push_back(cell(item, column));
    rows.push_back(std::move(row));
  }
  fmt::print("{}", format_table(header, rows));
}

/// A verb's work: one call, its answer printed.
using Work = std::function<Result<int>(const VerbArguments&, ApiClient&)>;

CLI::App& add_verb(CLI::App& family, const char* name, const char* description,
                   const std::shared_ptr<VerbArguments>& arguments, const LocalLogin& login, int& exit_code,
                   Work work) {
  auto* verb = family.add_subcommand(name, description);
  arguments->server.add_to(*verb);
  verb->callback([arguments, login, &exit_code, work = std::move(work)] {
    const auto done = [&]() -> Result<int> {
      auto client = TRY(ApiClient::make(arguments->server, login));
      return work(*arguments, client);
    }();
    exit_code = done ? *done : report(done.error());
  });
  return *verb;
}

// The etag to send: the caller's, or the resource's current one.
Result<std::string> etag_for(const VerbArguments& arguments, const ResourceFamily& family,
                             ApiClient& client) {
  if (!arguments.if_match.empty()) return arguments.if_match;
  const auto current = TRY(client.call("GET", item_path(family, arguments.id)));
  const auto items = items_of(current);
  if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no resource."};
  return std::string(items.front().string_at("etag"));
}

void add_basic_verbs(CLI::App& command, const ResourceFamily& family, const LocalLogin& login,
                     int& exit_code) {
  const auto make = [] { return std::make_shared<VerbArguments>(); };  // Shared by the parser's callback.
  if ((family.verbs & kList) != 0) {
    const auto arguments = make();
    auto& verb = add_verb(command, "list", "List them", arguments, login, exit_code,
                          [&family](const VerbArguments& a, ApiClient& client) -> Result<int> {
                            const std::string query = TRY(query_text(a.query));
                            print(family, TRY(client.call("GET", family.path + query)), a.output, true);
                            return kOk;
                          });
    verb.add_option("--query", arguments->query,
                    "Query parameter, name=value, e.g. property=state==enabled (repeatable)");
    verb.add_option("--output", arguments->output, "table or json")->check(CLI::IsMember({"table", "json"}));
  }
  if ((family.verbs & kGet) != 0) {
    const auto arguments = make();
    auto& verb = add_verb(command, "get", "Show one", arguments, login, exit_code,
                          [&family](const VerbArguments& a, ApiClient& client) -> Result<int> {
                            print(family, TRY(client.call("GET", item_path(family, a.id))), "json", false);
                            return kOk;
                          });
    verb.add_option("id", arguments->id, "Its id")->required();
  }
  const auto add_sender = [&](const char* name, const char* text, const char* method, bool with_id,
                              bool with_etag) {
    const auto arguments = make();
    auto& verb = add_verb(
        command, name, text, arguments, login, exit_code,
        [&family, method, with_id, with_etag](const VerbArguments& a, ApiClient& client) -> Result<int> {
          auto body = TRY(read_body(a.file));
          http::Headers headers;
          if (with_etag) headers.emplace_back("If-Match", TRY(etag_for(a, family, client)));
          const std::string path = with_id ? item_path(family, a.id) : std::string(family.path);
          const std::string query = TRY(query_text(a.query));
          print(family, TRY(client.call(method, path + query, std::move(body), headers)), "json", false);
          return kOk;
        });
    if (with_id) verb.add_option("id", arguments->id, "Its id")->required();
    verb.add_option("file", arguments->file, "JSON file; - for standard input")->required();
    verb.add_option("--query", arguments->query, "Query parameter, name=value (repeatable)");
    if (with_etag) verb.add_option("--if-match", arguments->if_match, "Etag; default: the current one");
  };
  if ((family.verbs & kCreate) != 0)
    add_sender("create", "Create one from a JSON file", "POST", false, false);
  if ((family.verbs & kPut) != 0) add_sender("put", "Replace one by a JSON file", "PUT", true, false);
  if ((family.verbs & kPatch) != 0) add_sender("patch", "Apply a JSON Patch file", "PATCH", true, true);
  if ((family.verbs & kDelete) != 0) {
    const auto arguments = make();
    auto& verb = add_verb(command, "delete", "Delete one", arguments, login, exit_code,
                          [&family](const VerbArguments& a, ApiClient& client) -> Result<int> {
                            TRY(client.call("DELETE", item_path(family, a.id)));
                            return kOk;
                          });
    verb.add_option("id", arguments->id, "Its id")->required();
  }
}

void add_call(CLI::App& command, const ResourceFamily& family, const char* name, const char* description,
              const char* method, const char* suffix, const LocalLogin& login, int& exit_code) {
  const auto arguments = std::make_shared<VerbArguments>();  // Shared by the parser's callback.
  auto& verb = add_verb(command, name, description, arguments, login, exit_code,
                        [&family, method, suffix](const VerbArguments& a, ApiClient& client) -> Result<int> {
                          std::string path = item_path(family, a.id) + suffix;
                          const std::string more = TRY(query_text(a.query));
                          if (!more.empty())
                            path += path.find('?') == std::string::npos ? more : "&" + more.substr(1);
                          print(family, TRY(client.call(method, path)), "json", false);
                          return kOk;
                        });
  verb.add_option("id", arguments->id, "Its id")->required();
  verb.add_option("--query", arguments->query, "Query parameter, name=value (repeatable)");
}

std::string run_line(const json::Value& run) {
  const auto number = [&run](std::string_view path) {
    const auto* value = run.find_path(path);
    return value == nullptr ? std::string("-") : value->dump();
  };
  const auto* status = run.find_path("metrics.statusSummary.status");
  return fmt::format("{}  read {}  written {}  failed {}",
                     status != nullptr && status->is_string() ? *status->if_string() : "?",
                     number("metrics.recordSummary.inputRecordCount"),
                     number("metrics.recordSummary.outputRecordCount"),
                     number("metrics.recordSummary.failedRecordCount"));
}

// Follows a run to its end, a line whenever something changed.
Result<int> watch_run(const VerbArguments& arguments, ApiClient& client) {
  const Interrupt interrupt;
  SystemClock clock;
  std::string last;
  while (true) {
    const auto answer =
        TRY(client.call("GET", fmt::format("{}/runs/{}", kFlowService, percent_encode(arguments.id))));
    const auto items = items_of(answer);
    if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no run."};
    const std::string line = run_line(items.front());
    if (line != last)
      fmt::print("{}  {}\n", format_rfc3339(from_epoch_seconds(epoch_seconds(clock.now()))), line);
    std::fflush(stdout);
    last = line;
    const auto* value = items.front().find_path("metrics.statusSummary.status");
    const std::string status = value != nullptr && value->is_string() ? *value->if_string() : "";
    if (status == "success") return kOk;
    if (status == "partialSuccess") return kPartial;
    if (status == "failed") {
      if (const auto* errors = items.front().find_path("metrics.statusSummary.errors");
          errors != nullptr && errors->is_array())
        for (const auto& error : *errors->if_array())
          fmt::print(stderr, "{}: {}\n", error.string_at("code"), error.string_at("message"));
      return kFailed;
    }
    if (!clock.wait_for(std::chrono::milliseconds(500), interrupt.token())) return kInterrupted;
  }
}

void add_special_verbs(CLI::App& command, const ResourceFamily& family, const LocalLogin& login,
                       int& exit_code) {
  const std::string_view name = family.name;
  if (name == "connections") {
    add_call(command, family, "test", "Try the credentials", "GET", "/test", login, exit_code);
    add_call(command, family, "explore", "Preview its data (--query sourceParams=BASE64)", "GET",
             "/explore?objectType=rest&object=json&fileType=json&preview=true", login, exit_code);
  } else if (name == "flows") {
    add_call(command, family, "enable", "Enable it", "POST", "/action?op=enable", login, exit_code);
    add_call(command, family, "disable", "Disable it", "POST", "/action?op=disable", login, exit_code);
    add_call(command, family, "run", "Run it now", "POST", "/action?op=run", login, exit_code);
  } else if (name == "runs") {
    add_call(command, family, "cancel", "Cancel it", "POST", "/action?op=cancel", login, exit_code);
    add_call(command, family, "retrigger", "Run its window again", "POST", "/action?op=re-trigger", login,
             exit_code);
    const auto arguments = std::make_shared<VerbArguments>();  // Shared by the parser's callback.
    auto& verb = add_verb(command, "watch", "Follow it to its end", arguments, login, exit_code, watch_run);
    verb.add_option("id", arguments->id, "Its id")->required();
  }
}

}  // namespace

void add_resource_commands(CLI::App& program, int& exit_code, const LocalLogin& login) {
  for (const auto& family : kFamilies) {
    auto* command = program.add_subcommand(family.name, family.description)->group("Resources of a server");
    command->require_subcommand(1);
    add_basic_verbs(*command, family, login, exit_code);
    add_special_verbs(*command, family, login, exit_code);
  }
}

}  // namespace headwater::cli
