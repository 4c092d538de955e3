#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <stop_token>
#include <string>

#include "engine/extract/authenticator.h"
#include "engine/extract/extractor.h"
#include "engine/extract/page_builder.h"
#include "engine/extract/request_builder.h"

namespace headwater::extract {

/// One request on its way, with all its retries.
struct Flight {
  Flight() = default;
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  /// Gives the transfer up when it is still in the air.
  ~Flight();

  PageParameters parameters;
  std::uint64_t page = 0;  // for messages
  std::unique_ptr<PageBuilder> builder;
  http::Client::TransferId transfer = 0;
  http::Client* client = nullptr;  // while the transfer is in the air
  Url url;
  std::uint64_t token_generation = 0;
  int attempts = 0;
  bool renewed = false;  // a 401 was answered with a new token once
  ExtractStats stats;
};

/// Sends page requests politely: credentials, rate budget, retries (REST-source reference, sections 4 and 5).
/// Confined to one run's thread.
class PageFetcher {
 public:
  /// `secrets` are those of the inputs (`secrets_of`).
  PageFetcher(const Services& services, AuthSettings auth, AuthSettings secrets,
              const RequestBuilder& requests, const PageShape& shape, const ExtractorOptions& options,
              std::unique_ptr<http::Client> client);

  /// Starts a request (waits for the rate budget first).
  Result<std::unique_ptr<Flight>> start(PageParameters parameters, std::uint64_t page, std::stop_token stop);
  /// Starts a request to the spec's own address and sends it off, unless it would have to wait for the rate
  /// budget or for a token, or cannot be made: nullptr then, and `start` says why when its turn has come.
  std::unique_ptr<Flight> start_early(PageParameters parameters, std::uint64_t page, std::stop_token stop);
  /// Waits until the answer is complete, repeating what is worth repeating. On success the flight's builder
  /// holds a finished page, or the status of a refused request when `accept_refusal`.
  Result<void> complete(Flight& flight, std::stop_token stop, bool accept_refusal = false);

  /// A text for a reader, without any secret of this run, and then at most so much of it.
  std::string shown(std::string text, std::size_t bytes_max = std::string::npos) const {
    return shown_part(std::move(text), bytes_max, secrets_);
  }

 private:
  enum class Verdict : std::uint8_t { good, again, renew, refused };
  struct Outcome {
    Verdict verdict = Verdict::good;
    std::optional<Error> error;
    std::optional<std::chrono::nanoseconds> retry_after;
  };
  std::string asked_wait(const PageBuilder& answer) const;
  Result<void> send(Flight& flight, std::stop_token stop);
  Outcome judge(Flight& flight, Result<http::TransferStats> sent);
  std::optional<std::chrono::nanoseconds> retry_after_of(const PageBuilder& answer) const;
  Result<void> wait_before_retry(Flight& flight, const Outcome& outcome, std::stop_token stop);
  void keep_secret(const AuthMarks& marks);
  Error told(Error error, const Flight& flight) const;
  /// As `told`, with what the source said in its last answer.
  Error told_by_source(Error error, const Flight& flight) const;
  std::shared_ptr<RateBudget> budget_for(const Url& url);

  Services services_;
  Authenticator authenticator_;
  AuthSettings secrets_;  // also the tokens got on the way
  const RequestBuilder& requests_;
  const PageShape& shape_;
  const ExtractorOptions& options_;
  std::unique_ptr<http::Client> client_;
  std::uint64_t expected_ = 0;  // a page's size, by the largest one lately
  std::uint64_t secrets_generation_ = 0;
  std::string credential_;
  std::string budget_host_;
  std::shared_ptr<RateBudget> budget_;  // Shared with all who call the same host with the same credential.
  std::minstd_rand jitter_;
};

}  // namespace headwater::extract
