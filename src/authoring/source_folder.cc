#include "authoring/source_folder.h"

#include <algorithm>
#include <system_error>

#include "base/output_file.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 64;
constexpr std::uint64_t kSpecBytesMax = 16U << 20;
constexpr std::uint64_t kTextBytesMax = 1U << 20;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// "." and "Artifacts/" have names of their own only when they are written out.
fs::path written_out(const fs::path& path) {
  std::error_code failed;
  auto whole = fs::weakly_canonical(path, failed);
  if (failed) whole = path;
  return whole.has_filename() ? whole : whole.parent_path();
}

std::vector<SourcePlace> sources_below(const fs::path& sources) {
  std::vector<SourcePlace> out;
  std::error_code failed;
  for (fs::directory_iterator at(sources, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.') || !is_folder(at->path())) continue;
    out.push_back(SourcePlace{name, at->path() / "Artifacts"});
  }
  std::sort(out.begin(), out.end(),
            [](const SourcePlace& a, const SourcePlace& b) { return a.name < b.name; });
  return out;
}

}  // namespace

fs::path SourcePlace::file(std::string_view part) const {
  return artifacts / (name + "-" + std::string(part));
}

Result<void> check_source_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kNameMax && (is_letter(name[0]) || is_digit(name[0])) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  if (good) return {};
  return Error{ErrorKind::invalid_argument,
               "\"" + std::string(name) +
                   "\" is no name of a source: letters, digits, \"-\" and \"_\", at most 64 of them, such as "
                   "acme-orders."};
}

SourcePlace place_in(const fs::path& repository, std::string_view name) {
  return SourcePlace{std::string(name), repository / "Sources" / name / "Artifacts"};
}

Result<void> check_is_free(const SourcePlace& place) {
  for (const auto part : kArtifactParts)
    if (const auto path = place.file(part); is_there(path))
      return Error{ErrorKind::conflict,
                   path.string() + " is there already; --force writes over the source's files."};
  return {};
}

Result<void> write_source(const SourcePlace& place, const SourceArtifacts& artifacts, Overwrite overwrite) {
  const std::pair<std::string_view, const std::string*> files[] = {
      {"category.txt", &artifacts.category},
      {"description.txt", &artifacts.description},
      {"label.txt", &artifacts.label},
      {"icon.svg", &artifacts.icon},
      {"connectionSpec.json", &artifacts.spec}};
  if (overwrite == Overwrite::no) TRY(check_is_free(place));
  TRY(make_folders(place.artifacts));
  for (const auto& [part, text] : files) TRY(write_output_file(place.file(part), *text + "\n"));
  return {};
}

Result<std::vector<SourcePlace>> find_sources(const fs::path& folder) {
  const fs::path here = written_out(folder);
  if (!is_folder(here)) return Error{ErrorKind::not_found, "There is no folder " + folder.string() + "."};
  std::vector<SourcePlace> found;
  if (is_folder(here / "Sources"))
    found = sources_below(here / "Sources");
  else if (here.filename() == "Sources")
    found = sources_below(here);
  else if (here.filename() == "Artifacts")
    found = {SourcePlace{here.parent_path().filename().string(), here}};
  else if (is_folder(here / "Artifacts"))
    found = {SourcePlace{here.filename().string(), here / "Artifacts"}};
  if (found.empty())
    return Error{ErrorKind::not_found,
                 "There is no source in " + folder.string() +
                     ": give a repository's folder (Sources/NAME/Artifacts), a source's, or its Artifacts. "
                     "\"headwater source init NAME\" makes one."};
  return found;
}

Result<SourcePlace> find_source(const fs::path& folder) {
  auto found = TRY(find_sources(folder));
  if (found.size() == 1) return std::move(found.front());
  std::string names;
  constexpr std::size_t kNamesMax = 20;
  for (std::size_t i = 0; i < std::min(found.size(), kNamesMax); ++i)
    names += (i == 0 ? "" : ", ") + found[i].name;
  return Error{ErrorKind::invalid_argument, folder.string() + " has several sources (" + names +
                                                "): give one's folder, such as " +
                                                found.front().artifacts.parent_path().string() + "."};
}

Result<std::string> read_artifact(const SourcePlace& place, std::string_view part) {
  const auto path = place.file(part);
  std::error_code failed;
  const auto type = fs::symlink_status(path, failed).type();
  if (type == fs::file_type::symlink)
    return Error{ErrorKind::unsupported,
                 path.string() + " is a symbolic link: an artifact is a file of its own."};
  if (type != fs::file_type::regular && type != fs::file_type::not_found && type != fs::file_type::none)
    return Error{ErrorKind::unsupported, path.string() + " is no file."};
  std::string text = TRY(read_file(path, part == "connectionSpec.json" ? kSpecBytesMax : kTextBytesMax));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Result<SourceArtifacts> read_source(const SourcePlace& place) {
  SourceArtifacts artifacts;
  artifacts.name = place.name;
  artifacts.category = TRY(read_artifact(place, "category.txt"));
  artifacts.description = TRY(read_artifact(place, "description.txt"));
  artifacts.label = TRY(read_artifact(place, "label.txt"));
  artifacts.icon = TRY(read_artifact(place, "icon.svg"));
  artifacts.spec = TRY(read_artifact(place, "connectionSpec.json"));
  return artifacts;
}

std::string title_of(std::string_view name) {
  std::string title;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool separator = c == '-' || c == '_' || c == ' ' || c == '.';
    if (separator) {
      if (!title.empty() && title.back() != ' ') title += ' ';
      continue;
    }
    // Not of "API": its letters stay.
    const bool begins_word =
        is_upper(c) && i > 0 && !is_upper(name[i - 1]) && (i + 1 == name.size() || !is_upper(name[i + 1]));
    if (begins_word && !title.empty() && title.back() != ' ') title += ' ';
    title += begins_word ? ascii_lower(c) : c;
  }
  while (title.ends_with(' ')) title.pop_back();
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

}  // namespace headwater::authoring
