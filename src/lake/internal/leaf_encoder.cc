#include "lake/internal/leaf_encoder.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "lake/internal/rle_hybrid.h"
#include "lake/internal/thrift_writer.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;

constexpr int kCompressionLevel = 1;
constexpr std::size_t kPageBytes = 256U << 10;
constexpr std::size_t kPageValues = 64U << 10;
constexpr std::size_t kDictionaryBytesMax = 256U << 10;
constexpr std::size_t kDictionaryEntriesMax = 16U << 10;
/// After so many values it shows whether they repeat.
constexpr std::size_t kJudgeAfter = 1024;

template <class T>
void append_plain(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Wide decimals are big-endian byte arrays of fixed length; all other numbers are little-endian.
template <>
void append_plain(std::string& out, Int128 value) {
  for (int shift = 120; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void append_plain_text(std::string& out, std::string_view text) {
  append_plain(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

template <class T>
T read_plain(std::string_view bytes) {
  T value;
  bytes.copy(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

void append_levels(std::string& out, const std::vector<std::uint8_t>& levels, std::uint8_t greatest) {
  if (greatest == 0) return;
  const auto at = out.size();
  out.append(4, '\0');
  append_rle_hybrid(out, std::span(levels), bits_for(greatest));
  const auto bytes = static_cast<std::uint32_t>(out.size() - at - 4);
  std::memcpy(out.data() + at, &bytes, sizeof bytes);
}

void append_bits(std::string& out, std::string_view booleans) {
  for (std::size_t i = 0; i < booleans.size(); i += 8) {
    unsigned byte = 0;
    for (std::size_t bit = 0; bit < std::min<std::size_t>(8, booleans.size() - i); ++bit)
      byte |= static_cast<unsigned>(booleans[i + bit] != 0) << bit;
    out += static_cast<char>(byte);
  }
}

}  // namespace

void Slots::begin(std::uint8_t live_level) {
  count = 0;
  live = live_level;
  dense = false;
  rows.clear();
  definition.clear();
  repetition.clear();
}

void Slots::add(std::uint32_t row, std::uint8_t definition_level, std::uint8_t repetition_level) {
  rows.push_back(row);
  definition.push_back(definition_level);
  repetition.push_back(repetition_level);
  ++count;
}

struct PageCompressor::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(zstd); }
};

PageCompressor::PageCompressor() : context_(std::make_unique<Context>()) {}
PageCompressor::~PageCompressor() = default;

Result<std::string_view> PageCompressor::compress(std::string_view bytes) {
  const auto bound = ZSTD_compressBound(bytes.size());
  // One huge value must not pin its memory for the rest of the file.
  if (bound > capacity_ || capacity_ > 16 * kPageBytes) {
    capacity_ = std::max(bound, 2 * kPageBytes);
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
  }
  const auto size = ZSTD_compressCCtx(context_->zstd, buffer_.get(), capacity_, bytes.data(), bytes.size(),
                                      kCompressionLevel);
  if (ZSTD_isError(size))
    return Error{ErrorKind::storage, std::string("Compressing a page failed: ") + ZSTD_getErrorName(size)};
  return std::string_view(buffer_.get(), size);
}

LeafEncoder::LeafEncoder(const ColumnType& type, std::uint8_t definition_max, std::uint8_t repetition_max)
    : kind_(type.kind),
      width_(fixed_width(type)),
      definition_max_(definition_max),
      repetition_max_(repetition_max),
      dictionary_pays_(type.kind != Kind::boolean && width_ != 16),
      bounds_(type) {
  begin_row_group();
}

void LeafEncoder::begin_row_group() {
  in_dictionary_ = dictionary_pays_;
  dictionary_used_ = judged_ = false;
  finished_ = false;
  dictionary_.clear();
  pages_.clear();
  starts_.assign(1, 0);
  table_.clear();
  values_ = nulls_ = uncompressed_bytes_ = 0;
  bounds_.clear();
}

std::size_t LeafEncoder::bytes() const {
  return pages_.size() + dictionary_.size() + plain_.size() + positions_.size() * sizeof(std::uint32_t) +
         definition_.size() + repetition_.size();
}

Result<void> LeafEncoder::add(ColumnData& column, const Slots& slots, PageCompressor& compressor) {
  if (finished_) begin_row_group();
  add_values(column, slots);
  values_ += static_cast<std::int64_t>(slots.count);
  if (in_dictionary_ && !judged_ && positions_.size() >= kJudgeAfter) drop_unused_dictionary();
  if (plain_.size() >= kPageBytes || definition_.size() >= kPageValues) return close_page(compressor);
  return {};
}

/// Notes the levels of all places and calls `each` with the rows that hold a value.
template <class Each>
void LeafEncoder::each_live(const ColumnData& column, const Slots& slots, Each each) {
  const auto here = static_cast<std::uint8_t>(slots.live + 1);
  if (repetition_max_ > 0)
    repetition_.insert(repetition_.end(), slots.repetition.begin(), slots.repetition.end());
  if (slots.dense && column.all_valid(slots.count)) {
    definition_.insert(definition_.end(), slots.count, here);
    for (std::size_t row = 0; row < slots.count; ++row) each(row);
    return;
  }
  std::int64_t found = 0;
  for (std::size_t i = 0; i < slots.count; ++i) {
    const bool present = slots.is_live(i) && column.is_valid(slots.row(i));
    definition_.push_back(present ? here : slots.definition_of(i));
    if (!present) continue;
    ++found;
    each(slots.row(i));
  }
  nulls_ += static_cast<std::int64_t>(slots.count) - found;
}

void LeafEncoder::add_values(ColumnData& column, const Slots& slots) {
  switch (kind_) {
    case Kind::text:
    case Kind::json:
      return add_texts(column, slots);
    case Kind::boolean:
      return each_live(column, slots,
                       [this, values = column.values_as<char>()](std::size_t row) { plain_ += values[row]; });
    case Kind::date:
      return add_fixed<std::int32_t>(column, slots);
    case Kind::number:
      return add_fixed<double>(column, slots);
    case Kind::integer:
    case Kind::timestamp:
      return add_fixed<std::int64_t>(column, slots);
    case Kind::decimal:
      return width_ == 8 ? add_fixed<std::int64_t>(column, slots) : add_fixed<Int128>(column, slots);
    case Kind::list:
    case Kind::structure:
      break;
  }
}

template <class T>
void LeafEncoder::add_fixed(ColumnData& column, const Slots& slots) {
  each_live(column, slots, [this, values = column.values_as<T>()](std::size_t row) {
    if (in_dictionary_) {
      const std::string_view bytes(reinterpret_cast<const char*>(values + row), sizeof(T));
      if (const auto position = position_of(bytes)) return positions_.push_back(*position);
      leave_dictionary();
    }
    append_plain(plain_, values[row]);
    if constexpr (sizeof(T) == 4)
      bounds_.note(std::int64_t{values[row]});
    else
      bounds_.note(values[row]);
  });
}

void LeafEncoder::add_texts(ColumnData& column, const Slots& slots) {
  each_live(column, slots, [this, values = column.values_as<std::string_view>()](std::size_t row) {
    if (in_dictionary_) {
      if (const auto position = position_of(values[row])) return positions_.push_back(*position);
      leave_dictionary();
    }
    append_plain_text(plain_, values[row]);
    bounds_.note(values[row]);
  });
}

std::string_view LeafEncoder::entry(std::uint32_t position) const {
  const auto begin = starts_[position] + (width_ == 0 ? sizeof(std::uint32_t) : 0);
  return std::string_view(dictionary_).substr(begin, starts_[position + 1] - begin);
}

std::optional<std::uint32_t> LeafEncoder::position_of(std::string_view bytes) {
  if (table_.size() < 2 * starts_.size()) rebuild_table();
  const auto mask = table_.size() - 1;
  auto at = std::hash<std::string_view>()(bytes) & mask;
  for (; table_[at] != 0; at = (at + 1) & mask)
    if (entry(table_[at] - 1) == bytes) return table_[at] - 1;
  const auto position = static_cast<std::uint32_t>(starts_.size() - 1);
  if (position == kDictionaryEntriesMax || dictionary_.size() + bytes.size() > kDictionaryBytesMax)
    return std::nullopt;
  if (width_ == 0)
    append_plain_text(dictionary_, bytes);
  else
    dictionary_.append(bytes);
  starts_.push_back(static_cast<std::uint32_t>(dictionary_.size()));
  table_[at] = position + 1;
  return position;
}

void LeafEncoder::rebuild_table() {
  constexpr std::size_t kFirstSize = 64;
  table_.assign(std::max(kFirstSize, table_.size() * 4), 0);
  const auto mask = table_.size() - 1;
  for (std::uint32_t position = 0; position + 1 < starts_.size(); ++position) {
    auto at = std::hash<std::string_view>()(entry(position)) & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = position + 1;
  }
}

/// The open page's values are spelled out; pages closed before keep the dictionary.
void LeafEncoder::leave_dictionary() {
  for (const auto position : positions_) {
    const auto begin = starts_[position];
    plain_.append(dictionary_, begin, starts_[position + 1] - begin);
    bounds_.note_plain(entry(position));
  }
  positions_.clear();
  in_dictionary_ = false;
}

/// Values that hardly repeat cost a search each and gain nothing: neither here nor in later row groups.
void LeafEncoder::drop_unused_dictionary() {
  judged_ = true;
  if (2 * (starts_.size() - 1) <= positions_.size()) return;
  leave_dictionary();
  dictionary_pays_ = false;
}

Result<void> LeafEncoder::close_page(PageCompressor& compressor) {
  if (definition_.empty()) return {};
  auto& body = compressor.page;
  body.clear();
  append_levels(body, repetition_, repetition_max_);
  append_levels(body, definition_, definition_max_);
  const bool coded = in_dictionary_ && !positions_.empty();
  if (coded) {
    const auto bits = std::max(1U, bits_for(static_cast<std::uint32_t>(starts_.size() - 2)));
    body += static_cast<char>(bits);
    append_rle_hybrid(body, std::span<const std::uint32_t>(positions_), bits);
    dictionary_used_ = true;
  } else if (kind_ == Kind::boolean) {
    append_bits(body, plain_);
  } else {
    body.append(plain_);
  }
  TRY(write_page(pages_, {coded ? PageKind::coded : PageKind::plain, body, definition_.size()}, compressor));
  definition_.clear();
  repetition_.clear();
  positions_.clear();
  if (plain_.capacity() > 4 * kPageBytes) plain_.shrink_to_fit();
  plain_.clear();
  return {};
}

Result<void> LeafEncoder::write_page(std::string& out, const Page& page, PageCompressor& compressor) {
  if (page.body.size() > std::numeric_limits<std::int32_t>::max())
    return Error{ErrorKind::too_large, "A value of more than 2 GB has no place in a Parquet file."};
  const auto compressed = TRY(compressor.compress(page.body));
  const bool is_dictionary = page.kind == PageKind::dictionary;
  constexpr std::int32_t kDataPage = 0, kDictionaryPage = 2, kPlain = 0, kRle = 3, kRleDictionary = 8;
  const auto before = out.size();
  ThriftWriter header(out);
  header.i32(1, is_dictionary ? kDictionaryPage : kDataPage);
  header.i32(2, static_cast<std::int32_t>(page.body.size()));
  header.i32(3, static_cast<std::int32_t>(compressed.size()));
  header.begin(is_dictionary ? 7 : 5);
  header.i32(1, static_cast<std::int32_t>(page.values));
  header.i32(2, page.kind == PageKind::coded ? kRleDictionary : kPlain);
  if (!is_dictionary) {
    header.i32(3, kRle);  // definition levels
    header.i32(4, kRle);  // repetition levels
  }
  header.end();
  header.end();
  uncompressed_bytes_ += static_cast<std::int64_t>(out.size() - before + page.body.size());
  out.append(compressed);
  return {};
}

Result<LeafEncoder::Chunk> LeafEncoder::finish(PageCompressor& compressor) {
  if (in_dictionary_ && !judged_ && !dictionary_used_) drop_unused_dictionary();
  TRY(close_page(compressor));
  finished_ = true;
  dictionary_page_.clear();
  if (dictionary_used_) {
    const auto entries = static_cast<std::uint32_t>(starts_.size() - 1);
    TRY(write_page(dictionary_page_, {PageKind::dictionary, dictionary_, entries}, compressor));
    for (std::uint32_t position = 0; bounds_.wanted() && position < entries; ++position)
      bounds_.note_plain(entry(position));
  }
  return Chunk{.dictionary = dictionary_page_,
               .pages = pages_,
               .values = values_,
               .nulls = nulls_,
               .uncompressed_bytes = uncompressed_bytes_,
               .least = bounds_.least(),
               .greatest = bounds_.greatest()};
}

Bounds::Bounds(const ColumnType& type)
    : kind_(type.kind), width_(fixed_width(type)), wanted_(kind_ != Kind::boolean && kind_ != Kind::json) {}

void Bounds::clear() {
  any_ = false;
  wanted_ = kind_ != Kind::boolean && kind_ != Kind::json;
}

void Bounds::note(std::int64_t value) {
  whole_[0] = any_ ? std::min(whole_[0], value) : value;
  whole_[1] = any_ ? std::max(whole_[1], value) : value;
  any_ = true;
}

void Bounds::note(double value) {
  number_[0] = any_ ? std::min(number_[0], value) : value;
  number_[1] = any_ ? std::max(number_[1], value) : value;
  any_ = true;
}

void Bounds::note(Int128 value) {
  wide_[0] = any_ ? std::min(wide_[0], value) : value;
  wide_[1] = any_ ? std::max(wide_[1], value) : value;
  any_ = true;
}

void Bounds::note(std::string_view text) {
  constexpr std::size_t kTextMax = 64;
  if (!wanted_) return;
  const bool least = !any_ || text < text_[0];
  const bool greatest = !any_ || text > text_[1];
  if (!least && !greatest) return;
  if (text.size() > kTextMax) {
    wanted_ = any_ = false;
    return;
  }
  if (least) text_[0] = text;
  if (greatest) text_[1] = text;
  any_ = true;
}

void Bounds::note_plain(std::string_view bytes) {
  if (width_ == 0) return note(bytes);
  if (kind_ == Kind::number) return note(read_plain<double>(bytes));
  if (width_ == 4) return note(std::int64_t{read_plain<std::int32_t>(bytes)});
  if (width_ == 8) note(read_plain<std::int64_t>(bytes));
}

std::optional<std::string> Bounds::least() const { return spelled(true); }
std::optional<std::string> Bounds::greatest() const { return spelled(false); }

std::optional<std::string> Bounds::spelled(bool least) const {
  if (!any_ || !wanted_) return std::nullopt;
  const std::size_t which = least ? 0 : 1;
  std::string out;
  if (width_ == 0) {
    out = text_[which];
  } else if (kind_ == Kind::number) {
    // Readers must not take one zero for less than the other.
    const double value = number_[which];
    append_plain(out, value == 0 ? (least ? -0.0 : 0.0) : value);
  } else if (width_ == 16) {
    append_plain(out, wide_[which]);
  } else if (width_ == 4) {
    append_plain(out, static_cast<std::int32_t>(whole_[which]));
  } else {
    append_plain(out, whole_[which]);
  }
  return out;
}

}  // namespace headwater::lake
