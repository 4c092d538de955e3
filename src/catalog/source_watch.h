#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "authoring/source_folder.h"
#include "authoring/spec_names.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/git_repository.h"
#include "json/value.h"

namespace headwater::catalog {

/// What publishing a source came to.
struct Published {
  bool refused = false;  // nothing was changed: flows would break, or it is another folder's
  std::string id;        // of the connection spec; empty when it was refused
  std::string told;      // what a person would be told
};

/// A person's word that a source is to be published although flows break: as it was refused at this commit.
struct Approval {
  std::string source, commit;
};

/// Publishes the sources of a branch of a git repository: at the start, then in intervals, and whenever it is
/// told to. A source whose folder differs from the one that was looked at last is reviewed; without errors it
/// is published, else it stays as it is published, and what is wrong is logged and kept for whoever asks. Of
/// two folders with a spec of one name and version the second is refused. What was done stands in a file that
/// all servers on one data directory share, and one of them at a time does it. Thread-safe.
class SourceWatch {
 public:
  struct Options {
    GitSettings git;
    std::filesystem::path folder;  // for the repository and what is known of it
    std::chrono::seconds every{60};
  };
  /// Publishes one source; `yes`: also what breaks flows. Errors: what the server refuses, or that it cannot
  /// now.
  using Publish = std::function<Result<Published>(const authoring::SourcePlace&, bool yes)>;

  /// Errors: as GitRepository::make; storage.
  static Result<std::unique_ptr<SourceWatch>> make(Options options, Publish publish, Clock& clock);
  ~SourceWatch() { stop(); }
  SourceWatch(const SourceWatch&) = delete;
  SourceWatch& operator=(const SourceWatch&) = delete;

  void start();
  void stop();
  /// Looks at once, and at every source, also at those that have not changed. An approval is for this look:
  /// one of a source that is no longer as it was refused has no effect.
  void check(std::vector<Approval> approvals = {});
  /// {"repository", "branch", "path", "every",
  ///  "commit"?, "checkedAt"?, "error"?: {"message", "at"},
  ///  "sources": [{"name", "outcome", "commit", "at", "specId"?, "message"?, "breaksFlows"?,
  ///               "findings": [...]}]}
  /// Outcomes: published; refused (by the review, or because flows would break); failed (the server could
  /// not; tried again with the next look); gone (no longer in the repository, published as before).
  Result<json::Value> status() const;

  /// One look, on the caller's thread. `all`: at every source. Errors: what kept it from looking; stored,
  /// too.
  Result<void> look(bool all, const std::stop_token& stop, const std::vector<Approval>& approvals = {});

 private:
  SourceWatch(Options options, Publish publish, Clock& clock, GitRepository repository);
  void loop(const std::stop_token& stop);
  bool looked_lately() const;
  Result<void> look_locked(bool all, const std::stop_token& stop, const std::vector<Approval>& approvals);
  using SpecNamesByFolder = std::map<std::string, authoring::SpecName, std::less<>>;
  SpecNamesByFolder spec_names(const std::vector<GitRepository::Source>& sources, const json::Array& entries,
                               const std::stop_token& stop);
  json::Object entry_of(const GitRepository::Source& source, const std::string& commit, bool yes,
                        const std::stop_token& stop);
  json::Object duplicate_of(const std::string& owner, const authoring::SpecName& name,
                            const GitRepository::Source& source, const std::string& commit) const;
  json::Value read_state() const;
  Result<std::size_t> write_state(const json::Value& state) const;  // its bytes
  void tell(const json::Object& entry, const json::Value* before) const;

  Options options_;
  Publish publish_;
  Clock& clock_;
  GitRepository repository_;
  std::mutex looking_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool wanted_ = false;
  std::vector<Approval> approvals_;
  std::jthread thread_;
};

}  // namespace headwater::catalog
