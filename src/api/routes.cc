#include "api/routes.h"

#include <exception>
#include <string>

#include "api/internal/handlers.h"
#include "api/internal/open_routes.h"
#include "api/internal/session.h"
#include "api/internal/upload.h"
#include "api/internal/viewer.h"
#include "api/internal/web_app.h"
#include "base/log.h"
#include "json/utf8.h"

namespace headwater::api {
namespace {

using http::Method;

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order in which the table is read
struct Route {
  Method method;
  std::string_view pattern;
  Handler handler;
  Dialect dialect = Dialect::service;
  identity::SandboxHeader sandbox = identity::SandboxHeader::decides;
  bool one_read = false;  // reads one resource by its id and does nothing else
};

constexpr Route by_id(std::string_view pattern, Handler handler) {
  return {Method::get, pattern, handler, Dialect::service, identity::SandboxHeader::decides, true};
}

constexpr std::size_t kIdBytesMax = 1024;
constexpr auto kAnySandbox = identity::SandboxHeader::ignored;

// Every route that needs a token. Literal segments stand before {id} of the same shape.
constexpr Route kRoutes[] = {
    {Method::get, "/data/foundation/flowservice/connectionSpecs", connection_specs::list},
    {Method::post, "/data/foundation/flowservice/connectionSpecs", connection_specs::create},
    by_id("/data/foundation/flowservice/connectionSpecs/{id}", connection_specs::lookup),
    {Method::put, "/data/foundation/flowservice/connectionSpecs/{id}", connection_specs::replace},
    {Method::del, "/data/foundation/flowservice/connectionSpecs/{id}", connection_specs::remove},
    {Method::get, "/data/foundation/flowservice/connectionSpecs/{id}/explore", connection_specs::explore},
    {Method::get, "/data/foundation/flowservice/connectionSpecs/{id}/configs", connection_specs::configs},

    {Method::get, "/data/foundation/flowservice/flowSpecs", flow_specs::list},
    {Method::post, "/data/foundation/flowservice/flowSpecs", flow_specs::create},
    {Method::post, "/data/foundation/flowservice/flowSpecs/search", flow_specs::search},
    by_id("/data/foundation/flowservice/flowSpecs/{id}", flow_specs::lookup),
    {Method::put, "/data/foundation/flowservice/flowSpecs/{id}", flow_specs::replace},
    {Method::del, "/data/foundation/flowservice/flowSpecs/{id}", flow_specs::remove},

    {Method::get, "/data/foundation/flowservice/connections", connections::list},
    {Method::post, "/data/foundation/flowservice/connections", connections::create},
    {Method::post, "/data/foundation/flowservice/connections/search", connections::search},
    by_id("/data/foundation/flowservice/connections/{id}", connections::lookup),
    {Method::patch, "/data/foundation/flowservice/connections/{id}", connections::patch},
    {Method::del, "/data/foundation/flowservice/connections/{id}", connections::remove},
    {Method::get, "/data/foundation/flowservice/connections/{id}/test", connections::test},
    {Method::get, "/data/foundation/flowservice/connections/{id}/explore", connections::explore},
    {Method::get, "/data/foundation/flowservice/connections/{id}/configs", connections::configs},
    {Method::post, "/data/foundation/flowservice/connections/{id}/action", connections::act},

    {Method::get, "/data/foundation/flowservice/sourceConnections", source_connections::list},
    {Method::post, "/data/foundation/flowservice/sourceConnections", source_connections::create},
    by_id("/data/foundation/flowservice/sourceConnections/{id}", source_connections::lookup),
    {Method::patch, "/data/foundation/flowservice/sourceConnections/{id}", source_connections::patch},
    {Method::del, "/data/foundation/flowservice/sourceConnections/{id}", source_connections::remove},
    {Method::post, "/data/foundation/flowservice/sourceConnections/{id}/action", source_connections::act},

    {Method::get, "/data/foundation/flowservice/targetConnections", target_connections::list},
    {Method::post, "/data/foundation/flowservice/targetConnections", target_connections::create},
    by_id("/data/foundation/flowservice/targetConnections/{id}", target_connections::lookup),
    {Method::patch, "/data/foundation/flowservice/targetConnections/{id}", target_connections::patch},
    {Method::del, "/data/foundation/flowservice/targetConnections/{id}", target_connections::remove},
    {Method::post, "/data/foundation/flowservice/targetConnections/{id}/action", target_connections::act},

    {Method::get, "/data/foundation/flowservice/flows", flows::list},
    {Method::post, "/data/foundation/flowservice/flows", flows::create},
    {Method::post, "/data/foundation/flowservice/flows/search", flows::search},
    by_id("/data/foundation/flowservice/flows/{id}", flows::lookup),
    {Method::patch, "/data/foundation/flowservice/flows/{id}", flows::patch},
    {Method::del, "/data/foundation/flowservice/flows/{id}", flows::remove},
    {Method::post, "/data/foundation/flowservice/flows/{id}/action", flows::act},

    {Method::get, "/data/foundation/flowservice/runs", runs::list},
    {Method::post, "/data/foundation/flowservice/runs", runs::create},
    by_id("/data/foundation/flowservice/runs/{id}", runs::lookup),
    {Method::put, "/data/foundation/flowservice/runs/{id}", runs::replace},
    {Method::post, "/data/foundation/flowservice/runs/{id}/action", runs::act},

    {Method::get, "/data/foundation/flowservice/webhooks", webhooks::list, Dialect::service, kAnySandbox},
    {Method::post, "/data/foundation/flowservice/webhooks", webhooks::create, Dialect::service, kAnySandbox},
    {Method::get, "/data/foundation/flowservice/webhooks/{id}", webhooks::lookup, Dialect::service,
     kAnySandbox},
    {Method::put, "/data/foundation/flowservice/webhooks/{id}", webhooks::replace, Dialect::service,
     kAnySandbox},
    {Method::del, "/data/foundation/flowservice/webhooks/{id}", webhooks::remove, Dialect::service,
     kAnySandbox},
    {Method::post, "/data/foundation/flowservice/webhooks/{id}/test", webhooks::test, Dialect::service,
     kAnySandbox},

    {Method::get, "/data/core/edge/inlets", inlets::list},
    by_id("/data/core/edge/inlets/{id}", inlets::lookup),
    {Method::patch, "/data/core/edge/inlets/{id}", inlets::patch},
    {Method::post, "/data/core/edge/inlets/{id}/action", inlets::act},
    {Method::get, "/data/core/edge/inlets/{id}/counters", inlets::counters},
    {Method::get, "/data/core/edge/inlets/{id}/events", inlets::events},

    {Method::get, "/data/foundation/conversion/mappingSets", mapping_sets::list},
    {Method::post, "/data/foundation/conversion/mappingSets", mapping_sets::create},
    {Method::post, "/data/foundation/conversion/mappingSets/validate", mapping_sets::validate},
    {Method::post, "/data/foundation/conversion/mappingSets/preview", mapping_sets::preview},
    {Method::get, "/data/foundation/conversion/mappingSets/suggestion", mapping_sets::suggestion},
    {Method::post, "/data/foundation/conversion/mappingSets/suggestion", mapping_sets::suggest_for_records},
    {Method::get, "/data/foundation/conversion/mappingSets/{id}", mapping_sets::lookup},
    {Method::put, "/data/foundation/conversion/mappingSets/{id}", mapping_sets::replace},
    {Method::del, "/data/foundation/conversion/mappingSets/{id}", mapping_sets::remove},
    {Method::get, "/data/foundation/conversion/mappingSets/{id}/mappings", mapping_sets::rows},
    {Method::post, "/data/foundation/conversion/mappingSets/{id}/mappings", mapping_sets::add_row},
    {Method::get, "/data/foundation/conversion/mappingSets/{id}/mappings/{mapping_id}", mapping_sets::row},
    {Method::put, "/data/foundation/conversion/mappingSets/{id}/mappings/{mapping_id}",
     mapping_sets::replace_row},
    {Method::del, "/data/foundation/conversion/mappingSets/{id}/mappings/{mapping_id}",
     mapping_sets::remove_row},
    {Method::post, "/data/foundation/conversion/languages/el/validate", languages::validate},
    {Method::get, "/data/foundation/conversion/languages/el/functions", languages::functions},
    {Method::get, "/data/foundation/conversion/languages/el/operators", languages::operators},

    {Method::get, "/data/foundation/schemaregistry/stats", schemas::stats, Dialect::registry},
    {Method::get, "/data/foundation/schemaregistry/{container}/schemas", schemas::list, Dialect::registry},
    {Method::post, "/data/foundation/schemaregistry/tenant/schemas", schemas::create, Dialect::registry},
    {Method::get, "/data/foundation/schemaregistry/{container}/schemas/{id}", schemas::lookup,
     Dialect::registry},
    {Method::put, "/data/foundation/schemaregistry/tenant/schemas/{id}", schemas::replace, Dialect::registry},
    {Method::patch, "/data/foundation/schemaregistry/tenant/schemas/{id}", schemas::patch, Dialect::registry},
    {Method::del, "/data/foundation/schemaregistry/tenant/schemas/{id}", schemas::remove, Dialect::registry},

    {Method::get, "/data/foundation/catalog/dataSets", datasets::list},
    {Method::post, "/data/foundation/catalog/dataSets", datasets::create},
    {Method::get, "/data/foundation/catalog/dataSets/{id}", datasets::lookup},
    {Method::put, "/data/foundation/catalog/dataSets/{id}", datasets::replace},
    {Method::patch, "/data/foundation/catalog/dataSets/{id}", datasets::patch},
    {Method::patch, "/data/foundation/catalog/v2/dataSets/{id}", datasets::merge},
    {Method::del, "/data/foundation/catalog/dataSets/{id}", datasets::remove},
    {Method::get, "/data/foundation/catalog/dataSetFiles", data_access::dataset_files},
    {Method::get, "/data/foundation/catalog/batches", batches::list},
    {Method::get, "/data/foundation/catalog/batches/{id}", batches::lookup},
    {Method::del, "/data/foundation/catalog/batches/{id}", batches::remove},

    {Method::post, "/data/foundation/import/batches", ingest::create},
    {Method::post, "/data/foundation/import/batches/{id}", ingest::act},
    {Method::post, "/data/foundation/import/batches/{id}/datasets/{dataset}/files/{path...}",
     ingest::act_on_file},
    {Method::head, "/data/foundation/import/batches/{id}/datasets/{dataset}/files/{path...}",
     ingest::file_status},
    {Method::get, "/data/foundation/import/batches/{id}/datasets/{dataset}/preview", ingest::preview},

    {Method::get, "/data/foundation/export/batches/{id}/files", data_access::batch_files},
    {Method::get, "/data/foundation/export/batches/{id}/failed", data_access::failed_files},
    {Method::get, "/data/foundation/export/batches/{id}/meta", data_access::meta_files},
    {Method::get, "/data/foundation/export/files/{id}", data_access::file},
    {Method::get, "/data/foundation/export/datasets/{id}/preview", data_access::preview},

    {Method::get, "/data/foundation/sandbox-management/sandboxes", sandboxes::list, Dialect::service,
     kAnySandbox},
    {Method::get, "/data/foundation/sandbox-management/", sandboxes::list, Dialect::service, kAnySandbox},
    {Method::post, "/data/foundation/sandbox-management/sandboxes", sandboxes::create, Dialect::service,
     kAnySandbox},
    {Method::get, "/data/foundation/sandbox-management/sandboxes/{id}", sandboxes::lookup, Dialect::service,
     kAnySandbox},
    {Method::del, "/data/foundation/sandbox-management/sandboxes/{id}", sandboxes::remove, Dialect::service,
     kAnySandbox},
    {Method::post, "/headwater/query", queries::run},
    {Method::post, "/headwater/drafts/try", drafts::try_out},
    {Method::post, "/headwater/drafts/compare", drafts::compare},
    {Method::get, "/headwater/source-folder", source_folder::read},
    {Method::put, "/headwater/source-folder", source_folder::write},
    {Method::get, "/headwater/source-repository", source_repository::status},
    {Method::post, "/headwater/source-repository", source_repository::check},
};

struct UploadRoute {
  Method method;
  std::string_view pattern;
  std::uint64_t bytes_max;
  UploadOpener open;
};

// Routes whose bodies are streamed. Limits: the batch ingestion's description.
constexpr UploadRoute kUploads[] = {
    {Method::put, "/data/foundation/import/batches/{id}/datasets/{dataset}/files/{path...}", 256U << 20,
     ingest::put_file},
    {Method::patch, "/data/foundation/import/batches/{id}/datasets/{dataset}/files/{path...}", 512'000'000,
     ingest::put_part},
};

// What stands before "{id}": the collection that a 404 names.
constexpr std::string_view collection_of(std::string_view pattern) {
  const auto id = pattern.find("/{id}");
  if (id == std::string_view::npos) return {};
  const std::string_view before = pattern.substr(0, id);
  return before.substr(before.rfind('/') + 1);
}

// An id that no resource can have, and that no database takes.
bool is_text(std::string_view text) {
  return text.find('\0') == std::string_view::npos && json::is_utf8(text);
}

Result<void> check_address(const http::Request& request) {
  for (const auto& [name, value] : request.path_params)
    if (value.size() > kIdBytesMax || !is_text(value))
      return Error{ErrorKind::not_found, "Nothing has the id of this path.", "", "FLOW-1439-404"};
  for (const auto& [name, value] : request.query)
    if (!is_text(name) || !is_text(value))
      return bad_request("FLOW-1451-400", "", "A query parameter is no UTF-8 text or holds a NUL character.");
  return {};
}

void log_failure(const http::Request& request, const Error& error) {
  // Who has left is told nothing, and nothing has failed.
  if (status_of(error) < 500 || error.kind == ErrorKind::cancelled) return;
  log::error("request failed", {{"id", request.id}, {"path", request.path}, {"error", error.message}});
}

Result<http::Response> answer_call(Call call, const Route& route) {
  call.key = TRY(read_idempotency_key(call));
  if (auto kept = TRY(kept_answer(call))) return *std::move(kept);
  return route.handler(call);
}

// What a link of the web application leads to: a browser saves a file without its passing through the page's
// memory, but a link carries no headers, so it names organisation and sandbox in its query. For sessions
// only.
std::optional<std::string_view> header_of(const http::Request& request, std::string_view name) {
  const auto sent = request.header(name);
  if (sent || (name != "x-gw-ims-org-id" && name != "x-sandbox-name")) return sent;
  const bool link = request.method == Method::get && request.path.starts_with("/data/foundation/export/") &&
                    !request.header("authorization");
  return link ? request.query_param(name) : std::nullopt;
}

http::Response answer(ApiServices& services, const Route& route, const http::Request& request) {
  const auto header = [&request](std::string_view name) { return header_of(request, name); };
  const std::string_view collection = collection_of(route.pattern);
  const bool reads = request.method == Method::get || request.method == Method::head;
  const auto caller = services.identity.authenticate(
      header, route.sandbox, reads ? identity::Intent::reads : identity::Intent::changes);
  if (!caller) return problem(caller.error(), request, {}, Dialect::service);
  const auto addressed = check_address(request);
  if (!addressed) return problem(addressed.error(), request, collection, route.dialect);
  auto result = answer_call({request, *caller, services}, route);
  if (result) return *std::move(result);
  log_failure(request, result.error());
  return problem(result.error(), request, collection, route.dialect);
}

// An exception is a bug: it ends here, and its text stays in the log.
http::Response guarded(ApiServices& services, const Route& route, const http::Request& request) {
  try {
    return answer(services, route, request);
  } catch (const std::exception& bug) {
    return broken(bug, request);
  }
}

/// A body on its way to its taker; errors become answers.
class RoutedUpload final : public http::Upload {
 public:
  RoutedUpload(http::Request request, std::unique_ptr<BodyTaker> taker)
      : request_(std::move(request)), taker_(std::move(taker)) {}
  std::optional<http::Response> write(std::string_view bytes) override {
    const auto taken = taker_->write(bytes);
    return taken ? std::nullopt : std::optional<http::Response>(refusal(taken.error()));
  }
  http::Response finish() override {
    auto done = taker_->finish();
    return done ? *std::move(done) : refusal(done.error());
  }

 private:
  http::Response refusal(const Error& error) {
    log_failure(request_, error);
    return problem(error, request_, "batches");
  }
  http::Request request_;
  std::unique_ptr<BodyTaker> taker_;
};

http::UploadStart start_upload(ApiServices& services, const UploadRoute& route,
                               const http::Request& request) {
  http::UploadStart start;
  const auto header = [&request](std::string_view name) { return request.header(name); };
  const auto caller = services.identity.authenticate(header);
  if (!caller) {
    start.refusal = problem(caller.error(), request, {}, Dialect::service);
    return start;
  }
  auto taker = route.open(Call{request, *caller, services});
  if (taker) {
    start.upload = std::make_shared<RoutedUpload>(request, *std::move(taker));
    return start;
  }
  log_failure(request, taker.error());
  start.refusal = problem(taker.error(), request, collection_of(route.pattern));
  return start;
}

http::Response answer_unknown(const http::Request& request, const std::vector<Method>& allowed) {
  if (allowed.empty() && is_for_the_application(request)) return application_page();
  if (allowed.empty())
    return problem(Error{ErrorKind::not_found, "There is nothing at this path.", "", "FLOW-1439-404"},
                   request);
  return problem(Error{ErrorKind::unsupported, "This path does not know the method.", "", "FLOW-1400-405"},
                 request);
}

// A request that the server itself turns away: no handler, no caller.
http::Response answer_refused(int status, std::string_view detail, std::string_view request_id) {
  http::Request request;
  request.id = request_id;
  const ErrorKind kind = status == 413   ? ErrorKind::too_large
                         : status == 503 ? ErrorKind::unavailable
                                         : ErrorKind::invalid_argument;
  const std::string_view code = status == 431   ? "FLOW-1400-431"
                                : status == 501 ? "FLOW-1400-501"
                                                : std::string_view();
  return problem(Error{kind, std::string(detail), "", code}, request);
}

}  // namespace

void add_routes(http::Router& router, ApiServices& services) {
  using Thread = http::Router::Thread;
  const bool quick = services.store.reads_are_quick();
  for (const Route& route : kRoutes) {
    const auto handler = [&services, &route](const http::Request& request) {
      return guarded(services, route, request);
    };
    router.add(route.method, route.pattern, handler, quick && route.one_read ? Thread::io : Thread::worker);
  }
  for (const UploadRoute& route : kUploads)
    router.add_upload(
        route.method, route.pattern, route.bytes_max,
        [&services, &route](const http::Request& request) { return start_upload(services, route, request); });
  add_open_routes(router, services);
  add_viewer_routes(router);
  add_session_routes(router, services);
  add_session_access_routes(router, services);
  add_web_app_routes(router);
  router.set_not_found(answer_unknown);
  router.set_refusal(answer_refused);
}

}  // namespace headwater::api
