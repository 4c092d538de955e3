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

}  // namespace

Value compare_for_publication(const Value& before, const Value& after, const std::vector<FlowUse>& flows) {
  const Value old_spec = authored(before);
  const Value new_spec = authored(after);
  const auto breaking = breaking_changes(old_spec, new_spec);
  const auto fetched = fetch_changes(old_spec, new_spec);
  Array uses;
  for (const auto& flow : flows) {
    const bool broken = std::any_of(breaking.begin(), breaking.end(),
                                    [&flow](const auto& change) { return breaks(change, flow); });
    const std::string_view effect = broken ? "breaks" : fetched.empty() ? "keeps" : "alters";
    uses.emplace_back(
        Object{{"id", flow.id}, {"name", flow.name}, {"sandbox", flow.sandbox}, {"effect", effect}});
  }
  return Object{{"changes", encode(compare_specs(old_spec, new_spec))},
                {"breaking", told(breaking)},
                {"alters", told(fetched)},
                {"flows", std::move(uses)}};
}

}  // namespace headwater::authoring
