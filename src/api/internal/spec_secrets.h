#pragma once

#include <map>
#include <string>

#include "api/internal/call.h"
#include "json/value.h"

// Which params are credentials is the connection spec's to say, and it may say so later than it has users.
namespace headwater::api {

/// Whether resources of this kind hold params that a spec describes: connections and source connections.
bool may_hold_secrets(domain::ResourceKind kind);

/// Seals what `spec`, which this transaction stores, makes credentials in the connections and source
/// connections of every organisation that use it. What is sealed already stays as it is.
Result<void> seal_users(const Call& call, store::Transaction& transaction, const domain::Resource& spec);

/// Answers of one call: takes out what the specs of today make credentials, should it not be sealed. Each
/// spec is read once.
class Redaction {
 public:
  explicit Redaction(const Call& call) : call_(call) {}
  /// Nothing for resources of other kinds. Errors: the store's.
  Result<void> redact(domain::Resource& resource);

 private:
  const Call& call_;
  std::map<std::string, json::Value, std::less<>> specs_;  // null: there is none
};

}  // namespace headwater::api
