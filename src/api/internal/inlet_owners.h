#pragma once

#include <optional>
#include <string_view>

#include "api/internal/call.h"
#include "domain/inlet.h"
#include "json/value.h"

// Inlets live with what they belong to: a base connection of the HTTP API, or a streaming flow whose source
// has no such connection. Each pair below is first what the owner's document tells, before it is stored, and
// then the inlet itself, in the transaction that stores the owner.
namespace headwater::api {

/// Completes `auth.params` of a base connection: `known` is the inlet it has, absent: it gets a new one,
/// unless it is a draft. Nothing for connections that have no inlets.
void settle_inlet(const Call& call, const json::Value& connection, json::Value& auth,
                  const std::optional<domain::InletAddress>& known, bool draft);
/// Stores the inlet that a base connection's document tells of.
Result<void> store_inlet(const Call& call, store::Transaction& transaction,
                         const domain::Resource& connection);

/// Puts params.inletUrl into the source connection of a base connection that has an inlet.
void tell_inlet(const json::Value& spec, const std::optional<domain::Resource>& base, json::Value& source);

/// What a streaming flow's events come in by.
struct FlowInlet {
  bool streaming = false;
  std::optional<domain::InletAddress> own;  // absent: its base connection's
};
/// Completes `options` of a streaming flow that has been resolved. `id` is empty for a new flow. A draft has
/// no inlet yet.
Result<FlowInlet> settle_inlet(const Call& call, const json::Value& flow_spec, std::string_view id,
                               json::Value& flow, bool draft);
/// Stores the flow's own inlet, or removes the one that it does not need any more.
Result<void> store_inlet(const Call& call, store::Transaction& transaction, const FlowInlet& inlet,
                         const domain::Resource& flow);

/// Removes the inlets of an owner; `path` is "connectionId" or "flowId".
Result<void> remove_inlets(const Call& call, store::Transaction& transaction, std::string_view path,
                           std::string_view owner);

}  // namespace headwater::api
