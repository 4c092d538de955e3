#include "engine/run/upload_file.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/shape/csv_reader.h"
#include "engine/shape/shaper.h"
#include "engine/shape/text_splitter.h"
#include "json/array_cutter.h"
#include "json/record.h"
#include "lake/layout.h"

namespace headwater::run {
namespace {

using domain::InputFormat;
using ColumnKind = lake::ColumnType::Kind;

constexpr std::size_t kReadBytes = 256U << 10;
constexpr std::size_t kRecordBytesMax = 64U << 20;

Error no_text(std::string_view what) {
  return Error{ErrorKind::invalid_argument, "It is " + std::string(what) + "."};
}

// What people send by mistake is told by its first bytes.
Result<void> check_first_bytes(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return no_text("gzip: upload it decompressed");
  if (bytes.starts_with("PK\x03\x04")) return no_text("a zip archive: upload the files in it");
  if (bytes.starts_with("PAR1")) return no_text("Parquet, but the batch's inputFormat is another");
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return no_text("UTF-16: upload UTF-8");
  return {};
}

// Gives every piece to `feed`, the first one at least.
template <class Feed>
Result<void> read_all(lake::UploadReader& reader, const std::stop_token& stop, std::string piece, Feed feed) {
  while (!piece.empty()) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Reading was stopped."};
    TRY(feed(piece));
    piece = TRY(reader.read(kReadBytes));
  }
  return {};
}

Result<void> read_json(lake::UploadReader& reader, std::string first, bool multi_line,
                       const std::stop_token& stop, const UploadedRecord& take) {
  if (first.starts_with("\xEF\xBB\xBF")) first.erase(0, 3);
  const auto sink = [&take](std::string_view text) { return take(text, {}); };
  const auto begin = first.find_first_not_of(" \t\r\n");
  if (begin != first.npos && first[begin] == '[') {
    json::ArrayCutter::Options options;
    options.element_bytes_max = kRecordBytesMax;
    json::ArrayCutter cutter(options, sink);
    TRY(read_all(reader, stop, std::move(first),
                 [&cutter](std::string_view bytes) { return cutter.feed(bytes); }));
    TRY(cutter.finish());
    return {};
  }
  using Mode = shape::TextSplitter::Mode;
  shape::TextSplitter splitter(multi_line ? Mode::values : Mode::lines, kRecordBytesMax, sink);
  TRY(read_all(reader, stop, std::move(first),
               [&splitter](std::string_view bytes) { return splitter.feed(bytes); }));
  return splitter.finish();
}

shape::CsvType csv_type(const lake::ColumnType& type) {
  switch (type.kind) {
    case ColumnKind::boolean:
      return shape::CsvType::boolean;
    case ColumnKind::integer:
    case ColumnKind::number:
    case ColumnKind::decimal:
      return shape::CsvType::number;
    case ColumnKind::text:
    case ColumnKind::date:
    case ColumnKind::timestamp:
      return shape::CsvType::text;
    case ColumnKind::json:
    case ColumnKind::structure:
    case ColumnKind::list:
      return shape::CsvType::json;
  }
  return shape::CsvType::text;
}

const lake::Column* find_column(const std::vector<lake::Column>& columns, std::string_view name) {
  const auto at = std::find_if(columns.begin(), columns.end(),
                               [name](const lake::Column& column) { return column.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

// "person.name" is a member of person when the schema has one, and a name with a dot otherwise.
shape::CsvColumn column_named(const std::vector<lake::Column>& columns, std::string_view name) {
  if (const auto* column = find_column(columns, name)) return {{std::string(name)}, csv_type(column->type)};
  shape::CsvColumn nested;
  const std::vector<lake::Column>* level = &columns;
  for (std::string_view rest = name;;) {
    const auto dot = rest.find('.');
    const auto* column = find_column(*level, rest.substr(0, dot));
    if (column == nullptr) return {{std::string(name)}, shape::CsvType::text};
    nested.path.emplace_back(rest.substr(0, dot));
    nested.type = csv_type(column->type);
    if (dot == std::string_view::npos) return nested;
    if (column->type.kind != ColumnKind::structure) return {{std::string(name)}, shape::CsvType::text};
    level = &column->type.children;
    rest.remove_prefix(dot + 1);
  }
}

Result<void> read_csv(lake::UploadReader& reader, std::string first, const InputFormat& format,
                      const json::Value& schema, const std::stop_token& stop, const UploadedRecord& take) {
  lake::Layout layout;
  if (!schema.is_null()) layout = TRY(lake::Layout::from_schema(schema));
  shape::CsvOptions options;
  options.delimiter = format.delimiter;
  options.quote = format.quote;
  options.escape = format.escape;
  options.header = format.header;
  options.latin1 = format.latin1;
  options.null_marker = format.null_marker;
  options.row_bytes_max = kRecordBytesMax;
  const auto column_of = [&layout, header = format.header](std::string_view name,
                                                           std::size_t index) -> shape::CsvColumn {
    if (header) return column_named(layout.columns, name);
    if (index < layout.columns.size())
      return {{layout.columns[index].name}, csv_type(layout.columns[index].type)};
    return {{"column" + std::to_string(index + 1)}, shape::CsvType::text};
  };
  shape::CsvReader rows(options, column_of, take);
  TRY(read_all(reader, stop, std::move(first), [&rows](std::string_view bytes) { return rows.feed(bytes); }));
  return rows.finish();
}

// Columns of a Parquet file are optional unless it says otherwise: what is null there is absent here.
Result<void> read_parquet(const lake::Uploads& uploads, std::string_view name, const std::stop_token& stop,
                          const UploadedRecord& take) {
  json::RecordParser parser;
  std::string padded, text;
  return uploads.read_parquet(name, stop, [&](std::string_view object) -> Result<void> {
    padded.assign(object);
    padded.reserve(padded.size() + json::RecordParser::kPadding);
    const auto record = parser.parse(padded);
    if (!record) return take(object, record.error().message);
    text.clear();
    shape::append_without_nulls(text, *record);
    return take(text, {});
  });
}

}  // namespace

Result<void> read_uploaded_file(const lake::Uploads& uploads, std::string_view name,
                                const InputFormat& format, const json::Value& schema,
                                const std::stop_token& stop, const UploadedRecord& take) {
  if (format.kind == InputFormat::Kind::parquet) return read_parquet(uploads, name, stop, take);
  auto reader = TRY(uploads.open(name));
  auto first = TRY(reader.read(kReadBytes));
  TRY(check_first_bytes(first));
  if (format.kind == InputFormat::Kind::csv)
    return read_csv(reader, std::move(first), format, schema, stop, take);
  return read_json(reader, std::move(first), format.multi_line, stop, take);
}

}  // namespace headwater::run
