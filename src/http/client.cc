#include "http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>

#include "http/internal/transfer.h"

namespace headwater::http {
namespace {

// Connections kept for reuse, beyond those at work.
constexpr long kConnectionsKept = 32;
// libcurl's own size: what stays in the cache beats fewer reads (docs/performance.md).
constexpr long kReadBytes = 16L << 10;

struct MultiFree {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

class CurlClient final : public Client {
 public:
  CurlClient(ClientOptions options, CURLM* multi) : options_(std::move(options)), multi_(multi) {
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kConnectionsKept);
  }
  ~CurlClient() override {
    for (auto& [id, transfer] : transfers_) release(*transfer);
    for (CURL* easy : spare_) curl_easy_cleanup(easy);
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Result<TransferStats> send(const ClientRequest& request, ResponseSink& sink,
                             std::stop_token stop) override {
    return wait(start(request, sink), std::move(stop));
  }

  TransferId start(ClientRequest request, ResponseSink& sink) override {
    auto transfer = std::make_unique<Transfer>(options_, std::move(request), sink);
    if (auto begun = begin(*transfer, take_easy()); !begun) {
      release(*transfer);
      transfer->fail(std::move(begun).error());
    }
    transfers_.emplace(++last_id_, std::move(transfer));
    return last_id_;
  }

  void advance() override {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    collect_finished();
  }

  Result<TransferStats> wait(TransferId id, std::stop_token stop) override {
    const auto at = transfers_.find(id);
    if (at == transfers_.end()) return Error{ErrorKind::invalid_argument, "There is no such transfer."};
    auto& transfer = *at->second;
    const auto away = std::chrono::steady_clock::now() - left_at_;
    for (auto& [other_id, other] : transfers_) other->pause(away);
    const std::stop_callback wake(stop, [multi = multi_.get()] { curl_multi_wakeup(multi); });
    while (!transfer.done) {
      if (stop.stop_requested()) {
        transfer.fail(Error{ErrorKind::cancelled, "The call was cancelled."});
        break;
      }
      advance();
      if (transfer.done) break;
      const auto span = expire_idle();
      if (!transfer.done) curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(span.count()), nullptr);
    }
    left_at_ = std::chrono::steady_clock::now();
    release(transfer);
    const auto ended = std::move(at->second);
    transfers_.erase(at);
    return ended->outcome();
  }

  void abandon(TransferId id) override {
    const auto at = transfers_.find(id);
    if (at == transfers_.end()) return;
    release(*at->second);
    transfers_.erase(at);
  }

 private:
  Result<void> begin(Transfer& transfer, CURL* easy) {
    if (easy == nullptr) return Error{ErrorKind::unavailable, "No memory for another outgoing call."};
    TRY(transfer.prepare(easy));
    if (curl_multi_add_handle(multi_.get(), easy) != CURLM_OK)
      return Error{ErrorKind::unavailable, "An outgoing call could not be started."};
    return {};
  }

  // A handle with everything set that does not change from call to call.
  CURL* take_easy() {
    if (!spare_.empty()) {
      CURL* easy = spare_.back();
      spare_.pop_back();
      return easy;
    }
    CURL* easy = curl_easy_init();
    if (easy == nullptr) return nullptr;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReadBytes);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, br");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "headwater");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");  // choose_proxy has decided
    if (!options_.ca_bundle.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_bundle.c_str());
    if (!options_.client_certificate_text.empty()) {
      const auto& certificate = options_.client_certificate_text;
      const auto& key = options_.client_key_text.reveal();
      set_blob(easy, CURLOPT_SSLCERT_BLOB, certificate);
      set_blob(easy, CURLOPT_SSLKEY_BLOB, key.empty() ? certificate : key);
    } else if (!options_.client_certificate.empty()) {
      curl_easy_setopt(easy, CURLOPT_SSLCERT, options_.client_certificate.c_str());
      if (!options_.client_key.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, options_.client_key.c_str());
    }
    return easy;
  }

  static void set_blob(CURL* easy, CURLoption option, const std::string& text) {
    curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
    curl_easy_setopt(easy, option, &blob);
  }

  void release(Transfer& transfer) {
    if (transfer.easy == nullptr) return;
    curl_multi_remove_handle(multi_.get(), transfer.easy);
    // The transfer's memory goes away; the spare handle must not point into it.
    curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, nullptr);
    spare_.push_back(std::exchange(transfer.easy, nullptr));
  }

  void collect_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const auto code = message->data.result;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      if (transfer->finish(code)) {
        release(*transfer);
        continue;
      }
      curl_multi_remove_handle(multi_.get(), easy);
      if (auto begun = begin(*transfer, easy); !begun) {
        release(*transfer);
        transfer->fail(std::move(begun).error());
      }
    }
  }

  // Ends what has been silent or slow for too long; gives the time until the next one would be.
  std::chrono::milliseconds expire_idle() {
    using std::chrono::milliseconds;
    auto least = milliseconds(60'000);
    const auto expired = [&least](std::optional<SteadyTime> deadline) {
      if (!deadline) return false;
      const auto left = std::chrono::ceil<milliseconds>(*deadline - std::chrono::steady_clock::now());
      if (left.count() > 0) least = std::min(least, left);
      return left.count() <= 0;
    };
    for (auto& [id, transfer] : transfers_) {
      if (transfer->done) continue;
      const bool silent = expired(transfer->idle_deadline());
      if (!silent && !expired(transfer->slow_deadline())) continue;
      auto error = silent ? transfer->idle_error() : transfer->slow_error();
      release(*transfer);
      transfer->fail(std::move(error));
    }
    return least;
  }

  ClientOptions options_;
  std::unique_ptr<CURLM, MultiFree> multi_;
  std::map<TransferId, std::unique_ptr<Transfer>> transfers_;
  std::vector<CURL*> spare_;
  TransferId last_id_ = 0;
  SteadyTime left_at_ = std::chrono::steady_clock::now();  // when the last wait ended
};

}  // namespace

Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
  static std::once_flag once;
  static CURLcode started = CURLE_OK;
  std::call_once(once, [] {
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
    // With CURLOPT_NOSIGNAL a write to a closed TLS connection would end the process.
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) started = CURLE_FAILED_INIT;
  });
  CURLM* multi = started == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) return Error{ErrorKind::unavailable, "The HTTP client library could not be started."};
  return std::unique_ptr<Client>(std::make_unique<CurlClient>(std::move(options), multi));
}

}  // namespace headwater::http
