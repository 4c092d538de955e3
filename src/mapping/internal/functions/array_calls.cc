#include "mapping/internal/functions/array_calls.h"

#include <algorithm>
#include <string>

#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/operators.h"
#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {
namespace {

using Type = Value::Kind;

// One array stands for its elements.
std::span<const Value> values_or_elements(Evaluation& run, std::span<const Value> values) {
  return values.size() == 1 && values[0].is_array() ? run.elements(values[0]) : values;
}

void append_flat(Evaluation& run, const Value& value, ArrayBuilder& out) {
  if (!value.is_array()) return out.push_back(value);
  for (const auto& element : run.elements(value)) append_flat(run, element, out);
}

// An object's text with single quotes, as the vendor shows it.
void append_quoted_singly(Evaluation& run, const Value& value, TextBuilder& out) {
  if (value.is_object()) {
    out.push_back('{');
    bool first = true;
    for (const auto& member : run.members(value)) {
      out.append(first ? "'" : ",'");
      first = false;
      out.append(member.name);
      out.append("':");
      append_quoted_singly(run, member.value, out);
    }
    out.push_back('}');
  } else if (value.is_array()) {
    out.push_back('[');
    bool first = true;
    for (const auto& element : run.elements(value)) {
      if (!first) out.push_back(',');
      first = false;
      append_quoted_singly(run, element, out);
    }
    out.push_back(']');
  } else if (value.is_string()) {
    out.push_back('\'');
    out.append(value.characters());
    out.push_back('\'');
  } else if (value.kind == Type::date) {
    out.append(std::to_string(to_millis(*value.date)));
  } else {
    out.append(value.is_null() ? "null" : run.text(value));
  }
}

Value not_an_array(Arguments& in, const Value& value) {
  return in.fail({"array must be an array, it is ", in.shown(value)});
}

}  // namespace

Value ArrayCalls::coalesce(Evaluation& run, Values values) {
  for (const auto& value : values_or_elements(run, values))
    if (!value.is_null()) return value;
  return {};
}

Value ArrayCalls::first(Evaluation& run, Values values) {
  const auto all = values_or_elements(run, values);
  return all.empty() ? Value() : all.front();
}

Value ArrayCalls::last(Evaluation& run, Values values) {
  const auto all = values_or_elements(run, values);
  return all.empty() ? Value() : all.back();
}

Value ArrayCalls::add_to_array(Evaluation& run, Values values) {
  Arguments in(run, "add_to_array", values);
  if (in.given(0) && !values[0].is_array()) return not_an_array(in, values[0]);
  ArrayBuilder out(run.arena(), values.size());
  for (const auto& element : run.elements(values[0])) out.push_back(element);
  for (const auto& value : values.subspan(1)) out.push_back(value);
  return out.finish();
}

Value ArrayCalls::join_arrays(Evaluation& run, Values values) {
  ArrayBuilder out(run.arena());
  for (const auto& value : values) {
    if (value.is_null()) continue;
    if (!value.is_array()) out.push_back(value);
    for (const auto& element : run.elements(value)) out.push_back(element);
  }
  return out.finish();
}

Value ArrayCalls::to_array(Evaluation& run, Values values) {
  Arguments in(run, "to_array", values);
  const bool nulls = in.boolean_or(0, "includeNulls", false);
  if (in.failed()) return in.failure();
  ArrayBuilder out(run.arena(), values.size());
  for (const auto& value : values.subspan(1))
    if (nulls || !value.is_null()) out.push_back(value);
  return out.finish();
}

Value ArrayCalls::size_of(Evaluation& run, Values values) {
  return unary(run, Syntax::Kind::size, values[0]);
}

Value ArrayCalls::unchanged(Evaluation&, Values values) { return values[0]; }

Value ArrayCalls::array_to_string(Evaluation& run, Values values) {
  Arguments in(run, "array_to_string", values);
  const auto separator = in.text(0, "separator");
  if (in.failed()) return in.failure();
  ArrayBuilder flat(run.arena());
  append_flat(run, values[1], flat);
  TextBuilder out(run.arena());
  bool first = true;
  for (const auto& element : flat.items()) {
    if (!first) out.append(separator);
    first = false;
    if (element.is_object() || element.kind == Type::date)
      append_quoted_singly(run, element, out);
    else
      out.append(run.text(element));
  }
  return out.finish();
}

Value ArrayCalls::filter(Evaluation& run, Values values) {
  Arguments in(run, "filterArray", values);
  if (!values[0].is_array()) return not_an_array(in, values[0]);
  ArrayBuilder out(run.arena());
  for (const auto& element : run.elements(values[0])) {
    const auto mark = run.arena().mark();
    const auto kept = run.call(values[1], element);
    if (kept.failed()) return kept;
    const bool keeps = truth(kept);
    run.arena().release(mark);
    if (keeps) out.push_back(element);
  }
  return out.finish();
}

Value ArrayCalls::transform(Evaluation& run, Values values) {
  Arguments in(run, "transformArray", values);
  if (!values[0].is_array()) return not_an_array(in, values[0]);
  const auto elements = run.elements(values[0]);
  ArrayBuilder out(run.arena(), elements.size());
  for (const auto& element : elements) {
    const auto mark = run.arena().mark();
    const auto made = run.call(values[1], element);
    if (made.failed()) return made;
    run.end_round(mark, made);
    out.push_back(made);
  }
  return out.finish();
}

Value ArrayCalls::flatten(Evaluation& run, Values values) {
  Arguments in(run, "flattenArray", values);
  if (!values[0].is_array()) return not_an_array(in, values[0]);
  ArrayBuilder out(run.arena());
  append_flat(run, values[0], out);
  return out.finish();
}

}  // namespace headwater::mapping
