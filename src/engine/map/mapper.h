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

struct Mapped {
  json::RecordGroup accepted;
  std::vector<std::size_t> source_of;  // accepted record -> index in the group given
  std::vector<Rejected> rejected;
  std::uint64_t records_with_failures = 0;     // accepted although some mapping row failed
  std::vector<std::uint64_t> failures_by_row;  // rows of the mapping set; empty without one
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

  std::optional<mapping::Mapping> mapping_;
  std::optional<schema::Validator> target_;
  json::RecordParser source_parser_;
  json::RecordParser target_parser_;
  mapping::Mapping::Scratch scratch_;
  std::vector<mapping::Mapping::Failure> failures_;
};

}  // namespace headwater::map
