#include "inlet/inlet.h"

#include <algorithm>
#include <string>

namespace headwater::inlet {
namespace {

Error refused(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

}  // namespace

Result<const FlowRoute*> route(const Inlet& inlet, const Destination& destination) {
  if (!destination.flow.empty()) {
    const auto named = std::find_if(inlet.flows.begin(), inlet.flows.end(), [&](const FlowRoute& flow) {
      return flow.flow.value == destination.flow;
    });
    if (named == inlet.flows.end())
      return refused("No flow " + std::string(destination.flow) + " uses this inlet.");
    if (!named->enabled) return refused("The flow " + named->flow.value + " is not enabled.");
    return &*named;
  }
  const auto fits = [&](const FlowRoute& flow) {
    if (!destination.dataset.empty() && flow.dataset.value != destination.dataset) return false;
    return destination.schema.empty() || flow.schema_id.empty() || flow.schema_id == destination.schema;
  };
  const FlowRoute* only = nullptr;
  std::size_t enabled = 0;
  std::size_t fitting = 0;
  for (const FlowRoute& flow : inlet.flows) {
    if (!flow.enabled) continue;
    ++enabled;
    if (!fits(flow)) continue;
    ++fitting;
    only = &flow;
  }
  if (fitting == 1) return only;
  if (inlet.flows.empty()) return refused("No flow uses this inlet: create one before sending.");
  if (enabled == 0) return refused("The flow of this inlet is not enabled.");
  if (fitting == 0)
    return refused("No enabled flow of this inlet writes the dataset and schema that the message names.");
  return refused("Several flows use this inlet: name one in header.flowId or in x-adobe-flow-id.");
}

}  // namespace headwater::inlet
