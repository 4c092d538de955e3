#include "cli/publication.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "authoring/publish_source.h"
#include "authoring/source_template.h"
#include "authoring/spec_comparison.h"
#include "cli/published_specs.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

using json::Value;
using Tell = std::function<void(std::string_view)>;

constexpr std::size_t kValueShown = 72;
constexpr std::string_view kSpecs = "/data/foundation/flowservice/connectionSpecs";

template <class... Values>
void tell_line(const Tell& tell, fmt::format_string<Values...> format, Values&&... values) {
  tell(tame(fmt::format(format, std::forward<Values>(values)...)));
}

std::string shown(const Value& value) { return printable(value.dump(), kValueShown); }

void tell_changes(const std::vector<authoring::SpecChange>& changes, const Tell& tell) {
  using Kind = authoring::SpecChange::Kind;
  for (const auto& change : changes) {
    if (change.kind == Kind::added)
      tell_line(tell, "  + {}: {}", change.pointer, shown(change.after));
    else if (change.kind == Kind::removed)
      tell_line(tell, "  - {}: {}", change.pointer, shown(change.before));
    else
      tell_line(tell, "  ~ {}: {} -> {}", change.pointer, shown(change.before), shown(change.after));
  }
}

// Tells which flows have the spec, what breaks them and what they fetch otherwise; gives how many break.
std::size_t tell_uses(const authoring::SpecComparison& comparison,
                      const std::vector<authoring::ComparedFlow>& flows, const Tell& tell) {
  tell_line(tell, "{} of the organisation {} it.", flows.empty() ? "No flow" : counted(flows.size(), "flow"),
            flows.size() > 1 ? "use" : "uses");
  for (const auto& change : comparison.breaking)
    tell_line(tell, "  breaking: {}: {}", change.pointer, change.message);
  for (const auto& change : comparison.alters)
    tell_line(tell, "  alters: {}: {}", change.pointer, change.message);
  std::size_t broken = 0;
  for (const auto& [flow, effect] : flows) {
    if (effect == authoring::FlowEffect::breaks) ++broken;
    tell_line(tell, "  {:6} {} {}{}", authoring::word(effect), flow.id, printable(flow.name, kValueShown),
              flow.sandbox.empty() ? std::string() : " (sandbox " + flow.sandbox + ")");
  }
  return broken;
}

// The spec that this folder was published as: by its id, or by name and version. An id that stands for
// another version by now is that of the earlier one.
Result<std::optional<Value>> published(ApiClient& client, const Value& spec, const Tell& tell) {
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
      tell_line(tell, "Version {} of it, {}, stays as it is.", each.string_at("version"),
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
Result<bool> update(ApiClient& client, const Value& stored, Value spec, const PublicationOptions& options,
                    const Tell& tell) {
  const std::string id(stored.string_at("id"));
  spec.if_object()->erase("id");
  const auto comparison = authoring::compare_for_publication(stored, spec);
  if (comparison.changes.empty()) {
    tell_line(tell, "{} is published as it is: nothing changes.", id);
    return true;
  }
  tell_line(tell, "{} is published already; it changes:", id);
  tell_changes(comparison.changes, tell);
  const auto flows = comparison.effects_on(TRY(flows_of_spec(client, id)));
  const std::size_t broken = tell_uses(comparison, flows, tell);
  if (broken > 0 && !options.yes) {
    tell_line(tell,
              "Nothing was changed: {} would break. Publish it as a new version (\"version\" of the spec).",
              counted(broken, "flow"));
    return false;
  }
  if (options.dry_run) return true;
  const http::Headers headers{{"If-Match", std::string(stored.string_at("etag"))}};
  TRY(client.call("PUT", std::string(kSpecs) + "/" + id, spec.dump(), headers));
  return true;
}

// Whether the catalog's entry is another folder's: a copy whose spec was not renamed would take it over, and
// both would be published over each other from then on. The folder that is called as the spec has it back.
bool belongs_to_another(const Value& stored, const authoring::SourcePlace& place, const Tell& tell) {
  const auto folder = authoring::published_folder(stored);
  const auto name = stored.string_at("name");
  if (folder.empty() || folder == place.name || name == place.name) return false;
  tell_line(tell,
            "Nothing was changed: \"{}\" {}, {}, was published from the folder \"{}\", and this one is "
            "\"{}\". Give this one's spec a name of its own; if the folder was renamed, say so with --yes.",
            name, stored.string_at("version"), stored.string_at("id"), folder, place.name);
  return true;
}

}  // namespace

Result<Publication> publish_source(const authoring::SourcePlace& place, ApiClient& client,
                                   const PublicationOptions& options, const Tell& tell) {
  const auto artifacts = TRY(authoring::read_source(place));
  const auto spec = TRY(authoring::catalog_spec(artifacts));
  const auto stored = TRY(published(client, spec, tell));
  Publication done;
  if (stored) {
    done.refused = !options.yes && belongs_to_another(*stored, place, tell);
    if (done.refused) return done;
    done.refused = !TRY(update(client, *stored, spec, options, tell));
    if (done.refused) return done;
    done.id = stored->string_at("id");
  } else if (options.dry_run) {
    tell_line(tell, "{} is new to the server.", place.name);
    return done;
  } else {
    done.id = TRY(create(client, spec));
    tell_line(tell, "{} is registered.", place.name);
  }
  if (options.dry_run) return done;
  const bool streaming = spec.string_at("providerId") == authoring::kStreamingProvider;
  if (TRY(add_to_flow_spec(client, streaming ? authoring::kStreamingFlowSpec : authoring::kRestFlowSpec,
                           done.id)))
    tell_line(tell, "Flows can use it now.");
  return done;
}

}  // namespace headwater::cli
