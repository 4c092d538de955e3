#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/worker_pool.h"
#include "http/server.h"
#include "identity/identity.h"
#include "inlet/answer.h"
#include "inlet/consumer.h"
#include "inlet/directory.h"
#include "inlet/message.h"
#include "inlet/traffic.h"
#include "journal/journal.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet {

/// The journal takes no larger event; its record names the flow as well.
inline const std::size_t kBodyBytesMost = journal::Options().segment_bytes / 2 - 4096;

struct ReceiverOptions {
  std::size_t body_bytes_max = 1U << 20;  // of a request, decoded (section 12)
  std::size_t messages_max = 20'000;      // of a batch request
  /// Kept in the journal; past it senders wait (429), those of a flow at fault past half of it.
  std::uint64_t journal_bytes_max = 8ULL << 30;
  std::size_t threads = 2;       // for all that may take longer than microseconds
  std::size_t queue_max = 1024;  // requests that wait for those threads; past it 429
};

/// Takes events over HTTP: admits, checks, and answers when the journal has them durably. Single messages of
/// an inlet that is known are dealt with on the I/O thread; compressed bodies, batches, tokens, synchronous
/// validation and inlets that must be read from the store go to threads of its own.
/// Thread-safe. Everything given outlives it; it outlives the server and ends before the journal.
class Receiver {
 public:
  struct Parts {
    store::Store& store;
    store::Credentials& credentials;
    identity::Identity& identity;
    Directory& directory;
    const Consumer& consumer;
    journal::Journal& journal;
    const Clock& clock;
  };
  Receiver(Parts parts, const ReceiverOptions& options);

  /// POST /collection/{id} and /collection/batch/{id}, also below /data/foundation/import.
  void add_routes(http::Router& router);

 private:
  enum class Form : std::uint8_t { single, batch };
  /// One request on its way. Owned by whoever works at it: the I/O thread, a worker, the journal's answer.
  struct Arrival final : http::DeferredAnswer {
    Arrival(http::Request sent, http::Responder responder, Form its_form)
        : request(std::move(sent)), respond(std::move(responder)), form(its_form) {}
    http::Response make() override;

    http::Request request;
    http::Responder respond;
    Form form;
    std::int64_t received_ms = 0;
    std::string transaction;
    std::string inlet_id;
    std::shared_ptr<const Inlet> inlet;  // Shared with the directory.
    bool journal_half_full = false;
    // What the answer tells once the journal has spoken.
    Result<std::uint64_t> first = std::uint64_t{0};
    std::size_t messages = 0;
    std::vector<Outcome> outcomes;        // of a batch
    std::vector<journal::Message> shown;  // to those who watch; the texts stand in the request
    bool validated = false;
  };
  using ArrivalPtr = std::shared_ptr<Arrival>;  // Shared by the journal's callback and the connection.

  void receive(http::Request request, http::Responder respond, Form form);
  bool is_quick(const Arrival& arrival) const;
  void work(const ArrivalPtr& arrival);
  void admit(const ArrivalPtr& arrival);
  Result<void> check(Arrival& arrival);
  Result<void> check_limits(const Inlet& inlet, double messages) const;
  void take_single(const ArrivalPtr& arrival);
  void take_batch(const ArrivalPtr& arrival);
  Result<bool> validate(const ArrivalPtr& arrival, const Message& message, const FlowRoute& flow);
  Result<const FlowRoute*> flow_of(const Arrival& arrival, const Message& message) const;
  void append(const ArrivalPtr& arrival, const std::vector<journal::Message>& messages,
              std::vector<Outcome> outcomes, bool validated);
  static Destination destination_of(const Arrival& arrival, const Message& message);

  // The journal speaks from its own thread, perhaps after this object's end: these need nothing of it.
  static void settle(Arrival& arrival, Result<std::uint64_t> first);
  static void count_refusal(const Arrival& arrival, Refusal refusal);
  static void refuse(Arrival& arrival, const Error& error, Refusal refusal);
  static void note(const Arrival& arrival, const journal::Message& message, std::string_view outcome,
                   std::string_view reason);
  static Receipt receipt(const Arrival& arrival);

  Parts parts_;
  ReceiverOptions options_;
  std::string server_number_;  // tells the transactions of two processes apart
  std::atomic<std::uint64_t> transactions_{0};
  WorkerPool workers_;
};

}  // namespace headwater::inlet
