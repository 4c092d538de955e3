#include "authoring/source_proxy.h"

#include <algorithm>
#include <array>
#include <set>

#include "authoring/mock_plan.h"
#include "authoring/secret_scan.h"
#include "authoring/template_names.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/expression.h"
#include "engine/extract/request_builder.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::uint64_t kAnswerBytesMax = 64U << 20;

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(),
                     [name](auto each) { return equal_ignoring_case(name, each); });
}

// Headers of one connection, and those that this end writes itself.
constexpr std::array<std::string_view, 11> kHopHeaders{
    "Connection",      "Keep-Alive",       "Host", "Content-Length", "Transfer-Encoding",
    "Accept-Encoding", "Content-Encoding", "TE",   "Upgrade",        "Proxy-Authorization",
    "x-request-id"};
// Of answers also those that hold somebody's session.
constexpr std::array<std::string_view, 5> kPrivateHeaders{"Set-Cookie", "Set-Cookie2", "WWW-Authenticate",
                                                          "Authentication-Info", "Authorization"};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string with_escaped_slashes(std::string text) {
  replace_all(text, "/", "\\/");
  return text;
}

Result<Url> first_url(const Value& spec, const Value& auth, const Value& params) {
  SystemClock clock;
  const auto inputs = TRY(extract::read_inputs(spec, auth, params, {}));
  const auto builder = TRY(extract::RequestBuilder::make(inputs, clock.now(), false));
  return builder.url();
}

Value text_param(const Value& account, std::string_view name) {
  const auto* params = account.find("params");
  const auto* value = params == nullptr ? nullptr : params->find(name);
  return value == nullptr ? Value() : *value;
}

std::string answer_name(const Value& account, std::string_view overridden, std::string_view usual) {
  const auto overrides = text_param(account, "requestParameterOverride");
  const auto name = overrides.string_at(overridden);
  return std::string(name.empty() ? usual : name);
}

// What the spec's requests say, whatever the account.
std::string text_of_requests(const Value& connection_spec) {
  const auto* source = connection_spec.find("sourceSpec");
  return source == nullptr ? std::string() : source->dump();
}

using IsCredential = bool (*)(std::string_view place);

void add_secret_inputs(std::string_view place, const Value& sent, IsCredential is_credential,
                       std::set<std::string>& names) {
  if (is_credential(place)) names.merge(names_asked_for(sent));
  if (const auto* members = sent.if_object())
    for (const auto& [member, value] : *members) add_secret_inputs(member, value, is_credential, names);
  if (const auto* list = sent.if_array())
    for (const auto& value : *list) add_secret_inputs("", value, is_credential, names);
}

std::set<std::string> sent_in_parameters(const domain::SourceSpec& spec, IsCredential is_credential) {
  std::set<std::string> names;
  for (const auto* sent : {&spec.headers, &spec.url.query})
    for (const auto& [place, written] : *sent) add_secret_inputs(place, written, is_credential, names);
  return names;
}

// A member of the account that the spec puts where a credential is sent is one, whatever it is called.
std::set<std::string> secret_members(const domain::SourceSpec& spec) {
  auto names = sent_in_parameters(spec, sounds_secret);
  add_secret_inputs("", spec.body, sounds_secret, names);
  return names;
}

// Where the account has its key there, a source's own parameter says which app or session is asked about.
bool takes_secret_input(std::string_view place) {
  const auto plain = plain_name(place);
  return sounds_secret(place) && plain != "appid" && !plain.ends_with("sessionid");
}

// And so is one of the source's parameters.
std::set<std::string> secret_inputs(const domain::SourceSpec& spec) {
  auto names = sent_in_parameters(spec, takes_secret_input);
  add_secret_inputs("", spec.body, takes_secret_input, names);
  for (const auto& name : secret_members(spec))
    if (sounds_secret(name)) names.insert(name);
  return names;
}

extract::AuthSettings with_members(extract::AuthSettings account, const std::set<std::string>& names) {
  for (const auto& name : names)
    if (account.params.find(name) != nullptr) account.secret_names.push_back(name);
  return account;
}

extract::AuthSettings with_sent_secrets(extract::AuthSettings account, const domain::SourceSpec& spec,
                                        const Value& params) {
  if (!account.params.is_object()) account.params = Object{};
  account = with_members(std::move(account), secret_members(spec));
  for (const auto& name : secret_inputs(spec)) {
    const auto* given = params.find(name);
    if (given == nullptr) continue;
    const std::string own = "param " + name;  // as extract::secrets_of has those that are passwords
    account.params.if_object()->set(own, domain::text_of(*given));
    account.secret_names.push_back(own);
  }
  return account;
}

// The members that its requests take and that are no credentials. Addresses lead elsewhere in a replay.
Object shown_members(const Value& connection_spec, const extract::AuthSettings& account) {
  constexpr std::array<std::string_view, 4> kAddresses{"host", "accessTokenUrl", "tokenEndpoint",
                                                       "authorizationTestUrl"};
  const auto requests = text_of_requests(connection_spec);
  const auto& secrets = account.secret_names;
  Object out;
  if (const auto* params = account.params.if_object())
    for (const auto& [name, value] : *params)
      if (!is_one_of(name, kAddresses) && !sounds_secret(name) && requests.find(name) != std::string::npos &&
          std::find(secrets.begin(), secrets.end(), name) == secrets.end())
        out.set(name, value);
  return out;
}

bool is_secret_input(const domain::SourceSpec& spec, const std::set<std::string>& sent,
                     const std::string& name) {
  const auto* properties = spec.inputs.find("properties");
  const auto* schema = properties == nullptr ? nullptr : properties->find(name);
  return sounds_secret(name) || sent.contains(name) ||
         (schema != nullptr && schema->string_at("format") == "password");
}

// The params that a replay needs and that are no credentials.
Object shown_params(const domain::SourceSpec& spec, const Value& params, const Scrubber& scrubber) {
  const auto sent = secret_inputs(spec);
  Object out;
  if (const auto* members = params.if_object())
    for (const auto& [name, value] : *members)
      if (!is_secret_input(spec, sent, name) && !scrubber.finds(value.dump())) out.set(name, value);
  return out;
}

// What the recording had, and over it what is given. Errors: invalid_argument: neither has one that is
// required; a credential is made up.
Result<Value> params_of_replay(const Value& connection_spec, const Value& given, const Object& recorded) {
  Object params = recorded;
  if (const auto* members = given.if_object())
    for (const auto& [name, value] : *members) params.set(name, value);
  std::vector<Problem> ignored;
  const auto spec = domain::read_source_spec(connection_spec, nullptr, ignored);
  const auto sent = secret_inputs(spec);
  const auto* required = spec.inputs.find("required");
  if (required == nullptr || !required->is_array()) return Value(std::move(params));
  for (const auto& each : *required->if_array()) {
    const auto* name = each.if_string();
    if (name == nullptr || params.contains(*name) || is_secret_input(spec, sent, *name)) continue;
    return Error{ErrorKind::invalid_argument, "The cassette was recorded without the source's parameter \"" +
                                                  *name + "\": give --param " + *name +
                                                  "=VALUE as it was then, or record it anew."};
  }
  return Value(std::move(params));
}

}  // namespace

SourceProxy::SourceProxy(const Value& connection_spec, domain::SourceSpec spec,
                         const extract::AuthSettings& account, Cassette cassette)
    : read_(std::move(spec)),
      scrubber_(account, text_of_requests(connection_spec)),
      cassette_(std::move(cassette)) {}

Result<Value> named_account(const Value& connection_spec, const Value& auth) {
  const auto account = TRY(extract::read_auth(connection_spec, auth));
  if (account.spec_name.empty()) return Value();
  return Value(Object{{"specName", account.spec_name}, {"params", account.params}});
}

Result<std::unique_ptr<SourceProxy>> SourceProxy::record(const run::SourceDocuments& source,
                                                         http::ClientOptions client, std::stop_token stop,
                                                         TokenRelay* relay) {
  auto read = TRY(domain::read_source_spec(source.connection_spec, source.params));
  const auto account =
      with_sent_secrets(TRY(extract::read_auth(source.connection_spec, source.auth)), read, {});
  Cassette cassette;
  cassette.source = source.connection_spec.string_at("name");
  cassette.account = shown_members(source.connection_spec, account);
  const auto inputs = TRY(extract::read_inputs(source.connection_spec, source.auth, source.params, {}));
  const auto secrets = with_sent_secrets(extract::secrets_of(inputs), read, source.params);
  std::unique_ptr<SourceProxy> proxy(
      new SourceProxy(source.connection_spec, std::move(read), secrets, std::move(cassette)));
  proxy->cassette_.params = shown_params(inputs.spec, source.params, proxy->scrubber_);
  proxy->recording_ = true;
  proxy->stop_ = std::move(stop);
  proxy->relay_ = relay;
  proxy->client_ = extract::with_certificate(std::move(client), account);
  const auto real = TRY(first_url(source.connection_spec, source.auth, source.params));
  proxy->cassette_.origin = real.origin();
  if (account.type == extract::AuthType::oauth2_refresh_code ||
      account.type == extract::AuthType::oauth2_client_credential) {
    if (auto asked = extract::token_request(account, Secret("x"))) {
      asked->url.query.clear();
      asked->url.has_query = false;
      proxy->token_url_ = asked->url.text();
    }
  }
  proxy->test_url_ = domain::text_of(account.params.find("authorizationTestUrl") == nullptr
                                         ? Value()
                                         : *account.params.find("authorizationTestUrl"));
  TRY(proxy->listen());
  const auto named = TRY(named_account(source.connection_spec, source.auth));
  // A path that the host's own text ends in stays in front of the spec's path.
  const auto bare = MockPlan::with_host(source.connection_spec, proxy->base_);
  const auto bare_params = MockPlan::params_with_host(source.params, proxy->base_);
  const auto here = first_url(bare, source.auth, bare_params);
  if (here && real.path.ends_with(here->path))
    proxy->cassette_.host_path = real.path.substr(0, real.path.size() - here->path.size());
  proxy->lead_here(source.connection_spec, named, source.params);
  return proxy;
}

Result<std::unique_ptr<SourceProxy>> SourceProxy::replay(const Value& connection_spec, const Value& params,
                                                         Cassette cassette) {
  MockOptions options;
  options.params = TRY(params_of_replay(connection_spec, params, cassette.params));
  const auto plan = TRY(MockPlan::make(connection_spec, options));
  auto made_up = plan.accounts("http://127.0.0.1").front();
  if (auto* given = made_up.find("params"); given != nullptr && given->is_object())
    for (const auto& [name, value] : cassette.account) given->if_object()->set(name, value);
  const auto inputs = TRY(extract::read_inputs(connection_spec, made_up, plan.params, {}));
  const auto secrets = with_sent_secrets(extract::secrets_of(inputs), plan.spec, plan.params);
  std::unique_ptr<SourceProxy> proxy(
      new SourceProxy(connection_spec, plan.spec, secrets, std::move(cassette)));
  proxy->earlier_.emplace(
      with_members(extract::secrets_of(inputs), sent_in_parameters(plan.spec, sounds_secret)),
      text_of_requests(connection_spec));
  TRY(proxy->listen());
  proxy->token_url_ = "none";
  proxy->test_url_ = text_param(made_up, "authorizationTestUrl").is_null() ? "" : "none";
  proxy->lead_here(connection_spec, made_up, plan.params);
  return proxy;
}

Result<void> SourceProxy::listen() {
  const auto handler = [this](const http::Request& request) { return answer(request); };
  for (const auto method : {http::Method::get, http::Method::post}) {
    router_.add(method, "/", handler);
    router_.add(method, "/{path...}", handler);
  }
  http::ServerOptions listening;
  listening.port = 0;
  server_ = TRY(http::Server::make(listening, router_));
  base_ = "http://127.0.0.1:" + std::to_string(server_->port());
  server_->start();
  return {};
}

void SourceProxy::lead_here(const Value& connection_spec, const Value& account, const Value& params) {
  spec_ = MockPlan::with_host(connection_spec, base_ + cassette_.host_path);
  params_ = MockPlan::params_with_host(params, base_);
  account_ = account;
  auto* given = account_.find("params");
  if (given == nullptr || !given->is_object()) return;
  for (const char* name : {"accessTokenUrl", "tokenEndpoint"})
    if (given->find(name) != nullptr) given->if_object()->set(name, base_ + std::string(kMockTokenPath));
  if (!test_url_.empty()) given->if_object()->set("authorizationTestUrl", base_ + std::string(kMockTestPath));
}

SourceProxy::~SourceProxy() {
  if (server_) server_->stop(std::chrono::milliseconds(200));
}

std::string SourceProxy::led_here(std::string body) const {
  if (read_.paging.type != domain::PagingType::pointer) return body;
  replace_all(body, cassette_.origin, base_);
  replace_all(body, with_escaped_slashes(cassette_.origin), with_escaped_slashes(base_));
  return body;
}

http::Headers SourceProxy::led_here(http::Headers headers) const {
  for (auto& [name, value] : headers)
    if (equal_ignoring_case(name, "Location") && value.starts_with(cassette_.origin))
      value.replace(0, cassette_.origin.size(), base_);
  return headers;
}

// A redirect within the source is the caller's to follow: links of its pages are relative to where it leads.
bool SourceProxy::stays_within(const http::ResponseHead& answer) const {
  const auto location = http::find_header(answer.headers, "Location");
  if (answer.status < 300 || answer.status > 399 || !location) return true;
  const auto from = Url::parse(answer.final_url);
  const auto to = from ? from->resolve(*location) : from;
  return to && to->origin() == cassette_.origin;
}

Result<http::StringSink> SourceProxy::pass_on(const http::Request& request, const std::string& url,
                                              bool follows) {
  http::ClientRequest out;
  out.method = request.method == http::Method::post ? "POST" : "GET";
  out.url = TRY(Url::parse(url));
  for (const auto& [name, value] : request.headers)
    if (!is_one_of(name, kHopHeaders)) out.headers.emplace_back(name, value);
  out.body = request.body;
  auto options = client_;
  if (!follows) options.redirects_max = 0;
  const auto client = TRY(http::Client::make(std::move(options)));
  http::StringSink sink(kAnswerBytesMax);
  TRY(client->send(out, sink, stop_));
  return sink;
}

http::Response SourceProxy::token(const http::Request& request) {
  if (!recording_)
    return http::Response::json(
        200, Object{{answer_name(account_, "accessTokenField", "access_token"), "replayed"},
                    {answer_name(account_, "expireInField", "expires_in"), 3600}});
  auto answer = relay_ != nullptr ? relay_->answer(request) : passed_on_for_tokens(request);
  // Tokens are credentials of the calls that follow.
  if (const auto document = json::parse(answer.body))
    for (const auto& [field, usual] :
         {std::pair("accessTokenField", "access_token"), std::pair("refreshTokenField", "refresh_token")})
      scrubber_.add(document->string_at(answer_name(account_, field, usual)));
  return answer;
}

http::Response SourceProxy::passed_on_for_tokens(const http::Request& request) {
  const auto question = request.target.find('?');
  const auto got = pass_on(
      request, token_url_ + (question == std::string::npos ? "" : request.target.substr(question)), true);
  if (!got) return unreachable(got.error());
  return http::Response::text(got->answer.status, got->text, "application/json");
}

http::Response SourceProxy::kept(const http::Request& request, const http::StringSink& got) {
  RecordedAnswer answer;
  answer.key = cassette_key(request, read_, scrubber_);
  answer.status = got.answer.status;
  auto response = http::Response::text(got.answer.status, led_here(got.text), "application/json");
  response.headers.clear();
  for (const auto& [name, value] : got.answer.headers) {
    if (is_one_of(name, kHopHeaders) || is_one_of(name, kPrivateHeaders)) continue;
    answer.headers.emplace_back(name, scrubber_.scrub(value));
    response.headers.emplace_back(name, value);
  }
  response.headers = led_here(std::move(response.headers));
  answer.body = scrubber_.scrub_answer(got.text);
  const std::lock_guard lock(mutex_);
  cassette_.add(std::move(answer));
  return response;
}

http::Response SourceProxy::played(const http::Request& request) {
  const auto key = cassette_key(request, read_, scrubber_);
  const std::lock_guard lock(mutex_);
  const auto* answer = cassette_.next(key);
  if (answer == nullptr && earlier_) answer = cassette_.next(cassette_key(request, read_, *earlier_));
  if (answer == nullptr) {
    if (std::find(missing_.begin(), missing_.end(), key.text()) == missing_.end())
      missing_.push_back(key.text());
    return http::Response::json(404, Object{{"error", "not in the cassette"}, {"message", key.text()}});
  }
  auto response = http::Response::text(answer->status, led_here(answer->body), "application/json");
  response.headers = led_here(answer->headers);
  return response;
}

http::Response SourceProxy::answer(const http::Request& request) {
  if (request.path == kMockTokenPath) return token(request);
  if (request.path == kMockTestPath) {
    if (!recording_) return http::Response::json(200, Object{{"ok", true}});
    const auto got = pass_on(request, test_url_, true);
    return got ? http::Response::text(got->answer.status, got->text, "application/json")
               : unreachable(got.error());
  }
  if (!recording_) return played(request);
  auto got = pass_on(request, cassette_.origin + request.target, false);
  if (got && !stays_within(got->answer)) got = pass_on(request, cassette_.origin + request.target, true);
  return got ? kept(request, *got) : unreachable(got.error());
}

// What no repetition mends is answered with a status that is not tried again.
http::Response SourceProxy::unreachable(const Error& error) {
  const std::string message = scrubber_.scrub(error.message);
  {
    const std::lock_guard lock(mutex_);
    if (unreached_.empty()) unreached_ = message;
  }
  constexpr int kBadGateway = 502;
  constexpr int kFailedDependency = 424;
  const bool passes = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout ||
                      error.kind == ErrorKind::upstream;
  return http::Response::json(passes ? kBadGateway : kFailedDependency,
                              Object{{"error", "source not reached"}, {"message", message}});
}

std::string SourceProxy::unreached() const {
  const std::lock_guard lock(mutex_);
  return unreached_;
}

Result<void> SourceProxy::write(const std::filesystem::path& file) const {
  const std::lock_guard lock(mutex_);
  return cassette_.write(file, scrubber_);
}

std::size_t SourceProxy::answers() const {
  const std::lock_guard lock(mutex_);
  return cassette_.size();
}

std::vector<std::string> SourceProxy::missing() const {
  const std::lock_guard lock(mutex_);
  return missing_;
}

}  // namespace headwater::authoring
