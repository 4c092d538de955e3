#pragma once

#include "cli/commands.h"

namespace headwater::cli {

// Each adds one subcommand to `headwater source`; its file is called after it.
void add_source_init(CLI::App& family, int& exit_code);
void add_source_lint(CLI::App& family, int& exit_code);
void add_source_dev(CLI::App& family, int& exit_code);
void add_source_try(CLI::App& family, int& exit_code);
void add_source_publish(CLI::App& family, int& exit_code, const LocalLogin& login);
void add_source_pull(CLI::App& family, int& exit_code, const LocalLogin& login);
void add_source_verify(CLI::App& family, int& exit_code, const LocalLogin& login);

}  // namespace headwater::cli
