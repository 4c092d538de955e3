#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "authoring/publish_source.h"
#include "json/value.h"

namespace headwater::authoring {

/// What becomes of a flow of the earlier version.
enum class FlowEffect : std::uint8_t { keeps, alters, breaks };
std::string_view word(FlowEffect effect);

struct ComparedFlow {
  FlowUse flow;
  FlowEffect effect = FlowEffect::keeps;
};

/// What it means to publish a spec in place of another one, for whoever decides about it.
struct SpecComparison {
  std::vector<SpecChange> changes;
  std::vector<BreakingChange> breaking;
  std::vector<FetchChange> alters;

  std::vector<ComparedFlow> effects_on(std::vector<FlowUse> flows) const;
};

/// Compares what an author writes: what the server adds to a spec, and its id, are no changes.
SpecComparison compare_for_publication(const json::Value& before, const json::Value& after);

/// {"changes":[{"kind":"added"|"removed"|"changed","pointer","before"?,"after"?}],
///  "breaking":[{"pointer","message"}], "alters":[{"pointer","message"}],
///  "flows":[{"id","name","sandbox","effect":"breaks"|"alters"|"keeps"}]}
json::Value encode(const SpecComparison& comparison, std::vector<FlowUse> flows);

}  // namespace headwater::authoring
