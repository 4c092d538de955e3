#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "secrets/vault.h"

namespace headwater::store {

/// URLs as for Store::open.

struct Migration {
  // Version of the tables before; 0: there were none. Of several who migrate at once one has another than
  // `to`.
  std::int64_t from = 0;
  std::int64_t to = 0;
};
/// Brings the tables up to date, as every start does. Errors: as Store::open.
Result<Migration> migrate_store(std::string_view url, const std::filesystem::path& data_dir);

struct TableRows {
  std::string table;
  std::int64_t rows = 0;
};

struct CheckReport {
  std::int64_t version = 0;
  std::vector<TableRows> tables;
  std::vector<std::string> problems;  // one sentence each; empty: all is well
};
/// Reads everything and changes nothing: the version of the tables, the database's own integrity, that
/// documents parse and stand under their tenant, that references lead somewhere, that `vault` opens every
/// secret. Errors: not_found (no such file), unsupported (written by a newer Headwater), storage,
/// unavailable.
Result<CheckReport> check_store(std::string_view url, const std::filesystem::path& data_dir,
                                const secrets::Vault& vault);

/// Copies every table of one store into another, which is made if need be and must hold nothing, in one
/// transaction: all or nothing. What was written is read again and compared by count and hash. Nobody may
/// write to the source meanwhile. Answers what was copied. Errors: conflict (the target holds something),
/// unsupported (the source has tables of another version), storage, unavailable.
Result<std::vector<TableRows>> copy_store(std::string_view from, std::string_view to,
                                          const std::filesystem::path& data_dir);

}  // namespace headwater::store
