#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lake/query.h"

namespace headwater::api {

/// Writes a query's rows as JSON text while they come, up to a number of bytes. Confined to one call.
class RowText {
 public:
  enum class Form : std::uint8_t { arrays, objects };
  explicit RowText(Form form, std::size_t bytes_max = 64U << 20) : form_(form), bytes_max_(bytes_max) {}

  /// The sink points at this object. Errors of its rows: too_large past the limit.
  lake::RowSink sink();
  /// `[{"name":...,"type":...}]`
  std::string columns_text() const;
  /// The rows as one JSON array.
  std::string text() &&;

 private:
  Result<void> append(std::span<const lake::Cell> row);
  Error too_large() const;

  Form form_;
  std::size_t bytes_max_;
  std::vector<lake::ResultColumn> columns_;
  std::string text_ = "[";
};

}  // namespace headwater::api
