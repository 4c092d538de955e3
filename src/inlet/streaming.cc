#include "inlet/streaming.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/time.h"

namespace headwater::inlet {
namespace {

constexpr int kJournalsMax = 1000;
constexpr std::chrono::milliseconds kAdoptedLook{100};

// Servers that share a data folder take a journal each; one that was left behind is taken up by the next
// start.
Result<std::unique_ptr<journal::Journal>> open_journal(const std::filesystem::path& folder) {
  for (int number = 0;; ++number) {
    journal::Options options;
    options.folder = folder / std::to_string(number);
    auto journal = journal::Journal::open(options);
    if (journal || journal.error().kind != ErrorKind::conflict || number == kJournalsMax) return journal;
  }
}

}  // namespace

Result<std::unique_ptr<Streaming>> Streaming::open(const Parts& parts, const StreamingOptions& options) {
  auto journal = TRY(open_journal(options.journals));
  return std::unique_ptr<Streaming>(new Streaming(parts, options, std::move(journal)));
}

Streaming::Streaming(const Parts& parts, const StreamingOptions& options,
                     std::unique_ptr<journal::Journal> journal)
    : parts_(parts),
      options_(options),
      journal_(std::move(journal)),
      directory_(parts.store, parts.credentials, parts.clock, board_),
      consumer_({parts.store, parts.credentials, parts.lake, parts.clock}, *journal_, board_,
                options.consumer),
      receiver_(
          {parts.store, parts.credentials, parts.identity, directory_, consumer_, *journal_, parts.clock},
          options.receiver),
      replay_({parts.store, parts.lake, *journal_, parts.clock}) {}

void Streaming::start() {
  consumer_.start();
  adopter_ = std::jthread([this](const std::stop_token& stop) { adopt_all(stop); });
}

void Streaming::stop() {
  adopter_.request_stop();
  if (adopter_.joinable()) adopter_.join();
  consumer_.stop();
}

void Streaming::changed() {
  directory_.forget();
  consumer_.changed();
  const std::lock_guard lock(adopted_mutex_);
  for (const Adopted& one : adopted_) one.consumer->changed();
}

// What a server acknowledged before it died for good lands all the same.
void Streaming::adopt_all(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(options_.journals, ignored))
      if (entry.is_directory(ignored)) adopt(entry.path());
    const auto until = std::chrono::steady_clock::now() + options_.adopt_every;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
      let_go_of_landed();
      std::unique_lock lock(mutex);
      never.wait_for(lock, stop, std::min(options_.adopt_every, kAdoptedLook), [] { return false; });
    }
  }
  const std::lock_guard lock(adopted_mutex_);
  adopted_.clear();
}

void Streaming::adopt(const std::filesystem::path& folder) {
  journal::Options options;
  options.folder = folder;
  auto journal = journal::Journal::open(options);
  if (!journal) {
    if (journal.error().kind != ErrorKind::conflict)
      log::warn("a journal that was left behind cannot be read",
                {{"folder", folder.string()}, {"error", journal.error().message}});
    return;
  }
  if ((*journal)->first(0) == (*journal)->end(0)) return;
  ConsumerOptions consuming = options_.consumer;
  consuming.reports = false;
  Adopted adopted;
  adopted.journal = *std::move(journal);
  adopted.consumer = std::make_unique<Consumer>(
      FlowLanding::Parts{parts_.store, parts_.credentials, parts_.lake, parts_.clock}, *adopted.journal,
      board_, consuming);
  log::info("events of a journal that was left behind are landed", {{"folder", folder.string()}});
  adopted.consumer->start();
  const std::lock_guard lock(adopted_mutex_);
  adopted_.push_back(std::move(adopted));
}

// Another server may want the journal for its own.
void Streaming::let_go_of_landed() {
  std::vector<Adopted> landed;
  const std::lock_guard lock(adopted_mutex_);
  std::erase_if(adopted_, [&landed](Adopted& one) {
    const bool done = one.consumer->lag().find("events")->as_int64() == 0;
    if (done) landed.push_back(std::move(one));
    return done;
  });
}

Result<json::Value> Streaming::counters(const std::string& inlet) {
  const auto found = TRY(directory_.find(inlet));
  json::Value out = found->traffic->counters();
  json::Object flows;
  for (const FlowRoute& route : found->flows) flows.set(route.flow.value, consumer_.counters(route.flow));
  out.if_object()->set("flows", std::move(flows));
  out.if_object()->set("journal", consumer_.lag());
  return out;
}

json::Value Streaming::events(const std::string& inlet, std::uint64_t after) {
  return board_.of(inlet)->events(after, epoch_millis(parts_.clock.now()));
}

}  // namespace headwater::inlet
