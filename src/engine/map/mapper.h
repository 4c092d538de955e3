#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/record.h"
#include "mapping/mapping_set.h"
#include "schema/validator.h"

namespace headwater::map {

/// A record that is not ingested.
struct Rejected {
  std::size_t index;      // of the record in the group given
  std::string_view code;  // INGEST-1401-400 unreadable or of a wrong shape, INGEST-1555-400 required member
                          // missing or null, MAPPER-3700-400 missing or null because its mapping failed
  std::string message;    // names the member by JSON pointer
};

/// A mapping row that gave no value for some records: its destination was nulled.
struct RowFailures {
  std::size_t row;      // of the mapping set
  std::size_t first;    // the first such record: its index in the group given
  std::string message;  // "Mapping 3 (a / b to ratio) failed: division by zero."
  std::uint64_t count = 0;
};

struct Mapped {
  json::RecordGroup accepted;
  std::vector<std::size_t> source_of;  // accepted record -> index in the group given
  std::vector<Rejected> rejected;
  std::vector<RowFailures> failures;  // one for each row, of accepted and rejected records
  void clear();
};

/// Maps records through an optional mapping set and checks them against an optional target schema. Pure;
/// confined to one thread (it keeps buffers). Source: data-prep reference B.1, flow-service reference 19.
class Mapper {
 public:
  Mapper() = default;
  Mapper(std::optional<mapping::Mapping> mapping, std::optional<schema::Validator> target)
      : mapping_(std::move(mapping)), target_(std::move(target)) {}

  /// True when `map` would give back what it gets: the caller may skip it.
  bool is_identity() const { return !mapping_ && !target_; }

  /// Replaces the contents of `mapped`. The group's texts must be valid JSON or are rejected.
  void map(const json::RecordGroup& records, Mapped& mapped);

 private:
  void map_one(std::string_view text, std::size_t index, Mapped& mapped);
  bool check(std::string_view padded_text, std::size_t index, Mapped& mapped);
  void note_failures(std::size_t index, Mapped& mapped) const;
  std::string told(const mapping::Mapping::Failure& failure) const;

  std::optional<mapping::Mapping> mapping_;
  std::optional<schema::Validator> target_;
  json::RecordParser source_parser_;
  json::RecordParser target_parser_;
  mapping::Mapping::Scratch scratch_;
  std::vector<mapping::Mapping::Failure> failures_;
};

}  // namespace headwater::map
