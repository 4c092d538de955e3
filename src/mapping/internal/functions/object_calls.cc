#include "mapping/internal/functions/object_calls.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Type = Value::Kind;

// Calls visit(name, value) for each field of a text such as "a:1,b:2".
template <class Visit>
void each_field(std::string_view text, std::string_view value_delimiter, std::string_view field_delimiter,
                Visit visit) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(field_delimiter, begin), text.size());
    const auto field = text.substr(begin, end - begin);
    const auto middle = field.find(value_delimiter);
    if (middle != std::string_view::npos)
      visit(trim(field.substr(0, middle)), trim(field.substr(middle + value_delimiter.size())));
    begin = end + field_delimiter.size();
  }
}

// A delimiter that was not given, is null or empty is the usual one.
std::string_view delimiter(Arguments& in, std::size_t index, std::string_view name, std::string_view usual) {
  const auto given = in.given(index) ? in.text(index, name) : std::string_view();
  return given.empty() ? usual : given;
}

Value pairs(Evaluation& run, Arguments& in) {
  ObjectBuilder out(run.arena(), in.size() / 2);
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) {
    if (!in.given(i)) return in.fail({"key ", std::to_string(i / 2 + 1), " is null"});
    const auto key = in.text(i, "key");
    if (in.failed()) return in.failure();
    out.set(key, in[i + 1]);
  }
  return out.finish();
}

Value keyed(Evaluation& run, const Value& objects, std::string_view key) {
  ObjectBuilder out(run.arena(), objects.size);
  for (const auto& element : run.elements(objects)) {
    const auto value = run.member(element, key);
    if (!value.is_null()) out.set(run.text(value), element);
  }
  return out.finish();
}

bool has_key(Evaluation& run, const Value& map, std::string_view key) {
  const auto members = run.members(map);
  return std::any_of(members.begin(), members.end(),
                     [key](const Member& member) { return member.name == key; });
}

}  // namespace

Value ObjectCalls::is_empty(Evaluation& run, Values values) {
  const auto& value = values[0];
  if (value.is_array()) return Value::of(run.elements(value).empty());
  if (value.is_object()) return Value::of(run.members(value).empty());
  return Value::of(value.is_null() || (value.is_string() && value.size == 0));
}

// An attribute has been turned into "attribute != null" by the compiler.
Value ObjectCalls::contains_key(Evaluation& run, Values values) {
  if (values[0].kind == Type::boolean) return values[0];
  Arguments in(run, "contains_key", values);
  const auto path = in.text(0, "path");
  if (in.failed()) return in.failure();
  return Value::of(!path.empty() && run.place(path).has_value());
}

Value ObjectCalls::nullify(Evaluation&, Values) {
  Value out;
  out.flags = Value::kExplicit;
  return out;
}

Value ObjectCalls::arrays_to_objects(Evaluation& run, Values values) {
  Arguments in(run, "arrays_to_objects", values);
  struct Column {
    std::string_view key;
    std::span<const Value> elements;
  };
  std::vector<Column> columns;
  std::size_t longest = 0;
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) {
    if (!in.given(i)) return in.fail({"key ", std::to_string(i / 2 + 1), " is null"});
    const auto key = in.text(i, "key");
    if (in.failed()) return in.failure();
    const auto& column = in[i + 1];
    if (column.is_null()) continue;
    columns.push_back({key, column.is_array() ? run.elements(column) : values.subspan(i + 1, 1)});
    longest = std::max(longest, columns.back().elements.size());
  }
  ArrayBuilder out(run.arena(), longest);
  for (std::size_t row = 0; row < longest; ++row) {
    ObjectBuilder object(run.arena(), columns.size());
    for (const auto& column : columns)
      if (row < column.elements.size()) object.set(column.key, column.elements[row]);
    const auto made = object.finish();
    if (made.failed()) return made;
    out.push_back(made);
  }
  return out.finish();
}

Value ObjectCalls::to_object(Evaluation& run, Values values) {
  Arguments in(run, "to_object", values);
  return pairs(run, in);
}

Value ObjectCalls::to_map(Evaluation& run, Values values) {
  Arguments in(run, "to_map", values);
  return pairs(run, in);
}

Value ObjectCalls::str_to_object(Evaluation& run, Values values) {
  Arguments in(run, "str_to_object", values);
  const auto text = in.text(0, "input");
  const auto value_delimiter = delimiter(in, 1, "valueDelimiter", ":");
  const auto field_delimiter = delimiter(in, 2, "fieldDelimiter", ",");
  if (in.failed()) return in.failure();
  ObjectBuilder out(run.arena());
  each_field(text, value_delimiter, field_delimiter,
             [&out](std::string_view name, std::string_view value) { out.set(name, Value::of(value)); });
  return out.finish();
}

Value ObjectCalls::get_values(Evaluation& run, Values values) {
  Arguments in(run, "get_values", values);
  const auto text = in.text(0, "input");
  const auto key = in.text(1, "key");
  const auto value_delimiter = delimiter(in, 2, "valueDelimiter", ":");
  const auto field_delimiter = delimiter(in, 3, "fieldDelimiter", ",");
  if (in.failed()) return in.failure();
  Value out;
  each_field(text, value_delimiter, field_delimiter, [&](std::string_view name, std::string_view value) {
    if (name == trim(key)) out = Value::of(value);
  });
  return out;
}

Value ObjectCalls::get_keys(Evaluation& run, Values values) {
  Arguments in(run, "get_keys", values);
  if (!values[0].is_object()) return in.fail({"object must be an object, it is ", in.shown(values[0])});
  ArrayBuilder out(run.arena());
  for (const auto& member : run.members(values[0])) out.push_back(Value::of(member.name));
  return out.finish();
}

Value ObjectCalls::map_get_values(Evaluation& run, Values values) {
  Arguments in(run, "map_get_values", values);
  if (!values[0].is_object()) return in.fail({"map must be a map, it is ", in.shown(values[0])});
  if (!values[1].is_array()) return in.given(1) ? run.member(values[0], run.text(values[1])) : Value();
  ArrayBuilder out(run.arena());
  std::unordered_set<std::string_view> seen;
  for (const auto& key : run.elements(values[1])) {
    const auto name = run.text(key);
    if (seen.insert(name).second && has_key(run, values[0], name)) out.push_back(run.member(values[0], name));
  }
  return out.finish();
}

Value ObjectCalls::map_has_keys(Evaluation& run, Values values) {
  Arguments in(run, "map_has_keys", values);
  if (!values[0].is_object()) return in.fail({"map must be a map, it is ", in.shown(values[0])});
  if (!values[1].is_array()) return Value::of(in.given(1) && has_key(run, values[0], run.text(values[1])));
  const auto keys = run.elements(values[1]);
  return Value::of(std::any_of(keys.begin(), keys.end(),
                               [&](const Value& key) { return has_key(run, values[0], run.text(key)); }));
}

Value ObjectCalls::add_to_map(Evaluation& run, Values values) {
  Arguments in(run, "add_to_map", values);
  ObjectBuilder out(run.arena());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!in.given(i)) continue;
    if (!values[i].is_object())
      return in.fail({"map ", std::to_string(i + 1), " must be a map, it is ", in.shown(values[i])});
    for (const auto& member : run.members(values[i]))
      if (!out.contains(member.name)) out.set(member.name, member.value);
  }
  return out.finish();
}

Value ObjectCalls::object_to_map(Evaluation& run, Values values) {
  Arguments in(run, "object_to_map", values);
  const auto& first = values[0];
  if (first.is_array()) {
    // A bare attribute as second argument is followed by its name: the key is the member of this name.
    if (values.size() < 2) return in.fail({"an array of objects needs the member that is the key"});
    return keyed(run, first, run.text(values.back()));
  }
  if (values.size() == 1) {
    if (!first.is_object()) return in.fail({"a single argument must be an object, it is ", in.shown(first)});
    ObjectBuilder out(run.arena());
    for (const auto& member : run.members(first)) out.set(member.name, member.value);
    return out.finish();
  }
  if (first.is_object()) return in.fail({"an object stands alone; keys are texts"});
  if (values.size() == 3) values = values.first(2);  // a bare attribute's name is of no use here
  if (values.size() % 2 != 0) return in.fail({"keys and values come in pairs"});
  Arguments all(run, "object_to_map", values);
  return pairs(run, all);
}

Value ObjectCalls::array_to_map(Evaluation& run, Values values) {
  Arguments in(run, "array_to_map", values);
  if (!values[0].is_array()) return in.fail({"objects must be an array, it is ", in.shown(values[0])});
  const auto key = in.text(1, "key");
  if (in.failed()) return in.failure();
  return keyed(run, values[0], key);
}

}  // namespace headwater::mapping
