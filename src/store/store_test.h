#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "json/value.h"
#include "store/internal/database.h"
#include "store/store.h"

namespace headwater::store {

/// One database kind that the contract is checked on.
struct Backend {
  std::string name;
  /// The URL of a new empty database; `folder` is the test's own.
  std::function<std::string(const std::filesystem::path& folder)> new_url;
  std::function<Result<std::unique_ptr<internal::Database>>(const std::string& url)> open_database;
};

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

/// What every store keeps to, whatever the database: each case runs on all of them.
class StoreContract : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = open(); }

  std::unique_ptr<Store> open() {
    auto store = Store::open(url_, folder_.path());
    if (!store) throw std::runtime_error(store.error().message);
    return *std::move(store);
  }

  static json::Value parse(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::runtime_error(value.error().message);
    return *std::move(value);
  }

  static domain::Tenant tenant(const std::string& org = "AAAA@AdobeOrg",
                               const std::string& sandbox = "prod") {
    return {OrgId(org), SandboxId("id-of-" + sandbox), sandbox};
  }

  static domain::Resource resource(domain::ResourceKind kind, std::string id, std::string_view body,
                                   std::int64_t now_ms = 1'700'000'000'000, domain::Tenant owner = tenant()) {
    return domain::new_resource(kind, std::move(id), std::move(owner), {"user-1", "client-1"}, now_ms,
                                parse(body));
  }

  domain::Resource insert(domain::Resource added) {
    auto stored = store_->insert(std::move(added));
    if (!stored) throw std::runtime_error(stored.error().message);
    return *std::move(stored);
  }

  static domain::ListQuery query(const QueryParams& params) {
    auto parsed = domain::parse_list_query(params);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return *std::move(parsed);
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-store");
  std::string url_ = GetParam().new_url(folder_.path());
  std::unique_ptr<Store> store_;
};

}  // namespace headwater::store
