#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::authoring {

/// What an author delivers for one source: five files in `Sources/NAME/Artifacts`, each named
/// `NAME-<part>`. Texts are without their last line's end. Source: REST-source reference, section 12.
struct SourceArtifacts {
  std::string name;
  std::string category;     // a category's key, "crm"
  std::string description;  // plain text
  std::string label;        // the display name
  std::string icon;         // SVG
  std::string spec;         // the connection spec's JSON text
};

/// Where one source's artifacts are, or would be.
struct SourcePlace {
  std::string name;
  std::filesystem::path artifacts;  // .../Sources/NAME/Artifacts

  std::filesystem::path file(std::string_view part) const;  // "label.txt"
};

/// The parts of the five files' names.
inline constexpr std::string_view kArtifactParts[] = {"category.txt", "description.txt", "label.txt",
                                                      "icon.svg", "connectionSpec.json"};

/// A source's name is that of its folder and its files: letters, digits, "-" and "_", at most 64, beginning
/// with a letter or a digit. Errors: invalid_argument.
Result<void> check_source_name(std::string_view name);

/// The place of a source of that name in a repository.
SourcePlace place_in(const std::filesystem::path& repository, std::string_view name);

/// Whether the place has none of the five files yet. Errors: conflict, naming the first that is there.
Result<void> check_is_free(const SourcePlace& place);

enum class Overwrite : std::uint8_t { no, yes };
/// Writes the five files. Errors: conflict, naming the first file that is there already, before anything is
/// written; storage.
Result<void> write_source(const SourcePlace& place, const SourceArtifacts& artifacts, Overwrite overwrite);

/// The sources that a folder stands for: a repository's root or its `Sources` (all of them, by name), one
/// source's folder, or its `Artifacts`. Errors: not_found, saying what was looked for.
Result<std::vector<SourcePlace>> find_sources(const std::filesystem::path& folder);
/// The same where it must be one. Errors: not_found; invalid_argument, naming those it could be.
Result<SourcePlace> find_source(const std::filesystem::path& folder);

/// One artifact's text without its last line's end. Only a file is read, never what a link leads to: the
/// repository may be somebody else's. Errors: not_found, too_large, unsupported (a link, a pipe, a folder),
/// storage.
Result<std::string> read_artifact(const SourcePlace& place, std::string_view part);

/// Reads the five files. Errors: as read_artifact.
Result<SourceArtifacts> read_source(const SourcePlace& place);

/// "acme-orders", "acmeOrders" -> "Acme orders"
std::string title_of(std::string_view name);

}  // namespace headwater::authoring
