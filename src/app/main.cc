#include <malloc.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "app/commands.h"

namespace {

// Buffers of a page are freed and wanted again with the next one: handing them to the kernel in between costs
// more than reading the page (a fault for every 4 KB). What lies free at the heap's end stays, within a
// bound.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
}

int run(int argc, char** argv) {
  using namespace headwater;
  int exit_code = cli::kOk;
  CLI::App program("Headwater: one JSON connection spec in, records in the lake out.", "headwater");
  program.set_version_flag("--version", "headwater " HEADWATER_VERSION);
  program.require_subcommand(1);
  program.footer("Every command explains itself: headwater COMMAND --help");
  const auto login = app::local_login();
  app::add_serve_command(program, exit_code);
  app::add_token_command(program, exit_code);
  app::add_store_command(program, exit_code);
  cli::add_run_command(program, exit_code);
  cli::add_preview_command(program, exit_code);
  cli::add_explain_command(program, exit_code);
  cli::add_lint_command(program, exit_code);
  cli::add_jsonpath_command(program, exit_code);
  cli::add_query_command(program, exit_code, login);
  cli::add_resource_commands(program, exit_code, login);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? cli::kOk : cli::kUsage;
  }
  if (std::fflush(stdout) != 0 && exit_code == cli::kOk) {
    std::fputs("headwater: cannot write to standard output\n", stderr);
    return cli::kFailed;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headwater: internal error: %s\n", error.what());
    return headwater::cli::kFailed;
  }
}
