#include "api/internal/rows.h"

#include "json/value.h"

namespace headwater::api {
namespace {

void append_cell(std::string& out, const lake::Cell& cell) {
  switch (cell.kind) {
    case lake::Cell::Kind::null:
      out += "null";
      return;
    case lake::Cell::Kind::text:
      json::append_quoted(out, cell.text);
      return;
    case lake::Cell::Kind::boolean:
    case lake::Cell::Kind::number:
    case lake::Cell::Kind::json:
      out += cell.text;
      return;
  }
}

}  // namespace

lake::RowSink RowText::sink() {
  lake::RowSink out;
  out.columns = [this](std::span<const lake::ResultColumn> columns) -> Result<void> {
    columns_.assign(columns.begin(), columns.end());
    return {};
  };
  out.row = [this](std::span<const lake::Cell> row) { return append(row); };
  return out;
}

Result<void> RowText::append(std::span<const lake::Cell> row) {
  // Quoted, a text can be six times as long: what has it all is looked at again.
  std::size_t bytes = text_.size();
  for (const lake::Cell& cell : row) bytes += cell.text.size();
  if (bytes > bytes_max_) return too_large();
  if (text_.size() > 1) text_ += ',';
  text_ += form_ == Form::objects ? '{' : '[';
  for (std::size_t index = 0; index < row.size(); ++index) {
    if (index > 0) text_ += ',';
    if (form_ == Form::objects) {
      json::append_quoted(text_, columns_[index].name);
      text_ += ':';
    }
    append_cell(text_, row[index]);
  }
  text_ += form_ == Form::objects ? '}' : ']';
  if (text_.size() > bytes_max_) return too_large();
  return {};
}

Error RowText::too_large() const {
  return Error{ErrorKind::too_large, "The answer is larger than " + std::to_string(bytes_max_) +
                                         " bytes: select less, or use a LIMIT."};
}

std::string RowText::columns_text() const {
  json::Array out;
  for (const lake::ResultColumn& column : columns_)
    out.emplace_back(json::Object{{"name", column.name}, {"type", column.type}});
  return json::Value(std::move(out)).dump();
}

std::string RowText::text() && { return std::move(text_) + "]"; }

}  // namespace headwater::api
