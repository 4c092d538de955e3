#include <chrono>
#include <utility>

#include "base/text.h"
#include "domain/text_template.h"
#include "engine/extract/extractor.h"
#include "engine/extract/paginator.h"
#include "engine/extract/request_builder.h"

namespace headwater::extract {

namespace {

constexpr int kAttemptsMax = 3;
constexpr std::chrono::seconds kRetryAfterUsual{1}, kRetryAfterMax{5};

// Only the head matters; the body is read and dropped up to a bound.
class HeadSink final : public http::ResponseSink {
 public:
  Result<void> head(const http::ResponseHead& head) override {
    answer = head;
    return {};
  }
  Result<void> body(std::string_view bytes) override {
    seen_ += bytes.size();
    if (seen_ <= kEnough) return {};
    return Error{ErrorKind::too_large, "The answer was only asked for its status."};
  }
  http::ResponseHead answer;

 private:
  static constexpr std::size_t kEnough = 256U << 10;
  std::size_t seen_ = 0;
};

// How long to wait before the source is asked again; nullopt: its answer counts.
std::optional<std::chrono::seconds> retry_after(const http::ResponseHead& answer) {
  const auto asked = http::find_header(answer.headers, "Retry-After");
  if (answer.status != 429 && (answer.status != 503 || !asked)) return std::nullopt;
  if (!asked) return kRetryAfterUsual;
  const auto seconds = json::Value(*asked).as_int64_lenient();
  if (!seconds || *seconds < 0 || *seconds > kRetryAfterMax.count()) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

// Where a redirect led to a page for people: they are to sign in.
bool is_web_page(const http::ResponseHead& answer, const Url& asked) {
  const auto type = http::find_header(answer.headers, "Content-Type").value_or("");
  return lower(type).starts_with("text/html") && !answer.final_url.empty() &&
         answer.final_url != asked.text();
}

void judge(Probe& probe, const http::ResponseHead& answer, const Url& asked) {
  const int status = answer.status;
  const std::string place = asked.redacted();
  probe.status = status;
  probe.accepted = false;
  if (status >= 200 && status < 300) {
    probe.accepted = !is_web_page(answer, asked);
    if (!probe.accepted) probe.message = place + " led to a web page, as for signing in.";
    return;
  }
  probe.message = place + " answered " + std::to_string(status);
  if (status == 401 || status == 403) {
    probe.fault = ErrorKind::unauthorized;
    probe.message += ": it refuses the credentials.";
  } else if (status == 429) {
    probe.fault = ErrorKind::rate_limited;
    probe.message += ": it asks to be called less often.";
  } else if (status >= 300 && status < 400) {
    probe.message += ", a redirect that leads nowhere.";
  } else {
    probe.message += ".";
  }
}

void fail(Probe& probe, const Error& error) {
  probe.accepted = false;
  probe.message = error.message;
  probe.fault = error.kind;
  probe.where = error.where;
}

Result<Probe> probe_with(const Services& services, Authenticator& authenticator, http::Client& client,
                         const Url& url,
                         const std::function<Result<http::ClientRequest>(const AuthMarks&)>& build,
                         std::stop_token stop) {
  Probe probe;
  probe.called = true;
  const auto budget = services.budgets.of(url.origin(), fingerprint(authenticator.settings()));
  bool renewed = false;
  for (int attempt = 1;; ++attempt) {
    auto marks = authenticator.marks(client, stop);
    if (!marks) {
      if (marks.error().kind == ErrorKind::cancelled) return std::move(marks).error();
      probe.sent = false;
      fail(probe, marks.error());
      return probe;
    }
    const auto request = TRY(build(*marks));
    TRY(budget->acquire(stop));
    HeadSink sink;
    const auto sent = client.send(request, sink, stop);
    if (!sent && sent.error().kind == ErrorKind::cancelled) return sent.error();
    if (!sent && sink.answer.status == 0) {
      fail(probe, sent.error());
      return probe;
    }
    if (sink.answer.status == 401 && !renewed) {
      renewed = true;
      const auto again = authenticator.renew_after_401(marks->generation, client, stop);
      if (again && *again) {
        --attempt;  // another one, with other credentials
        continue;
      }
    }
    const auto delay = retry_after(sink.answer);
    if (delay && attempt < kAttemptsMax) {
      if (services.clock.wait_for(*delay, stop)) continue;
      return Error{ErrorKind::cancelled, "Stopped while waiting to repeat a request."};
    }
    judge(probe, sink.answer, request.url);
    return probe;
  }
}

}  // namespace

Result<Probe> probe_credentials(const Services& services, const AuthSettings& auth,
                                const http::ClientOptions& options, std::stop_token stop) {
  const std::string where = "/auth/params/authorizationTestUrl";
  const std::string written(auth.params.string_at("authorizationTestUrl"));
  if (written.empty()) return Probe{};
  SourceInputs inputs;
  inputs.auth = auth;
  inputs.params = json::Value(json::Object{});
  const auto variables = TRY(Variables::make(inputs, services.clock.now(), false));
  std::string address = TRY(variables.resolve(written, TextPlace::path, where)).text;
  if (address.find("://") == std::string::npos) {
    // A path alone belongs to the account's host.
    std::string host(auth.params.string_at("host"));
    if (host.find("://") == std::string::npos) host.insert(0, "https://");
    while (host.ends_with('/')) host.pop_back();
    address = host + (address.starts_with('/') ? "" : "/") + address;
  }
  const auto url = Url::parse(address);
  if (!url)
    return Error{ErrorKind::invalid_argument, "The test address cannot be read: " + url.error().message,
                 where};
  const auto client = TRY(http::Client::make(with_certificate(options, auth)));
  Authenticator authenticator(auth, services.credentials);
  const auto build = [&url](const AuthMarks& marks) -> Result<http::ClientRequest> {
    http::ClientRequest request;
    request.url = *url;
    request.headers.emplace_back("Accept", "application/json");
    for (const auto& [name, value] : marks.headers) set_header(request.headers, name, value);
    if (!marks.query.empty()) {
      auto query = parse_query(request.url.query);
      for (const auto& [name, value] : marks.query) set_parameter(query, name, value);
      request.url.query = format_query(query);
      request.url.has_query = true;
    }
    return request;
  };
  return probe_with(services, authenticator, *client, *url, build, std::move(stop));
}

Result<Probe> probe_source(const Services& services, const SourceInputs& inputs,
                           const http::ClientOptions& options, std::stop_token stop) {
  const auto requests = TRY(RequestBuilder::make(inputs, services.clock.now(), false));
  const auto paginator = TRY(Paginator::make(inputs.spec.paging, requests.limit_text()));
  const auto client = TRY(http::Client::make(with_certificate(options, inputs.auth)));
  Authenticator authenticator(inputs.auth, services.credentials);
  const auto build = [&](const AuthMarks& marks) { return requests.build(paginator.request(), marks); };
  return probe_with(services, authenticator, *client, requests.url(), build, std::move(stop));
}

}  // namespace headwater::extract
