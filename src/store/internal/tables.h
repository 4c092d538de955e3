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

/// The paths without array steps that lists of a kind are filtered and ordered by (Flow Service reference,
/// section 5.1), as "connectionSpec.id", the more selective first. Each has an index of its sort key. Whoever
/// changes a list adds a migration.
std::span<const std::string_view> indexed_paths(domain::ResourceKind kind);
/// The same with one array step, as "sourceConnectionIds[]": their strings stand in the table of elements.
std::span<const std::string_view> array_paths(domain::ResourceKind kind);
/// Paths with one index for both: equal in the first, in the order of the second (a path or a column's
/// field).
struct PathPair {
  std::string_view equal;
  std::string_view order;
};
std::span<const PathPair> indexed_pairs(domain::ResourceKind kind);

domain::FieldPath path_of(std::string_view dotted);

/// Where the array elements of a kind's documents stand, kept by triggers: e_path (the place in
/// array_paths), e_value, e_scope, e_updated_at_ms, e_id.
std::string element_table(domain::ResourceKind kind);

/// The path as the dialect's JSON functions take it, without its marks of arrays.
std::string path_literal(Dialect dialect, const domain::FieldPath& path);
/// The member at `path` below the JSON of `base`.
std::string member_of(Dialect dialect, const std::string& base, const domain::FieldPath& path);
/// SQLite: its JSON type.
std::string type_of(const std::string& base, const domain::FieldPath& path);
/// The SQL value of a body member.
std::string body_value(Dialect dialect, const domain::FieldPath& path);
/// SQLite: its JSON type.
std::string body_type(const domain::FieldPath& path);
/// What conditions without regard to letter case compare: lower(...) of the text.
std::string body_text_lower(Dialect dialect, const domain::FieldPath& path);
/// What a list is ordered by and an index holds, never NULL: an SQL NULL would drop out of the keyset
/// comparison. Missing members, nulls and containers stand together before all others. PostgreSQL
/// orders strings of jsonb by the database's collation and before numbers, so there a function of the tables
/// (headwater_key, in migrations.cc) gives text in SQLite's order. In parentheses.
std::string sort_key(Dialect dialect, const domain::FieldPath& path);

}  // namespace headwater::store::internal
