#include "authoring/spec_comparison.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

Value authored(const Value& spec) {
  Value out = without_server_members(spec);
  if (auto* members = out.if_object()) members->erase("id");
  return out;
}

std::string_view word(SpecChange::Kind kind) {
  switch (kind) {
    case SpecChange::Kind::added:
      return "added";
    case SpecChange::Kind::removed:
      return "removed";
    case SpecChange::Kind::changed:
      break;
  }
  return "changed";
}

Array encode(const std::vector<SpecChange>& changes) {
  Array out;
  for (const auto& change : changes) {
    Object item{{"kind", word(change.kind)}, {"pointer", change.pointer}};
    if (change.kind != SpecChange::Kind::added) item.set("before", change.before);
    if (change.kind != SpecChange::Kind::removed) item.set("after", change.after);
    out.emplace_back(std::move(item));
  }
  return out;
}

template <class Changes>
Array told(const Changes& changes) {
  Array out;
  for (const auto& change : changes)
    out.emplace_back(Object{{"pointer", change.pointer}, {"message", change.message}});
  return out;
}

FlowEffect effect_on(const FlowUse& flow, const SpecComparison& comparison) {
  const auto is_broken = [&flow](const auto& change) { return breaks(change, flow); };
  if (std::any_of(comparison.breaking.begin(), comparison.breaking.end(), is_broken))
    return FlowEffect::breaks;
  return comparison.alters.empty() ? FlowEffect::keeps : FlowEffect::alters;
}

}  // namespace

std::string_view word(FlowEffect effect) {
  switch (effect) {
    case FlowEffect::breaks:
      return "breaks";
    case FlowEffect::alters:
      return "alters";
    case FlowEffect::keeps:
      break;
  }
  return "keeps";
}

std::vector<ComparedFlow> SpecComparison::effects_on(std::vector<FlowUse> flows) const {
  std::vector<ComparedFlow> out;
  out.reserve(flows.size());
  for (auto& flow : flows) {
    const FlowEffect effect = effect_on(flow, *this);
    out.push_back({std::move(flow), effect});
  }
  return out;
}

SpecComparison compare_for_publication(const Value& before, const Value& after) {
  const Value old_spec = authored(before);
  const Value new_spec = authored(after);
  return {compare_specs(old_spec, new_spec), breaking_changes(old_spec, new_spec),
          fetch_changes(old_spec, new_spec)};
}

Value encode(const SpecComparison& comparison, std::vector<FlowUse> flows) {
  Array uses;
  for (const auto& [flow, effect] : comparison.effects_on(std::move(flows)))
    uses.emplace_back(
        Object{{"id", flow.id}, {"name", flow.name}, {"sandbox", flow.sandbox}, {"effect", word(effect)}});
  return Object{{"changes", encode(comparison.changes)},
                {"breaking", told(comparison.breaking)},
                {"alters", told(comparison.alters)},
                {"flows", std::move(uses)}};
}

}  // namespace headwater::authoring
