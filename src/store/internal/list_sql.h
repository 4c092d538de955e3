#pragma once

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

/// "SELECT <columns>, <order values> FROM <table> WHERE ... ORDER BY ... LIMIT limit + 1".
/// The order values are the keyset position of each row, without the id.
Statement select_page(Dialect dialect, const Scope& scope, domain::ResourceKind kind,
                      const domain::ListQuery& query, std::string_view columns);

/// "SELECT count(*) FROM <table> WHERE ..." with the filters alone.
Statement select_count(Dialect dialect, const Scope& scope, domain::ResourceKind kind,
                       const domain::ListQuery& query);

/// A document as PostgreSQL's jsonb can hold and index it: NUL characters and numbers beyond its range are
/// replaced, long strings shortened in a way that keeps equal ones equal. For filters only.
std::string searchable_document(const json::Value& body);

/// How many order values select_page adds.
std::size_t order_value_count(const domain::ListQuery& query);
/// The position of a row, from its order values and its id.
domain::ListQuery::Position position_of(Dialect dialect, domain::ResourceKind kind,
                                        const domain::ListQuery& query, const std::vector<DbValue>& values,
                                        std::string id);

}  // namespace headwater::store::internal
