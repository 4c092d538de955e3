#pragma once

#include <filesystem>
#include <mutex>
#include <string_view>

#include "authoring/source_folder.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// One source's five files for an editor that does not hold the disk: it reads texts with a tag of what they
/// say, and a save names the tag that it was made from. Nothing else is read or written, whatever is asked
/// for. Thread-safe.
class SourceEditing {
 public:
  /// `account` and `params` are files with what a preview needs (as --auth and --params of `source try`);
  /// they are read only, but for tokens. Empty: there are none.
  SourceEditing(SourcePlace place, std::filesystem::path account, std::filesystem::path params);

  /// What is on the disk now:
  /// {"name", "folder",
  ///  "files": {"label.txt": {"path", "text", "etag"}, ...},  // no text: not there; "problem" says why not
  ///  "findings": [...],  // of lint_source
  ///  "auth"?, "params"?, "problems": [...]}  // what cannot be read of the account and the params
  /// Texts are verbatim.
  Result<json::Value> read() const;

  /// Replaces the files that `changes` names, each whole or not at all, and gives what `read` does:
  /// {"files": {"label.txt": {"text", "etag"}}}, the tag being that of the text which was edited ("" for a
  /// file that was not there). Errors: invalid_argument (no such file, no text), too_large, stale_etag when
  /// one of the files says something else by now: then none is written; storage.
  Result<json::Value> write(const json::Value& changes);

  /// Puts the members of an account that a token's refresh has changed into its file, where this account came
  /// from: the old refresh token is dead by then. An account that is not the file's is nobody's to keep.
  /// Errors: storage.
  Result<void> keep_tokens(const json::Value& auth, const json::Value& changed);

 private:
  SourcePlace place_;
  std::filesystem::path account_, params_;
  std::mutex writing_;
};

}  // namespace headwater::authoring
