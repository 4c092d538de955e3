#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/journal.h"

namespace headwater::journal {

/// A record on disk: checksum, sizes, offset, time; key and value; zeros up to eight bytes. It holds an
/// event, or says up to which offset events were let go of (a gap). A record of zeros is the end of a
/// segment.
inline constexpr std::size_t kHeaderBytes = 32;

std::size_t record_bytes(const Message& message);
void append_record(std::string& out, const Message& message, std::uint64_t offset, std::int64_t received_ms);
inline constexpr std::size_t kGapBytes = kHeaderBytes + sizeof(std::uint64_t);
/// In place of the events [from, to).
void append_gap(std::string& out, std::uint64_t from, std::uint64_t to);

/// The record at the front of `bytes`, and its size; nothing when none stands there whole, with its checksum
/// right and with this offset.
struct ReadRecord {
  std::optional<Event> event;  // absent in a gap
  std::uint64_t next = 0;      // offset of the record behind it
  std::size_t bytes = 0;
};
std::optional<ReadRecord> read_record(std::string_view bytes, std::uint64_t offset);
/// How long the record at the front says it is, unchecked; 0 at the end of a segment.
std::size_t claimed_bytes(std::string_view bytes);

}  // namespace headwater::journal
