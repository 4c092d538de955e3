#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/internal/idempotency.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/result.h"
#include "domain/list_query.h"
#include "domain/resource.h"
#include "http/server.h"
#include "identity/identity.h"

namespace headwater::api {

/// One authenticated request. Confined to its worker thread.
struct Call {
  const http::Request& request;
  const identity::Caller& caller;
  ApiServices& services;
  std::optional<IdempotencyKey> key = std::nullopt;

  store::Store& store() const { return services.store; }
  store::Scope scope() const { return store::Scope(caller.tenant); }
  std::string_view id() const { return request.path_param("id"); }
  std::int64_t now_ms() const;
};

using Handler = Result<http::Response> (*)(const Call&);

/// How deep a caller's JSON may be nested. Less than what the store reads, for bodies become parts of
/// documents.
inline constexpr std::size_t kBodyDepthMax = 100;
/// How large a stored document may grow by patches.
inline constexpr std::size_t kDocumentBytesMax = 16U << 20;

/// The JSON body, nested kBodyDepthMax deep at most. Errors: the content-type error; FLOW-1405-400 (empty);
/// invalid_argument with line and column.
Result<json::Value> json_body(const Call& call);
/// A JSON object. Errors: as json_body.
Result<json::Value> object_body(const Call& call);
/// `name` and `description` of a document are texts, null or absent. Errors: CONNECTOR-1302-400.
Result<void> check_texts(const json::Value& document);
/// As json_body, but null when there is no body.
Result<json::Value> optional_body(const Call& call);

/// If-Match, as header or as query parameter; nullopt for absent and "*".
std::optional<Etag> if_match(const Call& call);
/// Errors: precondition_required, FLOW-1403-400. nullopt for "*".
Result<std::optional<Etag>> required_if_match(const Call& call);

/// The `mode=draft` query parameter. Errors: FLOW-1451-400, another mode.
Result<bool> read_draft_mode(const Call& call);

/// The text of an optional reference such as baseConnectionId; "" when it is absent or null.
/// Errors: CONNECTOR-1302-400, no text.
Result<std::string> read_reference(const json::Value& document, std::string_view member);

/// That a document which a PATCH has made can be stored and read again. Errors: too_large; CONNECTOR-1302-400
/// (nested too deep).
Result<void> check_extent(const json::Value& document);

/// The new resource of this caller, not stored yet.
domain::Resource new_resource(const Call& call, domain::ResourceKind kind, json::Value body,
                              std::string state = {}, std::string id = {});

/// 201 with Location, ETag and `{"id","etag"}`.
http::Response created(const domain::Resource& resource);
/// 200 with ETag and `{"id","etag"}`.
http::Response changed(const domain::Resource& resource);
/// The path of a Flow Service resource: "/data/foundation/flowservice/flows/..".
std::string location_of(const domain::Resource& resource);

/// GET by id: 200 with ETag and `{"items":[resource]}`. Errors: not_found.
Result<http::Response> answer_found(const Call& call, domain::ResourceKind kind);
/// GET of a collection: items and `_links`, or `{"count"}`.
Result<http::Response> answer_list(const Call& call, domain::ResourceKind kind,
                                   const domain::ListRules& rules = domain::kListRules);
/// POST .../search.
Result<http::Response> answer_search(const Call& call, domain::ResourceKind kind);

/// How many resources of this kind the caller's tenant has with `path` equal to `value`.
Result<std::int64_t> count_where(store::Transaction& transaction, const store::Scope& scope,
                                 domain::ResourceKind kind, std::string_view path, std::string_view value);

Error bad_request(std::string_view code, std::string where, std::string message);

}  // namespace headwater::api
