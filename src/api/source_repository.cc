#include <string>
#include <utility>
#include <vector>

#include "api/internal/handlers.h"
#include "domain/setting.h"

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

using Approved = std::vector<std::pair<std::string, std::string>>;  // names of sources, and commits

// {"breaking": [{"name", "commit"}]}; no body is fine.
Result<Approved> read_approved(const json::Value& body) {
  Approved out;
  if (body.is_null()) return out;
  if (!body.is_object()) return domain::wrong_setting("", "The body must be a JSON object.");
  const json::Value* given = body.find("breaking");
  if (given == nullptr) return out;
  constexpr std::size_t kMost = 100;
  if (!given->is_array() || given->if_array()->size() > kMost)
    return domain::wrong_setting(
        "/breaking", "breaking must be an array of at most " + std::to_string(kMost) + " sources.");
  for (const json::Value& one : *given->if_array()) {
    std::pair approved{std::string(one.string_at("name")), std::string(one.string_at("commit"))};
    if (approved.first.empty() || approved.second.empty())
      return domain::wrong_setting(
          "/breaking",
          "Each of breaking must have the name of a source and the commit at which it was refused.");
    out.push_back(std::move(approved));
  }
  return out;
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

// POST of the same: looks at once, at every source, instead of with the next interval. What is refused
// because flows would break is published by this when it is named.
Result<http::Response> check(const Call& call) {
  const auto* repository = TRY(repository_of(call));
  const auto body = TRY(optional_body(call));
  repository->check(TRY(read_approved(body)));
  return http::Response::json(202, TRY(repository->status())).with_header("Cache-Control", "no-store");
}

}  // namespace headwater::api::source_repository
