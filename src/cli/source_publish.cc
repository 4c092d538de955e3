#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <optional>

#include "authoring/publish_source.h"
#include "authoring/source_folder.h"
#include "authoring/source_lint.h"
#include "authoring/source_template.h"
#include "cli/api_client.h"
#include "cli/published_specs.h"
#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

using json::Value;

struct PublishArguments {
  std::string folder = ".";
  bool dry_run = false;
  bool yes = false;
  ServerOptions server;
};

constexpr std::size_t kValueShown = 72;
constexpr std::string_view kSpecs = "/data/foundation/flowservice/connectionSpecs";

std::string shown(const Value& value) { return printable(value.dump(), kValueShown); }

void print_changes(const std::vector<authoring::SpecChange>& changes) {
  using Kind = authoring::SpecChange::Kind;
  for (const auto& change : changes) {
    if (change.kind == Kind::added)
      fmt::print(stderr, "  + {}: {}\n", change.pointer, shown(change.after));
    else if (change.kind == Kind::removed)
      fmt::print(stderr, "  - {}: {}\n", change.pointer, shown(change.before));
    else
      fmt::print(stderr, "  ~ {}: {} -> {}\n", change.pointer, shown(change.before), shown(change.after));
  }
}

// Tells which flows have the spec and what breaks them; gives how many break.
std::size_t print_uses(const std::vector<authoring::FlowUse>& flows,
                       const std::vector<authoring::BreakingChange>& breaking) {
  fmt::print(stderr, "{} of the organisation {} it.\n",
             flows.empty() ? "No flow" : counted(flows.size(), "flow"), flows.size() > 1 ? "use" : "uses");
  for (const auto& change : breaking)
    fmt::print(stderr, "  breaking: {}: {}\n", change.pointer, change.message);
  std::size_t broken = 0;
  for (const auto& flow : flows) {
    const bool breaks = std::any_of(breaking.begin(), breaking.end(),
                                    [&flow](const auto& change) { return authoring::breaks(change, flow); });
    if (breaks) ++broken;
    fmt::print(stderr, "  {} {} {}{}\n", breaks ? "breaks" : "keeps ", flow.id,
               printable(flow.name, kValueShown),
               flow.sandbox.empty() ? std::string() : " (sandbox " + flow.sandbox + ")");
  }
  return broken;
}

// The spec that this folder was published as: by its id, or by name and version. An id that stands for
// another version by now is that of the earlier one.
Result<std::optional<Value>> published(ApiClient& client, const Value& spec) {
  const auto id = spec.string_at("id");
  const auto version = spec.string_at("version").empty() ? "1.0" : spec.string_at("version");
  if (!id.empty()) {
    auto named = TRY(spec_with_id(client, id));
    if (named && named->string_at("version") == version) return named;
  }
  std::optional<Value> found;
  auto called = TRY(specs_called(client, spec.string_at("name")));
  for (auto& each : called) {
    if (each.string_at("version") != version) {
      fmt::print(stderr, "Version {} of it, {}, stays as it is.\n", each.string_at("version"),
                 each.string_at("id"));
      continue;
    }
    if (found)
      return Error{
          ErrorKind::conflict,
          "The server has several specs of this name and version; write the id of the one that is meant "
          "into connectionSpec.json: " +
              std::string(found->string_at("id")) + " or " + std::string(each.string_at("id")) + "."};
    found = std::move(each);
  }
  return found;
}

Result<std::string> create(ApiClient& client, const Value& spec) {
  const auto answer = TRY(client.call("POST", kSpecs, spec.dump()));
  return std::string(answer.string_at("id"));
}

// False when nothing was or would be changed because flows would break.
Result<bool> update(ApiClient& client, const Value& stored, Value spec, const PublishArguments& arguments) {
  const std::string id(stored.string_at("id"));
  Value before = authoring::without_server_members(stored);
  before.if_object()->erase("id");
  spec.if_object()->erase("id");
  const auto changes = authoring::compare_specs(before, spec);
  if (changes.empty()) {
    fmt::print(stderr, "{} is published as it is: nothing changes.\n", id);
    return true;
  }
  fmt::print(stderr, "{} is published already; it changes:\n", id);
  print_changes(changes);
  const auto flows = TRY(flows_of_spec(client, id));
  const std::size_t broken = print_uses(flows, authoring::breaking_changes(before, spec));
  if (broken > 0 && !arguments.yes) {
    fmt::print(
        stderr,
        "Nothing was changed: {} would break. Publish it as a new version (\"version\" of the spec), or with "
        "--yes all the same.\n",
        counted(broken, "flow"));
    return false;
  }
  if (arguments.dry_run) return true;
  const http::Headers headers{{"If-Match", std::string(stored.string_at("etag"))}};
  TRY(client.call("PUT", std::string(kSpecs) + "/" + id, spec.dump(), headers));
  return true;
}

// The spec's id; empty when flows would break, or in a dry run of a new one.
Result<std::string> publish(const authoring::SourcePlace& place, ApiClient& client,
                            const PublishArguments& arguments) {
  const auto artifacts = TRY(authoring::read_source(place));
  const auto spec = TRY(authoring::catalog_spec(artifacts));
  const auto stored = TRY(published(client, spec));
  std::string id;
  if (stored) {
    if (!TRY(update(client, *stored, spec, arguments))) return std::string();
    id = stored->string_at("id");
  } else if (arguments.dry_run) {
    fmt::print(stderr, "{} is new to the server.\n", place.name);
    return std::string();
  } else {
    id = TRY(create(client, spec));
    fmt::print(stderr, "{} is registered.\n", place.name);
  }
  if (arguments.dry_run) return id;
  const bool streaming = spec.string_at("providerId") == authoring::kStreamingProvider;
  if (TRY(add_to_flow_spec(client, streaming ? authoring::kStreamingFlowSpec : authoring::kRestFlowSpec, id)))
    fmt::print(stderr, "Flows can use it now.\n");
  return id;
}

Result<int> execute(const PublishArguments& arguments, const LocalLogin& login) {
  const auto places = TRY(authoring::find_sources(arguments.folder));
  bool red = false;
  for (const auto& place : places) {
    const auto findings = authoring::lint_source(place);
    fmt::print(stderr, "{}", authoring::findings_text(findings));
    red = red || authoring::count(findings, Severity::error) > 0;
  }
  if (red) {
    fmt::print(stderr, "Nothing was published: correct the errors first.\n");
    return kFailed;
  }
  auto client = TRY(ApiClient::make(arguments.server, login));
  int exit_code = kOk;
  for (const auto& place : places) {
    const auto id = TRY(publish(place, client, arguments));
    if (id.empty() && !arguments.dry_run) exit_code = kFailed;
    if (!id.empty()) fmt::print("{}{}\n", places.size() > 1 ? place.name + " " : "", id);
  }
  return exit_code;
}

}  // namespace

void add_source_publish(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command = family.add_subcommand("publish", "Register a source at a server, or update it there");
  const auto arguments = std::make_shared<PublishArguments>();  // Shared by the parser's callback.
  command
      ->add_option("folder", arguments->folder,
                   "A source's folder, its Artifacts, or a repository (all of its sources)")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_flag("--dry-run", arguments->dry_run, "Show what would change, and change nothing");
  command->add_flag("--yes", arguments->yes, "Publish even what breaks flows");
  arguments->server.add_to(*command);
  command->footer(
      "Lints first: errors refuse. A spec is found again by its id, or by name and version; another version "
      "is\n"
      "registered beside the earlier ones. Prints the spec's id.\n"
      "Exit codes: 0 published, 1 refused (lint, flows that would break, the server), 2 wrong usage.");
  command->callback([arguments, login, &exit_code] {
    const auto done = execute(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
