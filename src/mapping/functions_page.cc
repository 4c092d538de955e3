#include "mapping/functions_page.h"

#include "mapping/functions.h"

namespace headwater::mapping {
namespace {

// A cell of a table may hold no bar and no line break.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string anchor(std::string_view category) {
  std::string out;
  for (const char c : category) {
    if (c == ' ' || c == '-')
      out += '-';
    else if (c != '/')
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

void add_function(std::string& out, const FunctionInfo& info) {
  out += "### " + std::string(info.name) + "\n\n`" + info.syntax() + "`\n\n" + std::string(info.description) +
         "  \n" + std::string(info.returns) + "\n";
  if (!info.aliases.empty()) {
    out += "\nAlso called:";
    for (const auto alias : info.aliases) out += " " + code(alias);
    out += "\n";
  }
  if (!info.parameters.empty()) {
    out += "\n| Parameter | Type | |\n|---|---|---|\n";
    for (const auto& parameter : info.parameters)
      out += "| " + code(parameter.name) + " | " + std::string(name_of(parameter.type)) + " | " +
             cell(parameter.description) + " |\n";
  }
  out += "\n| Example | Result | Record |\n|---|---|---|\n";
  for (const auto& example : info.examples)
    out += "| " + code(example.expression) + " | " + code(example.result) + " | " +
           (example.record == "{}" ? "" : code(example.record)) + " |\n";
  out += "\n";
}

}  // namespace

std::string functions_page() {
  std::string out =
      "# Functions and operators of the mapping language\n\n"
      "Made by `headwater functions --markdown` from the table that the language itself runs on; each "
      "example is a test.\n"
      "How records are mapped stands in the README; what differs for user agents in "
      "[functions-user-agent.md](functions-user-agent.md).\n\n";
  std::string_view category;
  for (const auto* info : function_list())
    if (info->category != category) {
      category = info->category;
      out += "- [" + std::string(category) + "](#" + anchor(category) + ")\n";
    }
  out += "- [Operators](#operators)\n\n";
  category = {};
  for (const auto* info : function_list()) {
    if (info->category != category) {
      category = info->category;
      out += "## " + std::string(category) + "\n\n";
    }
    add_function(out, *info);
  }
  out += "## Operators\n\n| Operator | | Example | Result |\n|---|---|---|---|\n";
  for (const auto& info : operator_list())
    out += "| " + code(info.symbol) + " | " + cell(info.description) + " | " + code(info.example.expression) +
           " | " + code(info.example.result) + " |\n";
  return out;
}

}  // namespace headwater::mapping
