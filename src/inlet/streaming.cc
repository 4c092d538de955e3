#include "inlet/streaming.h"

#include <utility>

#include "base/time.h"

namespace headwater::inlet {
namespace {

constexpr int kJournalsMax = 1000;

// Servers that share a data folder take a journal each; one that was left behind is taken up by the next
// start.
Result<std::unique_ptr<journal::Journal>> open_journal(const std::filesystem::path& folder) {
  for (int number = 0;; ++number) {
    journal::Options options;
    options.folder = folder / std::to_string(number);
    auto journal = journal::Journal::open(std::move(options));
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
    : clock_(parts.clock),
      journal_(std::move(journal)),
      directory_(parts.store, parts.credentials, parts.clock, board_),
      consumer_({parts.store, parts.credentials, parts.lake, parts.clock}, *journal_, board_,
                options.consumer),
      receiver_({parts.store, parts.credentials, parts.identity, directory_, *journal_, parts.clock},
                options.receiver),
      replay_({parts.store, parts.lake, *journal_, parts.clock}) {}

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
  return board_.of(inlet)->events(after, epoch_millis(clock_.now()));
}

}  // namespace headwater::inlet
