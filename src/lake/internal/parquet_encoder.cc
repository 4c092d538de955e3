#include "lake/internal/parquet_encoder.h"

#include <fcntl.h>

#include <cstdint>

#include "lake/internal/thrift_writer.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;
using Type = ThriftWriter::Type;

constexpr std::string_view kMagic = "PAR1";

// Numbers of parquet.thrift.
enum class Physical : std::uint8_t {
  boolean,
  int32,
  int64,
  int96,
  real,
  double_precision,
  bytes,
  fixed_bytes
};
enum class Converted : std::uint8_t {
  utf8 = 0,
  list = 3,
  decimal = 5,
  date = 6,
  timestamp_micros = 10,
  int64 = 18,
  json = 19
};
enum class Logical : std::uint8_t { string = 1, list = 3, decimal = 5, date = 6, timestamp = 8, json = 12 };
constexpr std::int32_t kOptional = 1, kRepeated = 2, kZstd = 6;
constexpr std::int32_t kWideDecimalBytes = 16;

Physical physical_of(const ColumnType& type) {
  switch (type.kind) {
    case Kind::boolean:
      return Physical::boolean;
    case Kind::date:
      return Physical::int32;
    case Kind::number:
      return Physical::double_precision;
    case Kind::integer:
    case Kind::timestamp:
      return Physical::int64;
    case Kind::decimal:
      return type.width <= 18 ? Physical::int64 : Physical::fixed_bytes;
    case Kind::text:
    case Kind::json:
    case Kind::list:
    case Kind::structure:
      break;
  }
  return Physical::bytes;
}

template <class Enum>
constexpr std::int32_t number(Enum name) {
  return static_cast<std::int32_t>(name);
}

/// What the bytes of a leaf mean: the old member for old readers, the union for new ones.
void write_meaning(ThriftWriter& out, const ColumnType& type) {
  constexpr int kConverted = 6, kScale = 7, kPrecision = 8, kUnion = 10;
  const auto plainly = [&out](Converted converted, Logical logical) {
    out.i32(kConverted, number(converted));
    out.begin(kUnion);
    out.empty(number(logical));
    out.end();
  };
  switch (type.kind) {
    case Kind::text:
      return plainly(Converted::utf8, Logical::string);
    case Kind::json:
      return plainly(Converted::json, Logical::json);
    case Kind::date:
      return plainly(Converted::date, Logical::date);
    case Kind::list:
      return plainly(Converted::list, Logical::list);
    case Kind::timestamp:
      out.i32(kConverted, number(Converted::timestamp_micros));
      out.begin(kUnion);
      out.begin(number(Logical::timestamp));
      out.boolean(1, true);  // adjusted to UTC
      out.begin(2);
      out.empty(2);  // microseconds
      out.end();
      out.end();
      return out.end();
    case Kind::decimal:
      out.i32(kConverted, number(Converted::decimal));
      out.i32(kScale, type.scale);
      out.i32(kPrecision, type.width);
      out.begin(kUnion);
      out.begin(number(Logical::decimal));
      out.i32(1, type.scale);
      out.i32(2, type.width);
      out.end();
      return out.end();
    case Kind::integer:
      return out.i32(kConverted, number(Converted::int64));
    case Kind::boolean:
    case Kind::number:
    case Kind::structure:
      break;
  }
}

/// One element of the footer's flat schema.
struct Element {
  std::string_view name;
  const ColumnType* type = nullptr;  // nullptr: a group that means nothing by itself
  std::size_t children = 0;          // 0: a leaf
  std::int32_t repetition = kOptional;
};

void write_element(ThriftWriter& out, const Element& element) {
  out.begin_element();
  if (element.children == 0) {
    const auto physical = physical_of(*element.type);
    out.i32(1, number(physical));
    if (physical == Physical::fixed_bytes) out.i32(2, kWideDecimalBytes);
  }
  out.i32(3, element.repetition);
  out.binary(4, element.name);
  if (element.children > 0) out.i32(5, static_cast<std::int32_t>(element.children));
  if (element.type != nullptr) write_meaning(out, *element.type);
  out.end();
}

/// Writes a column's elements depth first and gives their number.
std::size_t write_schema(ThriftWriter& out, std::string_view name, const ColumnType& type) {
  if (type.kind == Kind::list) {
    // Three levels, so that an empty list, a null list and a list of null are told apart.
    write_element(out, {.name = name, .type = &type, .children = 1});
    write_element(out, {.name = "list", .children = 1, .repetition = kRepeated});
    return 2 + write_schema(out, "element", type.children.front().type);
  }
  write_element(out, {.name = name, .type = &type, .children = type.children.size()});
  std::size_t count = 1;
  for (const auto& child : type.children) count += write_schema(out, child.name, child.type);
  return count;
}

}  // namespace

Result<std::unique_ptr<ParquetEncoder>> ParquetEncoder::open(std::filesystem::path file,
                                                             const Layout& layout) {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return errno_error("make", file.string());
  std::unique_ptr<ParquetEncoder> encoder(new ParquetEncoder(std::move(file), std::move(fd), layout));
  TRY(encoder->write(kMagic));
  return encoder;
}

ParquetEncoder::ParquetEncoder(std::filesystem::path file, UniqueFd fd, const Layout& layout)
    : file_(std::move(file)), fd_(std::move(fd)), columns_(layout.columns) {
  columns_.push_back({std::string(kOtherColumn), ColumnType{.kind = Kind::json}});
  for (const auto& column : columns_) add_leaves(column.type, {column.name}, 1, 0);
}

void ParquetEncoder::add_leaves(const ColumnType& type, std::vector<std::string> path,
                                std::uint8_t definition, std::uint8_t repetition) {
  const auto deeper = [this, &path, repetition](const ColumnType& child,
                                                std::initializer_list<std::string> names,
                                                std::uint8_t child_definition, std::uint8_t repeats) {
    auto child_path = path;
    child_path.insert(child_path.end(), names);
    add_leaves(child, std::move(child_path), child_definition,
               static_cast<std::uint8_t>(repetition + repeats));
  };
  if (type.kind == Kind::list)
    return deeper(type.children.front().type, {"list", "element"}, static_cast<std::uint8_t>(definition + 2),
                  1);
  if (type.kind == Kind::structure) {
    for (const auto& child : type.children)
      deeper(child.type, {child.name}, static_cast<std::uint8_t>(definition + 1), 0);
    return;
  }
  leaves_.push_back({std::move(path), type, LeafEncoder(type, definition, repetition)});
}

Result<void> ParquetEncoder::add(ColumnChunk& chunk) {
  if (chunk.rows() == 0) return {};
  next_leaf_ = 0;
  Slots all;
  all.count = chunk.rows();
  for (auto& column : chunk.columns()) TRY(add_column(column, all, 0));
  group_rows_ += chunk.rows();
  std::size_t bytes = 0;
  for (const auto& leaf : leaves_) bytes += leaf.encoder.bytes();
  return group_rows_ >= kRowsMax || bytes >= kBytesMax ? end_row_group() : Result<void>();
}

Slots& ParquetEncoder::slots_at(std::size_t depth) {
  while (slots_.size() <= depth) slots_.emplace_back();
  return slots_[depth];
}

Result<void> ParquetEncoder::add_column(ColumnData& column, const Slots& slots, std::size_t depth) {
  if (column.kind == Kind::list) return add_elements(column, slots, depth);
  if (column.kind != Kind::structure) return leaves_[next_leaf_++].encoder.add(column, slots, compressor_);
  auto& inner = slots_at(depth);
  const auto here = static_cast<std::uint8_t>(slots.live + 1);
  inner.begin(here);
  inner.lists = slots.lists;
  inner.dense = slots.dense && column.all_valid(slots.count);
  if (inner.dense) {
    inner.count = slots.count;
  } else {
    for (std::size_t i = 0; i < slots.count; ++i) {
      const auto row = slots.row(i);
      const bool present = slots.is_live(i) && column.is_valid(row);
      inner.add(row, present ? here : slots.definition_of(i), slots.repetition_of(i));
    }
  }
  for (auto& child : column.children) TRY(add_column(child, inner, depth + 1));
  return {};
}

Result<void> ParquetEncoder::add_elements(ColumnData& list, const Slots& slots, std::size_t depth) {
  auto& inner = slots_at(depth);
  const auto empty = static_cast<std::uint8_t>(slots.live + 1);
  const auto here = static_cast<std::uint8_t>(slots.live + 2);
  inner.begin(here);
  const auto repeated = static_cast<std::uint8_t>(slots.lists + 1);
  inner.lists = repeated;
  for (std::size_t i = 0; i < slots.count; ++i) {
    const auto row = slots.row(i);
    if (!slots.is_live(i) || !list.is_valid(row)) {
      inner.add(0, slots.definition_of(i), slots.repetition_of(i));
      continue;
    }
    const auto entry = list.values_as<ListEntry>()[row];
    if (entry.length == 0) inner.add(0, empty, slots.repetition_of(i));
    for (std::uint64_t k = 0; k < entry.length; ++k)
      inner.add(static_cast<std::uint32_t>(entry.offset + k), here,
                k == 0 ? slots.repetition_of(i) : repeated);
  }
  return add_column(list.children.front(), inner, depth + 1);
}

Result<void> ParquetEncoder::write(std::string_view bytes) {
  TRY(write_all(fd_.get(), bytes, file_.string()));
  written_ += bytes.size();
  return {};
}

Result<void> ParquetEncoder::end_row_group() {
  if (group_rows_ == 0) return {};
  ThriftWriter out(group_metadata_);
  const auto group_begin = written_;
  std::int64_t uncompressed = 0;
  out.begin_element();
  out.list(1, Type::structure, leaves_.size());
  for (auto& leaf : leaves_) {
    const auto chunk = TRY(leaf.encoder.finish(compressor_));
    const auto begin = static_cast<std::int64_t>(written_);
    TRY(write(chunk.dictionary));
    const auto pages_begin = static_cast<std::int64_t>(written_);
    TRY(write(chunk.pages));
    uncompressed += chunk.uncompressed_bytes;
    out.begin_element();
    out.i64(2, begin);  // the file offset
    out.begin(3);
    out.i32(1, number(physical_of(leaf.type)));
    out.list(2, Type::i32, chunk.dictionary.empty() ? 2 : 3);
    out.i32_element(0);  // plain
    out.i32_element(3);  // RLE, for levels
    if (!chunk.dictionary.empty()) out.i32_element(8);
    out.list(3, Type::binary, leaf.path.size());
    for (const auto& name : leaf.path) out.binary_element(name);
    out.i32(4, kZstd);
    out.i64(5, chunk.values);
    out.i64(6, chunk.uncompressed_bytes);
    out.i64(7, static_cast<std::int64_t>(written_) - begin);
    out.i64(9, pages_begin);
    if (!chunk.dictionary.empty()) out.i64(11, begin);
    out.begin(12);
    out.i64(3, chunk.nulls);
    if (chunk.greatest && chunk.least) {
      out.binary(5, *chunk.greatest);
      out.binary(6, *chunk.least);
    }
    out.end();
    out.end();
    out.end();
  }
  out.i64(2, uncompressed);
  out.i64(3, static_cast<std::int64_t>(group_rows_));
  out.i64(5, static_cast<std::int64_t>(group_begin));
  out.i64(6, static_cast<std::int64_t>(written_ - group_begin));
  out.end();
  rows_ += group_rows_;
  group_rows_ = 0;
  ++groups_;
  return {};
}

std::string ParquetEncoder::footer() const {
  std::string schema;
  ThriftWriter elements(schema);
  std::size_t count = 1;
  write_element(elements, {.name = "schema", .children = columns_.size(), .repetition = 0});
  for (const auto& column : columns_) count += write_schema(elements, column.name, column.type);

  std::string bytes;
  ThriftWriter out(bytes);
  out.i32(1, 1);  // the format's version
  out.list(2, Type::structure, count);
  bytes.append(schema);
  out.i64(3, static_cast<std::int64_t>(rows_));
  out.list(4, Type::structure, groups_);
  bytes.append(group_metadata_);
  out.binary(6, "headwater");
  // Statistics count only where the order is named: by type, for every leaf.
  out.list(7, Type::structure, leaves_.size());
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    out.begin_element();
    out.empty(1);
    out.end();
  }
  out.end();
  return bytes;
}

Result<std::uint64_t> ParquetEncoder::finish() {
  TRY(end_row_group());
  auto bytes = footer();
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift);
  bytes.append(kMagic);
  TRY(write(bytes));
  TRY(sync_data(fd_.get(), file_.string()));
  fd_.reset();
  return written_;
}

}  // namespace headwater::lake
