#include "lake/internal/column_chunk.h"

#include <algorithm>

#include "json/kind_phrase.h"
#include "lake/internal/numbers.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;

constexpr std::size_t kBlockBytes = 256U << 10;
constexpr std::size_t kOtherMembersMax = 100;

std::size_t value_bytes_of(const ColumnType& type) {
  if (type.kind == Kind::text || type.kind == Kind::json) return sizeof(std::string_view);
  return type.kind == Kind::list ? sizeof(ListEntry) : fixed_width(type);
}

std::string_view phrase(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "a 64-bit whole number";
    case Kind::number:
      return "a number";
    case Kind::decimal:
      return "a decimal number of the declared size";
    case Kind::text:
      return "a string";
    case Kind::json:
      return "any value";
    case Kind::date:
      return "a date (YYYY-MM-DD)";
    case Kind::timestamp:
      return "a date-time (RFC 3339)";
    case Kind::structure:
      return "an object";
    case Kind::list:
      return "an array";
  }
  return "";
}

/// Names are short: eight bytes at a time cost less than a call.
bool same_text(std::string_view a, std::string_view b) {
  const auto size = a.size();
  if (size != b.size()) return false;
  const auto differ = [&a, &b](std::size_t at) {
    std::uint64_t left, right;
    std::memcpy(&left, a.data() + at, 8);
    std::memcpy(&right, b.data() + at, 8);
    return left != right;
  };
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8)
      if (differ(at)) return false;
    return !differ(size - 8);
  }
  for (std::size_t at = 0; at < size; ++at)
    if (a[at] != b[at]) return false;
  return true;
}

/// Makes rows null again and gives back what their lists took.
void forget(ColumnData& column, std::size_t from, std::size_t to) {
  for (std::size_t row = from; row < to; ++row) {
    if (!column.is_valid(row)) continue;
    column.set_null(row);
    if (column.kind != Kind::list) continue;
    const auto start = column.values_as<ListEntry>()[row].offset;
    if (start >= column.child_rows) continue;
    forget(column.children.front(), start, column.child_rows);
    column.child_rows = start;
  }
  if (column.kind == Kind::structure)
    for (auto& child : column.children) forget(child, from, to);
}

std::string_view without_digits(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  return end == text.npos ? std::string_view() : text.substr(end);
}

/// Whether the characters are a JSON number, but that leading zeros may stand there.
bool is_number_text(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digits = [&text] {
    const auto rest = without_digits(text);
    const bool any = rest.size() < text.size();
    text = rest;
    return any;
  };
  if (!digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!digits()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!digits()) return false;
  }
  return text.empty();
}

}  // namespace

std::size_t fixed_width(const ColumnType& type) {
  switch (type.kind) {
    case Kind::boolean:
      return 1;
    case Kind::date:
      return 4;
    case Kind::integer:
    case Kind::number:
    case Kind::timestamp:
      return 8;
    case Kind::decimal:
      return type.width <= 18 ? 8 : 16;
    case Kind::text:
    case Kind::json:
    case Kind::list:
    case Kind::structure:
      break;
  }
  return 0;
}

ColumnData::ColumnData(const ColumnType& type)
    : kind(type.kind), width(type.width), scale(type.scale), value_bytes(value_bytes_of(type)) {
  children.reserve(type.children.size() + 1);
  for (const auto& child : type.children) children.emplace_back(child.type);
  if (kind == Kind::structure) index_names(type.children);
}

void ColumnData::index_names(const std::vector<Column>& columns) {
  for (const auto& column : columns) names.push_back(column.name);
  for (std::uint32_t i = 0; i < names.size(); ++i) positions.emplace(names[i], i);
}

void ColumnData::reserve(std::size_t rows) {
  const auto words = (rows + 63) / 64;
  if (words <= valid.size()) return;
  const auto grown = std::max(words, valid.size() * 2);
  valid.resize(grown, 0);
  values.resize(grown * 64 * value_bytes);
  if (kind == Kind::structure)
    for (auto& child : children) child.reserve(grown * 64);
}

bool ColumnData::all_valid(std::size_t rows) const {
  for (std::size_t i = 0; i < rows / 64; ++i)
    if (valid[i] != ~std::uint64_t{0}) return false;
  const auto rest = rows % 64;
  return rest == 0 || (~valid[rows / 64] & ((std::uint64_t{1} << rest) - 1)) == 0;
}

void ColumnData::clear() {
  std::fill(valid.begin(), valid.end(), 0);
  child_rows = 0;
  for (auto& child : children) child.clear();
}

ColumnChunk::ColumnChunk(const Layout& layout)
    : root_(ColumnType{.kind = Kind::structure, .children = layout.columns}) {
  root_.children.emplace_back(ColumnType{.kind = Kind::json});
  root_.reserve(kRows);
}

void ColumnChunk::clear() {
  root_.clear();
  rows_ = 0;
  // One huge record must not pin its memory for the rest of the run.
  std::erase_if(blocks_, [](const Block& block) { return block.size > 8 * kBlockBytes; });
  for (auto& block : blocks_) block.used = 0;
  block_ = 0;
}

std::string_view ColumnChunk::keep(std::string_view text) {
  while (block_ < blocks_.size() && blocks_[block_].size - blocks_[block_].used < text.size()) ++block_;
  if (block_ == blocks_.size()) {
    const auto size = std::max(text.size(), kBlockBytes);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size, 0});
  }
  auto& block = blocks_[block_];
  char* place = block.bytes.get() + block.used;
  std::memcpy(place, text.data(), text.size());
  block.used += text.size();
  return {place, text.size()};
}

RowFiller::Outcome RowFiller::fill(ColumnChunk& chunk, const json::Record& record) {
  chunk_ = &chunk;
  record_ = &record;
  levels_.clear();
  other_.clear();
  problem_.clear();
  member_ = {};
  lists_entered_ = 0;
  auto& root = chunk.root_;
  const auto row = chunk.rows_;
  if (record.root().kind != json::Kind::object) {
    return {.fits = false,
            .problem = "The record is " + std::string(json::phrase(record.root().kind)) +
                       ", where an object is needed."};
  }
  if (put_members(root, row, record.root()) == Fit::misfit) {
    for (auto& column : root.children) forget(column, row, row + 1);
    return {.fits = false, .problem = std::move(problem_)};
  }
  const bool has_other = !other_.empty();
  if (has_other) {
    other_ += '}';
    set_text(root.children.back(), row, chunk.keep(other_));
  }
  ++chunk.rows_;
  return {.fits = true, .has_other = has_other, .problem = {}};
}

RowFiller::Fit RowFiller::put_members(ColumnData& column, std::size_t row, const json::Node& object) {
  const auto count = column.names.size();
  std::size_t expected = 0;  // Records of one source name their members in one order, mostly.
  Fit fit = Fit::whole;
  auto at = static_cast<std::uint32_t>(&object - record_->nodes) + 1;
  while (at < object.next) {
    const auto& name = record_->nodes[at];
    const auto& value = record_->nodes[at + 1];
    at = value.next;
    const auto characters = name.escaped ? record_->characters(name, scratch_) : record_->inner(name);
    if (expected >= count || !same_text(column.names[expected], characters)) {
      const auto found = column.positions.find(characters);
      expected = found == column.positions.end() ? count : found->second;
    }
    member_ = record_->raw(name);
    Fit one = Fit::partly;
    if (expected < count) one = put(column.children[expected], row, value);
    expected = expected < count ? expected + 1 : 0;
    if (one == Fit::misfit) return one;
    if (one == Fit::whole) continue;
    if (lists_entered_ > 0) {
      fit = Fit::partly;  // The outermost list is kept as it was written.
    } else {
      put_other(name, value);
    }
  }
  return fit;
}

RowFiller::Fit RowFiller::put(ColumnData& column, std::size_t row, const json::Node& node) {
  if (column.is_valid(row)) forget(column, row, row + 1);  // A repeated name: the last one counts.
  if (node.kind == json::Kind::null) return Fit::whole;
  switch (column.kind) {
    case Kind::json:
      set_text(column, row, record_->raw(node));
      return Fit::whole;
    case Kind::text:
      return put_text(column, row, node);
    case Kind::structure: {
      if (node.kind != json::Kind::object) return unfit(column, node);
      column.set_valid(row);
      levels_.push_back({member_, false});
      const auto fit = put_members(column, row, node);
      if (fit == Fit::misfit) return fit;
      if (levels_.back().open) other_ += '}';
      levels_.pop_back();
      return fit;
    }
    case Kind::list:
      if (node.kind != json::Kind::array) return unfit(column, node);
      return put_elements(column, row, node);
    case Kind::boolean: {
      auto text = record_->raw(node);
      const bool quoted = strict_ && (text == "\"true\"" || text == "\"false\"");
      if (node.kind != json::Kind::boolean && !quoted) return unfit(column, node);
      column.values_as<bool>()[row] = text[quoted ? 1 : 0] == 't';
      column.set_valid(row);
      return Fit::whole;
    }
    case Kind::date:
    case Kind::timestamp: {
      if (node.kind != json::Kind::string) return unfit(column, node);
      const auto fit = put_moment(column, row, record_->characters(node, scratch_));
      return fit == Fit::misfit ? unfit(column, node) : fit;
    }
    case Kind::integer:
    case Kind::number:
    case Kind::decimal: {
      const bool is_text = node.kind == json::Kind::string;
      if (node.kind != json::Kind::number && !(strict_ && is_text && is_number_text(record_->inner(node))))
        return unfit(column, node);
      const auto fit = put_number(column, row, is_text ? record_->inner(node) : record_->raw(node));
      return fit == Fit::misfit ? unfit(column, node) : fit;
    }
  }
  return Fit::misfit;
}

RowFiller::Fit RowFiller::put_elements(ColumnData& column, std::size_t row, const json::Node& array) {
  auto& child = column.children.front();
  const auto first = column.child_rows;
  std::uint64_t count = 0;
  column.values_as<ListEntry>()[row] = {first, 0};
  column.set_valid(row);
  ++lists_entered_;
  Fit fit = Fit::whole;
  for (auto at = static_cast<std::uint32_t>(&array - record_->nodes) + 1; at < array.next;) {
    const auto& node = record_->nodes[at];
    at = node.next;
    child.reserve(first + count + 1);
    column.child_rows = first + count + 1;
    const auto one = put(child, first + count, node);
    if (one == Fit::misfit) return one;
    if (one == Fit::partly) fit = Fit::partly;
    ++count;
  }
  --lists_entered_;
  column.values_as<ListEntry>()[row].length = count;
  return fit;
}

RowFiller::Fit RowFiller::put_text(ColumnData& column, std::size_t row, const json::Node& node) {
  if (node.kind == json::Kind::string) {
    if (!node.escaped)
      set_text(column, row, record_->inner(node));
    else
      set_text(column, row, chunk_->keep(record_->characters(node, scratch_)));
    return Fit::whole;
  }
  const bool plain = node.kind == json::Kind::number || node.kind == json::Kind::boolean;
  if (!strict_ || !plain) return unfit(column, node);
  set_text(column, row, record_->raw(node));
  return Fit::whole;
}

RowFiller::Fit RowFiller::put_moment(ColumnData& column, std::size_t row, std::string_view characters) {
  if (column.kind == Kind::date) {
    const auto days = to_date(characters);
    if (!days) return Fit::misfit;
    column.values_as<std::int32_t>()[row] = *days;
    column.set_valid(row);
    return Fit::whole;
  }
  const auto moment = to_timestamp(characters);
  if (!moment) return Fit::misfit;
  column.values_as<std::int64_t>()[row] = moment->micros;
  column.set_valid(row);
  return moment->exact ? Fit::whole : Fit::partly;
}

RowFiller::Fit RowFiller::put_number(ColumnData& column, std::size_t row, std::string_view text) {
  if (column.kind == Kind::integer) {
    const auto value = to_integer(text);
    if (!value) return Fit::misfit;
    column.values_as<std::int64_t>()[row] = *value;
  } else if (column.kind == Kind::decimal) {
    const auto value = to_decimal(text, column.width, column.scale);
    if (!value) return Fit::misfit;
    if (column.value_bytes == 8)
      column.values_as<std::int64_t>()[row] = static_cast<std::int64_t>(*value);
    else
      std::memcpy(column.values.data() + row * sizeof *value, &*value, sizeof *value);
  } else {
    const auto value = to_double(text);
    if (!value) return Fit::misfit;
    // Inferred: a number that a double changes has its place in `_other` alone, as any other misfit.
    if (!value->exact && !strict_) return Fit::misfit;
    column.values_as<double>()[row] = value->value;
    column.set_valid(row);
    return value->exact ? Fit::whole : Fit::partly;
  }
  column.set_valid(row);
  return Fit::whole;
}

void RowFiller::set_text(ColumnData& column, std::size_t row, std::string_view text) {
  column.values_as<std::string_view>()[row] = text;
  column.set_valid(row);
}

RowFiller::Fit RowFiller::unfit(const ColumnData& column, const json::Node& node) {
  if (!strict_) return Fit::partly;
  problem_ = "The member ";
  problem_.append(path()).append(" holds ").append(json::phrase(node.kind));
  problem_.append(" that cannot become ").append(phrase(column.kind)).append(".");
  return Fit::misfit;
}

std::string RowFiller::path() const {
  std::string out = "'";
  const auto add = [&out](std::string_view quoted) {
    if (quoted.size() < 2) return;
    if (out.size() > 1) out += '.';
    out += quoted.substr(1, std::min<std::size_t>(quoted.size() - 2, 200));
  };
  for (const auto& level : levels_) add(level.name);
  if (levels_.empty() || levels_.back().name.data() != member_.data()) add(member_);
  out += '\'';
  return out;
}

void RowFiller::put_other(const json::Node& name, const json::Node& value) {
  member_ = record_->raw(name);
  if (other_.empty()) other_ += '{';
  const auto separate = [this] {
    if (other_.back() != '{') other_ += ',';
  };
  for (auto& level : levels_) {
    if (level.open) continue;
    separate();
    other_.append(level.name).append(":{");
    level.open = true;
  }
  separate();
  other_.append(record_->raw(name)).append(":").append(record_->raw(value));
  if (other_members_.size() >= kOtherMembersMax) return;
  auto dotted = path();
  dotted = dotted.substr(1, dotted.size() - 2);
  if (std::find(other_members_.begin(), other_members_.end(), dotted) == other_members_.end())
    other_members_.push_back(std::move(dotted));
}

}  // namespace headwater::lake
