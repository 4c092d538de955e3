#include "journal/internal/record.h"

#include <cstring>

#include "base/digest.h"

namespace headwater::journal {
namespace {

// In the machine's byte order: a journal does not travel.
struct Header {
  std::uint32_t checksum;  // of all that follows, the zeros that fill up included
  std::uint32_t key_bytes;
  std::uint32_t value_bytes;
  std::uint32_t mark;  // tells a record from zeros, and this layout from the next
  std::uint64_t offset;
  std::int64_t received_ms;
};
static_assert(sizeof(Header) == kHeaderBytes);

constexpr std::uint32_t kMark = 0x4857'4A31;     // "1JWH"
constexpr std::uint32_t kGapMark = 0x4857'4A30;  // its value is the offset behind the gap

std::size_t padded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

std::uint32_t checksum_of(std::string_view record) {
  return crypto::crc32(record.substr(sizeof(std::uint32_t)));
}

std::size_t bytes_of(const Message& message) {
  return padded(kHeaderBytes + message.key.size() + message.value.size());
}

void append(std::string& out, std::uint32_t mark, const Message& message, std::uint64_t offset,
            std::int64_t received_ms) {
  const auto begin = out.size();
  Header header{0,
                static_cast<std::uint32_t>(message.key.size()),
                static_cast<std::uint32_t>(message.value.size()),
                mark,
                offset,
                received_ms};
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(message.key).append(message.value);
  out.resize(begin + bytes_of(message), '\0');
  header.checksum = checksum_of(std::string_view(out).substr(begin));
  std::memcpy(out.data() + begin, &header.checksum, sizeof header.checksum);
}

}  // namespace

std::size_t record_bytes(const Message& message) { return bytes_of(message); }

void append_record(std::string& out, const Message& message, std::uint64_t offset, std::int64_t received_ms) {
  append(out, kMark, message, offset, received_ms);
}

void append_gap(std::string& out, std::uint64_t from, std::uint64_t to) {
  append(out, kGapMark, {{}, {reinterpret_cast<const char*>(&to), sizeof to}}, from, 0);
}

std::size_t claimed_bytes(std::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.mark != kMark && header.mark != kGapMark) return 0;
  return padded(kHeaderBytes + std::size_t{header.key_bytes} + header.value_bytes);
}

std::optional<ReadRecord> read_record(std::string_view bytes, std::uint64_t offset) {
  const auto claimed = claimed_bytes(bytes);
  if (claimed == 0 || claimed > bytes.size()) return std::nullopt;
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.offset != offset || header.checksum != checksum_of(bytes.substr(0, claimed)))
    return std::nullopt;
  const auto value = bytes.substr(kHeaderBytes + header.key_bytes, header.value_bytes);
  if (header.mark == kMark)
    return ReadRecord{Event{offset, header.received_ms, bytes.substr(kHeaderBytes, header.key_bytes), value},
                      offset + 1, claimed};
  std::uint64_t next = 0;
  if (value.size() != sizeof next) return std::nullopt;
  std::memcpy(&next, value.data(), sizeof next);
  if (next <= offset) return std::nullopt;
  return ReadRecord{std::nullopt, next, claimed};
}

}  // namespace headwater::journal
