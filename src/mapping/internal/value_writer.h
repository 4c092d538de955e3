#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/record.h"
#include "mapping/internal/target_type.h"

namespace headwater::mapping {

/// Appends a value of the source record as the target's type (reference B.5, B.8, B.9).
class ValueWriter {
 public:
  ValueWriter(const TargetTypes& types, bool allow_nulls) : types_(types), allow_nulls_(allow_nulls) {}

  enum class Outcome { written, nothing, failed };

  /// `type` kNone: the target has no such place, nothing is written. On `nothing` and `failed` the text is
  /// left as it was.
  Outcome write(std::string& out, const json::Record& record, const json::Node& node, std::uint32_t type);

  /// Why something failed since the last `clear_reason`: the value itself, or a member of a copied object
  /// that was left out. Empty: nothing failed. A literal.
  std::string_view reason() const { return reason_; }
  void clear_reason() { reason_ = {}; }

 private:
  Outcome fail(std::string_view reason) {
    reason_ = reason;
    return Outcome::failed;
  }
  Outcome write_as_is(std::string& out, const json::Record& record, const json::Node& node);
  Outcome write_string(std::string& out, const json::Record& record, const json::Node& node);
  Outcome write_boolean(std::string& out, const json::Record& record, const json::Node& node);
  Outcome write_number(std::string& out, const json::Record& record, const json::Node& node, bool whole);
  Outcome write_time(std::string& out, const json::Record& record, const json::Node& node, bool date_only);
  Outcome write_object(std::string& out, const json::Record& record, const json::Node& node,
                       std::uint32_t type);
  Outcome write_array(std::string& out, const json::Record& record, const json::Node& node,
                      std::uint32_t type);

  const TargetTypes& types_;
  bool allow_nulls_;
  std::string_view reason_;
  std::string scratch_;
};

}  // namespace headwater::mapping
