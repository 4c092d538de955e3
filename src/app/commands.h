#pragma once

#include "cli/commands.h"

namespace headwater::app {

/// `headwater serve`.
void add_serve_command(CLI::App& program, int& exit_code);
/// `headwater store migrate|check|copy`.
void add_store_command(CLI::App& program, int& exit_code);
/// `headwater token`.
void add_token_command(CLI::App& program, int& exit_code);
/// Mints a token from a data directory, for client verbs on the server's own machine.
cli::LocalLogin local_login();

}  // namespace headwater::app
