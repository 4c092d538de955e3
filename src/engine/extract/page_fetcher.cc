#include "engine/extract/page_fetcher.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/time.h"
#include "json/utf8.h"

namespace headwater::extract {

namespace {

constexpr std::string_view kCopyFailed = "CONNECTOR-1001-500";
constexpr std::size_t kRetryAfterShown = 40;
constexpr std::size_t kRefusalShown = 300;

std::uint32_t random_seed() {
  const std::string bytes = crypto::random_bytes(4);
  std::uint32_t seed = 1;
  for (const char c : bytes) seed = seed * 256 + static_cast<unsigned char>(c);
  return seed;
}

bool is_worth_repeating(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

bool is_count(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_network_failure(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout;
}

}  // namespace

PageFetcher::PageFetcher(const Services& services, AuthSettings auth, AuthSettings secrets,
                         const RequestBuilder& requests, const PageShape& shape,
                         const ExtractorOptions& options, std::unique_ptr<http::Client> client)
    : services_(services),
      authenticator_(std::move(auth), services.credentials),
      secrets_(std::move(secrets)),
      requests_(requests),
      shape_(shape),
      options_(options),
      client_(std::move(client)),
      credential_(fingerprint(authenticator_.settings())),
      jitter_(random_seed()) {}

std::shared_ptr<RateBudget> PageFetcher::budget_for(const Url& url) {
  std::string host = url.origin();
  if (budget_ && host == budget_host_) return budget_;
  budget_host_ = std::move(host);
  budget_ = services_.budgets.of(budget_host_, credential_);
  if (options_.requests_per_second) budget_->limit_rate(*options_.requests_per_second);
  return budget_;
}

Error PageFetcher::told(Error error, const Flight& flight) const {
  if (error.kind == ErrorKind::cancelled) return error;
  const std::string page =
      "Page " + std::to_string(flight.page) + " of " + requests_.shown(flight.url) + ": ";
  error.message = shown(page + error.message);
  if (error.code.empty()) error.code = kCopyFailed;
  return error;
}

Error PageFetcher::told_by_source(Error error, const Flight& flight) const {
  // Pages for people tell nothing that the status does not.
  std::string text(flight.builder->refusal());
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || text[begin] == '<') return told(std::move(error), flight);
  text = shown(std::move(text));  // as it came: a credential may have lines
  bool is_cut = flight.builder->refusal_is_cut();
  if (is_cut) text.resize(text.size() - std::min(text.size(), PageBuilder::kRefusalBeyond));
  is_cut = is_cut || text.size() > kRefusalShown;
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  const std::string said = shown(std::move(text), kRefusalShown);
  if (!said.empty() && json::is_utf8(said)) error.message += " It said: " + said + (is_cut ? "..." : "");
  return told(std::move(error), flight);
}

Result<std::unique_ptr<Flight>> PageFetcher::start(PageParameters parameters, std::uint64_t page,
                                                   std::stop_token stop) {
  auto flight = std::make_unique<Flight>();
  flight->parameters = std::move(parameters);
  flight->page = page;
  flight->url = flight->parameters.link ? *flight->parameters.link : requests_.url();
  TRY(send(*flight, std::move(stop)));
  return flight;
}

std::unique_ptr<Flight> PageFetcher::start_early(PageParameters parameters, std::uint64_t page,
                                                 std::stop_token stop) {
  if (!budget_for(requests_.url())->is_idle() || !authenticator_.is_ready()) return nullptr;
  auto flight = start(std::move(parameters), page, std::move(stop));
  if (!flight) return nullptr;
  client_->advance();
  return *std::move(flight);
}

Result<void> PageFetcher::send(Flight& flight, std::stop_token stop) {
  AuthMarks marks;
  if (flight.url.origin() == requests_.url().origin()) {
    auto got = authenticator_.marks(*client_, stop);
    if (!got) return told(std::move(got).error(), flight);
    marks = *std::move(got);
    keep_secret(marks);
  }
  flight.token_generation = marks.generation;
  auto request = requests_.build(flight.parameters, marks);
  if (!request) return told(std::move(request).error(), flight);
  flight.url = request->url;
  flight.stats.throttled += TRY(budget_for(flight.url)->acquire(stop));
  ++flight.attempts;
  ++flight.stats.requests;
  flight.builder = std::make_unique<PageBuilder>(shape_, services_.clock, expected_, &secrets_);
  flight.transfer = client_->start(*std::move(request), *flight.builder);
  flight.client = client_.get();
  return {};
}

// A token that came with a refresh is no param of the account yet.
void PageFetcher::keep_secret(const AuthMarks& marks) {
  constexpr std::string_view kBearer = "Bearer ";
  if (marks.generation == secrets_generation_) return;
  secrets_generation_ = marks.generation;
  const std::string name = "accessToken " + std::to_string(marks.generation);
  const auto header = http::find_header(marks.headers, "Authorization");
  if (!header || !header->starts_with(kBearer)) return;
  secrets_.params.if_object()->set(name, json::Value(header->substr(kBearer.size())));
  secrets_.secret_names.push_back(name);
}

Flight::~Flight() {
  if (client) client->abandon(transfer);
}

std::optional<std::chrono::nanoseconds> PageFetcher::retry_after_of(const PageBuilder& answer) const {
  const auto value = http::find_header(answer.headers(), "Retry-After");
  if (!value) return std::nullopt;
  constexpr std::int64_t kEver = 1'000'000'000;
  const auto seconds = json::Value(*value).as_int64_lenient();
  if (seconds) return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, kEver));
  if (is_count(*value)) return std::chrono::seconds(kEver);  // more than a number holds
  const auto date = parse_http_date(*value);
  if (!date) return std::nullopt;
  const TimePoint now = services_.clock.now();
  return *date <= now ? TimePoint::duration::zero() : *date - now;  // no difference to what is long ago
}

// In the source's own words, which may be more than any clock holds.
std::string PageFetcher::asked_wait(const PageBuilder& answer) const {
  const auto value = http::find_header(answer.headers(), "Retry-After").value_or("");
  const std::string asked = shown(std::string(value), kRetryAfterShown);
  if (parse_http_date(value)) return "until " + asked;
  return asked + (value.size() > kRetryAfterShown ? "..." : "") + " seconds";
}

PageFetcher::Outcome PageFetcher::judge(Flight& flight, Result<http::TransferStats> sent) {
  PageBuilder& answer = *flight.builder;
  if (!sent && answer.is_cut()) {
    flight.stats.bytes = answer.body_bytes();
    if (auto finished = answer.finish(); !finished)
      return {Verdict::refused, std::move(finished).error(), std::nullopt};
    return {};
  }
  if (!sent) {
    const bool again = is_network_failure(sent.error());
    return {again ? Verdict::again : Verdict::refused, std::move(sent).error(), std::nullopt};
  }
  flight.stats.bytes = sent->body_bytes;
  const int status = answer.status();
  if (answer.is_success()) {
    auto finished = answer.finish();
    if (finished) {
      // Pages of one source are of about one size: the buffer need not grow to it again each time.
      expected_ = std::max(answer.spool_bytes(), expected_ - expected_ / 8);
      return {};
    }
    // JSON that stops in the middle was cut on its way, whatever the lengths say.
    return {answer.is_truncated() ? Verdict::again : Verdict::refused, std::move(finished).error(),
            std::nullopt};
  }
  Error error{ErrorKind::upstream, "the source answered " + std::to_string(status) + ".", {}, kCopyFailed};
  if (status == 401)
    return {flight.renewed ? Verdict::refused : Verdict::renew, std::move(error), std::nullopt};
  if (is_worth_repeating(status)) {
    if (status == 429) error.kind = ErrorKind::rate_limited;
    return {Verdict::again, std::move(error), retry_after_of(answer)};
  }
  return {Verdict::refused, std::move(error), std::nullopt};
}

Result<void> PageFetcher::wait_before_retry(Flight& flight, const Outcome& outcome, std::stop_token stop) {
  const auto& policy = options_.retry;
  std::chrono::nanoseconds delay = policy.first_delay * (1L << std::min(flight.attempts - 1, 20));
  delay = std::min<std::chrono::nanoseconds>(delay, policy.delay_max);
  // Half fixed, half random: clients that failed together do not come back together.
  delay = delay / 2 + std::chrono::nanoseconds(
                          std::uniform_int_distribution<std::int64_t>(0, delay.count() / 2)(jitter_));
  // Less than a second asked for, or what a clock ahead of the source's makes of a date, is no wait.
  if (outcome.retry_after)
    delay = *outcome.retry_after < std::chrono::seconds(1) ? std::max(*outcome.retry_after, delay)
                                                           : *outcome.retry_after;
  const bool limits_everybody = outcome.retry_after || flight.builder->status() == 429;
  if (limits_everybody) {
    budget_for(flight.url)->hold_until(services_.clock.now() + delay);
    return {};  // The budget makes this request wait as well.
  }
  const TimePoint begin = services_.clock.now();
  if (!services_.clock.wait_for(delay, stop))
    return Error{ErrorKind::cancelled, "Stopped while waiting to repeat a request."};
  flight.stats.throttled += services_.clock.now() - begin;
  return {};
}

Result<void> PageFetcher::complete(Flight& flight, std::stop_token stop, bool accept_refusal) {
  while (true) {
    auto answered = client_->wait(flight.transfer, stop);
    if (answered || answered.error().kind != ErrorKind::cancelled) flight.client = nullptr;
    auto outcome = judge(flight, std::move(answered));
    switch (outcome.verdict) {
      case Verdict::good:
        return {};
      case Verdict::renew: {
        // Of the pages in flight one refreshes for all. A page that left with a token already replaced has
        // not had its one retry yet: the new token may be spent before its turn comes.
        flight.renewed = !authenticator_.is_stale(flight.token_generation) ||
                         flight.attempts >= options_.retry.attempts_max;
        const bool own_origin = flight.url.origin() == requests_.url().origin();
        auto renewed = own_origin ? authenticator_.renew_after_401(flight.token_generation, *client_, stop)
                                  : Result<bool>(false);
        if (!renewed) return told(std::move(renewed).error(), flight);
        if (!*renewed) {
          outcome.error->kind = ErrorKind::unauthorized;
          outcome.error->message += authenticator_.settings().type == AuthType::none
                                        ? " The source asks for credentials, and this account has none."
                                        : " The credentials are not accepted.";
          return told_by_source(*std::move(outcome.error), flight);
        }
        break;
      }
      case Verdict::refused: {
        const int status = flight.builder->status();
        const bool is_answer = status >= 400 && status < 500 && status != 401 && status != 403;
        if (accept_refusal && is_answer) return {};
        return told_by_source(*std::move(outcome.error), flight);
      }
      case Verdict::again: {
        auto& error = *outcome.error;
        const bool too_long = outcome.retry_after && *outcome.retry_after > options_.retry.retry_after_max;
        if (too_long) {
          error.retry_after = std::chrono::duration_cast<std::chrono::seconds>(*outcome.retry_after);
          error.message += " It asks to wait " + asked_wait(*flight.builder) + ", longer than is allowed.";
          return told_by_source(std::move(error), flight);
        }
        if (flight.attempts >= options_.retry.attempts_max) {
          error.message += " " + std::to_string(flight.attempts) + " attempts were made.";
          return told_by_source(std::move(error), flight);
        }
        TRY(wait_before_retry(flight, outcome, stop));
        break;
      }
    }
    ++flight.stats.retries;
    TRY(send(flight, stop));
  }
}

}  // namespace headwater::extract
