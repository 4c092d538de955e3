#include "domain/param_check.h"

#include <string>
#include <utility>

#include "schema/validator.h"

namespace headwater::domain {

Result<std::vector<Problem>> param_problems(const json::Value& schema, const json::Value& params,
                                            std::string_view prefix, std::string_view what) {
  auto validator = schema::Validator::compile(schema);
  if (!validator) {
    Error error = std::move(validator).error();
    error.message =
        "The connection spec's schema of " + std::string(what) + " cannot be used: " + error.message;
    error.code = "FLOW-1413-400";
    return error;
  }
  auto problems = validator->validate(params);
  for (Problem& problem : problems) problem.pointer = std::string(prefix) + problem.pointer;
  return problems;
}

}  // namespace headwater::domain
