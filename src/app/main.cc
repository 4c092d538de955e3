#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "app/commands.h"

namespace {

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
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headwater: internal error: %s\n", error.what());
    return headwater::cli::kFailed;
  }
}
