#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "cli/commands.h"

namespace headwater::app {

/// `headwater serve`.
void add_serve_command(CLI::App& program, int& exit_code);
/// `headwater login`.
void add_login_command(CLI::App& program, int& exit_code);
/// `headwater store migrate|check|copy`.
void add_store_command(CLI::App& program, int& exit_code);
/// `headwater token`.
void add_token_command(CLI::App& program, int& exit_code);
/// The link that signs a browser in, with its one-time code; `url` is the server's, without a slash at its
/// end. The code stands behind the #, which browsers send to nobody.
std::string sign_in_link(std::string_view url, const Secret& code);
/// `headwater query-process`: what a server starts for each query; no command of a person.
void add_query_process_command(CLI::App& program, int& exit_code);
/// Mints a token from a data directory, for client verbs on the server's own machine.
cli::LocalLogin local_login();

}  // namespace headwater::app
