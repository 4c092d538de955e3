#pragma once

#include "api/internal/call.h"
#include "json/value.h"

namespace headwater::api {

/// Whose datasets a query sees.
std::string lake_tenant(const domain::Tenant& tenant);

/// The catalog's common members (imsOrg, created, createdClient, ...) around a document's own.
json::Object catalog_form(const domain::Resource& resource, std::string_view version);

/// A batch as the catalog answers it.
json::Object batch_form(const domain::Resource& batch);

/// Takes a batch's records out of its dataset. Errors: conflict, storage.
Result<void> remove_from_lake(const Call& call, const domain::Resource& batch);

/// Keeps the top-level members that the query parameter `properties` names; all without it.
json::Value with_properties(const Call& call, json::Value object);

/// An object keyed by id. Query: `limit` (20, at most 100), `start` (resources to pass over), `orderBy`
/// ("desc:created"), `dataSet`, `createdAfter`, `createdBefore` (milliseconds), `property` (with an
/// operator), `properties`, and by equality `name`, `status`, `created`, `recordCount`, ...
Result<http::Response> answer_catalog_list(const Call& call, domain::ResourceKind kind,
                                           json::Value (*wire)(const domain::Resource&));

}  // namespace headwater::api
