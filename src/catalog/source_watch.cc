#include "catalog/source_watch.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "authoring/source_lint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"

namespace headwater::catalog {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kFindingsMax = 100;  // of one source
constexpr std::size_t kFindingsBytesMax = 16U << 10;
constexpr std::size_t kFindingBytes = 200;  // around its texts
constexpr json::ParseLimits kStateLimits{.bytes_max = 512U << 20};
constexpr std::size_t kStateBytesSmall = 1U << 20;
constexpr std::size_t kOutcomesUnsaved = 50;
constexpr std::chrono::milliseconds kLockEvery{200};
constexpr std::string_view kOutcomes[] = {"published", "refused", "failed", "gone"};

Value* entry_called(Array& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [name](const Value& entry) { return entry.string_at("name") == name; });
  return found == entries.end() ? nullptr : &*found;
}

const Value* entry_called(const Array& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [name](const Value& entry) { return entry.string_at("name") == name; });
  return found == entries.end() ? nullptr : &*found;
}

// The folders whose spec is another folder's, and which: the one that has published it keeps it.
std::map<std::string, std::string, std::less<>> owners_of(
    const std::map<std::string, authoring::SpecName, std::less<>>& names, const Array& entries) {
  authoring::SpecNames all;
  std::map<authoring::SpecName, std::string> published;
  for (const auto& [folder, name] : names) {
    all.add(name, folder);
    const Value* entry = entry_called(entries, folder);
    const Value* spec = entry == nullptr ? nullptr : entry->find("spec");
    if (spec != nullptr && entry->find("specId") != nullptr && entry->find("sameAs") == nullptr &&
        spec->string_at("name") == name.first && spec->string_at("version") == name.second)
      published.emplace(name, folder);
  }
  std::map<std::string, std::string, std::less<>> out;
  for (const auto& [folder, name] : names) {
    const auto owner = all.owner(name, published[name]);
    if (owner != folder) out.emplace(folder, owner);
  }
  return out;
}

// What is kept of each source, however many there are. Errors before warnings when not all can be: they are
// what keeps it from being published.
void shorten(std::vector<authoring::Finding>& findings) {
  const auto last = [&findings] {
    std::size_t bytes = 0;
    return std::find_if(findings.begin(), findings.end(), [&bytes](const auto& each) {
      bytes +=
          kFindingBytes + each.file.size() + each.pointer.size() + each.message.size() + each.hint.size();
      return bytes > kFindingsBytesMax;
    });
  };
  if (findings.size() <= kFindingsMax && last() == findings.end()) return;
  std::stable_partition(findings.begin(), findings.end(),
                        [](const auto& each) { return each.severity == Severity::error; });
  if (findings.size() > kFindingsMax) findings.resize(kFindingsMax);
  findings.erase(last(), findings.end());
}

// Paths as the repository has them, not those of the folder that they were looked at in.
Value findings_of(std::vector<authoring::Finding> findings, const std::filesystem::path& folder,
                  const std::string& sources_path) {
  const std::string before = (folder / "Sources").string();
  shorten(findings);
  for (auto& finding : findings)
    if (finding.file.starts_with(before)) finding.file.replace(0, before.size(), sources_path);
  const Value all = authoring::findings_json(findings);
  const Value* list = all.find("findings");
  return list == nullptr ? Value(Array{}) : *list;
}

// Whether somebody has said yes to what the source is now: what came after that has to be refused first.
bool is_approved(const GitRepository::Source& source, const Value* before,
                 const std::vector<Approval>& approvals) {
  if (before == nullptr || before->find("breaksFlows") == nullptr || before->string_at("tree") != source.tree)
    return false;
  return std::any_of(approvals.begin(), approvals.end(), [&](const Approval& one) {
    return one.source == source.name && one.commit == before->string_at("commit");
  });
}

void count_outcomes(const Array& entries) {
  for (const auto outcome : kOutcomes)
    metrics::gauge("headwater_catalog_sources", "Sources of the watched repository, by what became of them",
                   static_cast<double>(std::count_if(
                       entries.begin(), entries.end(),
                       [outcome](const Value& entry) { return entry.string_at("outcome") == outcome; })),
                   {{"outcome", std::string(outcome)}});
}

}  // namespace

SourceWatch::SourceWatch(Options options, Publish publish, Clock& clock, GitRepository repository)
    : options_(std::move(options)),
      publish_(std::move(publish)),
      clock_(clock),
      repository_(std::move(repository)) {}

Result<std::unique_ptr<SourceWatch>> SourceWatch::make(Options options, Publish publish, Clock& clock) {
  TRY(make_folders(options.folder, 0700));
  auto repository = TRY(GitRepository::make(options.git, options.folder / "repository"));
  return std::unique_ptr<SourceWatch>(
      new SourceWatch(std::move(options), std::move(publish), clock, std::move(repository)));
}

void SourceWatch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

void SourceWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SourceWatch::check(std::vector<Approval> approvals) {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  approvals_.insert(approvals_.end(), std::make_move_iterator(approvals.begin()),
                    std::make_move_iterator(approvals.end()));
  wake_.notify_all();
}

// Another server of this data directory may have done it: the remote is asked by one of them in an interval.
bool SourceWatch::looked_lately() const {
  const Value state = read_state();
  const Value* at = state.find("checkedAt");
  const auto millis = at == nullptr ? std::nullopt : at->as_int64();
  const auto since = std::chrono::milliseconds(epoch_millis(clock_.now()) - millis.value_or(0));
  return millis && since.count() >= 0 && since < options_.every * 9 / 10;
}

void SourceWatch::loop(const std::stop_token& stop) {
  bool first = true;
  while (!stop.stop_requested()) {
    bool all = false;
    std::vector<Approval> approvals;
    {
      std::unique_lock lock(mutex_);
      if (!first) wake_.wait_for(lock, stop, options_.every, [this] { return wanted_; });
      all = std::exchange(wanted_, false);
      approvals = std::exchange(approvals_, {});
    }
    if (stop.stop_requested()) return;
    if (!first && !all && looked_lately()) continue;
    first = false;
    // What it is was logged, and stands in the state.
    static_cast<void>(look(all, stop, approvals));
  }
}

Result<void> SourceWatch::look(bool all, const std::stop_token& stop,
                               const std::vector<Approval>& approvals) {
  const std::lock_guard one(looking_);
  while (!stop.stop_requested()) {
    const auto lock = TRY(FileLock::try_take(options_.folder / "lock"));
    if (lock) return look_locked(all, stop, approvals);
    if (!clock_.wait_for(kLockEvery, stop)) break;
  }
  return Error{ErrorKind::cancelled, "Stopped."};
}

Value SourceWatch::read_state() const {
  Value fresh = Object{{"repository", repository_.shown()},
                       {"branch", options_.git.branch},
                       {"path", options_.git.path},
                       {"every", static_cast<std::int64_t>(options_.every.count())},
                       {"sources", Array{}}};
  const auto text = read_file(options_.folder / "state.json");
  auto stored = text ? json::parse(*text, kStateLimits) : Result<Value>(Value());
  if (!stored || !stored->is_object()) return fresh;
  // Of another repository nothing is known here.
  for (const char* name : {"repository", "branch", "path"})
    if (stored->string_at(name) != fresh.string_at(name)) return fresh;
  if (const Value* sources = stored->find("sources"); sources == nullptr || !sources->is_array())
    return fresh;
  stored->if_object()->set("every", *fresh.find("every"));
  return *std::move(stored);
}

Result<std::size_t> SourceWatch::write_state(const Value& state) const {
  const std::string text = state.dump(2) + "\n";
  TRY(write_file_durably(options_.folder / "state.json", text, 0600));
  return text.size();
}

Result<Value> SourceWatch::status() const {
  Value state = read_state();
  // What was looked at, as git and the spec name it: of use to the next look only.
  for (Value& entry : *state.find("sources")->if_array())
    for (const char* member : {"tree", "spec", "sameAs"}) entry.if_object()->erase(member);
  return state;
}

// What the specs of all folders are called; of those that have not changed it is known.
SourceWatch::SpecNamesByFolder SourceWatch::spec_names(const std::vector<GitRepository::Source>& sources,
                                                       const Array& entries, const std::stop_token& stop) {
  SpecNamesByFolder names;
  for (const auto& source : sources) {
    if (!source.problem.empty() || stop.stop_requested()) continue;
    const Value* before = entry_called(entries, source.name);
    const Value* known =
        before != nullptr && before->string_at("tree") == source.tree ? before->find("spec") : nullptr;
    if (known != nullptr) {
      if (!known->string_at("name").empty())
        names.emplace(source.name,
                      authoring::SpecName(known->string_at("name"), known->string_at("version")));
      continue;
    }
    const auto folder = TemporaryFolder::make("headwater-source-");
    if (!folder) continue;
    const auto place = repository_.write(source, folder->path(), stop);
    if (!place) continue;  // told when it is reviewed
    const auto text = authoring::read_artifact(*place, "connectionSpec.json");
    const auto spec = text ? json::parse(*text) : Result<Value>(Value());
    if (spec && !spec->string_at("name").empty()) names.emplace(source.name, authoring::spec_name_of(*spec));
  }
  return names;
}

Object SourceWatch::duplicate_of(const std::string& owner, const authoring::SpecName& name,
                                 const GitRepository::Source& source, const std::string& commit) const {
  const auto place = authoring::place_in("", source.name);
  return Object{{"name", source.name},
                {"outcome", "refused"},
                {"message", authoring::same_name_message(name, owner)},
                {"commit", commit},
                {"at", epoch_millis(clock_.now())},
                {"findings", findings_of({authoring::same_name_finding(place, name, owner, 1)}, "",
                                         repository_.sources_path())},
                {"tree", source.tree},
                {"sameAs", owner}};
}

// What has become of a source by now, after it was reviewed and, if it may be, published.
Object SourceWatch::entry_of(const GitRepository::Source& source, const std::string& commit, bool yes,
                             const std::stop_token& stop) {
  Object entry{{"name", source.name}, {"outcome", "failed"},
               {"commit", commit},    {"at", epoch_millis(clock_.now())},
               {"findings", Array{}}, {"tree", source.tree}};
  const auto refuse = [&entry](std::string message) {
    entry.set("outcome", "refused");
    entry.set("message", std::move(message));
  };
  if (!source.problem.empty()) {
    refuse(source.problem);
    return entry;
  }
  const auto folder = TemporaryFolder::make("headwater-source-");
  if (!folder) {
    entry.set("message", folder.error().message);
    return entry;
  }
  const auto place = repository_.write(source, folder->path(), stop);
  if (!place) {
    if (place.error().kind == ErrorKind::invalid_argument)
      refuse(place.error().message);
    else
      entry.set("message", place.error().message);
    return entry;
  }
  const auto findings = authoring::lint_source(*place);
  const auto errors = authoring::count(findings, Severity::error);
  entry.set("findings", findings_of(findings, folder->path(), repository_.sources_path()));
  if (errors > 0) {
    refuse("The review found " + std::to_string(errors) + (errors == 1 ? " error." : " errors."));
    return entry;
  }
  const auto published = publish_(*place, yes);
  if (!published) {
    entry.set("message", published.error().message);
  } else if (published->refused) {
    refuse(published->told);
    entry.set("breaksFlows", true);
  } else {
    entry.set("outcome", "published");
    entry.set("specId", published->id);
    if (!published->told.empty()) entry.set("message", published->told);
  }
  return entry;
}

// Each outcome once: a source that waits to be put right is no news with every look.
void SourceWatch::tell(const Object& entry, const Value* before) const {
  const Value now(entry);
  const auto outcome = now.string_at("outcome");
  const auto message = now.string_at("message");
  if (before != nullptr && before->string_at("outcome") == outcome &&
      before->string_at("message") == message && before->string_at("tree") == now.string_at("tree"))
    return;
  if (outcome == "published") {
    log::info("source published", {{"source", now.string_at("name")},
                                   {"commit", now.string_at("commit")},
                                   {"spec", now.string_at("specId")},
                                   {"message", message}});
    return;
  }
  log::warn("source not published", {{"source", now.string_at("name")},
                                     {"commit", now.string_at("commit")},
                                     {"outcome", outcome},
                                     {"message", message}});
  if (outcome != "refused") return;
  for (const Value& finding : *now.find("findings")->if_array())
    if (finding.string_at("severity") == "error")
      log::warn("source's error", {{"file", finding.string_at("file")},
                                   {"line", finding.find("line")->as_int64().value_or(1)},
                                   {"pointer", finding.string_at("pointer")},
                                   {"message", finding.string_at("message")},
                                   {"rule", finding.string_at("rule")}});
}

Result<void> SourceWatch::look_locked(bool all, const std::stop_token& stop,
                                      const std::vector<Approval>& approvals) {
  Value state = read_state();
  auto& members = *state.if_object();
  const auto give_up = [&](const Error& error) -> Result<void> {
    if (error.kind == ErrorKind::cancelled) return error;
    metrics::count("headwater_catalog_failures_total", "Looks at the watched repository that failed");
    log::warn("the catalog's repository cannot be read",
              {{"repository", repository_.shown()}, {"error", error.message}});
    members.set("error", Object{{"message", error.message}, {"at", epoch_millis(clock_.now())}});
    members.set("checkedAt", epoch_millis(clock_.now()));
    TRY(write_state(state));
    return error;
  };
  const auto commit = repository_.fetch(stop);
  if (!commit) return give_up(commit.error());
  const auto found = repository_.sources(*commit, stop);
  if (!found) return give_up(found.error());

  Array& entries = *members.find("sources")->if_array();
  std::set<std::string, std::less<>> there;
  // A large state is not written again for each source: one that was published twice is as it was.
  std::size_t unsaved = 0;
  std::size_t state_bytes = 0;
  const auto stopped = [&]() -> Result<void> {
    if (unsaved > 0) TRY(write_state(state));
    return Error{ErrorKind::cancelled, "Stopped."};
  };
  const auto names = spec_names(*found, entries, stop);
  const auto owners = owners_of(names, entries);
  for (const auto& source : *found) {
    if (stop.stop_requested()) return stopped();
    there.insert(source.name);
    Value* before = entry_called(entries, source.name);
    const auto owner = owners.find(source.name);
    const bool same = before != nullptr &&
                      before->string_at("sameAs") == (owner == owners.end() ? std::string() : owner->second);
    if (same && !all && before->string_at("tree") == source.tree && before->string_at("outcome") != "failed")
      continue;
    auto entry = owner != owners.end()
                     ? duplicate_of(owner->second, names.find(source.name)->second, source, *commit)
                     : entry_of(source, *commit, is_approved(source, before, approvals), stop);
    if (const auto name = names.find(source.name); name != names.end())
      entry.set("spec", Object{{"name", name->second.first}, {"version", name->second.second}});
    else
      entry.set("spec", Object{});
    if (stop.stop_requested()) return stopped();
    // What stands in the catalog stays there, whatever the repository says now.
    if (before != nullptr && entry.find("specId") == nullptr)
      if (const Value* id = before->find("specId")) entry.set("specId", *id);
    tell(entry, before);
    if (before != nullptr)
      *before = std::move(entry);
    else
      entries.emplace_back(std::move(entry));
    ++unsaved;
    if (state_bytes < kStateBytesSmall || unsaved >= kOutcomesUnsaved) {
      state_bytes = TRY(write_state(state));
      unsaved = 0;
    }
  }
  for (Value& entry : entries) {
    if (there.contains(entry.string_at("name")) || entry.string_at("outcome") == "gone") continue;
    Object gone = *entry.if_object();
    gone.set("outcome", "gone");
    gone.set("message", "It is no longer in the repository; what was published stays published.");
    gone.set("commit", *commit);
    gone.set("at", epoch_millis(clock_.now()));
    gone.set("findings", Array{});
    gone.set("tree", "");
    tell(gone, &entry);
    entry = std::move(gone);
  }
  std::sort(entries.begin(), entries.end(),
            [](const Value& a, const Value& b) { return a.string_at("name") < b.string_at("name"); });
  count_outcomes(entries);
  members.erase("error");
  members.set("commit", *commit);
  members.set("checkedAt", epoch_millis(clock_.now()));
  TRY(write_state(state));
  return {};
}

}  // namespace headwater::catalog
