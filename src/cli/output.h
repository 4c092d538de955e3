#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/resources.h"
#include "json/value.h"

namespace headwater::cli {

enum class Form : std::uint8_t { table, json, yaml };

/// What --output says; without it a list on a terminal is a table, all else JSON.
Form form_of(std::string_view output, bool is_list);

/// The resources of one answer, whatever envelope they came in: {"items":[]}, {"results":[]}, {"data":[]},
/// {"sandboxes":[]}, an array, or an object keyed by id.
std::vector<json::Value> items_of(const json::Value& answer);

/// Prints one answer to standard output. A table shows `columns`, or when no item has any of them, the
/// items' own scalar members.
void print_answer(const json::Value& answer, Form form, std::span<const Column> columns);

/// Prints resources page by page as one document, {"items": [...]}; a table when all are in.
class ItemPrinter {
 public:
  ItemPrinter(Form form, std::span<const Column> columns) : form_(form), columns_(columns) {}
  void add(std::vector<json::Value> items);
  void finish();

 private:
  Form form_;
  std::span<const Column> columns_;
  std::vector<json::Value> kept_;
  bool started_ = false;
};

}  // namespace headwater::cli
