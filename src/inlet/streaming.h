#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "http/server.h"
#include "identity/identity.h"
#include "inlet/consumer.h"
#include "inlet/receiver.h"
#include "inlet/replay.h"
#include "json/value.h"
#include "lake/lake.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet {

struct StreamingOptions {
  std::filesystem::path journals;  // folder; each server on it has a journal of its own in there
  /// How often it is looked for journals that were left behind.
  std::chrono::milliseconds adopt_every{10'000};
  ReceiverOptions receiver;
  ConsumerOptions consumer;
};

/// The streaming side of one server: its journal, what takes events and what lands them. Thread-safe. The
/// parts outlive it.
class Streaming {
 public:
  struct Parts {
    store::Store& store;
    store::Credentials& credentials;
    identity::Identity& identity;
    lake::Lake& lake;
    const Clock& clock;
  };
  /// Opens the first journal that no other server has, or makes one. Errors: storage.
  static Result<std::unique_ptr<Streaming>> open(const Parts& parts, const StreamingOptions& options);

  /// It must outlive the router's server.
  void add_routes(http::Router& router) { receiver_.add_routes(router); }
  void start();
  /// No request may arrive any more. What has been read is committed; what has not waits in the journal.
  void stop();

  /// A document that inlets or their flows are made from was changed.
  void changed();
  /// {"accepted","bytes","lastReceivedAt","rejected","journal":{lag},"flows":{id:{...}}}. Errors: not_found.
  Result<json::Value> counters(const std::string& inlet);
  /// As Replay::replay.
  Result<std::uint64_t> replay(const domain::Resource& batch, bool again) {
    return replay_.replay(batch, again);
  }
  /// As Traffic::events.
  json::Value events(const std::string& inlet, std::uint64_t after);

 private:
  Streaming(const Parts& parts, const StreamingOptions& options, std::unique_ptr<journal::Journal> journal);
  /// A journal that a dead server has left behind, and what lands it.
  struct Adopted {
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<Consumer> consumer;
  };
  void adopt_all(const std::stop_token& stop);
  void adopt(const std::filesystem::path& folder);
  void let_go_of_landed();

  Parts parts_;
  StreamingOptions options_;
  std::unique_ptr<journal::Journal> journal_;
  TrafficBoard board_;
  Directory directory_;
  Consumer consumer_;
  Receiver receiver_;
  Replay replay_;
  std::mutex adopted_mutex_;
  std::vector<Adopted> adopted_;
  std::jthread adopter_;  // last: it ends first
};

}  // namespace headwater::inlet
