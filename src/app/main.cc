#include <malloc.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

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

// Says what is wrong with the command line, and where it is explained.
int report_usage(const CLI::App& program, const CLI::ParseError& error) {
  std::string command = program.get_name();
  for (auto chosen = program.get_subcommands(); !chosen.empty(); chosen = chosen.front()->get_subcommands())
    command += " " + chosen.front()->get_name();
  // The library says only that one is required, even where one was given that there is not.
  const auto unknown = program.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty() && !unknown.front().starts_with('-'))
    std::fprintf(stderr, "headwater: there is no command \"%s\" here; see %s --help.\n",
                 unknown.front().c_str(), command.c_str());
  else
    std::fprintf(stderr, "headwater: %s; see %s --help.\n", error.what(), command.c_str());
  return headwater::cli::kUsage;
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
  app::add_login_command(program, exit_code);
  app::add_token_command(program, exit_code);
  app::add_store_command(program, exit_code);
  app::add_query_process_command(program, exit_code);
  cli::add_run_command(program, exit_code);
  cli::add_preview_command(program, exit_code);
  cli::add_explain_command(program, exit_code);
  cli::add_lint_command(program, exit_code);
  cli::add_mock_command(program, exit_code);
  cli::add_jsonpath_command(program, exit_code);
  cli::add_map_command(program, exit_code);
  cli::add_functions_command(program, exit_code);
  cli::add_source_commands(program, exit_code, login);
  cli::add_query_command(program, exit_code, login);
  cli::add_resource_commands(program, exit_code, login);
  cli::add_inlet_commands(program, exit_code, login);
  cli::add_quarantine_command(program, exit_code, login);
  cli::add_completion_command(program);
  if (argc > 2 && std::string_view(argv[1]) == "__complete") {
    const std::vector<std::string> words(argv + 2, argv + argc);
    return cli::complete(program, words, login);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    program.exit(wanted);
    return cli::kOk;
  } catch (const CLI::ParseError& error) {
    return report_usage(program, error);
  }
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && exit_code == cli::kOk) {
    // A reader that has enough (`| head`) needs no message.
    if (errno != EPIPE)
      std::fprintf(stderr, "headwater: cannot write to standard output: %s\n", std::strerror(errno));
    return cli::kFailed;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  try {
    return run(argc, argv);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::broken_pipe)
      std::fprintf(stderr, "headwater: cannot write: %s\n", error.code().message().c_str());
    return headwater::cli::kFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headwater: internal error: %s\n", error.what());
    return headwater::cli::kFailed;
  }
}
