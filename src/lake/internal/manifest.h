#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "lake/internal/page_files.h"
#include "lake/lake.h"

namespace headwater::lake {

// Names below a dataset's folder.
inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kPagesFolder = "pages";
inline constexpr std::string_view kDataFolder = "data";
inline constexpr std::string_view kStagingFolder = "staging";
inline constexpr std::string_view kQuarantineFolder = "quarantine";
inline constexpr std::string_view kHistoryFolder = "history";
inline constexpr std::string_view kUploadsFolder = "uploads";
/// Stands in the place of the manifest of a removed dataset: when that was, in milliseconds.
inline constexpr std::string_view kRemovedFile = "removed";
inline constexpr std::string_view kLockFile = "lock";
inline constexpr std::string_view kCompactionLockFile = "compaction.lock";
// Names below a batch's staging folder.
inline constexpr std::string_view kOwnerFile = "owner.lock";
inline constexpr std::string_view kDiscardedFile = "discarded";
// Names below a batch's quarantine folder.
inline constexpr std::string_view kErrorsFile = "row_errors.ndjson";
inline constexpr std::string_view kSamplesFile = "row_error_samples.json";
inline constexpr std::string_view kInputsFile = "input_files.ndjson";

/// Lists are arrays: what refers to pages stands in them before the entries. So a manifest without pages
/// reads as those of older versions, and those refuse one with pages.
std::string manifest_text(const Manifest& manifest);
/// `pages` reads what the manifest refers to. Errors: storage when the text is no manifest.
Result<Manifest> manifest_from(std::string_view text, const std::shared_ptr<const PageFiles>& pages);

json::Value to_json(const DataFile& file);
Result<DataFile> file_from(const json::Value& document);

/// Whether the text may name a folder or file: letters, digits, '-' and '_', at most 128 characters.
bool is_safe_id(std::string_view id);
/// Whether a stored file's name is one the lake writes; keeps a request's path from leaving its folder.
bool is_safe_file_name(std::string_view name);

}  // namespace headwater::lake
