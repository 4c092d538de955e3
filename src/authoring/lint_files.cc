#include "authoring/lint_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "authoring/member_secrets.h"
#include "base/file.h"
#include "json/utf8.h"
#include "json/value.h"

namespace headwater::authoring {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOthersMax = 200;  // files beside the artifacts that are searched
constexpr std::uint64_t kOtherBytesMax = 4U << 20;

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::symlink;
}

std::size_t lines_between(std::string_view text, std::size_t begin, std::size_t end) {
  const auto part = text.substr(begin, end - begin);
  return static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
}

// Whether a JSON document gives a member with a credential's name a value: an account that was left there.
bool holds_account(const json::Value& value, std::string_view name, int depth) {
  constexpr int kDepthMax = 20;
  if (depth > kDepthMax) return false;
  if (const auto* list = value.if_array())
    return std::any_of(list->begin(), list->end(), [name, depth](const json::Value& each) {
      // What its value alone gives away is told with the value.
      const bool is_key = secrecy_of_element(name, each) != Secrecy::none && sent_text(each) != "***" &&
                          find_secrets(sent_text(each)).empty();
      return is_key || holds_account(each, name, depth + 1);
    });
  const auto* members = value.if_object();
  if (members == nullptr) return false;
  for (const auto& [own, member] : *members) {
    const auto* text = member.if_string();
    if (text != nullptr && text->size() >= 3 && *text != "***" && sounds_secret(own)) return true;
    if (member.is_number() && secrecy_of_member(own, member) != Secrecy::none) return true;
    if (holds_account(member, own, depth + 1)) return true;
  }
  return false;
}

}  // namespace

void FilesLint::add(std::string_view rule, Severity severity, const std::string& file, std::size_t line,
                    std::string message, std::string hint) {
  findings_.add({std::string(rule), severity, file, "", line, std::move(message), std::move(hint)});
}

bool FilesLint::run() {
  if (const auto named = check_source_name(place_.name); !named)
    add("files/name", Severity::error, place_.artifacts.string(), 1, named.error().message,
        "Rename the folder and its files.");
  for (const auto& folder : {place_.artifacts.parent_path(), place_.artifacts})
    if (is_link(folder)) {
      add("files/link", Severity::error, folder.string(), 1, "The folder is a symbolic link.",
          "A source is published from its repository: put the folder itself there.");
      return false;
    }
  check_parts();
  check_others(place_.artifacts.string(), false);
  check_others(place_.artifacts.has_parent_path() ? place_.artifacts.parent_path().string() : ".", true);
  return true;
}

void FilesLint::check_parts() {
  std::set<std::string> others;
  std::error_code failed;
  for (fs::directory_iterator at(place_.artifacts, failed), end; !failed && at != end; at.increment(failed))
    others.insert(at->path().filename().string());
  if (failed)
    add("files/unreadable", Severity::error, place_.artifacts.string(), 1,
        "The folder cannot be read: " + failed.message() + ".", "");
  for (const auto part : kArtifactParts) {
    const auto file = place_.file(part);
    std::error_code ignored;
    if (fs::exists(file, ignored) || is_link(file)) continue;
    std::string hint = "Write it; \"headwater source init\" shows how it looks.";
    for (const auto& name : others)
      if (name.ends_with("-" + std::string(part)))
        hint = "Rename " + shown(name) + ": its name begins as the folder's.";
    add("files/missing", Severity::error, file.string(), 1, "There is no " + file.filename().string() + ".",
        std::move(hint));
  }
}

void FilesLint::check_others(const std::string& folder, bool expected) {
  std::vector<fs::path> others;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end && others.size() < kOthersMax;
       at.increment(failed))
    others.push_back(at->path());
  std::sort(others.begin(), others.end());
  for (const auto& file : others) {
    const auto is_part = [&](std::string_view part) { return file == place_.file(part); };
    if (std::any_of(std::begin(kArtifactParts), std::end(kArtifactParts), is_part)) continue;
    std::error_code ignored;
    const bool is_file = fs::symlink_status(file, ignored).type() == fs::file_type::regular;
    if (!expected)
      add("files/unexpected", Severity::warning, file.string(), 1,
          shown(file.filename().string()) + " is none of the five artifacts.", "Remove it; nobody reads it.");
    if (!is_file) continue;
    const auto text = read_file(file, kOtherBytesMax);
    if (!text) continue;  // too large for a text that somebody wrote
    scan(file.string(), *text, false);
    const auto document = json::parse(*text);
    if (document && document->find("headwaterCassette") == nullptr && holds_account(*document, "", 0))
      add("secrets/literal", Severity::error, file.string(), 1, "Here stands a credential's value.",
          "Keep accounts outside of the repository, and replace it at its issuer.");
  }
}

std::optional<std::string> FilesLint::read(std::string_view part) {
  const auto file = place_.file(part);
  std::error_code ignored;
  if (!fs::exists(file, ignored) && !is_link(file)) return std::nullopt;
  auto text = read_artifact(place_, part);
  if (!text) {
    const auto& error = text.error();
    add(error.kind == ErrorKind::too_large     ? "files/size"
        : error.kind == ErrorKind::unsupported ? "files/link"
                                               : "files/unreadable",
        Severity::error, file.string(), 1, error.message, "");
    return std::nullopt;
  }
  const bool is_spec = part == "connectionSpec.json";
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (part != "icon.svg" && (text->starts_with(kByteOrderMark) || !json::is_utf8(*text))) {
    add("files/encoding", Severity::error, file.string(), 1,
        text->starts_with(kByteOrderMark) ? "The file begins with a byte order mark."
                                          : "The file is no UTF-8.",
        "Save it as UTF-8 without a byte order mark.");
    return std::nullopt;
  }
  if (!is_spec) scan(file.string(), *text, part != "icon.svg");  // of the spec each text is looked at alone
  return *std::move(text);
}

void FilesLint::scan(const std::string& file, const std::string& text, bool random_words) {
  std::size_t line = 1;
  std::size_t counted = 0;  // up to where lines are
  for (const auto& found : find_secrets(text)) {
    if (!found.certain && !random_words) continue;  // paths and ids of drawings look random
    line += lines_between(text, std::exchange(counted, found.position), found.position);
    tell_secret(found, [&](std::string_view rule, Severity severity, std::string message, std::string hint) {
      add(rule, severity, file, line, std::move(message), std::move(hint));
    });
  }
}

}  // namespace headwater::authoring
