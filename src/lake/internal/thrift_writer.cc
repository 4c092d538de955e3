#include "lake/internal/thrift_writer.h"

namespace headwater::lake {
namespace {

constexpr std::uint8_t kTrue = 1, kFalse = 2;

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

}  // namespace

void ThriftWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

void ThriftWriter::header(int field, std::uint8_t type) {
  const int step = field - last_.back();
  last_.back() = field;
  if (step > 0 && step < 16) {
    out_ += static_cast<char>(step << 4 | type);
    return;
  }
  out_ += static_cast<char>(type);
  varint(zigzag(field));
}

void ThriftWriter::i32(int field, std::int32_t value) {
  header(field, static_cast<std::uint8_t>(Type::i32));
  varint(zigzag(value));
}

void ThriftWriter::i64(int field, std::int64_t value) {
  header(field, static_cast<std::uint8_t>(Type::i64));
  varint(zigzag(value));
}

void ThriftWriter::boolean(int field, bool value) { header(field, value ? kTrue : kFalse); }

void ThriftWriter::binary(int field, std::string_view bytes) {
  header(field, static_cast<std::uint8_t>(Type::binary));
  binary_element(bytes);
}

void ThriftWriter::begin(int field) {
  header(field, static_cast<std::uint8_t>(Type::structure));
  last_.push_back(0);
}

void ThriftWriter::end() {
  out_ += '\0';
  if (last_.size() > 1) last_.pop_back();
}

void ThriftWriter::list(int field, Type elements, std::size_t size) {
  header(field, static_cast<std::uint8_t>(Type::list));
  const auto type = static_cast<std::uint8_t>(elements);
  if (size < 15) {
    out_ += static_cast<char>(size << 4 | type);
    return;
  }
  out_ += static_cast<char>(0xF0 | type);
  varint(size);
}

void ThriftWriter::i32_element(std::int32_t value) { varint(zigzag(value)); }

void ThriftWriter::binary_element(std::string_view bytes) {
  varint(bytes.size());
  out_.append(bytes);
}

}  // namespace headwater::lake
