#include "mapping/internal/functions/arguments.h"

#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

constexpr std::size_t kShownMax = 40;  // UTF-16 units

}  // namespace

std::string_view Arguments::text(std::size_t index, std::string_view name) {
  const Value& value = values_[index];
  if (value.is_string()) return value.characters();
  if (value.is_container() || value.kind == Value::Kind::lambda) {
    refuse(index, name, "a text");
    return {};
  }
  return run_.text(value);
}

std::int64_t Arguments::whole(std::size_t index, std::string_view name) {
  const Value& value = values_[index];
  if (value.kind == Value::Kind::integer) return value.integer;
  const auto number = run_.whole(value);
  if (!number) refuse(index, name, "a whole number");
  return number.value_or(0);
}

std::int64_t Arguments::whole_or(std::size_t index, std::string_view name, std::int64_t otherwise) {
  return given(index) ? whole(index, name) : otherwise;
}

ZonedTime Arguments::date(std::size_t index, std::string_view name) {
  const Value& value = values_[index];
  if (value.kind == Value::Kind::date) return *value.date;
  const auto time = run_.date(value);
  if (!time) refuse(index, name, "a date");
  return time.value_or(ZonedTime{});
}

bool Arguments::boolean_or(std::size_t index, std::string_view name, bool otherwise) {
  if (!given(index)) return otherwise;
  const Value& value = values_[index];
  if (value.kind == Value::Kind::boolean) return value.boolean;
  if (value.is_string() && equal_ignoring_case(value.characters(), "true")) return true;
  if (value.is_string() && equal_ignoring_case(value.characters(), "false")) return false;
  refuse(index, name, "true or false");
  return otherwise;
}

Value Arguments::fail(std::initializer_list<std::string_view> parts) {
  TextBuilder out(run_.arena());
  out.append(function_);
  out.append(": ");
  for (const auto part : parts) out.append(part);
  return out.finish(Value::Kind::failed);
}

Value Arguments::fail_for(std::string_view name, std::string_view reason) {
  if (reason.ends_with('.')) reason.remove_suffix(1);
  return fail({name, ": ", reason});
}

std::string_view Arguments::shown(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  if (value.kind == Value::Kind::lambda) return "a lambda";
  const auto text = run_.text(value);
  if (!value.is_string()) return text;
  const auto kept = text.substr(0, offset_of_unit(text, kShownMax, Half::before));
  TextBuilder out(run_.arena());
  out.push_back('"');
  out.append(kept);
  out.append(kept.size() < text.size() ? "...\"" : "\"");
  return out.view();
}

void Arguments::refuse(std::size_t index, std::string_view name, std::string_view wanted) {
  if (failed()) return;
  failure_ = fail({name, " must be ", wanted, ", it is ", shown(values_[index])});
}

}  // namespace headwater::mapping
