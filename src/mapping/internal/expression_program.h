#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "mapping/internal/date_pattern.h"
#include "mapping/internal/path.h"
#include "mapping/internal/syntax.h"
#include "mapping/internal/target_type.h"
#include "mapping/internal/value.h"

namespace headwater::mapping {

struct Function;

/// One operation; its operands' operations follow it, each with its own subtree. `next` is the first
/// operation behind the subtree.
struct Operation {
  Syntax::Kind kind = Syntax::Kind::null;
  Function const* function = nullptr;  // call
  std::uint32_t operands = 0;
  std::uint32_t next = 0;
  std::uint32_t index = 0;  // constant, attribute, local, text: into the program's lists
};

/// A place of the record that an expression reads.
struct AttributeUse {
  Path path;
  std::uint32_t place = 0;      // of SourcePlaces
  std::uint32_t every = kNone;  // has [*]: which of those that have
};

/// An expression compiled: immutable, shared by threads.
struct ExpressionProgram {
  std::vector<Operation> operations;  // [0] is the expression
  std::vector<Value> constants;
  std::vector<AttributeUse> attributes;
  std::vector<std::string> names;  // members and methods
  std::deque<std::string> texts;   // what constants point to
  struct Pattern {
    std::string text;
    Regex regex;
  };
  std::vector<Pattern> regexes;  // literals, compiled once
  struct DateText {
    std::string text;
    DatePattern pattern;
  };
  std::vector<DateText> date_patterns;
  std::uint32_t locals = 0;  // how many lambda parameters can be alive at once
};

}  // namespace headwater::mapping
