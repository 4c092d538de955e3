#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/services.h"
#include "base/result.h"
#include "domain/resource.h"
#include "http/server.h"
#include "store/store.h"

namespace headwater::api {

struct Call;

/// The Idempotency-Key of a POST: our extension. What the request created is answered again, instead of
/// created again, to whoever repeats it within 24 hours in the same organisation, sandbox and path.
struct IdempotencyKey {
  std::string key;
  std::string route;        // method and path
  std::string fingerprint;  // of query and body
};

/// nullopt without the header, and for methods other than POST. Errors: invalid_argument, a key that is no
/// text of 1 to 255 visible characters.
Result<std::optional<IdempotencyKey>> read_idempotency_key(const Call& call);

/// The answer that the call's key has already; nullopt when it has none, and without a key. Errors: conflict
/// with FLOW-1400-422, when the key came with another request.
Result<std::optional<http::Response>> kept_answer(const Call& call);

using AnswerOf = std::function<http::Response(const domain::Resource&)>;
using StoredWith = std::function<Result<void>(store::Transaction&, const domain::Resource&)>;

/// Stores a new resource, if what it names exists (domain::references_of), and gives its answer; with a key
/// both are stored in one transaction, so that of any number of equal requests one creates. `also` belongs to
/// the same transaction.
Result<http::Response> store_new(const Call& call, const domain::Resource& resource, const AnswerOf& answer,
                                 const StoredWith& also = {});

/// The same around a resource that somebody else stores: `store` passes on what it is given, to be called
/// within the transaction that stores the resource.
Result<http::Response> answer_once(const Call& call, const AnswerOf& answer,
                                   const std::function<Result<domain::Resource>(const StoredWith&)>& store);

/// Whether store_new has stored nothing and answered what an earlier request created.
bool is_replay(const http::Response& response);

/// A run that the scheduler has stored, as much of it as answers tell.
domain::Resource run_of(const AcceptedRun& run);

}  // namespace headwater::api
