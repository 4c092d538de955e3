#include "catalog/git_repository.h"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <map>
#include <system_error>

#include "base/crypto.h"
#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "base/url.h"
#include "json/utf8.h"

namespace headwater::catalog {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPackBytesMax = 512ULL << 20;  // of what is fetched
constexpr std::size_t kListBytesMax = 8U << 20;
constexpr std::uint64_t kArtifactBytesMax = 2U << 20;
constexpr std::size_t kSourcesMax = 2'000;
constexpr std::chrono::minutes kTimeMax{5};
constexpr std::size_t kWordsMax = 500;
constexpr std::string_view kRef = "refs/headwater/branch";

Error wrong(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

// What git would take for a range, an option or a ref of its own.
bool is_branch(std::string_view name) {
  constexpr std::string_view kRefused = "~^:?*[\\";
  return !name.empty() && name.size() <= 200 && name.front() != '-' && name.front() != '/' &&
         name.back() != '/' && !has_control(name) && name.find("..") == std::string_view::npos &&
         name.find("@{") == std::string_view::npos && name.find_first_of(kRefused) == std::string_view::npos;
}

Result<std::string> read_path(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string_view rest = path;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.front() == ':' || part.front() == '-' ||
        has_control(part))
      return wrong("catalog-path \"" + std::string(path) +
                   "\" must be a folder of the repository, such as teams/crm.");
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return std::string(path);
}

// One line of ls-tree: "<mode> <type> <object>[ <size>]\t<path>".
struct Entry {
  std::string mode, type, object, path;
  std::uint64_t size = 0;
};

std::vector<Entry> read_entries(std::string_view listed) {
  std::vector<Entry> out;
  while (!listed.empty()) {
    const auto end = listed.find('\0');
    const auto line = listed.substr(0, end);
    listed = end == std::string_view::npos ? std::string_view() : listed.substr(end + 1);
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    Entry entry;
    entry.path = line.substr(tab + 1);
    std::string_view head = line.substr(0, tab);
    for (std::string* member : {&entry.mode, &entry.type, &entry.object}) {
      *member = head.substr(0, head.find(' '));
      head.remove_prefix(std::min(head.size(), member->size()));
      head.remove_prefix(std::min(head.size(), std::min(head.find_first_not_of(' '), head.size())));
    }
    std::from_chars(head.data(), head.data() + head.size(), entry.size);
    out.push_back(std::move(entry));
  }
  return out;
}

// Of what ls-remote lists, "<commit>\t<ref>" in each line: it also gives refs whose names end alike.
std::string commit_of(std::string_view listed, std::string_view ref) {
  while (!listed.empty()) {
    const auto line = listed.substr(0, listed.find('\n'));
    listed.remove_prefix(std::min(listed.size(), line.size() + 1));
    const auto tab = line.find('\t');
    if (tab != std::string_view::npos && line.substr(tab + 1) == ref) return std::string(line.substr(0, tab));
  }
  return "";
}

// A name of somebody's folder may be any bytes. Kept as text, it must be the same when it is read again.
std::string as_text(std::string name) {
  if (!json::is_utf8(name))
    std::replace_if(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7f; }, '?');
  return name;
}

constexpr std::string_view kLink = "120000";
constexpr std::string_view kSubmodule = "160000";

std::string problem_of(const Entry& entry, std::string_view what) {
  const std::string begin(what);
  if (entry.mode == kLink) return begin + " is a symbolic link; nothing outside of its place is followed.";
  if (entry.mode == kSubmodule) return begin + " is a submodule; sources of other repositories are not read.";
  return "";
}

void add_if_set(std::vector<std::string>& environment, const char* name) {
  if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
}

// The last of git's own words, in one line.
std::string words_of(std::string_view errors) {
  std::string out;
  for (const char c : errors) {
    const bool blank = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  while (out.ends_with(' ')) out.pop_back();
  if (out.size() > kWordsMax) out = "..." + out.substr(out.size() - kWordsMax);
  return out;
}

// A file of the settings, in full. ssh reads its options, and a shell of git's the whole command: what either
// would take for something else is refused.
Result<std::string> read_file_setting(std::string_view name, const std::string& given, bool applies,
                                      std::string_view scheme) {
  if (given.empty()) return std::string();
  const std::string begin = std::string(name) + " \"" + given + "\" ";
  if (!applies)
    return wrong(begin + "is for addresses that begin with " + std::string(scheme) +
                 "; catalog-git's does not.");
  const std::string path = fs::absolute(given).lexically_normal().string();
  constexpr std::string_view kPlain = "/._-+@,=:";
  for (const char c : path)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && kPlain.find(c) == std::string_view::npos)
      return wrong(begin + "must be a path of letters, digits and any of " + std::string(kPlain) + ".");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return wrong(std::string(name) + ": " + errno_error("open", path).message);
  std::error_code failed;
  if (fs::is_directory(path, failed)) return wrong(begin + "is a folder; it must be a file.");
  return path;
}

// Nobody is there to be asked. What is not named is as the server's user has it.
Result<std::string> ssh_command_of(const GitSettings& settings, bool is_ssh) {
  const auto key = TRY(read_file_setting("catalog-git-ssh-key", settings.ssh_key, is_ssh, "ssh://"));
  const auto hosts =
      TRY(read_file_setting("catalog-git-known-hosts", settings.known_hosts, is_ssh, "ssh://"));
  const char* own = std::getenv("GIT_SSH_COMMAND");
  if (key.empty() && hosts.empty() && own != nullptr) return std::string(own);
  std::string out = "ssh -o BatchMode=yes";
  if (!key.empty()) out += " -o IdentitiesOnly=yes -o IdentityAgent=none -i " + key;
  if (!hosts.empty())
    out += " -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=" + hosts;
  return out;
}

void conceal(std::string& text, const std::string& secret) {
  if (secret.size() < 3) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

}  // namespace

Result<GitRepository> GitRepository::make(const GitSettings& settings, fs::path folder) {
  GitRepository out;
  const auto colon = settings.url.find("://");
  const std::string scheme = lower(settings.url.substr(0, std::min(colon, settings.url.size())));
  if (colon == std::string::npos || (scheme != "https" && scheme != "ssh" && scheme != "file"))
    return wrong(
        "catalog-git must be an address that begins with https://, ssh:// or file://, such as "
        "https://git.example.com/team/sources.git.");
  std::string rest = settings.url.substr(colon + 3);
  if (has_control(rest) || rest.empty() || rest.front() == '-' || rest.find('?') != std::string::npos ||
      rest.find('#') != std::string::npos)
    return wrong("catalog-git must be an address without blanks, \"?\" and \"#\".");
  const auto host_end = rest.find('/');
  const auto at = rest.substr(0, host_end).rfind('@');
  if (at != std::string::npos && scheme != "file") {
    const std::string userinfo = rest.substr(0, at);
    const auto separator = userinfo.find(':');
    if (scheme == "ssh" && separator != std::string::npos)
      return wrong("catalog-git: ssh takes no password from an address; give the server a key.");
    if (scheme == "https") {
      out.user_ = Secret(percent_decode(userinfo.substr(0, separator)));
      if (separator != std::string::npos)
        out.password_ = Secret(percent_decode(userinfo.substr(separator + 1)));
      rest.erase(0, at + 1);
    }
  }
  if (rest.empty() || rest.front() == '-')
    return wrong("catalog-git must name a host, or for file:// a path.");
  // A "/" in a password ends the host's name, and the rest of it would be shown as a path.
  if (const auto path = rest.find('/');
      scheme != "file" && path != std::string::npos && rest.find('@', path) != std::string::npos)
    return wrong(
        "catalog-git has an \"@\" behind a \"/\": in a user, password or token write a \"/\" as %2F, in a "
        "path an \"@\" as %40.");
  out.url_ = out.shown_ = scheme + "://" + rest;
  if (!is_branch(settings.branch))
    return wrong("catalog-branch \"" + settings.branch + "\" is no name of a branch.");
  out.branch_ = settings.branch;
  out.path_ = TRY(read_path(settings.path));
  out.ca_bundle_ =
      TRY(read_file_setting("catalog-git-ca-bundle", settings.ca_bundle, scheme == "https", "https://"));
  out.ssh_command_ = TRY(ssh_command_of(settings, scheme == "ssh"));
  out.program_ = TRY(find_program("git"));
  out.folder_ = std::move(folder);
  return out;
}

std::string GitRepository::sources_path() const { return path_.empty() ? "Sources" : path_ + "/Sources"; }

std::string GitRepository::without_credentials(std::string text) const {
  // A token may stand alone, where else a name does.
  const Secret& secret = password_.empty() ? user_ : password_;
  conceal(text, percent_encode(secret.reveal()));
  conceal(text, secret.reveal());
  return text;
}

// What of the settings can help, where git's words do not say it.
std::string GitRepository::advice(std::string_view words) const {
  const auto says = [words](std::string_view part) { return words.find(part) != std::string_view::npos; };
  if (says("could not read Username") || says("could not read Password") || says("Authentication failed"))
    return user_.empty() ? ". The host asks who it is: give catalog-git a user and a token, as in "
                           "https://user:TOKEN@host/path."
                         : ". The host does not accept the user and the password or token of catalog-git.";
  if (says("returned error: 30") && !user_.empty())
    return ". The host points to another address, and credentials go to none but that of catalog-git: write "
           "the repository's own there.";
  if (says("certificate") || says("SSL CA cert"))
    return ". catalog-git-ca-bundle names the certificates to trust.";
  if (says("has changed and you have requested strict checking"))
    return ". The host shows another key than catalog-git-known-hosts, or the known_hosts of the server's "
           "user, has for it: find out why before you change that.";
  if (says("Host key verification failed"))
    return ". The host's key is not known: put the line that ssh-keyscan prints, once it is checked, into "
           "the file of catalog-git-known-hosts, or known_hosts of the server's user.";
  if (says("Permission denied"))
    return ". The host does not accept the key: catalog-git-ssh-key names one, without a passphrase.";
  return "";
}

// git knows what stands here and nothing else: neither the system's configuration nor a user's. Credentials
// go through the environment, for arguments are seen by every user of the machine.
Result<std::string> GitRepository::git(std::vector<std::string> arguments, std::size_t output_max,
                                       const std::stop_token& stop) {
  Program program;
  program.file = program_;
  program.arguments = std::move(arguments);
  program.time_max = kTimeMax;
  program.output_max = output_max;
  program.file_bytes_max = kPackBytesMax;
  std::vector<std::pair<std::string, std::string>> settings{{"core.hooksPath", "/dev/null"},
                                                            {"core.fsmonitor", "false"},
                                                            {"protocol.allow", "never"},
                                                            {"protocol.https.allow", "always"},
                                                            {"protocol.ssh.allow", "always"},
                                                            {"protocol.file.allow", "always"},
                                                            {"gc.auto", "0"},
                                                            {"maintenance.auto", "false"},
                                                            {"credential.helper", ""}};
  // git would take the header along to whatever host it is pointed to.
  if (!user_.empty()) settings.emplace_back("http.followRedirects", "false");
  if (!user_.empty())
    settings.emplace_back(
        "http." + url_ + ".extraHeader",
        "Authorization: Basic " + crypto::base64(user_.reveal() + ":" + password_.reveal()));
  auto& environment = program.environment;
  environment = {"GIT_DIR=" + folder_.string(),     "GIT_CONFIG_NOSYSTEM=1",
                 "GIT_CONFIG_GLOBAL=/dev/null",     "GIT_TERMINAL_PROMPT=0",
                 "GIT_ASKPASS=/bin/false",          "GIT_NO_REPLACE_OBJECTS=1",
                 "GIT_LITERAL_PATHSPECS=1",         "LC_ALL=C",
                 "GIT_SSH_COMMAND=" + ssh_command_, "GIT_CONFIG_COUNT=" + std::to_string(settings.size())};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    environment.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + settings[i].first);
    environment.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + settings[i].second);
  }
  // How the operator lets this server reach others: keys, certificates, proxies.
  for (const char* name :
       {"PATH", "HOME", "SSH_AUTH_SOCK", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"})
    add_if_set(environment, name);
  if (ca_bundle_.empty())
    add_if_set(environment, "GIT_SSL_CAINFO");
  else
    environment.push_back("GIT_SSL_CAINFO=" + ca_bundle_);
  auto end = TRY(execute(program, [&stop] { return stop.stop_requested(); }));
  if (end.exit_code == 0) return std::move(end.output);
  const auto words = words_of(without_credentials(std::move(end.errors)));
  return Error{ErrorKind::unavailable, "git " + program.arguments.front() + " of " + shown_ +
                                           " failed (exit code " + std::to_string(end.exit_code) + ")" +
                                           (words.empty() ? "." : ": " + words + advice(words))};
}

// Each commit is fetched into a repository of its own: nothing that an interrupted or a forced push has left
// is in the way, and nothing grows.
Result<void> GitRepository::prepare(const std::stop_token& stop) {
  std::error_code failed;
  fs::remove_all(folder_, failed);
  if (failed)
    return Error{ErrorKind::storage, "Cannot remove " + folder_.string() + ": " + failed.message() + "."};
  TRY(make_folders(folder_.parent_path(), 0700));
  // Without a template there are no hooks either.
  TRY(git({"init", "--quiet", "--bare", "--template="}, kListBytesMax, stop));
  return {};
}

// Another server of the data directory may have fetched something else since, or have been killed while it
// did.
bool GitRepository::holds(const std::string& commit, const std::stop_token& stop) {
  const auto known = git({"rev-parse", "--verify", "--quiet", std::string(kRef)}, kListBytesMax, stop);
  return known && known->starts_with(commit);
}

Result<std::string> GitRepository::fetch(const std::stop_token& stop) {
  const std::string branch = "refs/heads/" + branch_;
  const auto listed = TRY(git({"ls-remote", "--quiet", "--", url_, branch}, kListBytesMax, stop));
  const std::string last = commit_of(listed, branch);
  if (last.empty())
    return Error{ErrorKind::unavailable, "There is no branch " + branch_ + " at " + shown_ + "."};
  if (last == fetched_ && holds(last, stop)) return fetched_;
  fetched_.clear();
  TRY(prepare(stop));
  TRY(git({"fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
           "--", url_, "+" + branch + ":" + std::string(kRef)},
          kListBytesMax, stop));
  auto commit = TRY(git({"rev-parse", "--verify", "--end-of-options", std::string(kRef) + "^{commit}"},
                        kListBytesMax, stop));
  while (commit.ends_with('\n')) commit.pop_back();
  fetched_ = commit;
  return commit;
}

Result<std::vector<GitRepository::Source>> GitRepository::sources(const std::string& commit,
                                                                  const std::stop_token& stop) {
  const std::string place = sources_path();
  const auto listed = TRY(git({"ls-tree", "-z", commit, "--", place + "/"}, kListBytesMax, stop));
  const auto entries = read_entries(listed);
  if (entries.empty())
    return Error{ErrorKind::not_found, "There is no folder " + place + " on branch " + branch_ + " of " +
                                           shown_ + "; catalog-path says where it is."};
  if (entries.size() > kSourcesMax)
    return Error{ErrorKind::too_large, place + " has more than " + std::to_string(kSourcesMax) + " entries."};
  std::vector<Source> out;
  for (const auto& entry : entries) {
    Source source{as_text(entry.path.substr(entry.path.rfind('/') + 1)), entry.object,
                  problem_of(entry, "It")};
    if (source.name.starts_with('.') || (source.problem.empty() && entry.type != "tree")) continue;
    if (source.problem.empty())
      if (const auto named = authoring::check_source_name(source.name); !named)
        source.problem = named.error().message;
    out.push_back(std::move(source));
  }
  return out;
}

Result<authoring::SourcePlace> GitRepository::write(const Source& source, const fs::path& folder,
                                                    const std::stop_token& stop) {
  // What else stands in the folder is not asked for, however much it is.
  const auto listed = git({"ls-tree", "-z", "-r", "-l", source.tree, "--", "Artifacts"}, kListBytesMax, stop);
  if (!listed && listed.error().kind == ErrorKind::too_large)
    return wrong("Artifacts has more files than a source can have.");
  if (!listed) return listed.error();
  std::map<std::string, Entry, std::less<>> entries;
  for (auto& entry : read_entries(*listed)) entries.emplace(entry.path, std::move(entry));
  if (const auto all = entries.find("Artifacts"); all != entries.end())
    if (const auto problem = problem_of(all->second, "Artifacts"); !problem.empty()) return wrong(problem);
  const auto place = authoring::place_in(folder, source.name);
  TRY(make_folders(place.artifacts, 0700));
  for (const auto part : authoring::kArtifactParts) {
    const auto path = place.file(part);
    const std::string name = path.filename().string();
    const auto found = entries.find("Artifacts/" + name);
    if (found == entries.end()) continue;
    if (const auto problem = problem_of(found->second, name); !problem.empty()) return wrong(problem);
    if (found->second.size > kArtifactBytesMax)
      return wrong(name + " has " + std::to_string(found->second.size) +
                   " bytes; a file of a source may have " + std::to_string(kArtifactBytesMax) + ".");
    const auto text = TRY(git({"cat-file", "blob", found->second.object}, kArtifactBytesMax, stop));
    TRY(write_file_durably(path, text, 0600));
  }
  return place;
}

}  // namespace headwater::catalog
