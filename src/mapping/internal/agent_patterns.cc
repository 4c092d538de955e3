#include "mapping/internal/agent_patterns.h"

#include <yaml.h>

#include <map>
#include <utility>

namespace headwater::mapping {
namespace {

constexpr std::size_t kGroups = 10;  // $1 to $9, and the whole
using Groups = std::array<Regex::Group, kGroups>;

// The texts of a group, or of a replacement with $1 to $9 filled in; without white space around.
std::string filled(std::string_view replacement, std::size_t group, std::string_view text,
                   const Groups& groups) {
  std::string out;
  if (replacement.empty()) {
    out = groups[group].in(text);
  } else {
    for (std::size_t i = 0; i < replacement.size(); ++i) {
      const bool is_group = replacement[i] == '$' && i + 1 < replacement.size() &&
                            replacement[i + 1] >= '1' && replacement[i + 1] <= '9';
      if (is_group)
        out += groups[static_cast<std::size_t>(replacement[++i] - '0')].in(text);
      else
        out += replacement[i];
    }
  }
  const auto first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

// The events of a YAML text, of the few kinds that the file needs.
class YamlEvents {
 public:
  explicit YamlEvents(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  ~YamlEvents() { yaml_parser_delete(&parser_); }

  struct Event {
    yaml_event_type_t type = YAML_NO_EVENT;
    std::string scalar;
  };
  Result<Event> next() {
    yaml_event_t event;
    if (yaml_parser_parse(&parser_, &event) == 0) {
      const std::string problem = parser_.problem != nullptr ? parser_.problem : "not YAML";
      return wrong(parser_.problem_mark.line, problem + ".");
    }
    Event out{event.type, {}};
    if (event.type == YAML_SCALAR_EVENT)
      out.scalar.assign(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
    line_ = event.start_mark.line;
    yaml_event_delete(&event);
    return out;
  }
  Result<Event> next(yaml_event_type_t wanted) {
    auto event = TRY(next());
    if (event.type != wanted) return wrong(line_, "not the shape of uap-core's regexes.yaml.");
    return event;
  }
  std::size_t line() const { return line_; }
  Error wrong(const std::string& what) const { return wrong(line_, what); }
  static Error wrong(std::size_t line, const std::string& what) {
    return Error{ErrorKind::invalid_argument,
                 "The user agent patterns, line " + std::to_string(line + 1) + ": " + what};
  }

 private:
  yaml_parser_t parser_{};
  std::size_t line_ = 0;
};

}  // namespace

struct AgentPatterns::Entry {
  std::map<std::string, std::string, std::less<>> members;
  std::string_view operator[](std::string_view name) const {
    const auto found = members.find(name);
    return found == members.end() ? std::string_view() : std::string_view(found->second);
  }
};

Result<AgentPatterns> AgentPatterns::make(std::string_view yaml) {
  AgentPatterns out;
  YamlEvents events(yaml);
  TRY(events.next(YAML_STREAM_START_EVENT));
  TRY(events.next(YAML_DOCUMENT_START_EVENT));
  TRY(events.next(YAML_MAPPING_START_EVENT));
  while (true) {
    const auto list = TRY(events.next());
    if (list.type == YAML_MAPPING_END_EVENT) break;
    TRY(events.next(YAML_SEQUENCE_START_EVENT));
    while (true) {
      const auto start = TRY(events.next());
      if (start.type == YAML_SEQUENCE_END_EVENT) break;
      if (start.type != YAML_MAPPING_START_EVENT) return events.wrong("an entry is not a mapping.");
      const std::size_t line = events.line();
      Entry entry;
      while (true) {
        const auto name = TRY(events.next());
        if (name.type == YAML_MAPPING_END_EVENT) break;
        auto value = TRY(events.next(YAML_SCALAR_EVENT));
        entry.members[name.scalar] = std::move(value.scalar);
      }
      auto added = out.add(list.scalar, entry);
      if (!added) return YamlEvents::wrong(line, added.error().message);
    }
  }
  if (out.agents_.outputs.empty() || out.systems_.outputs.empty() || out.devices_.outputs.empty())
    return events.wrong("one of user_agent_parsers, os_parsers and device_parsers is missing.");
  return out;
}

Result<void> AgentPatterns::add(std::string_view name, const Entry& entry) {
  List* list = name == "user_agent_parsers" ? &agents_ : name == "os_parsers" ? &systems_ : nullptr;
  std::array<std::string, 5> outputs;
  if (list != nullptr) {
    const std::string prefix = list == &systems_ ? "os_v" : "v";
    outputs[0] = entry[list == &systems_ ? "os_replacement" : "family_replacement"];
    for (std::size_t i = 1; i < outputs.size(); ++i)
      outputs[i] = entry[prefix + std::to_string(i) + "_replacement"];
  } else if (name == "device_parsers") {
    list = &devices_;
    outputs = {std::string(entry["device_replacement"]), std::string(entry["brand_replacement"]),
               std::string(entry["model_replacement"])};
  } else {
    return {};  // Lists that a later uap-core may add.
  }
  TRY(list->patterns.add(entry["regex"], entry["regex_flag"] == "i"));
  list->outputs.push_back(std::move(outputs));
  return {};
}

AgentPatterns::Named AgentPatterns::named(const List& list, std::string_view text, const Grams& grams) {
  Named out;
  Groups groups;
  const std::size_t rule = list.patterns.find(text, grams, groups);
  if (rule == FirstMatch::kNone) return out;
  const auto& outputs = list.outputs[rule];
  out.family = filled(outputs[0], 1, text, groups);
  for (std::size_t i = 0; i < out.version.size(); ++i)
    out.version[i] = filled(outputs[i + 1], i + 2, text, groups);
  return out;
}

AgentPatterns::Named AgentPatterns::agent(std::string_view text, const Grams& grams) const {
  return named(agents_, text, grams);
}

AgentPatterns::Named AgentPatterns::system(std::string_view text, const Grams& grams) const {
  return named(systems_, text, grams);
}

AgentPatterns::Device AgentPatterns::device(std::string_view text, const Grams& grams) const {
  Device out;
  Groups groups;
  const std::size_t rule = devices_.patterns.find(text, grams, groups);
  if (rule == FirstMatch::kNone) return out;
  const auto& outputs = devices_.outputs[rule];
  out.family = filled(outputs[0], 1, text, groups);
  if (!outputs[1].empty()) out.brand = filled(outputs[1], 0, text, groups);
  out.model = filled(outputs[2], 1, text, groups);
  return out;
}

}  // namespace headwater::mapping
