#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/record.h"
#include "mapping/internal/evaluation.h"
#include "mapping/internal/target_type.h"
#include "mapping/internal/value.h"

namespace headwater::mapping {

/// Appends values as the target's types (reference B.5, B.8, B.9): nodes of the source record as they are
/// written there, and what expressions made.
class ValueWriter {
 public:
  ValueWriter(const TargetTypes& types, bool allow_nulls, Evaluation& run)
      : types_(types), allow_nulls_(allow_nulls), run_(run) {}

  enum class Outcome : std::uint8_t { written, nothing, failed };

  /// `type` kNone: the target has no such place, nothing is written. On `nothing` and `failed` the text is
  /// left as it was. Values of kind node may also stand for scalars of the record.
  Outcome write(std::string& out, const Value& value, std::uint32_t type);

  /// Why something failed since the last `clear_reason`: the value itself, or a member of a copied object
  /// that was left out. Empty: nothing failed. A literal.
  std::string_view reason() const { return reason_; }
  void clear_reason() { reason_ = {}; }

 private:
  // What a scalar says, whether it stands in the record or was made.
  struct Scalar {
    enum class Kind : std::uint8_t { boolean, number, string, date };
    Kind kind = Kind::string;
    std::string_view text;            // boolean, number: as in JSON; string: its characters
    std::string_view raw;             // string of the record: with its quotes and escapes
    const ZonedTime* date = nullptr;  // date: never null; else always
  };
  Outcome fail(std::string_view reason) {
    reason_ = reason;
    return Outcome::failed;
  }
  Scalar scalar(const Value& value);
  Outcome write_scalar(std::string& out, const Scalar& scalar, TargetType::Kind kind);
  Outcome write_string(std::string& out, const Scalar& scalar);
  Outcome write_boolean(std::string& out, const Scalar& scalar);
  Outcome write_number(std::string& out, const Scalar& scalar, bool whole);
  Outcome write_time(std::string& out, const Scalar& scalar, bool date_only);
  Outcome write_as_is(std::string& out, const Value& value);
  Outcome write_object(std::string& out, const Value& value, std::uint32_t type);
  Outcome write_node_object(std::string& out, const json::Node& node, std::uint32_t type);
  Outcome write_array(std::string& out, const Value& value, std::uint32_t type);
  // One element behind what is written; the comma is the caller's.
  Outcome write_element(std::string& out, const Value& element, std::uint32_t type);

  const json::Record& record() const { return run_.record(); }
  std::uint32_t index_of(const json::Node& node) const {
    return static_cast<std::uint32_t>(&node - record().nodes);
  }

  const TargetTypes& types_;
  bool allow_nulls_;
  Evaluation& run_;
  std::string_view reason_;
  std::string characters_;
  std::string digits_;
};

/// A node of the record as it stands there, scalar or not.
inline Value as_node(const json::Node& node) {
  Value out;
  out.kind = Value::Kind::node;
  out.node = &node;
  return out;
}

}  // namespace headwater::mapping
