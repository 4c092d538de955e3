#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/record.h"
#include "json/value.h"
#include "mapping/environment.h"

namespace headwater::mapping {

enum class SourceType : std::uint8_t { attribute, expression, constant };

/// One row: where a value comes from and where it goes. Source: data-prep reference, A.3 and Part B.
struct Row {
  SourceType type = SourceType::attribute;
  std::string source;       // path, expression text, or the constant
  std::string destination;  // path
};

/// What a mapping set says, without its audit members.
struct MappingSet {
  std::string name;
  std::string schema_id;      // outputSchema.schemaRef.id, or xdmSchema of the old form
  std::string content_type;   // outputSchema.schemaRef.contentType, or xdmVersion
  json::Value source_schema;  // inputSchema.jsonSchema; null: attributes are not checked
  bool allow_nulls = false;   // allowNullValues
  std::vector<Row> rows;
};

/// Why one row cannot be used; `validate` of the wire gives it as TransformErrorInfo.
struct RowProblem {
  std::size_t row;     // from 0
  std::string member;  // the member of the row at fault: "source", "destination", "sourceType"
  std::string reason;
  std::string hint;
  std::size_t position = 0;  // in the source text, for syntax
};

/// All rows that cannot be used: a path or expression that does not parse, an unknown function, wildcards
/// that do not pair up, a destination written twice or not in the target schema, an attribute that is not in
/// the source schema. Source: data-prep reference, A.5.
std::vector<RowProblem> check(const MappingSet& set, const json::Value& target_schema = {});

/// The paths of fields that the target schema requires and no row gives: a record could never be valid
/// without them. Members of an object that a row copies as a whole are not known and not named.
/// Source: data-prep reference, A.5.
std::vector<std::string> unfilled_fields(const MappingSet& set, const json::Value& target_schema);

/// A mapping set compiled for records. Immutable; threads share it through copies, each with its own
/// `Scratch`.
class Mapping {
 public:
  struct Program;
  class Scratch;

  /// `target_schema` (or null) gives the types that values are coerced to (reference B.8) and the names that
  /// object copies keep (B.5). Its $refs must be local.
  /// Errors: invalid_argument with every problem, pointers "/mappings/3/source".
  static Result<Mapping> compile(const MappingSet& set, const json::Value& target_schema = {});

  /// A row that gave no value because it failed; the destination is nulled, the record goes on (B.1).
  struct Failure {
    std::uint32_t row;
    std::string_view reason;  // lives until the scratch is used again
  };

  /// Appends one target record to `out.buffer()` (the caller closes or drops the text). Missing sources are
  /// left out. `failures` is cleared first. No allocation once warm.
  void apply(const json::Record& record, Scratch& scratch, json::RecordGroup& out,
             std::vector<Failure>& failures) const;

  const Row& row(std::size_t index) const;
  std::size_t row_count() const;

 private:
  explicit Mapping(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;  // Shared by copies; immutable.
};

/// What one thread needs to apply mappings; reused from record to record.
class Mapping::Scratch {
 public:
  /// The environment must outlive it.
  explicit Scratch(const Environment& environment = Environment::system());
  ~Scratch();
  Scratch(Scratch&&) noexcept;

  struct State;  // the room's own

 private:
  friend class Mapping;
  friend class Expression;
  std::unique_ptr<State> state_;
};

}  // namespace headwater::mapping
