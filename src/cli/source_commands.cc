#include "cli/source_commands.h"

#include <CLI/CLI.hpp>

namespace headwater::cli {

void add_source_commands(CLI::App& program, int& exit_code, const LocalLogin& login) {
  auto* family = program.add_subcommand("source", "Write, check and publish a source of your own");
  family->require_subcommand(1);
  add_source_init(*family, exit_code);
  add_source_lint(*family, exit_code);
  add_source_dev(*family, exit_code);
  add_source_try(*family, exit_code);
  add_source_publish(*family, exit_code, login);
  add_source_pull(*family, exit_code, login);
  add_source_verify(*family, exit_code, login);
}

}  // namespace headwater::cli
