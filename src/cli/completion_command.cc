#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

#include "base/url.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/resources.h"

namespace headwater::cli {
namespace {

// The scripts only carry words to `headwater __complete` and its answer back: what can be completed is read
// from the program itself, so it cannot drift. An answer is a line a candidate, "word<TAB>description", or
// ":files" for the shell's own completion of paths.

// Bash splits words at : and = as well; it is given whole words and replaces only what stands behind these.
constexpr std::string_view kBash = R"(# headwater completion for bash: source <(headwater completion bash)
_headwater() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word candidate i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
      line=${line#"${line%%[![:space:]]*}"}
      words+=("")
    fi
    ((i < COMP_CWORD)) || word=$line
    line=${line#"$word"}
    words[-1]+=${word//[\"\'\\]/}
  done
  local current=${words[-1]} candidates
  local split=${current%"${current##*[:=]}"}
  mapfile -t candidates < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  for candidate in "${candidates[@]}"; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "${current#"$split"}")
      return
    fi
    candidate=${candidate%%$'\t'*}
    COMPREPLY+=("${candidate#"$split"}")
  done
}
complete -F _headwater headwater
)";

constexpr std::string_view kZsh = R"(#compdef headwater
# headwater completion for zsh: source <(headwater completion zsh), or save it as _headwater in $fpath
_headwater() {
  local -a candidates described
  local candidate word
  candidates=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for candidate in "${candidates[@]}"; do
    [[ -n $candidate ]] || continue
    if [[ $candidate == :files ]]; then
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
      return
    fi
    word=${candidate%%$'\t'*}
    described+=("${word//:/\\:}${${candidate#"$word"}/$'\t'/:}")
  done
  (( ${#described} )) && _describe -t headwater headwater described
}
if [[ $funcstack[1] == _headwater ]]; then
  _headwater "$@"
elif (( $+functions[compdef] )); then
  compdef _headwater headwater
else
  autoload -Uz compinit && compinit && compdef _headwater headwater
fi
)";

constexpr std::string_view kFish = R"(# headwater completion for fish: headwater completion fish | source
function __headwater_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l candidates ($program __complete $words[2..-1] "$current" 2>/dev/null)
    if test "$candidates" = ":files"
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
    else
        printf '%s\n' $candidates
    end
end
complete -c headwater -f -a '(__headwater_complete)'
)";

struct Candidate {
  std::string word;
  std::string description;
};

// Where a half-written command line stands.
struct Place {
  const CLI::App* command;
  const CLI::Option* waiting = nullptr;  // an option whose value comes next
  std::size_t positionals = 0;
  std::string family = {};  // the command above `command`
};

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

const CLI::App* subcommand(const CLI::App& command, const std::string& word) {
  const auto found = command.get_subcommands([&word](const CLI::App* one) { return one->check_name(word); });
  return found.empty() ? nullptr : found.front();
}

Place walk(const CLI::App& program, std::span<const std::string> words) {
  Place place{&program};
  for (const auto& word : words) {
    if (place.waiting != nullptr) {
      place.waiting = nullptr;
    } else if (word.starts_with('-') && word.size() > 1) {
      const auto* option = place.command->get_option_no_throw(word.substr(0, word.find('=')));
      if (option != nullptr && takes_value(*option) && word.find('=') == std::string::npos)
        place.waiting = option;
    } else if (const auto* next = subcommand(*place.command, word); next != nullptr) {
      place.family = place.command->get_name();
      place.command = next;
    } else {
      ++place.positionals;
    }
  }
  return place;
}

std::vector<Candidate> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type.starts_with("FILE") || type.starts_with("FOLDER")) return {{":files", ""}};
  std::vector<Candidate> out;
  const auto begin = type.find('{');
  const auto end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos) return out;
  for (const auto& value : CLI::detail::split(type.substr(begin + 1, end - begin - 1), ','))
    out.push_back({value, ""});
  return out;
}

// Resources as the server lists them; none when it cannot be asked.
std::vector<Candidate> ids_of(const Resource& resource, std::span<const std::string> words,
                              const LocalLogin& login) {
  CLI::App options;
  options.allow_extras();
  ServerOptions server;
  server.add_to(options);
  try {
    options.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError&) {
    return {};
  }
  auto client = ApiClient::make(server, login);
  if (!client) return {};
  std::string path(resource.path);
  if (resource.list.page_max > 0) path += "?limit=" + std::to_string(resource.list.page_max);
  const auto answer = client->call("GET", path);
  if (!answer) return {};
  std::vector<Candidate> out;
  for (const auto& item : items_of(*answer)) {
    std::string description;
    for (const auto& column : resource.columns.subspan(1, 1))
      if (const auto* value = item.find_path(column.path); value != nullptr && value->is_string())
        description = *value->if_string();
    std::string id(item.string_at(resource.completion_id));
    if (!id.empty()) out.push_back({std::move(id), std::move(description)});
  }
  return out;
}

// The resource whose ids an argument takes: those of the family, "ID" or "ID|URL", or of the one it is called
// after, "BATCH".
const Resource* resource_of(const std::string& type, const std::string& family) {
  const bool own = type == "ID" || type.starts_with("ID|");
  const auto all = resources();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Resource& candidate) {
    std::string noun(candidate.noun.substr(candidate.noun.find(' ') + 1));
    std::transform(noun.begin(), noun.end(), noun.begin(),
                   [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    return own ? candidate.name == family : noun == type;
  });
  return found == all.end() ? nullptr : &*found;
}

std::vector<Candidate> flags_of(const CLI::App& command) {
  std::vector<Candidate> out;
  for (const auto* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const auto& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
  }
  return out;
}

std::vector<Candidate> candidates(const CLI::App& program, std::span<const std::string> words,
                                  const LocalLogin& login) {
  const std::string& current = words.back();
  const auto before = words.first(words.size() - 1);
  const Place place = walk(program, before);
  if (place.waiting != nullptr) return values_of(*place.waiting);
  if (const auto equals = current.find('='); current.starts_with("--") && equals != std::string::npos) {
    const auto* option = place.command->get_option_no_throw(current.substr(0, equals));
    if (option == nullptr) return {};
    auto out = values_of(*option);
    for (auto& candidate : out)
      if (!candidate.word.starts_with(':')) candidate.word = current.substr(0, equals + 1) + candidate.word;
    return out;
  }
  if (current.starts_with('-')) return flags_of(*place.command);
  std::vector<Candidate> out;
  for (const auto* command : place.command->get_subcommands([](const CLI::App*) { return true; }))
    out.push_back({command->get_name(), command->get_description()});
  if (!out.empty()) return out;
  std::vector<const CLI::Option*> positionals;
  for (const auto* option : place.command->get_options())
    if (option->get_positional()) positionals.push_back(option);
  if (place.positionals >= positionals.size()) return {};
  const auto& option = *positionals[place.positionals];
  const auto* resource = resource_of(option.get_type_name(), place.family);
  return resource == nullptr ? values_of(option) : ids_of(*resource, before, login);
}

// One line a candidate, whatever a resource is called.
std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

int complete(const CLI::App& program, std::span<const std::string> words, const LocalLogin& login) {
  if (words.empty()) return kUsage;
  for (const auto& [word, description] : candidates(program, words, login)) {
    if (!word.starts_with(words.back()) && word != ":files") continue;
    fmt::print("{}{}{}\n", one_line(word), description.empty() ? "" : "\t", one_line(description));
  }
  return kOk;
}

void add_completion_command(CLI::App& program) {
  auto* command = program.add_subcommand("completion", "Print a script that completes commands in a shell");
  const auto shell = std::make_shared<std::string>();  // Shared by the parser's callback.
  command->add_option("shell", *shell, "Whose script")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Completes commands, flags, values and ids of resources, which it asks the server for.\n"
      "bash: source <(headwater completion bash)       in ~/.bashrc\n"
      "zsh:  source <(headwater completion zsh)        in ~/.zshrc, behind compinit\n"
      "fish: headwater completion fish | source        in ~/.config/fish/config.fish");
  command->callback([shell] { fmt::print("{}", *shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish); });
}

}  // namespace headwater::cli
