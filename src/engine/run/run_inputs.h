#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "domain/flow.h"
#include "domain/resource.h"
#include "domain/schedule_params.h"
#include "engine/map/mapper.h"
#include "engine/run/source_access.h"
#include "json/value.h"
#include "mapping/mapping_set.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::run {

/// How to read a source through a stored base connection: its spec, its credentials open, its tokens kept
/// in the store when they rotate. `params` are the source connection's (or an explore's). `store` and
/// `credentials` outlive what is returned.
/// Errors: not_found (the connection spec), storage.
Result<SourceDocuments> source_of_connection(store::Store& store, store::Credentials& credentials,
                                             const domain::Resource& connection, json::Value params);

/// Keeps rotated tokens of a stored connection sealed in the store, without a change that its etag shows. An
/// account that was given another refresh token meanwhile keeps that one.
extract::PersistTokens keep_tokens_of(store::Store& store, store::Credentials& credentials,
                                      std::string connection);

/// Everything that one run of a stored flow needs. A value.
struct RunInputs {
  domain::Resource flow;
  SourceConnectionId source_connection;
  TargetConnectionId target_connection;
  SourceDocuments source;
  /// A keyed hash of all that decides which records a run reads and what becomes of them; credentials apart.
  /// A run that was begun under another one starts over: its cursor means nothing here.
  std::string definition;
  std::optional<mapping::MappingSet> mapping;  // at the version that the flow pins
  DatasetId dataset;
  json::Value target_schema;   // the dataset's, or null
  std::string schema_version;  // noted with the batch
  domain::FlowOptions options;
};

/// Assembles them from the stored documents: flow, source and target connection, base connection, connection
/// spec, mapping set, dataset and schema.
/// Errors: not_found or invalid_argument naming the document that is missing or wrong; storage.
Result<RunInputs> read_run_inputs(store::Store& store, store::Credentials& credentials, const FlowId& flow);

/// The mapper of a run. Errors: invalid_argument with every problem of the mapping set or the schema.
Result<map::Mapper> make_mapper(const std::optional<mapping::MappingSet>& mapping,
                                const json::Value& target_schema);

/// Where a replaced version of a mapping set stays readable: a resource of kind mapping_set whose id is
/// "<set id>.<version>". The set's own resource holds the latest version in its member `version`.
std::string mapping_version_id(const MappingSetId& set, std::int64_t version);
/// The set at that version; the latest when absent. Errors: not_found.
Result<domain::Resource> mapping_set_at(store::Store& store, const store::Scope& scope,
                                        const domain::MappingReference& reference);

/// The target schema that a dataset or target connection names by its id: `$id`, `meta:altId` or resource id.
/// Its body is as domain::record_schema makes it. nullopt when there is none of that name.
Result<std::optional<domain::Resource>> find_schema(store::Store& store, const store::Scope& scope,
                                                    const std::string& id);

}  // namespace headwater::run
