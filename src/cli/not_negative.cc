#include "cli/not_negative.h"

#include <CLI/CLI.hpp>

#include <string>

namespace headwater::cli {

CLI::Option* refuse_negative(CLI::Option* option) {
  const auto look = [](const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    const bool is_negative = first != std::string::npos && text[first] == '-';
    return is_negative ? text + " is below zero" : std::string();
  };
  return option->transform(CLI::Validator(look, ""));
}

}  // namespace headwater::cli
