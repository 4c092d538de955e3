#include <utility>

#include "domain/text_template.h"
#include "engine/extract/extractor.h"
#include "engine/extract/paginator.h"
#include "engine/extract/request_builder.h"

namespace headwater::extract {

namespace {

// Only the status matters; the body is read and dropped up to a bound.
class StatusSink final : public http::ResponseSink {
 public:
  Result<void> head(const http::ResponseHead& head) override {
    status = head.status;
    return {};
  }
  Result<void> body(std::string_view bytes) override {
    seen_ += bytes.size();
    if (seen_ <= kEnough) return {};
    return Error{ErrorKind::too_large, "The answer was only asked for its status."};
  }
  int status = 0;

 private:
  static constexpr std::size_t kEnough = 256U << 10;
  std::size_t seen_ = 0;
};

Result<Probe> probe_with(const Services& services, Authenticator& authenticator, http::Client& client,
                         const Url& url,
                         const std::function<Result<http::ClientRequest>(const AuthMarks&)>& build,
                         std::stop_token stop) {
  Probe probe;
  probe.called = true;
  const auto budget = services.budgets.of(url.origin(), fingerprint(authenticator.settings()));
  for (bool renewed = false;;) {
    auto marks = authenticator.marks(client, stop);
    if (!marks) {
      if (marks.error().kind == ErrorKind::cancelled) return std::move(marks).error();
      probe.accepted = probe.sent = false;
      probe.message = marks.error().message;
      return probe;
    }
    const auto request = TRY(build(*marks));
    TRY(budget->acquire(stop));
    StatusSink sink;
    const auto sent = client.send(request, sink, stop);
    if (!sent && sent.error().kind == ErrorKind::cancelled) return sent.error();
    probe.status = sink.status;
    if (!sent && sink.status == 0) {
      probe.accepted = false;
      probe.message = sent.error().message;
      return probe;
    }
    if (sink.status == 401 && !renewed) {
      renewed = true;
      const auto again = authenticator.renew_after_401(marks->generation, client, stop);
      if (again && *again) continue;
    }
    probe.accepted = sink.status >= 200 && sink.status < 400;
    if (!probe.accepted)
      probe.message = request.url.redacted() + " answered " + std::to_string(sink.status) + ".";
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
