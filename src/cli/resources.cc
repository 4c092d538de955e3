#include "cli/resources.h"

#include <array>

namespace headwater::cli {
namespace {

using enum Shape;
using Kind = Column::Kind;

constexpr Verb kList{"list", "List them", list, "GET", ""};
constexpr Verb kSearch{"search", "List those that match, for example 'state==enabled'", search, "POST",
                       "/search"};
constexpr Verb kGet{"get", "Show one", one, "GET", "/{id}", kId};
constexpr Verb kCreate{"create", "Create one from a JSON file", one, "POST", "", kBody};
constexpr Verb kCreateDraft{"create", "Create one from a JSON file", one, "POST", "", kBody | kDraft};
constexpr Verb kUpdate{
    "update", "Replace one by a JSON file (PUT)", one, "PUT", "/{id}", kId | kBody | kIfMatch};
constexpr Verb kPatch{"patch", "Apply a JSON Patch file", one, "PATCH", "/{id}", kId | kBody | kEtag};
constexpr Verb kDelete{"delete", "Delete one", silent, "DELETE", "/{id}", kId | kIfMatch};
constexpr Verb kPublish{"publish", "Make a draft take effect", one, "POST", "/{id}/action?op=publish", kId};
constexpr Verb kConfigs{"configs", "Show its columns", one, "GET", "/{id}/configs", kId | kParams};
constexpr Verb kExplore{"explore",
                        "Preview its data: schema and first records",
                        one,
                        "GET",
                        "/{id}/explore?objectType=rest&object=json&fileType=json&preview=true",
                        kId | kParams};

constexpr std::array kConnectionSpecVerbs{
    kList,   kGet,    Verb{"create", "Create one from a JSON file", one, "POST", "", kBody | kValidate},
    kUpdate, kDelete, kExplore,
    kConfigs};
constexpr std::array kFlowSpecVerbs{kList, kSearch, kGet, kCreate, kUpdate, kDelete};
constexpr std::array kConnectionVerbs{
    kList,
    kSearch,
    kGet,
    kCreateDraft,
    kPatch,
    kDelete,
    Verb{"test", "Try the account's credentials", one, "GET", "/{id}/test", kId},
    kExplore,
    kConfigs,
    kPublish};
constexpr std::array kSideVerbs{kList, kGet, kCreateDraft, kPatch, kDelete, kPublish};
constexpr std::array kFlowVerbs{
    kList,
    kSearch,
    kGet,
    kCreateDraft,
    kPatch,
    kDelete,
    kPublish,
    Verb{"enable", "Let it run on schedule", one, "POST", "/{id}/action?op=enable", kId},
    Verb{"disable", "Let it run no more", one, "POST", "/{id}/action?op=disable", kId},
    Verb{"run", "Run it now, for a window of your own if you like", one, "POST", "/{id}/action?op=run",
         kId | kWindow}};
constexpr std::array kRunVerbs{
    kList,
    kGet,
    kCreate,
    Verb{"update", "Change what a run notes about itself (PUT)", one, "PUT", "/{id}", kId | kBody | kEtag},
    Verb{"watch", "Follow it to its end", watch, "GET", "/{id}", kId},
    Verb{"cancel", "End it as failed", one, "POST", "/{id}/action?op=cancel", kId},
    Verb{"retrigger", "Run its window again, as a new run", one, "POST", "/{id}/action?op=re-trigger", kId}};
constexpr std::array kMappingSetVerbs{
    kList,
    kGet,
    kCreate,
    kUpdate,
    kDelete,
    Verb{"mappings", "Show its rows", one, "GET", "/{id}/mappings", kId},
    Verb{"validate", "Check one in a JSON file, storing nothing", one, "POST", "/validate", kBody},
    Verb{"preview", "Map sample records with one in a JSON file", one, "POST", "/preview", kBody}};
constexpr std::array kSchemaVerbs{kList, kGet, kCreate, kUpdate, kPatch, kDelete};
constexpr std::array kDatasetVerbs{kList,
                                   kGet,
                                   kCreate,
                                   kUpdate,
                                   kPatch,
                                   kDelete,
                                   Verb{"preview", "Show its first records", one, "GET",
                                        "/data/foundation/export/datasets/{id}/preview", kId}};
constexpr std::array kBatchVerbs{
    kList,
    kGet,
    kDelete,
    Verb{"upload", "Upload files as one batch, and wait until its records are in the lake", upload, "POST",
         "/data/foundation/import/batches", kFiles},
    Verb{"create", "Begin an upload with a JSON file", one, "POST", "/data/foundation/import/batches", kBody},
    Verb{"put", "Put files into an upload that was begun", put, "PUT", "", kId | kFiles},
    Verb{"complete", "End an upload: its records go into the lake", one, "POST",
         "/data/foundation/import/batches/{id}?action=COMPLETE", kId},
    Verb{"abort", "Give an upload up", one, "POST", "/data/foundation/import/batches/{id}?action=ABORT", kId},
    Verb{"revert", "Take its records out of the lake, keep its document", one, "POST",
         "/data/foundation/import/batches/{id}?action=REVERT", kId},
    Verb{"files", "List its data files, or download them with --to", files, "GET",
         "/data/foundation/export/batches/{id}/files", kId},
    Verb{"diagnostics", "List its rejected records' files, or download them with --to", meta, "GET",
         "/data/foundation/export/batches/{id}/meta", kId}};
constexpr std::array kInletVerbs{
    kList,
    kGet,
    kPatch,
    Verb{"rotate", "Give it a new secret of signatures, shown once", one, "POST", "/{id}/action?op=rotate",
         kId | kIfMatch | kSecret},
    Verb{"revoke", "Accept the secret before the last rotation no more", one, "POST",
         "/{id}/action?op=revoke", kId | kIfMatch},
    Verb{"counters", "Show what it has taken, refused and landed since the server's start", one, "GET",
         "/{id}/counters", kId}};
constexpr std::array kWebhookVerbs{
    kList,
    kGet,
    kCreate,
    kUpdate,
    kDelete,
    Verb{"test", "Tell it something now, and show what it answered", one, "POST", "/{id}/test", kId}};
constexpr std::array kSandboxVerbs{kList, kGet, kCreate, kDelete};

constexpr std::array kSpecColumns{Column{"id", "id"}, Column{"name", "name"}, Column{"version", "version"},
                                  Column{"provider", "providerId"}};
constexpr std::array kConnectionColumns{Column{"id", "id"}, Column{"name", "name"}, Column{"state", "state"},
                                        Column{"updated", "updatedAt", Kind::time_ms},
                                        Column{"connection spec", "connectionSpec.id"}};
constexpr std::array kSourceColumns{Column{"id", "id"}, Column{"name", "name"}, Column{"state", "state"},
                                    Column{"updated", "updatedAt", Kind::time_ms},
                                    Column{"base connection", "baseConnectionId"}};
constexpr std::array kTargetColumns{Column{"id", "id"}, Column{"name", "name"}, Column{"state", "state"},
                                    Column{"updated", "updatedAt", Kind::time_ms},
                                    Column{"dataset", "params.dataSetId"}};
constexpr std::array kFlowColumns{Column{"id", "id"},
                                  Column{"name", "name"},
                                  Column{"state", "state"},
                                  Column{"last run", "lastRunDetails.state"},
                                  Column{"started", "lastRunDetails.startedAtUTC", Kind::time_ms},
                                  Column{"updated", "updatedAt", Kind::time_ms}};
constexpr std::array kRunColumns{Column{"id", "id"},
                                 Column{"status", "metrics.statusSummary.status"},
                                 Column{"written", "metrics.recordSummary.outputRecordCount"},
                                 Column{"failed", "metrics.recordSummary.failedRecordCount"},
                                 Column{"started", "metrics.durationSummary.startedAtUTC", Kind::time_ms},
                                 Column{"ended", "metrics.durationSummary.completedAtUTC", Kind::time_ms},
                                 Column{"flow", "flowId"}};
constexpr std::array kMappingSetColumns{Column{"id", "id"}, Column{"name", "name"},
                                        Column{"version", "version"}};
constexpr std::array kSchemaColumns{Column{"id", "meta:altId"}, Column{"title", "title"},
                                    Column{"version", "version"}};
constexpr std::array kDatasetColumns{
    Column{"id", "id"}, Column{"name", "name"}, Column{"format", "fileDescription.format"},
    Column{"created", "created", Kind::time_ms}, Column{"schema", "schemaRef.id"}};
constexpr std::array kBatchColumns{
    Column{"id", "id"}, Column{"status", "status"}, Column{"written", "metrics.outputRecordCount"},
    Column{"failed", "metrics.failedRecordCount"}, Column{"created", "created", Kind::time_ms}};
constexpr std::array kInletColumns{Column{"id", "id"}, Column{"name", "name"},
                                   Column{"authentication", "authentication"}, Column{"data", "dataType"},
                                   Column{"flow", "flowId"}};
constexpr std::array kWebhookColumns{Column{"id", "id"},
                                     Column{"name", "name"},
                                     Column{"url", "url"},
                                     Column{"enabled", "enabled"},
                                     Column{"last", "lastDelivery.status"},
                                     Column{"at", "lastDelivery.time", Kind::time_ms},
                                     Column{"waiting", "pending"}};
constexpr std::array kSandboxColumns{Column{"name", "name"}, Column{"title", "title"}, Column{"type", "type"},
                                     Column{"state", "state"}};

constexpr ListForm kSpecList{Paging::whole, "orderby", "property", 0};
constexpr ListForm kFlowServiceList{Paging::link, "orderby", "property", 100};
constexpr ListForm kCatalogList{Paging::offset, "orderBy", "property", 100};

constexpr std::array kResources{
    Resource{"connection-specs", "a connection spec", "Connection specs: how to fetch from a kind of source",
             "/data/foundation/flowservice/connectionSpecs", "id", kSpecList, kSpecColumns,
             kConnectionSpecVerbs},
    Resource{"flow-specs", "a flow spec", "Flow specs: what kinds of flows there are",
             "/data/foundation/flowservice/flowSpecs", "id", kSpecList, kSpecColumns, kFlowSpecVerbs},
    Resource{"connections", "a base connection", "Base connections: accounts at sources",
             "/data/foundation/flowservice/connections", "id", kFlowServiceList, kConnectionColumns,
             kConnectionVerbs},
    Resource{"source-connections", "a source connection", "Source connections: what to fetch from an account",
             "/data/foundation/flowservice/sourceConnections", "id", kFlowServiceList, kSourceColumns,
             kSideVerbs},
    Resource{"target-connections", "a target connection", "Target connections: where records land",
             "/data/foundation/flowservice/targetConnections", "id", kFlowServiceList, kTargetColumns,
             kSideVerbs},
    Resource{"flows", "a flow", "Flows: from a source to a target, on schedule",
             "/data/foundation/flowservice/flows", "id", kFlowServiceList, kFlowColumns, kFlowVerbs},
    Resource{"runs", "a run", "Runs of flows", "/data/foundation/flowservice/runs", "id", kFlowServiceList,
             kRunColumns, kRunVerbs},
    Resource{"mapping-sets", "a mapping set", "Mapping sets: from source fields to schema fields",
             "/data/foundation/conversion/mappingSets", "id", ListForm{Paging::pages, "", "", 1000},
             kMappingSetColumns, kMappingSetVerbs},
    Resource{"schemas", "a schema", "Schemas of datasets", "/data/foundation/schemaregistry/tenant/schemas",
             "meta:altId", kFlowServiceList, kSchemaColumns, kSchemaVerbs},
    Resource{"datasets", "a dataset", "Datasets in the lake", "/data/foundation/catalog/dataSets", "id",
             kCatalogList, kDatasetColumns, kDatasetVerbs},
    Resource{"batches", "a batch", "Batches of records in datasets", "/data/foundation/catalog/batches", "id",
             kCatalogList, kBatchColumns, kBatchVerbs},
    Resource{"inlets", "an inlet", "Inlets: where senders of events post to", "/data/core/edge/inlets", "id",
             kFlowServiceList, kInletColumns, kInletVerbs},
    Resource{"webhooks", "a webhook", "Webhooks: whom to tell of failed, late and recovered runs",
             "/data/foundation/flowservice/webhooks", "id", ListForm{Paging::whole, "", "", 0},
             kWebhookColumns, kWebhookVerbs},
    Resource{"sandboxes", "a sandbox", "Sandboxes of the organisation; the id is the name",
             "/data/foundation/sandbox-management/sandboxes", "name", ListForm{Paging::whole, "", "", 0},
             kSandboxColumns, kSandboxVerbs}};

}  // namespace

std::span<const Resource> resources() { return kResources; }

}  // namespace headwater::cli
