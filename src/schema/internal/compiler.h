#pragma once

#include <memory>

#include "base/result.h"
#include "json/value.h"
#include "schema/internal/program.h"
#include "schema/validator.h"

namespace headwater::schema {

/// Compiles a schema and everything that it refers to. Errors as Validator::compile.
Result<std::shared_ptr<const Validator::Program>> compile_program(const json::Value& schema,
                                                                  const CompileOptions& options);

}  // namespace headwater::schema
