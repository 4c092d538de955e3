#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "mapping/internal/evaluation.h"

namespace headwater::mapping {

/// Reads the arguments of one call and keeps what was wrong with the first that was. After reading: `if
/// (in.failed()) return in.failure();`. Lives as long as the call.
class Arguments {
 public:
  Arguments(Evaluation& run, std::string_view function, std::span<const Value> values)
      : run_(run), function_(function), values_(values) {}

  std::size_t size() const { return values_.size(); }
  const Value& operator[](std::size_t index) const { return values_[index]; }
  /// False when it was left out or is null.
  bool given(std::size_t index) const { return index < values_.size() && !values_[index].is_null(); }

  /// Any scalar in its text form. Null is the empty text.
  std::string_view text(std::size_t index, std::string_view name);
  std::int64_t whole(std::size_t index, std::string_view name);
  ZonedTime date(std::size_t index, std::string_view name);
  /// The default when it is not given.
  std::int64_t whole_or(std::size_t index, std::string_view name, std::int64_t otherwise);
  bool boolean_or(std::size_t index, std::string_view name, bool otherwise);

  bool failed() const { return failure_.failed(); }
  const Value& failure() const { return failure_; }
  /// A failure of this function: "substr: ...".
  Value fail(std::initializer_list<std::string_view> parts);
  /// A failure with the reason for which a pattern is none, a sentence.
  Value fail_for(std::string_view name, std::string_view reason);
  /// How a reason shows a value: texts quoted and cut, containers by their kind.
  std::string_view shown(const Value& value);

 private:
  void refuse(std::size_t index, std::string_view name, std::string_view wanted);

  Evaluation& run_;
  std::string_view function_;
  std::span<const Value> values_;
  Value failure_;
};

}  // namespace headwater::mapping
