#include "api/internal/handlers.h"

namespace headwater::api::source_repository {
namespace {

// What stands in it is the business of the organisation that publishes from it.
Result<const SourceRepository*> repository_of(const Call& call) {
  const auto& repository = call.services.source_repository;
  if (repository && repository->org == call.caller.tenant.org) return &*repository;
  return Error{ErrorKind::not_found,
               "This server publishes no sources of a git repository for this organisation; the setting "
               "catalog-git names one.",
               "", "FLOW-1439-404"};
}

}  // namespace

// GET /headwater/source-repository, our extension: the repository that this server watches, and what became
// of each of its sources.
Result<http::Response> status(const Call& call) {
  const auto repository = repository_of(call);
  // Most servers have none, which is no error of whoever asks.
  const json::Value known =
      repository ? TRY((*repository)->status()) : json::Object{{"sources", json::Array{}}};
  return http::Response::json(200, known).with_header("Cache-Control", "no-store");
}

// POST of the same: looks at once, at every source, instead of with the next interval.
Result<http::Response> check(const Call& call) {
  const auto* repository = TRY(repository_of(call));
  repository->check();
  return http::Response::json(202, TRY(repository->status())).with_header("Cache-Control", "no-store");
}

}  // namespace headwater::api::source_repository
