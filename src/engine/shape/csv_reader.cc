#include "engine/shape/csv_reader.h"

#include <algorithm>

#include "base/trim.h"
#include "json/value.h"

namespace headwater::shape {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_json_number(std::string_view text) {
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  const auto parsed = json::parse(text);
  return parsed && parsed->is_number();
}

}  // namespace

CsvReader::CsvReader(CsvOptions options, ColumnOf column_of, Sink sink)
    : options_(std::move(options)), column_of_(std::move(column_of)), sink_(std::move(sink)) {}

Result<void> CsvReader::feed(std::string_view bytes) {
  if (!begun_ && !options_.latin1) {
    // The mark may come in pieces.
    while (!bytes.empty() && marks_ < kByteOrderMark.size() && bytes.front() == kByteOrderMark[marks_]) {
      bytes.remove_prefix(1);
      ++marks_;
    }
    if (bytes.empty()) return {};
    if (marks_ < kByteOrderMark.size())
      for (std::size_t i = 0; i < marks_; ++i) TRY(take(kByteOrderMark[i]));
  }
  begun_ = true;
  for (const char c : bytes) TRY(take(c));
  return {};
}

Result<void> CsvReader::take(char c) {
  if (++row_bytes_ > options_.row_bytes_max)
    return Error{ErrorKind::too_large, "A row has more than " + std::to_string(options_.row_bytes_max) +
                                           " bytes; is a quote missing?"};
  if (used_ == 0) {
    if (fields_.empty()) {
      fields_.emplace_back();
      quoted_.push_back(false);
    }
    fields_[0].clear();
    quoted_[0] = false;
    used_ = 1;
  }
  std::string& field = fields_[used_ - 1];
  const auto add = [&field, this](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    if (options_.latin1 && byte >= 0x80) {
      field += static_cast<char>(0xC0 | (byte >> 6));
      field += static_cast<char>(0x80 | (byte & 0x3F));
    } else {
      field += letter;
    }
  };
  if (state_ == State::escaped) {
    if (c != options_.quote && c != options_.escape) add(options_.escape);
    add(c);
    state_ = State::quoted;
    return {};
  }
  if (state_ == State::quoted) {
    if (c == options_.escape && options_.escape != options_.quote)
      state_ = State::escaped;
    else if (c == options_.quote)
      state_ = State::after_quote;
    else
      add(c);
    return {};
  }
  if (c == options_.quote && state_ == State::after_quote) {  // doubled
    add(c);
    state_ = State::quoted;
  } else if (c == options_.quote && state_ == State::start) {
    quoted_[used_ - 1] = true;
    state_ = State::quoted;
  } else if (c == options_.delimiter) {
    if (used_ >= options_.columns_max)
      return Error{ErrorKind::too_large,
                   "A row has more than " + std::to_string(options_.columns_max) + " fields."};
    if (fields_.size() == used_) {
      fields_.emplace_back();
      quoted_.push_back(false);
    }
    fields_[used_].clear();
    quoted_[used_++] = false;
    state_ = State::start;
  } else if (c == '\n') {
    if (field.ends_with('\r')) field.pop_back();
    return end_row();
  } else {
    add(c);
    if (state_ == State::start) state_ = State::bare;
  }
  return {};
}

Result<void> CsvReader::finish() {
  if (state_ == State::quoted || state_ == State::escaped)
    return Error{ErrorKind::invalid_argument, "The file ends within a quoted field."};
  if (used_ == 0) return {};
  if (fields_[used_ - 1].ends_with('\r')) fields_[used_ - 1].pop_back();
  return end_row();
}

Result<void> CsvReader::begin_columns() {
  columns_known_ = true;
  for (std::size_t i = 0; i < used_; ++i) add_column(column_of_(options_.header ? fields_[i] : "", i));
  return {};
}

void CsvReader::add_column(CsvColumn column) {
  std::vector<Node>* level = &tree_;
  for (std::size_t step = 0; step < column.path.size(); ++step) {
    const auto same = [&](const Node& node) { return node.name == column.path[step]; };
    auto at = std::find_if(level->begin(), level->end(), same);
    const bool leaf = step + 1 == column.path.size();
    // A name that stands twice, or both as a value and as a group: the later column goes by its number.
    if (at != level->end() && (leaf || at->children.empty())) {
      level->push_back({column.path[step] + "_" + std::to_string(types_.size() + 1), {}, types_.size()});
      break;
    }
    if (at == level->end()) {
      level->push_back({column.path[step], {}, types_.size()});
      at = level->end() - 1;
    }
    level = &at->children;
  }
  types_.push_back(column.type);
}

Result<void> CsvReader::end_row() {
  const bool blank = used_ == 1 && fields_[0].empty() && !quoted_[0];
  state_ = State::start;
  row_bytes_ = 0;
  if (blank) {
    used_ = 0;
    return {};
  }
  if (!columns_known_) {
    TRY(begin_columns());
    if (options_.header) {
      used_ = 0;
      return {};
    }
  }
  Result<void> given;
  if (used_ > types_.size()) {
    const std::string problem = "the row has " + std::to_string(used_) + " fields, but there are " +
                                std::to_string(types_.size()) + " columns";
    given = sink_(row_text(), problem);
  } else {
    object_ = "{";
    append_members(object_, tree_);
    object_ += '}';
    given = sink_(object_, {});
  }
  used_ = 0;
  return given;
}

std::string CsvReader::row_text() const {
  std::string text;
  for (std::size_t i = 0; i < used_; ++i) {
    if (i > 0) text += options_.delimiter;
    text += fields_[i];
  }
  return text;
}

bool CsvReader::is_null(std::size_t column) const {
  return column >= used_ || (!quoted_[column] && fields_[column].empty()) ||
         (!options_.null_marker.empty() && fields_[column] == options_.null_marker);
}

// False when nothing was appended.
bool CsvReader::append_members(std::string& out, const std::vector<Node>& nodes) const {
  bool any = false;
  for (const Node& node : nodes) {
    const auto start = out.size();
    if (node.children.empty() && is_null(node.column)) continue;
    if (any) out += ',';
    json::append_quoted(out, node.name);
    out += ':';
    if (node.children.empty()) {
      append_field(out, node.column);
    } else {
      out += '{';
      if (!append_members(out, node.children)) {
        out.resize(start);
        continue;
      }
      out += '}';
    }
    any = true;
  }
  return any;
}

void CsvReader::append_field(std::string& out, std::size_t column) const {
  const std::string& field = fields_[column];
  const std::string_view text = trimmed(field, " \t");
  if (types_[column] == CsvType::number && is_json_number(text)) {
    out += text;
    return;
  }
  if (types_[column] == CsvType::boolean)
    if (const auto flag = json::Value(text).as_bool_lenient()) {
      out += *flag ? "true" : "false";
      return;
    }
  if (types_[column] == CsvType::json && (text.starts_with('{') || text.starts_with('[')) &&
      json::parse(text)) {
    out += text;
    return;
  }
  json::append_quoted(out, field);
}

}  // namespace headwater::shape
