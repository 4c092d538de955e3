#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/list_query.h"
#include "domain/resource.h"
#include "store/internal/database.h"

namespace headwater::store::internal {

/// Every kind of resource has a table of the same shape: the common fields as columns, and the body as the
/// JSON text that was sent. PostgreSQL has a second column `doc` with the same as jsonb, which filters read:
/// jsonb alone would lose the order of members and the spelling of numbers.
std::string_view table_name(domain::ResourceKind kind);

/// All kinds, in the order of their declaration.
std::span<const domain::ResourceKind> all_kinds();

/// The column that holds a field of the wire form, or "" when the field is a member of the body.
struct Column {
  std::string_view name;
  bool is_integer = false;
};
Column column_of(domain::ResourceKind kind, const domain::FieldPath& path);

/// The paths that lists of a kind are filtered by (Flow Service reference, section 5.1), as
/// "connectionSpec.id". Each has an index.
std::span<const std::string_view> indexed_paths(domain::ResourceKind kind);

/// The SQL value of a body member, spelled the same in indexes and in conditions.
std::string body_value(Dialect dialect, const domain::FieldPath& path);
/// What conditions without regard to letter case compare: lower(...) of the text.
std::string body_text_lower(Dialect dialect, const domain::FieldPath& path);

}  // namespace headwater::store::internal
