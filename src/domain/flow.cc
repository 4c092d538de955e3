#include "domain/flow.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "base/time.h"

namespace headwater::domain {
namespace {

using json::Array;
using json::Object;
using json::Value;

Error wrong(std::string_view code, std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), code};
}

bool lists(const Value& spec, std::string_view member, std::string_view id) {
  const Value* ids = spec.find(member);
  const Array* items = ids == nullptr ? nullptr : ids->if_array();
  if (items == nullptr) return false;
  return std::any_of(items->begin(), items->end(), [id](const Value& item) {
    const std::string* text = item.if_string();
    return text != nullptr && *text == id;
  });
}

// One id each: a flow has one source and one target here.
template <class IdType>
Result<std::vector<IdType>> read_ids(const Value& flow, std::string_view member) {
  const std::string where = "/" + std::string(member);
  const Value* value = flow.find(member);
  const Array* items = value == nullptr ? nullptr : value->if_array();
  if (items == nullptr || items->size() != 1)
    return wrong("CONNECTOR-1302-400", where,
                 std::string(member) + " must be an array that holds exactly one id.");
  const std::string* id = items->front().if_string();
  if (id == nullptr || id->empty())
    return wrong("CONNECTOR-1302-400", where + "/0", std::string(member) + " must hold an id as text.");
  return std::vector<IdType>{IdType(*id)};
}

// A transformation without a name but with a mappingId is a mapping too (section 15).
Result<std::optional<MappingReference>> read_mapping(const Value& flow) {
  const Value* list = flow.find("transformations");
  if (list == nullptr || list->is_null()) return std::optional<MappingReference>{};
  const Array* items = list->if_array();
  if (items == nullptr)
    return wrong("FLOW-1411-400", "/transformations", "transformations must be an array.");
  for (std::size_t index = 0; index < items->size(); ++index) {
    const Value& item = (*items)[index];
    const std::string where = "/transformations/" + std::to_string(index) + "/params";
    const Value* params = item.find("params");
    const std::string_view name = item.string_at("name");
    const bool has_mapping = params != nullptr && params->find("mappingId") != nullptr;
    if (!equal_ignoring_case(name, "Mapping") && !(name.empty() && has_mapping)) continue;
    if (!has_mapping || params->string_at("mappingId").empty())
      return wrong("FLOW-1411-400", where + "/mappingId", "A Mapping transformation needs params.mappingId.");
    MappingReference mapping{MappingSetId(std::string(params->string_at("mappingId"))), std::nullopt};
    const Value* version = params->find("mappingVersion");
    if (version != nullptr && !version->is_null()) {
      mapping.version = version->as_int64_lenient();
      if (!mapping.version || *mapping.version < 0)
        return wrong("FLOW-1412-400", where + "/mappingVersion",
                     "params.mappingVersion must be a whole number.");
    }
    return std::optional<MappingReference>{mapping};
  }
  return std::optional<MappingReference>{};
}

const Value* find_copy(const Value& flow) {
  const Value* list = flow.find("transformations");
  const Array* items = list == nullptr ? nullptr : list->if_array();
  if (items == nullptr) return nullptr;
  const auto copy = std::find_if(items->begin(), items->end(),
                                 [](const Value& item) { return item.string_at("name") == "Copy"; });
  return copy == items->end() ? nullptr : &*copy;
}

Result<void> check_transformations(const Value& flow) {
  const Value* list = flow.find("transformations");
  const Array* items = list == nullptr ? nullptr : list->if_array();
  if (items == nullptr) return {};
  int mappings = 0;
  for (std::size_t index = 0; index < items->size(); ++index) {
    const Value& item = (*items)[index];
    const std::string where = "/transformations/" + std::to_string(index);
    if (!item.is_object())
      return wrong("CONNECTOR-1302-400", where, "A transformation must be an object with name and params.");
    const std::string_view name = item.string_at("name");
    // One that nobody carries out would be missed in the records.
    if (!name.empty() && !equal_ignoring_case(name, "Mapping") && name != "Copy")
      return wrong("FLOW-1411-400", where + "/name",
                   "There is no transformation of this name here: Mapping and Copy are those there are.");
    if (name != "Copy" && item.find_path("params.mappingId") != nullptr && ++mappings == 2)
      return wrong("FLOW-1411-400", where, "A flow has one Mapping; put all rows into one mapping set.");
  }
  const Value* copy = find_copy(flow);
  if (copy == nullptr) return {};
  if (delta_column_of(flow).empty())
    return wrong("CONNECTOR-1367-400", "/transformations",
                 "A Copy transformation needs params.deltaColumn.name: the column that grows.");
  const Value* column = copy->find_path("params.deltaColumn");
  for (const std::string_view name : {std::string_view("dateFormat"), std::string_view("timezone")}) {
    const Value* text = column->find(name);
    if (text != nullptr && !text->is_string() && !text->is_null())
      return wrong("CONNECTOR-1369-400", "/transformations",
                   "params.deltaColumn." + std::string(name) + " must be a text.");
  }
  return {};
}

constexpr std::string_view kImmutable[] = {
    "id",        "flowSpec",      "state",     "etag",        "version",
    "createdAt", "updatedAt",     "createdBy", "updatedBy",   "createdClient",
    "imsOrgId",  "updatedClient", "sandboxId", "sandboxName", "inheritedAttributes"};

}  // namespace

Result<FlowReferences> read_flow_references(const Value& flow) {
  FlowReferences out;
  const Value* spec = flow.find_path("flowSpec.id");
  const std::string* id = spec == nullptr ? nullptr : spec->if_string();
  if (id == nullptr || id->empty())
    return wrong("FLOW-1413-400", "/flowSpec/id",
                 "flowSpec.id is required: the id of the flow's specification.");
  out.spec = FlowSpecId(*id);
  out.sources = TRY(read_ids<SourceConnectionId>(flow, "sourceConnectionIds"));
  out.targets = TRY(read_ids<TargetConnectionId>(flow, "targetConnectionIds"));
  out.mapping = TRY(read_mapping(flow));
  return out;
}

Result<FlowOptions> read_flow_options(const Value& flow) {
  FlowOptions out;
  const Value* options = flow.find("options");
  if (options == nullptr || options->is_null()) return out;
  if (!options->is_object()) return wrong("CONNECTOR-1302-400", "/options", "options must be an object.");
  if (const Value* diagnostics = options->find("errorDiagnosticsEnabled");
      diagnostics && !diagnostics->is_null()) {
    const auto flag = diagnostics->as_bool_lenient();
    if (!flag)
      return wrong("CONNECTOR-1302-400", "/options/errorDiagnosticsEnabled",
                   "options.errorDiagnosticsEnabled must be true or false.");
    out.error_diagnostics = *flag;
  }
  const Value* percent = options->find("partialIngestionPercent");
  if (percent == nullptr || percent->is_null()) return out;
  std::optional<double> number = percent->as_double();
  if (!number) {
    const auto whole = percent->as_int64_lenient();
    if (whole) number = static_cast<double>(*whole);
  }
  // Zero tolerates nothing, which is what no threshold means.
  if (!number || *number < 0 || *number > 100)
    return wrong("CONNECTOR-1302-400", "/options/partialIngestionPercent",
                 "options.partialIngestionPercent must be a number from 0 to 100.");
  if (*number > 0) {
    out.partial_ingestion_percent = number;
    out.error_diagnostics = true;
  }
  return out;
}

std::string_view delta_column_of(const Value& flow) {
  const Value* copy = find_copy(flow);
  const Value* column = copy == nullptr ? nullptr : copy->find_path("params.deltaColumn");
  return column == nullptr ? std::string_view() : column->string_at("name");
}

bool is_batch_flow_spec(const Value& flow_spec) {
  const Value* frequency = flow_spec.find_path("attributes.frequency");
  if (frequency != nullptr && frequency->if_string() != nullptr)
    return *frequency->if_string() != "streaming";
  return flow_spec.find("scheduleSpec") != nullptr;
}

bool draft_mode_supported(const Value& spec) {
  const Value* flag = spec.find_path("attributes.isDraftModeSupported");
  return flag != nullptr && flag->as_bool_lenient().value_or(false);
}

Result<void> check_new_flow(const Value& flow, const Value& flow_spec, bool draft) {
  if (flow.find("state") != nullptr)
    return wrong("FLOW-1410-400", "/state",
                 "state is set by the service: leave it out when creating a flow.");
  if (flow.string_at("name").empty())
    return wrong("CONNECTOR-1304-400", "/name", "name is required: what the flow is called.");
  TRY(read_flow_options(flow));
  if (!draft) TRY(check_transformations(flow));
  const Value* schedule = flow.find("scheduleParams");
  const bool given = schedule != nullptr && !schedule->is_null();
  if (!is_batch_flow_spec(flow_spec)) return {};
  if (draft && !given) return {};
  TRY(read_flow_schedule(given ? *schedule : Value()));
  return {};
}

Result<void> check_flow_wiring(const Value& flow_spec, const ConnectionSpecId& source_spec,
                               const ConnectionSpecId& target_spec) {
  const std::string name = "\"" + std::string(flow_spec.string_at("name")) + "\"";
  if (!lists(flow_spec, "sourceConnectionSpecIds", source_spec.value))
    return wrong("FLOW-1413-400", "/sourceConnectionIds/0",
                 "The flow spec " + name + " does not list the connection spec " + source_spec.value +
                     ": add it to its sourceConnectionSpecIds with PUT /flowSpecs.");
  if (!lists(flow_spec, "targetConnectionSpecIds", target_spec.value))
    return wrong(
        "CONNECTOR-1307-400", "/targetConnectionIds/0",
        "The flow spec " + name + " does not list the target connection spec " + target_spec.value + ".");
  return {};
}

Result<void> check_flow_change(const Value& before, const Value& after, const Value& flow_spec,
                               TimePoint now) {
  for (const std::string_view name : kImmutable) {
    const Value* was = before.find(name);
    const Value* is = after.find(name);
    const bool same = was == nullptr ? is == nullptr : is != nullptr && *was == *is;
    if (!same)
      return wrong("CONNECTOR-1365-400", "/" + std::string(name),
                   std::string(name) + " of a flow cannot be changed.");
  }
  if (after.string_at("name").empty())
    return wrong("CONNECTOR-1304-400", "/name", "name is required: what the flow is called.");
  TRY(read_flow_options(after));
  TRY(check_transformations(after));
  if (!is_batch_flow_spec(flow_spec) || before.string_at("state") == text_of(State::draft)) return {};
  const Value* schedule = after.find("scheduleParams");
  const Value* old = before.find("scheduleParams");
  const auto original = read_flow_schedule(old == nullptr ? Value() : *old);
  if (original && schedule != nullptr && schedule->string_at("frequency") == "once")
    TRY(check_may_become_once(*original, now));  // before what `once` makes of the other members
  const auto changed = TRY(read_flow_schedule(schedule == nullptr ? Value() : *schedule));
  if (!original) return {};
  return check_schedule_change(*original, changed, now);
}

Value inherited_attributes(const Value& flow_spec, const std::vector<InheritedConnection>& sources,
                           const std::vector<InheritedConnection>& targets) {
  const auto encode = [](const std::vector<InheritedConnection>& connections) {
    Array out;
    for (const InheritedConnection& connection : connections) {
      Object item{{"id", connection.id}, {"connectionSpec", connection.connection_spec}};
      if (!connection.base_id.empty())
        item.set("baseConnection",
                 Object{{"id", connection.base_id}, {"connectionSpec", connection.base_connection_spec}});
      out.emplace_back(std::move(item));
    }
    return out;
  };
  Object properties;
  for (const std::string_view name :
       {std::string_view("isSourceFlow"), std::string_view("isDestinationFlow")}) {
    const Value* attributes = flow_spec.find("attributes");
    const Value* flag = attributes == nullptr ? nullptr : attributes->find(name);
    if (flag != nullptr) properties.set(name, *flag);
  }
  return Object{{"properties", std::move(properties)},
                {"sourceConnections", encode(sources)},
                {"targetConnections", encode(targets)}};
}

std::string_view text_of(State state) {
  switch (state) {
    case State::draft:
      return "draft";
    case State::enabled:
      return "enabled";
    case State::disabled:
      return "disabled";
  }
  return "";
}

std::optional<State> state_from(std::string_view text) {
  for (const State state : {State::draft, State::enabled, State::disabled})
    if (text == text_of(state)) return state;
  return std::nullopt;
}

std::optional<Action> action_from(std::string_view op) {
  std::string name;
  for (const char c : op)
    name.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  if (name == "ENABLE") return Action::enable;
  if (name == "DISABLE") return Action::disable;
  if (name == "PUBLISH") return Action::publish;
  if (name == "FINALIZE") return Action::finalize;
  if (name == "FINALIZE_UPDATE") return Action::finalize_update;
  if (name == "RE_TRIGGER" || name == "RETRIGGER") return Action::retrigger;
  if (name == "RUN") return Action::run;
  if (name == "CANCEL") return Action::cancel;
  return std::nullopt;
}

Result<State> state_after(State state, Action action) {
  switch (action) {
    case Action::enable:
    case Action::disable:
      if (state == State::draft)
        return wrong("FLOW-1444-400", "/state", "A draft is neither enabled nor disabled: publish it first.");
      return action == Action::enable ? State::enabled : State::disabled;
    case Action::publish:
      if (state != State::draft)
        return wrong("FLOW-1444-400", "/state",
                     "Only a draft can be published; this one is " + std::string(text_of(state)) + ".");
      return State::enabled;
    case Action::finalize:
    case Action::finalize_update:
      return wrong("FLOW-1402-400", "", "FINALIZE operations are for connection providers only.");
    case Action::retrigger:
    case Action::run:
    case Action::cancel:
      break;
  }
  return wrong("FLOW-1435-400", "", "This action does not change a state.");
}

Value last_operation(std::string_view operation, TimePoint started, TimePoint updated) {
  return Object{
      {"started", epoch_millis(started)}, {"updated", epoch_millis(updated)}, {"operation", operation}};
}

}  // namespace headwater::domain
