#include "mapping/internal/value_json.h"

#include "json/record.h"
#include "json/value.h"
#include "mapping/internal/evaluation.h"
#include "mapping/internal/numbers.h"

namespace headwater::mapping {
namespace {

using Type = Value::Kind;

void append_array(std::string& out, Evaluation& run, const Value& array) {
  out += '[';
  bool first = true;
  for (const auto& element : run.elements(array)) {
    if (!first) out += ',';
    first = false;
    append_json(out, run, element);
  }
  out += ']';
}

void append_object(std::string& out, Evaluation& run, const Value& object) {
  out += '{';
  bool first = true;
  for (const auto& member : run.members(object)) {
    if (!first) out += ',';
    first = false;
    json::append_quoted(out, member.name);
    out += ':';
    append_json(out, run, member.value);
  }
  out += '}';
}

}  // namespace

void append_json(std::string& out, Evaluation& run, const Value& value) {
  switch (value.kind) {
    case Type::null:
    case Type::lambda:
    case Type::failed:
      out.append("null");
      return;
    case Type::boolean:
      out.append(value.boolean ? "true" : "false");
      return;
    case Type::integer:
      out.append(std::to_string(value.integer));
      return;
    case Type::big_integer:
    case Type::decimal:
      out.append(value.characters());
      return;
    case Type::real:
      if ((value.flags & Value::kLexeme) != 0)
        out.append(value.characters());
      else
        append_real(out, value.real, (value.flags & Value::kSingle) != 0);
      return;
    case Type::string:
      json::append_quoted(out, value.characters());
      return;
    case Type::date:
      out += '"';
      append_iso(out, *value.date);
      out += '"';
      return;
    case Type::node:
      json::append_minified(out, run.record().raw(*value.node));
      return;
    case Type::array:
      append_array(out, run, value);
      return;
    case Type::object:
      append_object(out, run, value);
      return;
  }
}

}  // namespace headwater::mapping
