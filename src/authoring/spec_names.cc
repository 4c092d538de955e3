#include "authoring/spec_names.h"

namespace headwater::authoring {

SpecName spec_name_of(const json::Value& spec) {
  const auto version = spec.string_at("version");
  return {std::string(spec.string_at("name")), version.empty() ? "1.0" : std::string(version)};
}

SpecNames SpecNames::beside(const SourcePlace& place) {
  SpecNames names;
  std::error_code failed;
  const auto artifacts = std::filesystem::absolute(place.artifacts, failed).lexically_normal();
  if (failed) return names;
  const auto sources = artifacts.parent_path().parent_path();
  if (sources.filename() != "Sources") return names;
  const auto places = find_sources(sources);
  if (!places) return names;
  for (const auto& each : *places) {
    const auto text = read_artifact(each, "connectionSpec.json");
    const auto spec = text ? json::parse(*text) : Result<json::Value>(json::Value());
    if (spec && !spec->string_at("name").empty()) names.add(spec_name_of(*spec), each.name);
  }
  return names;
}

std::string SpecNames::owner(const SpecName& name, std::string_view published) const {
  const auto found = folders_.find(name);
  if (found == folders_.end()) return "";
  const auto& folders = found->second;
  for (const std::string_view preferred : {std::string_view(name.first), published})
    if (folders.contains(preferred)) return std::string(preferred);
  return *folders.begin();
}

std::string same_name_message(const SpecName& name, std::string_view owner) {
  return "The folder \"" + std::string(owner) + "\" has a spec of this name and version, \"" + name.first +
         "\" " + name.second + ": a server would publish one over the other.";
}

}  // namespace headwater::authoring
