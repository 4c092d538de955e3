#include "authoring/preview.h"

#include <algorithm>
#include <vector>

namespace headwater::authoring {
namespace {

using json::Value;

constexpr std::size_t kCellMax = 32;

std::string type_of(const Value& schema) {
  const Value* type = schema.find("type");
  if (type == nullptr) return "any";
  const std::string* name = type->if_string();
  if (name == nullptr) return type->dump();
  if (*name != "array") return *name;
  const Value* items = schema.find("items");
  return "array of " + (items == nullptr ? std::string("any") : type_of(*items));
}

// The scalar members of a record by their dotted paths; arrays are shown by their JSON text.
void flatten(const Value& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& cells) {
  if (const json::Object* members = value.if_object(); members != nullptr && !members->empty()) {
    for (const auto& [name, member] : *members) {
      std::string inner = path;
      if (!path.empty()) inner += '.';
      inner += name;
      flatten(member, inner, cells);
    }
    return;
  }
  const std::string* text = value.if_string();
  cells.emplace_back(path.empty() ? "(value)" : path, text != nullptr ? *text : value.dump());
}

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

// Cut to the cell's width at a character's border; control characters would break the table.
std::string cell_text(const std::string& text) {
  std::string out;
  std::size_t width = 0;
  for (const char byte : text) {
    if (!continues(byte) && ++width > kCellMax) return out + "\u2026";
    out += static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f ? ' ' : byte;
  }
  return out;
}

struct Column {
  std::string path;
  std::vector<std::string> cells;  // by record
  std::size_t width = 0;
};

std::vector<Column> columns_of(const json::Array& records) {
  std::vector<Column> columns;
  for (std::size_t row = 0; row < records.size(); ++row) {
    std::vector<std::pair<std::string, std::string>> cells;
    flatten(records[row], "", cells);
    for (const auto& [path, text] : cells) {
      const auto same = [&path](const Column& column) { return column.path == path; };
      auto column = std::find_if(columns.begin(), columns.end(), same);
      if (column == columns.end()) {
        columns.push_back(Column{path, std::vector<std::string>(records.size()), width_of(path)});
        column = columns.end() - 1;
      }
      column->cells[row] = cell_text(text);
      column->width = std::max(column->width, width_of(column->cells[row]));
    }
  }
  return columns;
}

void append_padded(std::string& out, const std::string& text, std::size_t width) {
  out += text;
  out.append(width - std::min(width, width_of(text)) + 2, ' ');
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

void append_schema(std::string& out, const Value& schema, std::size_t indent) {
  const Value* inside = &schema;
  while (inside->string_at("type") == "array" && inside->find("items") != nullptr)
    inside = inside->find("items");
  const Value* properties = inside->find("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, member] : *properties->if_object()) {
    out.append(indent, ' ').append(name).append(": ").append(type_of(member)).append("\n");
    append_schema(out, member, indent + 2);
  }
}

std::string format_preview(const run::Preview& preview, std::size_t columns_max) {
  std::string out = "Schema\n";
  append_schema(out, preview.schema, 2);
  out += "\nRecords: " + std::to_string(preview.records.size()) + "\n";
  const auto columns = columns_of(preview.records);
  std::size_t shown = 0;
  std::size_t line = 0;
  while (shown < columns.size() && (shown == 0 || line + columns[shown].width <= columns_max))
    line += columns[shown++].width + 2;
  for (std::size_t i = 0; i < shown; ++i) append_padded(out, columns[i].path, columns[i].width);
  end_line(out);
  for (std::size_t row = 0; row < preview.records.size(); ++row) {
    for (std::size_t i = 0; i < shown; ++i) append_padded(out, columns[i].cells[row], columns[i].width);
    end_line(out);
  }
  if (shown < columns.size()) {
    out += "and " + std::to_string(columns.size() - shown) + " more columns:";
    for (std::size_t i = shown; i < columns.size(); ++i) out += (i == shown ? " " : ", ") + columns[i].path;
    out += "\n";
  }
  return out;
}

}  // namespace headwater::authoring
