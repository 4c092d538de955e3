#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/time.h"
#include "cli/report.h"
#include "cli/yaml.h"

namespace headwater::cli {
namespace {

std::string cell(const json::Value& item, const Column& column) {
  const auto* value = item.find_path(column.path);
  if (value == nullptr || value->is_null()) return "";
  if (column.kind == Column::Kind::time_ms)
    if (const auto millis = value->as_int64_lenient())
      return *millis <= 0 ? "" : format_rfc3339(from_epoch_millis(*millis / 1000 * 1000));
  return value->is_string() ? *value->if_string() : value->dump();
}

// For answers that are no resources: every scalar member that some item has.
std::vector<std::string> own_members(const std::vector<json::Value>& items) {
  std::vector<std::string> names;
  for (const auto& item : items) {
    if (!item.is_object()) continue;
    for (const auto& [name, value] : *item.if_object())
      if (!value.is_object() && !value.is_array() &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  }
  return names;
}

void print_table(const std::vector<json::Value>& items, std::span<const Column> columns) {
  const auto has_column = [&items](const Column& column) {
    return std::any_of(items.begin(), items.end(),
                       [&](const json::Value& item) { return item.find_path(column.path) != nullptr; });
  };
  if (items.empty()) {
    fmt::print(stderr, "There are none.\n");
    return;
  }
  std::vector<std::string> names;
  std::vector<Column> shown(columns.begin(), columns.end());
  if (std::none_of(columns.begin(), columns.end(), has_column)) {
    names = own_members(items);
    shown.clear();
    for (const auto& name : names) shown.push_back(Column{name, name});
  }
  std::vector<std::string> header;
  header.reserve(shown.size());
  for (const auto& column : shown) header.emplace_back(column.title);
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : items) {
    std::vector<std::string> row;
    row.reserve(shown.size());
    for (const auto& column : shown) row.push_back(cell(item, column));
    rows.push_back(std::move(row));
  }
  fmt::print("{}", format_table(header, rows));
}

std::string indented(const std::string& text, std::size_t by) {
  std::string out(by, ' ');
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(by, ' ');
  }
  return out;
}

const json::Value* list_in(const json::Value& answer) {
  for (const char* name : {"items", "results", "data", "sandboxes"})
    if (const auto* list = answer.find(name); list != nullptr && list->is_array()) return list;
  return answer.is_array() ? &answer : nullptr;
}

}  // namespace

Form form_of(std::string_view output, bool is_list) {
  if (output == "table") return Form::table;
  if (output == "yaml") return Form::yaml;
  if (output == "json") return Form::json;
  return is_list && ::isatty(STDOUT_FILENO) == 1 ? Form::table : Form::json;
}

std::vector<json::Value> items_of(const json::Value& answer) {
  if (const auto* list = list_in(answer)) return *list->if_array();
  std::vector<json::Value> out;
  if (!answer.is_object()) return out;
  for (const auto& [id, value] : *answer.if_object()) {
    if (!value.is_object()) return {answer};  // not keyed by id: the answer is the resource
    json::Value item = value;
    item.if_object()->set("id", id);
    out.push_back(std::move(item));
  }
  return out;
}

void print_answer(const json::Value& answer, Form form, std::span<const Column> columns) {
  switch (form) {
    case Form::table:
      print_table(items_of(answer), columns);
      return;
    case Form::json:
      fmt::print("{}\n", answer.dump(2));
      return;
    case Form::yaml:
      std::string text;
      append_yaml(text, answer);
      fmt::print("{}", text);
      return;
  }
}

void ItemPrinter::add(std::vector<json::Value> items) {
  if (form_ == Form::table) {
    std::move(items.begin(), items.end(), std::back_inserter(kept_));
    return;
  }
  for (const auto& item : items) {
    if (form_ == Form::json) {
      fmt::print("{}\n{}", started_ ? "," : "{\n  \"items\": [", indented(item.dump(2), 4));
    } else {
      std::string text;
      append_yaml(text, json::Array{item});
      fmt::print("{}{}", started_ ? "" : "items:\n", text);
    }
    started_ = true;
  }
}

void ItemPrinter::finish() {
  if (form_ == Form::table) print_table(kept_, columns_);
  if (form_ == Form::json) fmt::print("{}", started_ ? "\n  ]\n}\n" : "{\n  \"items\": []\n}\n");
  if (form_ == Form::yaml && !started_) fmt::print("items: []\n");
}

}  // namespace headwater::cli
