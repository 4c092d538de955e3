#include "api/internal/idempotency.h"

#include <algorithm>
#include <chrono>

#include "api/internal/call.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kReplayedHeader = "Idempotency-Replayed";
constexpr std::size_t kKeyBytesMax = 255;
constexpr std::int64_t kKeptMs = std::chrono::milliseconds(std::chrono::hours(24)).count();

std::string encode(const http::Response& response) {
  Array headers;
  for (const auto& [name, value] : response.headers) headers.emplace_back(Array{Value(name), Value(value)});
  return Value(Object{{"status", response.status}, {"headers", std::move(headers)}, {"body", response.body}})
      .dump();
}

Result<http::Response> decode(const std::string& text) {
  const auto kept = TRY(json::parse(text));
  http::Response response;
  const Value* status = kept.find("status");
  response.status = status == nullptr ? 200 : static_cast<int>(status->as_int64().value_or(200));
  response.body = kept.string_at("body");
  const Value* headers = kept.find("headers");
  const Array* list = headers == nullptr ? nullptr : headers->if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const Array* pair = (*list)[i].if_array();
    if (pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string())
      response.headers.emplace_back(*(*pair)[0].if_string(), *(*pair)[1].if_string());
  }
  response.headers.emplace_back(kReplayedHeader, "true");
  return response;
}

Result<void> check_same_request(const IdempotencyKey& sent, const store::KeptAnswer& kept) {
  if (sent.fingerprint == kept.fingerprint) return {};
  return Error{
      ErrorKind::conflict,
      "This Idempotency-Key was used within the last 24 hours for another request: send a new key, or "
      "the same query and body.",
      "Idempotency-Key", "FLOW-1400-422"};
}

Result<std::optional<store::KeptAnswer>> find_kept(const Call& call) {
  std::optional<store::KeptAnswer> kept;
  const auto read = [&](store::Transaction& transaction) -> Result<void> {
    kept =
        TRY(transaction.kept_answer(call.scope(), call.key->route, call.key->key, call.now_ms() - kKeptMs));
    return {};
  };
  TRY(call.store().read(read));
  return kept;
}

}  // namespace

Result<std::optional<IdempotencyKey>> read_idempotency_key(const Call& call) {
  const auto& request = call.request;
  const auto key = request.header("idempotency-key");
  if (!key || request.method != http::Method::post) return std::optional<IdempotencyKey>();
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (key->empty() || key->size() > kKeyBytesMax || !std::all_of(key->begin(), key->end(), visible))
    return bad_request(
        "CONNECTOR-1302-400", "Idempotency-Key",
        "Idempotency-Key must be a text of 1 to 255 visible ASCII characters, such as a UUID.");
  std::string_view path = request.path;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto question = request.target.find('?');
  const std::string query = question == std::string::npos ? "" : request.target.substr(question + 1);
  return std::optional(IdempotencyKey{std::string(*key), "POST " + std::string(path),
                                      call.services.credentials.fingerprint(query + "\n" + request.body)});
}

Result<std::optional<http::Response>> kept_answer(const Call& call) {
  if (!call.key) return std::optional<http::Response>();
  const auto kept = TRY(find_kept(call));
  if (!kept) return std::optional<http::Response>();
  TRY(check_same_request(*call.key, *kept));
  return std::optional(TRY(decode(kept->answer)));
}

Result<http::Response> answer_once(const Call& call, const AnswerOf& answer,
                                   const std::function<Result<domain::Resource>(const StoredWith&)>& store) {
  bool late = false;
  const auto keep = [&](store::Transaction& transaction, const domain::Resource& stored) -> Result<void> {
    late = false;
    if (!call.key) return {};
    const store::KeptAnswer kept{call.key->fingerprint, encode(answer(stored)), call.now_ms()};
    late = !TRY(
        transaction.keep_answer(call.scope(), call.key->route, call.key->key, kept, call.now_ms() - kKeptMs));
    // Ends the transaction: what this call would have created exists already.
    if (late) return Error{ErrorKind::conflict, "Another request with this Idempotency-Key was first."};
    return {};
  };
  const auto stored = store(keep);
  if (stored) return answer(*stored);
  if (late)
    if (auto first = TRY(kept_answer(call))) return *std::move(first);
  return stored.error();
}

Result<http::Response> store_new(const Call& call, const domain::Resource& resource, const AnswerOf& answer,
                                 const StoredWith& also) {
  return answer_once(call, answer, [&](const StoredWith& keep) -> Result<domain::Resource> {
    domain::Resource stored;
    const auto work = [&](store::Transaction& transaction) -> Result<void> {
      stored = TRY(transaction.insert(resource, domain::references_of(resource)));
      if (also) TRY(also(transaction, stored));
      return keep(transaction, stored);
    };
    TRY(call.store().transact(work));
    return stored;
  });
}

bool is_replay(const http::Response& response) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [](const auto& header) { return header.first == kReplayedHeader; });
}

domain::Resource run_of(const AcceptedRun& run) {
  domain::Resource resource;
  resource.kind = domain::ResourceKind::run;
  resource.id = run.id.value;
  resource.etag = run.etag;
  return resource;
}

}  // namespace headwater::api
