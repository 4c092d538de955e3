#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/schedule_params.h"
#include "json/value.h"

namespace headwater::domain {

struct MappingReference {
  MappingSetId id;
  std::optional<std::int64_t> version;  // absent: the latest
};

/// What a flow's document names. Source: Flow Service reference, section 13 and 15.
struct FlowReferences {
  FlowSpecId spec;
  std::vector<SourceConnectionId> sources;
  std::vector<TargetConnectionId> targets;
  std::optional<MappingReference> mapping;
};

/// Errors: invalid_argument with FLOW-1413 (flowSpec.id), 1412 (mapping version), 1411 (mapping reference).
Result<FlowReferences> read_flow_references(const json::Value& flow);

struct FlowOptions {
  bool error_diagnostics = false;
  std::optional<double> partial_ingestion_percent;  // > 0; a threshold switches diagnostics on
};

/// Errors: invalid_argument, `where` below /options.
Result<FlowOptions> read_flow_options(const json::Value& flow);

/// Whether flows of this spec are scheduled batches (they need scheduleParams) or streaming.
bool is_batch_flow_spec(const json::Value& flow_spec);
bool draft_mode_supported(const json::Value& spec);

/// Checks a flow's own members against its spec, before references are resolved. A draft may lack
/// transformations and scheduleParams. Errors: invalid_argument with FLOW-1410 (state given),
/// CONNECTOR-1317 and the others of read_flow_schedule, 1367 and 1369 (delta column), the ones of
/// read_flow_options.
Result<void> check_new_flow(const json::Value& flow, const json::Value& flow_spec, bool draft);

/// The name of the incremental column that the flow's Copy transformation has; "" without one.
std::string_view delta_column_of(const json::Value& flow);

/// Checks that the flow spec lists the connection specs. Errors: invalid_argument, FLOW-1413 /
/// CONNECTOR-1307.
Result<void> check_flow_wiring(const json::Value& flow_spec, const ConnectionSpecId& source_spec,
                               const ConnectionSpecId& target_spec);

/// Checks a patched flow against what it was: schedule rules, immutable members.
Result<void> check_flow_change(const json::Value& before, const json::Value& after,
                               const json::Value& flow_spec, TimePoint now);

/// What a flow inherits from the connections it names, for `inheritedAttributes`.
struct InheritedConnection {
  std::string id;
  json::Value connection_spec;
  std::string base_id;  // empty: none
  json::Value base_connection_spec;
};
json::Value inherited_attributes(const json::Value& flow_spec,
                                 const std::vector<InheritedConnection>& sources,
                                 const std::vector<InheritedConnection>& targets);

/// A stable resource state. Transitional ones are passed through at once here.
enum class State : std::uint8_t { draft, enabled, disabled };
std::string_view text_of(State state);
std::optional<State> state_from(std::string_view text);

/// Which action a caller asks for, letter case and '-' normalised (section 17).
enum class Action : std::uint8_t {
  enable,
  disable,
  publish,
  finalize,
  finalize_update,
  retrigger,
  run,
  cancel
};
std::optional<Action> action_from(std::string_view op);

/// The state after an action, the same one when nothing changes.
/// Errors: invalid_argument with FLOW-1435 (not an action of this resource), FLOW-1402 (finalize),
/// FLOW-1444 (state does not allow it).
Result<State> state_after(State state, Action action);

/// The flow's `lastOperation` member.
json::Value last_operation(std::string_view operation, TimePoint started, TimePoint updated);

}  // namespace headwater::domain
