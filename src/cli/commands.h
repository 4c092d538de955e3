#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace headwater::cli {

/// Exit codes, the same for every command.
constexpr int kOk = 0;
constexpr int kFailed = 1;   // it was tried and failed: the run, the server's answer, the query
constexpr int kUsage = 2;    // the command line or a document given to it is wrong
constexpr int kPartial = 4;  // maximumRequest ended a run before the source's end; some events were rejected
constexpr int kInterrupted = 130;  // Ctrl-C

/// How client verbs prove who they are.
struct Credentials {
  std::string access_token;
  std::string api_key;
  std::string org;
  std::string sandbox;
};

/// Mints a token from a data directory of this machine; app supplies it, since only app knows identity.
using LocalLogin = std::function<Result<Credentials>(const std::filesystem::path& data_dir,
                                                     const std::optional<std::string>& org,
                                                     const std::optional<std::string>& sandbox)>;

// Each adds one command (or family) to the program; when it was chosen, it runs and sets `exit_code`.
void add_run_command(CLI::App& program, int& exit_code);
void add_preview_command(CLI::App& program, int& exit_code);
void add_explain_command(CLI::App& program, int& exit_code);
void add_lint_command(CLI::App& program, int& exit_code);
void add_mock_command(CLI::App& program, int& exit_code);
void add_map_command(CLI::App& program, int& exit_code);
void add_functions_command(CLI::App& program, int& exit_code);
void add_jsonpath_command(CLI::App& program, int& exit_code);
void add_query_command(CLI::App& program, int& exit_code, const LocalLogin& login);
void add_resource_commands(CLI::App& program, int& exit_code, const LocalLogin& login);
/// Adds to the family of inlets: it comes behind add_resource_commands.
void add_inlet_commands(CLI::App& program, int& exit_code, const LocalLogin& login);
/// `headwater source ...`: what an author does with a folder of sources.
void add_source_commands(CLI::App& program, int& exit_code, const LocalLogin& login);
void add_quarantine_command(CLI::App& program, int& exit_code, const LocalLogin& login);
void add_completion_command(CLI::App& program);

/// What a shell's completion asks, `headwater __complete WORD...`: prints what the last word may become.
int complete(const CLI::App& program, std::span<const std::string> words, const LocalLogin& login);

}  // namespace headwater::cli
