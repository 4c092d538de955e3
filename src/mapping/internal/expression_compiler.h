#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/internal/expression_program.h"
#include "mapping/internal/source_places.h"
#include "mapping/internal/syntax.h"
#include "mapping/internal/target_type.h"

namespace headwater::mapping {

/// Parses, checks and compiles an expression: syntax, names of functions and methods, numbers of arguments,
/// literal regular expressions and date patterns, and, given the source's types, the attributes. What it
/// reads of the record is added to `places`. False, with at least one problem, when it cannot be used.
bool compile_expression(std::string_view text, const TargetTypes* source, SourcePlaces& places,
                        ExpressionProgram& program, std::vector<SyntaxProblem>& problems);

/// False when the source's types do not have the path; types that say nothing have every path.
bool has_path(const TargetTypes& source, const Path& path);

}  // namespace headwater::mapping
