#include "engine/extract/variables.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "base/url.h"
#include "domain/expression.h"

namespace headwater::extract {

namespace {

using PartKind = domain::TextTemplate::PartKind;

// The declaration of a member in an object schema: whether there is one, whether it is required.
struct Declaration {
  bool declared = false;
  bool required = false;
  const json::Value* fallback = nullptr;
};

Declaration declaration_of(const json::Value& schema, std::string_view name) {
  Declaration result;
  const auto* properties = schema.find("properties");
  if (const auto* property = properties ? properties->find(name) : nullptr) {
    result.declared = true;
    result.fallback = property->find("default");
  }
  const auto* required = schema.find("required");
  const auto* names = required ? required->if_array() : nullptr;
  result.required = names && std::any_of(names->begin(), names->end(), [name](const json::Value& each) {
                      return each.is_string() && *each.if_string() == name;
                    });
  return result;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<void> check_place(std::string_view value, TextPlace place, std::string_view name,
                         std::string_view pointer) {
  const auto refuse = [&](std::string_view why) -> Error {
    return Error{ErrorKind::invalid_argument,
                 "The value of \"" + std::string(name) + "\" " + std::string(why) + ".",
                 std::string(pointer)};
  };
  if (place == TextPlace::host && (value.find_first_of("/?#@\\ ") != std::string_view::npos ||
                                   std::any_of(value.begin(), value.end(), is_control)))
    return refuse("cannot stand in a host: it must not hold / ? # @ or white space");
  if (place == TextPlace::path && (value == "." || value == ".."))
    return refuse("cannot stand in a path: it would lead elsewhere");
  if (place == TextPlace::header && std::any_of(value.begin(), value.end(), is_control))
    return refuse("cannot stand in a header: it holds line breaks or control characters");
  return {};
}

domain::TextTemplate::Braces braces_in(TextPlace place) {
  return place == TextPlace::host ? domain::TextTemplate::Braces::may_be_names
                                  : domain::TextTemplate::Braces::literal;
}

// An expression writes URL text of its own ("?a=b&"); what was filled into it is data.
std::string encode_path_text(const domain::Expression::Text& text) {
  std::string encoded;
  std::size_t at = 0;
  const std::string_view all = text.text;
  for (const auto& value : text.values) {
    encoded += encode_url_text(all.substr(at, value.begin - at));
    encoded += percent_encode(all.substr(value.begin, value.end - value.begin));
    at = value.end;
  }
  return encoded + encode_url_text(all.substr(at));
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

std::string encode_url_text(std::string_view text) {
  constexpr std::string_view kKept = "-._~!$&'()*+,;=:@/?";
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kKept.find(c) != std::string_view::npos;
    const bool escape = c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
    if (plain || escape)
      encoded += c;
    else
      encoded += percent_encode(text.substr(i, 1));
  }
  return encoded;
}

Result<Variables> Variables::make(const SourceInputs& inputs, TimePoint now, bool schedule_parameters) {
  Variables variables;
  variables.params_ = inputs.params;
  variables.auth_params_ = inputs.auth.params;
  variables.inputs_schema_ = inputs.spec.inputs;
  variables.auth_schema_ = inputs.auth.schema;
  variables.now_ = now;
  if (schedule_parameters) TRY(variables.set_schedule(inputs.spec.schedule, inputs.window));
  return variables;
}

Result<void> Variables::set_schedule(const domain::ScheduleParams& schedule, const Window& window) {
  const std::string_view default_format = "yyyy-MM-ddTHH:mm:ssZ";
  const auto format_of = [default_format](const std::string& format) {
    return format.empty() ? default_format : std::string_view(format);
  };
  const std::string_view start_format =
      format_of(schedule.advance ? schedule.param_format : schedule.start_format);
  const std::string_view end_format =
      format_of(schedule.advance ? schedule.param_format : schedule.end_format);
  if (window.start) start_text_ = TRY(format_dotnet(*window.start, start_format));
  // A query with an upper bound needs one: without a window's end it is this moment.
  const bool needs_end = schedule.advance && !window.end;
  if (window.end || needs_end) end_text_ = TRY(format_dotnet(window.end.value_or(now_), end_format));
  expression_start_ = start_text_;
  expression_end_ = end_text_;
  if (schedule.advance) {
    const auto& text = window.start ? schedule.incremental : schedule.backfill;
    const auto resolved = TRY(resolve(text, TextPlace::body,
                                      window.start ? "/sourceSpec/attributes/scheduleParams/incremental"
                                                   : "/sourceSpec/attributes/scheduleParams/backfill"));
    schedule_query_ = resolved.text;
    return {};
  }
  if (window.start && !schedule.start_name.empty())
    schedule_parameters_.emplace_back(schedule.start_name, start_text_);
  if (window.end && !schedule.end_name.empty())
    schedule_parameters_.emplace_back(schedule.end_name, end_text_);
  return {};
}

Variables::Lookup Variables::look_up(std::string_view name, std::string& text) const {
  const auto scalar = [&text](const json::Value* value) {
    if (!value || value->is_null()) return false;
    if (const auto* list = value->if_array()) {
      text.clear();
      for (const auto& each : *list) text += (text.empty() ? "" : ",") + domain::text_of(each);
      return true;
    }
    text = domain::text_of(*value);
    return true;
  };
  for (const auto* params : {&params_, &auth_params_})
    if (scalar(params->find(name)) ||
        (name.find('.') != std::string_view::npos && scalar(params->find_path(name)))) {
      // An empty text of an optional input is what a form sends for "not given".
      if (!text.empty()) return Lookup::found;
    }
  const auto input = declaration_of(inputs_schema_, name);
  const auto auth = declaration_of(auth_schema_, name);
  if (scalar(input.fallback) || scalar(auth.fallback)) return Lookup::found;
  if ((input.declared && !input.required) || (!input.declared && auth.declared && !auth.required))
    return Lookup::optional_missing;
  return Lookup::missing;
}

Result<domain::Expression::Text> Variables::fill(const domain::TextTemplate& literal, TextPlace place,
                                                 bool whole, std::string_view pointer) const {
  domain::Expression::Text filled;
  const bool is_address = whole && literal.parts().size() == 1 && place == TextPlace::host;
  for (const auto& part : literal.parts()) {
    if (part.kind == PartKind::literal) {
      filled.text += part.text;
      continue;
    }
    const auto value = TRY(value_of(part, pointer));
    if (!is_address) TRY(check_place(value.text, place, part.text, pointer));
    filled.values.push_back({filled.text.size(), filled.text.size() + value.text.size()});
    filled.text += value.text;
  }
  return filled;
}

Result<domain::Expression::Text> Variables::evaluate(const domain::Expression& expression, TextPlace place,
                                                     bool whole, std::string_view pointer) const {
  const auto at_pointer = [pointer](Error error) {
    error.where = std::string(pointer);
    return error;
  };
  domain::Expression::Context context;
  context.now = now_;
  context.parameter = [this](std::string_view name) -> std::optional<json::Value> {
    if (name == "ingestionStart" || name == "ingestionEnd") {
      const auto& text = name == "ingestionStart" ? expression_start_ : expression_end_;
      if (text.empty()) return std::nullopt;
      return json::Value(text);
    }
    for (const auto* params : {&params_, &auth_params_})
      if (const auto* value = params->find(name)) return *value;
    return std::nullopt;
  };
  context.fill = [&](std::string_view text) -> Result<domain::Expression::Text> {
    const auto literal = TRY(domain::TextTemplate::parse_literal(text, braces_in(place)));
    return fill(literal, place, whole, pointer);
  };
  // What is missing is told also where this run would not go: the next one may.
  for (const auto& literal : expression.literals())
    if (auto filled = context.fill(literal.text); !filled) return at_pointer(std::move(filled).error());
  auto text = expression.evaluate_text(context);
  if (!text) return at_pointer(std::move(text).error());
  return text;
}

Result<Resolved> Variables::resolve(std::string_view text, TextPlace place, std::string_view pointer) const {
  auto parsed = domain::TextTemplate::parse(text, braces_in(place));
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.where = std::string(pointer);
    return error;
  }
  return resolve_parts(*parsed, place, pointer);
}

// The value of one placeholder, as it is.
Result<Resolved> Variables::value_of(const domain::TextTemplate::Part& placeholder,
                                     std::string_view pointer) const {
  const auto given = [](const std::string& value) { return Resolved{value, value.empty()}; };
  switch (placeholder.kind) {
    case PartKind::literal:
    case PartKind::expression:
      return Resolved{placeholder.text, false};
    case PartKind::start_time:
      return given(start_text_);
    case PartKind::end_time:
      return given(end_text_);
    case PartKind::schedule_query:
      return given(schedule_query_);
    case PartKind::name:
    case PartKind::brace_name:
      break;
  }
  const auto& name = placeholder.text;
  Resolved found;
  const auto outcome = look_up(name, found.text);
  const bool declared =
      declaration_of(inputs_schema_, name).declared || declaration_of(auth_schema_, name).declared;
  if (placeholder.kind == PartKind::brace_name && outcome != Lookup::found && !declared)
    return Resolved{"{" + name + "}", false};
  if (outcome == Lookup::missing)
    return Error{ErrorKind::invalid_argument,
                 "The placeholder \"" + name +
                     "\" has no value: give it in the source connection's params or in auth.params.",
                 std::string(pointer)};
  if (outcome == Lookup::optional_missing) return Resolved{{}, true};
  return found;
}

Result<Resolved> Variables::resolve_parts(const domain::TextTemplate& parsed, TextPlace place,
                                          std::string_view pointer) const {
  Resolved resolved;
  const bool single = parsed.parts().size() == 1;
  for (const auto& part : parsed.parts()) {
    if (part.kind == PartKind::literal) {
      resolved.text += place == TextPlace::path ? encode_url_text(part.text) : part.text;
      continue;
    }
    if (part.kind == PartKind::expression) {
      const auto text = TRY(evaluate(*part.expression, place, single, pointer));
      resolved.text += place == TextPlace::path ? encode_path_text(text) : text.text;
      continue;
    }
    const auto value = TRY(value_of(part, pointer));
    // A host that is one placeholder as a whole is the address itself, with its scheme.
    if (!(single && place == TextPlace::host)) TRY(check_place(value.text, place, part.text, pointer));
    resolved.absent = single && value.absent;
    resolved.text += place == TextPlace::path ? percent_encode(value.text) : value.text;
  }
  if (place == TextPlace::header && std::any_of(resolved.text.begin(), resolved.text.end(), is_control))
    return Error{ErrorKind::invalid_argument,
                 "A header value must not hold line breaks or control characters.", std::string(pointer)};
  return resolved;
}

}  // namespace headwater::extract
