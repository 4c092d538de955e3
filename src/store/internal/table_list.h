#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/resource.h"

namespace headwater::store::internal {

/// A table as it is copied and checked: without columns and tables that the database derives.
struct TableDescription {
  std::string name;
  std::vector<std::string_view> columns;
  std::size_t key_columns;                   // the first ones are the primary key, all text
  std::optional<domain::ResourceKind> kind;  // of a table of resources
};

/// Every table that holds something of its own. Beats of servers do not: they die with their processes.
std::span<const TableDescription> table_list();

}  // namespace headwater::store::internal
