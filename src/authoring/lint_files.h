#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/finding_list.h"
#include "authoring/secret_scan.h"
#include "authoring/source_lint.h"

namespace headwater::authoring {

/// What a reviewer says of a source's folder before reading its artifacts: which files are there, that none
/// is a link out of the repository, and that no other file beside them holds a credential. Confined to one
/// thread.
class FilesLint {
 public:
  FilesLint(const SourcePlace& place, FindingList& findings) : place_(place), findings_(findings) {}

  /// False when the folder lies elsewhere: nothing of it is looked at then.
  bool run();
  /// An artifact's text without its last line's end; nullopt with a finding when it cannot be used, without
  /// one when it is not there.
  std::optional<std::string> read(std::string_view part);

 private:
  void add(std::string_view rule, Severity severity, const std::string& file, std::size_t line,
           std::string message, std::string hint);
  void check_parts();
  /// Files that are no artifacts are told of, and searched for credentials.
  void check_others(const std::string& folder, bool expected);
  void scan(const std::string& file, const std::string& text, bool random_words);

  const SourcePlace& place_;
  FindingList& findings_;
};

/// Says where a credential was found, and never what it is. `add(rule, severity, message, hint)`.
template <class Add>
void tell_secret(const SecretFound& found, const Add& add) {
  add(found.certain ? "secrets/known" : "secrets/random", found.certain ? Severity::error : Severity::warning,
      "Here stands what looks like " + found.what + ".",
      found.certain ? "Take it out, and replace it at its issuer: whoever has the repository has it."
                    : "If it is a credential, make it an input and replace it at its issuer.");
}

}  // namespace headwater::authoring
