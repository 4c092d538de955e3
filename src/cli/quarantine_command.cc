#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include "base/url.h"
#include "cli/api_client.h"
#include "cli/batch_files.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

constexpr std::string_view kBatches = "/data/foundation/catalog/batches";

struct QuarantineArguments {
  ServerOptions server;
  std::string batch, flow, dataset, output, to;
  std::size_t limit = 100;
  bool again = false;
};

// The first of a tag's values.
std::string tag_of(const json::Value& batch, std::string_view name) {
  const auto* values = batch.find_path("tags." + std::string(name));
  if (values == nullptr || !values->is_array() || values->if_array()->empty()) return "";
  const auto* text = values->if_array()->front().if_string();
  return text == nullptr ? "" : *text;
}

std::string dataset_of(const json::Value& batch) {
  const auto* related = batch.find("relatedObjects");
  if (related != nullptr && related->is_array())
    for (const auto& object : *related->if_array())
      if (object.string_at("type") == "dataSet") return std::string(object.string_at("id"));
  return "";
}

std::string first_reason(const json::Value& batch) {
  const auto* errors = batch.find("errors");
  if (errors == nullptr || !errors->is_array() || errors->if_array()->empty()) return "";
  return std::string(errors->if_array()->front().string_at("description"));
}

json::Value entry_of(const json::Value& batch) {
  json::Object out{{"batchId", batch.string_at("id")},
                   {"flowId", tag_of(batch, "flowId")},
                   {"dataSetId", dataset_of(batch)}};
  for (const auto& [name, from] :
       {std::pair("failedRecordCount", "metrics.failedRecordCount"), std::pair("created", "created")})
    if (const auto* value = batch.find_path(from); value != nullptr) out.set(name, *value);
  out.set("reason", first_reason(batch));
  return out;
}

Result<int> list_batches(const QuarantineArguments& arguments, ApiClient& client) {
  constexpr std::size_t kPage = 100;
  QueryParams query{{"property", "metrics.failedRecordCount>0"}};
  if (!arguments.flow.empty()) query.emplace_back("tags", "flowId:" + arguments.flow);
  if (!arguments.dataset.empty()) query.emplace_back("dataSet", arguments.dataset);
  json::Array found;
  bool more = true;
  while (more && found.size() < arguments.limit) {
    const std::size_t asked = std::min(kPage, arguments.limit - found.size());
    QueryParams page = query;
    page.emplace_back("limit", std::to_string(asked));
    page.emplace_back("start", std::to_string(found.size()));
    const auto answer = TRY(client.call("GET", std::string(kBatches) + "?" + format_query(page)));
    const auto batches = items_of(answer);
    for (const auto& batch : batches) found.push_back(entry_of(batch));
    more = batches.size() == asked;
  }
  constexpr std::array kColumns{Column{"batch", "batchId"},
                                Column{"records", "failedRecordCount"},
                                Column{"created", "created", Column::Kind::time_ms},
                                Column{"first reason", "reason"},
                                Column{"flow", "flowId"},
                                Column{"dataset", "dataSetId"}};
  print_answer(json::Object{{"items", std::move(found)}}, form_of(arguments.output, true), kColumns);
  return kOk;
}

Result<int> download(const QuarantineArguments& arguments, ApiClient& client) {
  const std::string path = "/data/foundation/export/batches/" + percent_encode(arguments.batch) + "/meta";
  auto files = TRY(diagnostic_files(client, path));
  std::erase_if(files, [](const BatchFile& file) { return !file.name.starts_with("row_errors/"); });
  if (files.empty())
    return Error{ErrorKind::not_found,
                 "The batch " + arguments.batch +
                     " has no rejected records, or the flow's errorDiagnosticsEnabled is off."};
  return download_files(client, files, arguments.to.empty() ? arguments.batch : arguments.to);
}

Result<json::Value> read_one(ApiClient& client, const std::string& path) {
  const auto answer = TRY(client.call("GET", path));
  auto items = items_of(answer);
  if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no resource."};
  return std::move(items.front());
}

// The inlet that the batch's events came through.
Result<std::string> inlet_of(ApiClient& client, const std::string& batch_id) {
  const auto batch = TRY(read_one(client, std::string(kBatches) + "/" + percent_encode(batch_id)));
  const std::string flow_id = tag_of(batch, "flowId");
  const Error none{ErrorKind::invalid_argument,
                   "The batch " + batch_id +
                       " did not come through an inlet: only what was posted to one can be sent again."};
  if (flow_id.empty()) return none;
  const auto flow = TRY(read_one(client, "/data/foundation/flowservice/flows/" + percent_encode(flow_id)));
  const auto* url = flow.find_path("options.inletUrl");
  if (url == nullptr || !url->is_string()) return none;
  return url->if_string()->substr(url->if_string()->rfind('/') + 1);
}

Result<int> replay(const QuarantineArguments& arguments, ApiClient& client) {
  const auto inlet = TRY(inlet_of(client, arguments.batch));
  const json::Value body = json::Object{{"batchId", arguments.batch}, {"again", arguments.again}};
  const auto answer = TRY(client.call(
      "POST", "/data/core/edge/inlets/" + percent_encode(inlet) + "/action?op=replay", body.dump()));
  print_answer(answer, form_of(arguments.output, false), {});
  return kOk;
}

using Work = Result<int> (*)(const QuarantineArguments&, ApiClient&);

/// A verb of the family; the caller adds what it takes besides.
std::pair<CLI::App*, std::shared_ptr<QuarantineArguments>> add_verb(CLI::App& family, int& exit_code,
                                                                    const LocalLogin& login,
                                                                    const std::string& name,
                                                                    const std::string& help, Work work) {
  auto* command = family.add_subcommand(name, help);
  command->group("Commands");
  auto arguments = std::make_shared<QuarantineArguments>();  // Shared by the parser's callback.
  command->callback([arguments, login, work, &exit_code] {
    const auto done = [&]() -> Result<int> {
      auto client = TRY(ApiClient::make(arguments->server, login));
      return work(*arguments, client);
    }();
    exit_code = done ? *done : report(done.error());
  });
  return {command, std::move(arguments)};
}

void add_batch(CLI::App& command, QuarantineArguments& arguments) {
  command.add_option("batch", arguments.batch, "Id of a batch")->required()->type_name("BATCH");
}

void add_output(CLI::App& command, QuarantineArguments& arguments, const std::string& help) {
  command.add_option("--output", arguments.output, help)->check(CLI::IsMember({"table", "json", "yaml"}));
}

}  // namespace

void add_quarantine_command(CLI::App& program, int& exit_code, const LocalLogin& login) {
  auto* family =
      program.add_subcommand("quarantine", "Records that were rejected: which, why, and once more")
          ->group("Resources of a server");
  family->require_subcommand(1);
  {
    const auto [command, arguments] = add_verb(*family, exit_code, login, "list",
                                               "List the batches that have rejected records", list_batches);
    command->add_option("--flow", arguments->flow, "Only those of this flow")->type_name("ID");
    command->add_option("--dataset", arguments->dataset, "Only those of this dataset")->type_name("ID");
    command->add_option("--limit", arguments->limit, "At most so many, the latest first")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    add_output(*command, *arguments, "Default: table on a terminal, else json");
    arguments->server.add_to(*command);
    command->footer("Example: headwater quarantine list --flow ID");
  }
  {
    const auto [command, arguments] =
        add_verb(*family, exit_code, login, "download",
                 "Download a batch's rejected records with their reasons", download);
    add_batch(*command, *arguments);
    command->add_option("--to", arguments->to, "Folder; default: one called like the batch")
        ->type_name("FOLDER");
    arguments->server.add_to(*command);
    command->footer("Example: headwater quarantine download BATCH --to rejected");
  }
  {
    const auto [command, arguments] =
        add_verb(*family, exit_code, login, "replay",
                 "Send a batch's rejected events through their flow again, after a fix", replay);
    add_batch(*command, *arguments);
    command->add_flag("--again", arguments->again, "Also when they have been sent again before");
    add_output(*command, *arguments, "Default: json");
    arguments->server.add_to(*command);
    command->footer("Example: headwater quarantine replay BATCH");
  }
}

}  // namespace headwater::cli
