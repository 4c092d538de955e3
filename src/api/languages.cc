#include "api/internal/handlers.h"
#include "mapping/expression.h"
#include "mapping/functions.h"

namespace headwater::api::languages {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr int kSince = 1;

// How the API names a parameter's JSON type.
std::string_view json_type(mapping::ValueType type) {
  using Type = mapping::ValueType;
  const bool plain = type == Type::boolean || type == Type::integer || type == Type::number ||
                     type == Type::string || type == Type::array;
  return plain ? mapping::name_of(type) : "object";
}

Value parameters_of(const mapping::FunctionInfo& info) {
  Array out;
  const std::size_t repeated = info.pairs ? 2 : info.variadic ? 1 : 0;
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const auto& parameter = info.parameters[i];
    const bool repeats = i + repeated >= info.parameters.size();
    std::string java(mapping::java_name(parameter.type));
    if (repeats) java.insert(0, "[L").append(";");  // the JVM's notation of an array
    out.emplace_back(Object{{"name", parameter.name},
                            {"description", parameter.description},
                            {"type", json_type(parameter.type)},
                            {"dataType", std::move(java)},
                            {"position", static_cast<std::int64_t>(i + 1)}});
  }
  return out;
}

Value function_of(const mapping::FunctionInfo& info, std::string_view name) {
  std::string syntax = info.syntax();
  // An alias is written as the function is.
  if (const auto at = syntax.find(std::string(info.name) + "("); name != info.name && at != std::string::npos)
    syntax.replace(at, info.name.size(), name);
  const auto* example = info.examples.empty() ? nullptr : &info.examples.front();
  return Object{{"category", info.category},
                {"function", name},
                {"description", info.description},
                {"syntax", std::move(syntax)},
                {"returns", info.returns},
                {"returnType", mapping::java_name(info.return_type)},
                {"example", example == nullptr ? std::string_view() : example->expression},
                {"result", example == nullptr ? std::string_view() : example->result},
                {"params", parameters_of(info)},
                {"since", kSince}};
}

// The description's own example nests the text one level deeper (reference A.6).
Result<std::string> expression_text(const Value& body) {
  const Value* expression = body.find("expression");
  if (expression != nullptr && expression->is_object()) expression = expression->find("expression");
  if (expression == nullptr || expression->is_null())
    return bad_request("CONNECTOR-1304-400", "/expression", "expression is required: the text to check.");
  if (!expression->is_string())
    return bad_request("CONNECTOR-1302-400", "/expression", "expression must be a string.");
  return *expression->if_string();
}

Result<std::optional<json::Value>> sample_of(const Value& body) {
  const Value* sample = body.find("sampleData");
  if (sample == nullptr || sample->is_null()) return std::optional<Value>();
  if (sample->is_object()) return std::optional(*sample);
  auto parsed = sample->is_string() ? json::parse(*sample->if_string()) : Result<Value>(Value());
  if (!parsed || !parsed->is_object())
    return bad_request("CONNECTOR-1302-400", "/sampleData", "sampleData must be a JSON object, as a text.");
  return std::optional(*std::move(parsed));
}

Value failed(std::string_view reason) { return Object{{"validationStatus", "failed"}, {"error", reason}}; }

}  // namespace

// 200 also for an expression that is wrong (reference DP-03). With a sample record it is evaluated, too.
Result<http::Response> validate(const Call& call) {
  const auto body = TRY(object_body(call));
  const auto text = TRY(expression_text(body));
  const auto sample = TRY(sample_of(body));
  const auto problems = mapping::check_expression(text);
  if (!problems.empty()) {
    const auto& first = problems.front();
    std::string reason = first.reason + " (position " + std::to_string(first.begin + 1) + ").";
    if (!first.hint.empty()) reason += " " + first.hint;
    return http::Response::json(200, failed(reason));
  }
  if (sample) {
    const auto expression = TRY(mapping::Expression::compile(text));
    json::RecordGroup group;
    group.append(sample->dump());
    json::RecordParser parser;
    const auto record = TRY(parser.parse(group[0]));
    mapping::Mapping::Scratch scratch;
    std::string value;
    if (const auto done = expression.evaluate(record, scratch, value); !done)
      return http::Response::json(200, failed(done.error().message));
  }
  return http::Response::json(200, Object{{"validationStatus", "succeeded"}, {"error", "none"}});
}

Result<http::Response> functions(const Call&) {
  Array out;
  for (const auto* info : mapping::function_list()) {
    out.push_back(function_of(*info, info->name));
    for (const auto alias : info->aliases) out.push_back(function_of(*info, alias));
  }
  return http::Response::json(200, out);
}

Result<http::Response> operators(const Call&) {
  Array out;
  for (const auto& info : mapping::operator_list())
    out.emplace_back(Object{{"operatorSymbol", info.symbol},
                            {"methodName", info.method},
                            {"numberOfOperands", info.operands},
                            {"description", info.description},
                            {"example", info.example.expression}});
  return http::Response::json(200, out);
}

}  // namespace headwater::api::languages
