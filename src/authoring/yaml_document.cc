#include "authoring/yaml_document.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kDepthMax = json::ParseLimits{}.depth_max;
// Aliases of aliases multiply; a document of an API has some ten thousand nodes.
constexpr std::size_t kNodesMax = 2'000'000;
constexpr std::size_t kBytesMax = 64U << 20;  // of texts, written out
constexpr std::size_t kDirectivesMax = 100;   // the parser compares each with all others

std::string place_of(const yaml_mark_t& mark) {
  return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
}

// Only plain scalars are anything but texts.
Value scalar_of(std::string text, bool plain) {
  if (!plain) return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const auto number = json::parse(text);
  if (number && number->is_number()) return *number;
  return text;
}

// What a value takes when it is written out.
struct Size {
  std::size_t nodes = 0, bytes = 0;
};

// An event of the parser: frees what the C library made.
struct Event {
  yaml_event_t event{};
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event); }

  bool is_plain() const {
    return event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  }
  std::string text() const {
    return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
  }
  std::string anchor() const {
    const yaml_char_t* name = event.type == YAML_SCALAR_EVENT           ? event.data.scalar.anchor
                              : event.type == YAML_SEQUENCE_START_EVENT ? event.data.sequence_start.anchor
                              : event.type == YAML_MAPPING_START_EVENT  ? event.data.mapping_start.anchor
                              : event.type == YAML_ALIAS_EVENT          ? event.data.alias.anchor
                                                                        : nullptr;
    return name == nullptr ? "" : reinterpret_cast<const char*>(name);
  }
};

// "<<: *defaults": a member of its own goes before, and so does what was merged first.
Object merged_into(std::vector<json::Member> members, std::vector<Value> merged) {
  Object own = Object::from_members(std::move(members));
  if (merged.empty()) return own;
  std::set<std::string, std::less<>> names;
  std::vector<json::Member> all;
  const auto add = [&](json::Member& member) {
    if (names.insert(member.name).second) all.push_back(std::move(member));
  };
  for (auto& member : own) add(member);
  for (Value& each : merged)
    if (auto* more = each.if_object())
      for (auto& member : *more) add(member);
  return Object::from_members(std::move(all));
}

// Makes values of events as they come: what is too deep or too large is refused where it is, before it is
// held.
class Reader {
 public:
  explicit Reader(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  Result<Value> document() {
    while (true) {
      Event event;
      TRY(next(event));
      if (event.event.type == YAML_STREAM_END_EVENT) return Value();
      if (event.event.type != YAML_STREAM_START_EVENT && event.event.type != YAML_DOCUMENT_START_EVENT)
        return value(event, 0);
    }
  }

 private:
  struct Anchored {
    Value value;
    Size size;
  };

  Result<void> next(Event& event) {
    if (yaml_parser_parse(&parser_, &event.event) != 0) return {};
    return Error{ErrorKind::invalid_argument, place_of(parser_.problem_mark) + ": " +
                                                  (parser_.problem != nullptr ? parser_.problem : "no YAML")};
  }

  static Error too_large(const Event& event, std::string what) {
    return Error{ErrorKind::too_large, place_of(event.event.start_mark) + ": " + std::move(what)};
  }

  Result<void> take(const Event& event, Size size) {
    taken_.nodes += size.nodes;
    taken_.bytes += size.bytes;
    if (taken_.nodes <= kNodesMax && taken_.bytes <= kBytesMax) return {};
    return too_large(event, "with its aliases written out the YAML document has more than " +
                                std::to_string(kNodesMax) + " values, or more than " +
                                std::to_string(kBytesMax >> 20U) + " MB.");
  }

  Result<Value> value(const Event& event, std::size_t depth) {
    if (event.event.type == YAML_ALIAS_EVENT) return alias(event, depth);
    const Size before = taken_;
    Value made;
    if (event.event.type == YAML_SCALAR_EVENT) {
      TRY(take(event, {1, event.event.data.scalar.length}));
      made = scalar_of(event.text(), event.is_plain());
    } else {
      if (depth >= kDepthMax)
        return too_large(event,
                         "the YAML document is nested more than " + std::to_string(kDepthMax) + " deep.");
      TRY(take(event, {1, 0}));
      made = event.event.type == YAML_SEQUENCE_START_EVENT ? TRY(sequence(depth)) : TRY(mapping(depth));
    }
    if (const std::string anchor = event.anchor(); !anchor.empty()) {
      const Size size{taken_.nodes - before.nodes, taken_.bytes - before.bytes};
      TRY(take(event, size));
      anchors_.insert_or_assign(anchor, Anchored{made, size});
    }
    return made;
  }

  Result<Value> alias(const Event& event, std::size_t depth) {
    const auto found = anchors_.find(event.anchor());
    if (found == anchors_.end())
      return Error{ErrorKind::invalid_argument, place_of(event.event.start_mark) + ": found undefined alias"};
    // Nested in one another aliases are deeper than any that is written.
    if (depth + depth_of(found->second.value) > kDepthMax)
      return too_large(event,
                       "the YAML document is nested more than " + std::to_string(kDepthMax) + " deep.");
    TRY(take(event, found->second.size));
    return found->second.value;
  }

  static std::size_t depth_of(const Value& value) {
    std::size_t deepest = 0;
    if (const auto* list = value.if_array()) {
      for (const Value& each : *list) deepest = std::max(deepest, depth_of(each));
      return deepest + 1;
    }
    const auto* members = value.if_object();
    if (members == nullptr) return 0;
    for (const auto& [name, member] : *members) deepest = std::max(deepest, depth_of(member));
    return deepest + 1;
  }

  Result<Value> sequence(std::size_t depth) {
    Array list;
    while (true) {
      Event event;
      TRY(next(event));
      if (event.event.type == YAML_SEQUENCE_END_EVENT) return Value(std::move(list));
      list.push_back(TRY(value(event, depth + 1)));
    }
  }

  Result<Value> mapping(std::size_t depth) {
    std::vector<json::Member> members;
    std::vector<Value> merged;
    while (true) {
      Event key;
      TRY(next(key));
      if (key.event.type == YAML_MAPPING_END_EVENT) break;
      const auto name = TRY(name_of(key, depth));
      Event event;
      TRY(next(event));
      auto inner = TRY(value(event, depth + 1));
      if (!name) continue;
      const bool is_merge = key.is_plain() && *name == "<<";
      if (is_merge && inner.is_array())
        for (Value& each : *inner.if_array()) merged.push_back(std::move(each));
      else if (is_merge && inner.is_object())
        merged.push_back(std::move(inner));
      else
        members.push_back(json::Member{*name, std::move(inner)});
    }
    return Value(merged_into(std::move(members), std::move(merged)));
  }

  // Of a member; what is no text names nothing in JSON.
  Result<std::optional<std::string>> name_of(const Event& key, std::size_t depth) {
    auto written = TRY(value(key, depth + 1));
    if (key.event.type == YAML_SCALAR_EVENT) return std::optional(key.text());
    const auto* text = written.if_string();
    return text == nullptr ? std::nullopt : std::optional(*text);
  }

  yaml_parser_t parser_{};
  std::map<std::string, Anchored, std::less<>> anchors_;
  Size taken_;
};

// Directives ("%TAG ...") stand before a document.
bool has_many_directives(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    if (line[0] != '%') return false;
    if (++count > kDirectivesMax) return true;
  }
  return false;
}

}  // namespace

Result<Value> read_yaml(std::string_view text) {
  if (text.size() > kBytesMax)
    return Error{ErrorKind::too_large, "The YAML document has " + std::to_string(text.size()) +
                                           " bytes; the limit is " + std::to_string(kBytesMax) + "."};
  if (has_many_directives(text))
    return Error{ErrorKind::too_large,
                 "The YAML document has more than " + std::to_string(kDirectivesMax) + " directives."};
  return Reader(text).document();
}

}  // namespace headwater::authoring
