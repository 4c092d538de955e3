#include "api/internal/spec_secrets.h"

#include "api/internal/spec_lookup.h"
#include "secrets/params.h"

namespace headwater::api {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Value;

constexpr std::size_t kPage = 200;  // of a spec's users that are in memory at once

// Where the params stand of which a spec says what they are, or nullptr.
Value* find_params(Resource& resource) {
  Value* holder = resource.kind == ResourceKind::connection ? resource.body.find("auth") : &resource.body;
  Value* params = holder == nullptr ? nullptr : holder->find("params");
  return params != nullptr && params->is_object() ? params : nullptr;
}

// As the params are split when the resource is stored. Nothing is taken out of an account whose authSpec
// entry is gone: nobody says what its params are.
secrets::SplitParams split_by(const Value& spec, const Resource& resource, const Value& params,
                              const secrets::Places& sealed) {
  if (resource.kind == ResourceKind::source_connection) {
    const Value* schema = spec.find_path("sourceSpec.spec");
    return secrets::split_described(schema == nullptr ? Value() : *schema, params, sealed);
  }
  const Value* name = resource.body.find_path("auth.specName");
  const bool named = name != nullptr && name->if_string() != nullptr;
  const Value* entry = named ? find_auth_spec(spec, *name->if_string()) : nullptr;
  if (entry == nullptr) return {params, {}};
  const Value* schema = entry->find("spec");
  return secrets::split_params(schema == nullptr ? Value() : *schema, params, sealed);
}

Result<void> seal(const Call& call, store::Transaction& transaction, const Value& spec,
                  const Resource& listed) {
  // As it is now: it may have been changed since it was listed.
  auto locked = transaction.lock(store::Scope::all(), listed.kind, listed.id);
  if (!locked) return locked.error().kind == ErrorKind::not_found ? Result<void>() : locked.error();
  Resource user = *std::move(locked);
  Value* params = find_params(user);
  if (params == nullptr || split_by(spec, user, *params, {}).secrets.empty()) return {};
  // A credential may lie within one of today: it is sealed with what it is, not with what stands for it.
  const auto stored = TRY(call.services.credentials.of(transaction, user.id));
  const auto split =
      split_by(spec, user, secrets::merge_params(*params, stored), secrets::sealed_places(*params, stored));
  *params = split.open;
  const auto change = [&user](Resource current) -> Result<Resource> {
    current.body = user.body;
    return current;
  };
  TRY(transaction.update(store::Scope::all(), user.kind, user.id, change));
  return call.services.credentials.put(transaction, user.id, split.secrets);
}

}  // namespace

bool may_hold_secrets(ResourceKind kind) {
  return kind == ResourceKind::connection || kind == ResourceKind::source_connection;
}

Result<void> seal_users(const Call& call, store::Transaction& transaction, const Resource& spec) {
  for (const ResourceKind kind : {ResourceKind::connection, ResourceKind::source_connection}) {
    domain::ListQuery query;
    query.filters.push_back({{{"connectionSpec"}, {"id"}}, domain::FilterOp::equal, {spec.id}});
    query.limit = kPage;
    for (bool more = true; more;) {
      auto page = TRY(transaction.list(store::Scope::all(), kind, query));
      more = page.next.has_value();
      if (more) query = TRY(domain::parse_continuation_token(*page.next));
      for (Resource& user : page.items) TRY(seal(call, transaction, spec.body, user));
    }
  }
  return {};
}

Result<void> Redaction::redact(Resource& resource) {
  if (!may_hold_secrets(resource.kind)) return {};
  Value* params = find_params(resource);
  const Value* id = resource.body.find_path("connectionSpec.id");
  if (params == nullptr || id == nullptr || id->if_string() == nullptr) return {};
  auto known = specs_.find(*id->if_string());
  if (known == specs_.end()) {
    auto spec = TRY(call_.store().find(call_.scope(), ResourceKind::connection_spec, *id->if_string()));
    known = specs_.emplace(*id->if_string(), spec ? std::move(spec->body) : Value()).first;
  }
  *params = split_by(known->second, resource, *params, {}).open;
  return {};
}

}  // namespace headwater::api
