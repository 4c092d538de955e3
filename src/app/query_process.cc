#include <CLI/CLI.hpp>

#include "api/query_task.h"
#include "app/commands.h"

namespace headwater::app {

void add_query_process_command(CLI::App& program, int& exit_code) {
  program.add_subcommand("query-process", "What a server starts for each query")
      ->group("")
      ->callback([&exit_code] { exit_code = api::serve_query_process(); });
}

}  // namespace headwater::app
