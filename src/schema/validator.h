#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "json/record.h"
#include "json/value.h"

namespace headwater::schema {

/// What a value broke.
enum class Keyword : std::uint8_t {
  false_schema,
  type,
  enumeration,
  constant,
  multiple_of,
  maximum,
  exclusive_maximum,
  minimum,
  exclusive_minimum,
  max_length,
  min_length,
  pattern,
  additional_items,
  max_items,
  min_items,
  unique_items,
  contains,
  max_properties,
  min_properties,
  required,
  additional_properties,
  dependencies,
  property_names,
  any_of,
  one_of,
  negation,
  format,
  limit,  // validation was given up: too deep or too many steps
};

/// One thing that is wrong with an instance.
struct Violation {
  Keyword keyword;
  std::string pointer;   // into the instance; for a missing member the object that lacks it
  std::string reason;    // "is \"abc\", but must be an integer"
  std::string hint;      // what to do about it; or empty
  std::string member;    // `required` and `dependencies`: the missing member's name
  bool is_null = false;  // the instance at `pointer` is null
};

struct CompileOptions {
  /// False: `format` is an annotation only.
  bool assert_formats = true;
  /// Where the schema was found; relative $ids and $refs resolve against it.
  std::string base_uri = {};
  /// Documents that $ref may name, by absolute URI without fragment. The draft-07 metaschema is built in.
  /// Nothing is ever fetched.
  std::vector<std::pair<std::string, json::Value>> documents = {};
  std::size_t schemas_max = 100'000;  // subschemas in the compiled program
};

/// A JSON Schema draft-07 compiled to a flat program. Immutable; any number of threads may validate with
/// one, also through copies, which share the program.
///
/// Numbers compare and divide exactly, as decimals. `pattern` is ECMA-262 (unicode) over PCRE2. Of repeated
/// member names in a record each occurrence is checked.
class Validator {
 public:
  struct Program;

  /// Errors: invalid_argument with every problem, pointers into the schema: a keyword of the wrong type, a
  /// $ref that leads nowhere or in a circle, a pattern that is no regular expression, an unknown document.
  static Result<Validator> compile(const json::Value& schema, const CompileOptions& options = {});

  /// What looks wrong but does not hinder: an odd `$schema`, `required` naming an undeclared property.
  /// Pointers into the schema.
  const std::vector<Problem>& warnings() const;

  /// All that is wrong with a document, at most `problems_max`; empty when it is valid. Pointers into it.
  std::vector<Problem> validate(const json::Value& document, std::size_t problems_max = 100) const;
  bool accepts(const json::Value& document) const;

  /// The hot path: no DOM, and no allocation when warm and the record is valid (strings with escapes, and
  /// `uniqueItems` over long arrays excepted).
  bool accepts(const json::Record& record) const;
  /// As `accepts`, for the value at `node` of the record.
  bool accepts(const json::Record& record, const json::Node& node) const;

  /// As `validate`, with what was broken in a form that code can act on.
  std::vector<Violation> violations(const json::Record& record, std::size_t violations_max = 100) const;
  std::vector<Violation> violations(const json::Value& document, std::size_t violations_max = 100) const;

 private:
  explicit Validator(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;  // Shared by copies of one validator; immutable.
};

/// The draft-07 metaschema.
const json::Value& draft7_metaschema();

}  // namespace headwater::schema
