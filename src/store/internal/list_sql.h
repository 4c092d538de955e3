#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/list_query.h"
#include "domain/resource.h"
#include "store/internal/database.h"
#include "store/store.h"

namespace headwater::store::internal {

/// A statement that is being written, with its parameters.
struct Statement {
  std::string sql;
  std::vector<DbValue> params;

  /// Adds a parameter and answers its placeholder ("?3").
  std::string param(DbValue value);
};

/// Whether the filters that have an index hold for a few rows only, which are then sorted.
enum class Rows : std::uint8_t { few, many };

/// Columns, then the order values: the keyset position of each row, without the id. One row more than the
/// limit.
Statement select_page(Dialect dialect, const Scope& scope, domain::ResourceKind kind,
                      const domain::ListQuery& query, std::string_view columns, Rows few);

/// What to ask the database first (1: few, 0: many), when it makes a difference.
std::optional<Statement> ask_for_few(Dialect dialect, const Scope& scope, domain::ResourceKind kind,
                                     const domain::ListQuery& query);

/// How many rows the filters hold for.
Statement select_count(Dialect dialect, const Scope& scope, domain::ResourceKind kind,
                       const domain::ListQuery& query);

/// A document as PostgreSQL's jsonb can hold and index it: NUL characters and numbers beyond its range are
/// replaced, long strings shortened in a way that keeps equal ones equal. For filters only.
std::string searchable_document(const json::Value& body);

/// How many order values select_page adds.
std::size_t order_value_count(Dialect dialect, domain::ResourceKind kind, const domain::ListQuery& query);
/// The position of a row, from its order values and its id.
domain::ListQuery::Position position_of(const std::vector<DbValue>& values, std::string id);

}  // namespace headwater::store::internal
