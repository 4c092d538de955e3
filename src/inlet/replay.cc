#include "inlet/replay.h"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "base/time.h"
#include "domain/batch.h"
#include "inlet/ledger.h"
#include "json/value.h"

namespace headwater::inlet {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Object;
using json::Value;
using store::Scope;

constexpr std::string_view kMember = "replay";
constexpr std::size_t kPieceBytes = 4U << 20;  // of one append: a sixteenth of what may wait for a commit
constexpr std::size_t kReadBytes = 256U << 10;
constexpr std::uint32_t kPartition = 0;

std::string flow_of(const Resource& batch) {
  const Value* tags = batch.body.find_path("tags.flowId");
  const json::Array* ids = tags == nullptr ? nullptr : tags->if_array();
  return ids == nullptr || ids->empty() || !ids->front().is_string() ? "" : *ids->front().if_string();
}

// The lines of a file, read piece by piece.
class Lines {
 public:
  explicit Lines(lake::OpenFile file) : file_(std::move(file)) {}
  /// False at the end.
  Result<bool> next(std::string& line) {
    std::size_t end = 0;
    while ((end = text_.find('\n', begin_)) == std::string::npos) {
      text_.erase(0, std::exchange(begin_, 0));
      const std::string more = TRY(file_.read(offset_, kReadBytes));
      if (more.empty()) return false;  // a line that breaks off was never told to anybody
      offset_ += more.size();
      text_ += more;
    }
    line = text_.substr(begin_, end - begin_);
    begin_ = end + 1;
    return true;
  }

 private:
  lake::OpenFile file_;
  std::uint64_t offset_ = 0;
  std::string text_;
  std::size_t begin_ = 0;
};

}  // namespace

std::string_view flow_of_key(std::string_view key) { return key.substr(0, key.find('/')); }

Result<std::uint64_t> Replay::replay(const Resource& batch, bool again) {
  const std::lock_guard lock(mutex_);
  const std::string flow = flow_of(batch);
  const auto document = TRY(parts_.store.find(Scope(batch.tenant), ResourceKind::flow, flow));
  if (!document)
    return Error{ErrorKind::invalid_argument, "The batch belongs to no flow, or its flow was deleted.",
                 "/batchId"};
  if (document->body.find_path("options.inletUrl") == nullptr || domain::is_upload(batch.body))
    return Error{ErrorKind::invalid_argument,
                 "The batch is none of an inlet: run its flow again once its source is mended.", "/batchId"};
  if (document->state != "enabled")
    return Error{ErrorKind::conflict, "The flow " + flow + " is not enabled: enable it first."};
  const Attempt attempt = TRY(begin(batch, again));
  const std::string key = flow + "/" + batch.id + "/" + std::to_string(attempt.number);
  const auto events = TRY(append_all(batch, key, attempt.resumed));
  TRY(end(batch, attempt, events));
  return events;
}

Result<Replay::Attempt> Replay::begin(const Resource& batch, bool again) {
  Attempt attempt;
  const auto note = [&](Resource current) -> Result<Resource> {
    attempt = Attempt{};
    if (const Value* known = current.body.find(kMember)) {
      const Value* number = known->find("attempt");
      attempt.number = number == nullptr ? 1 : number->as_int64().value_or(1);
      attempt.resumed = known->string_at("state") == "started";
      if (attempt.resumed && known->string_at("journal") != parts_.journal.id())
        return Error{ErrorKind::conflict,
                     "Another server has begun to replay this batch: ask that one to go on."};
      if (!attempt.resumed && !again)
        return Error{ErrorKind::conflict,
                     "The rejected events of this batch were replayed already; say \"again\":true to replay "
                     "them once more."};
      if (!attempt.resumed) ++attempt.number;
    }
    current.body.if_object()->set(kMember, Object{{"attempt", attempt.number},
                                                  {"state", "started"},
                                                  {"journal", parts_.journal.id()},
                                                  {"at", epoch_millis(parts_.clock.now())}});
    domain::touch(current, {current.created_by, current.created_client}, epoch_millis(parts_.clock.now()));
    return current;
  };
  TRY(parts_.store.update(Scope(batch.tenant), ResourceKind::batch, batch.id, note));
  return attempt;
}

Result<void> Replay::end(const Resource& batch, const Attempt& attempt, std::uint64_t events) {
  const auto note = [&](Resource current) -> Result<Resource> {
    current.body.if_object()->set(kMember, Object{{"attempt", attempt.number},
                                                  {"state", "done"},
                                                  {"events", events},
                                                  {"at", epoch_millis(parts_.clock.now())}});
    domain::touch(current, {current.created_by, current.created_client}, epoch_millis(parts_.clock.now()));
    return current;
  };
  TRY(parts_.store.update(Scope(batch.tenant), ResourceKind::batch, batch.id, note));
  return {};
}

// Always the same pieces for one batch: each is appended whole, or not at all.
Result<std::uint64_t> Replay::append_all(const Resource& batch, const std::string& key, bool resumed) {
  const DatasetId dataset = domain::dataset_of(batch.body);
  const auto files = TRY(parts_.lake.meta_files(dataset, BatchId(batch.id), lake::MetaFolder::row_errors));
  std::uint64_t events = 0;
  int piece = 0;
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    const std::string piece_key = key + "/" + std::to_string(piece++);
    if (texts.empty() || (resumed && TRY(is_appended(piece_key)))) return {};
    return append(piece_key, texts);
  };
  for (const lake::StoredFile& file : files) {
    Lines lines(
        TRY(parts_.lake.open_meta_file(dataset, BatchId(batch.id), lake::MetaFolder::row_errors, file.name)));
    for (std::string line; TRY(lines.next(line));) {
      const auto rejected = TRY(json::parse(line));
      texts.emplace_back(rejected.string_at("_corrupt_record"));
      bytes += texts.back().size();
      ++events;
      if (bytes < kPieceBytes) continue;
      TRY(flush());
      texts.clear();
      bytes = 0;
    }
  }
  TRY(flush());
  if (events == 0)
    return Error{ErrorKind::invalid_argument, "Nothing of this batch was rejected, or it is no longer kept.",
                 "/batchId"};
  return events;
}

Result<void> Replay::append(const std::string& key, const std::vector<std::string>& events) {
  std::vector<journal::Message> messages;
  messages.reserve(events.size());
  for (const std::string& event : events) messages.push_back({key, event});
  std::promise<Result<std::uint64_t>> told;
  auto durable = told.get_future();
  const bool taken =
      parts_.journal.append(kPartition, messages, epoch_millis(parts_.clock.now()),
                            [&told](Result<std::uint64_t> first) { told.set_value(std::move(first)); });
  if (!taken)
    return Error{ErrorKind::rate_limited,
                 "The journal is behind: ask for the replay again later.",
                 "",
                 {},
                 std::chrono::seconds(5)};
  TRY(durable.get());
  return {};
}

Result<bool> Replay::is_appended(const std::string& key) {
  if (TRY(Ledger(parts_.store, parts_.journal.id()).position(key)) > 0) return true;
  const auto reader = parts_.journal.read(kPartition, parts_.journal.first(kPartition));
  journal::Batch batch;
  do {
    TRY(reader->next(kReadBytes, batch));
    const auto& events = batch.events();
    if (std::any_of(events.begin(), events.end(),
                    [&key](const journal::Event& event) { return event.key == key; }))
      return true;
  } while (!batch.empty());
  return false;
}

}  // namespace headwater::inlet
