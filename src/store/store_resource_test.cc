#include <gtest/gtest.h>

#include "store/credentials.h"
#include "store/store_test.h"

namespace headwater::store {
namespace {

using domain::Resource;
using domain::ResourceKind;

// Member order, number spellings and every character survive; 1e400 and NUL are beyond what jsonb holds.
constexpr std::string_view kVerbatim =
    R"({"zeta":1.0,"alpha":12345678901234567890.10,"big":1e400,"text":"nul \u0000 \u00e9 𝄞 \"q\"","":null,"deep":{"b":[1,{"a":[]}],"a":{}}})";

TEST_P(StoreContract, GivesBackWhatWasStoredVerbatim) {
  const auto stored = insert(resource(ResourceKind::flow, "flow-1", kVerbatim));
  EXPECT_EQ(stored.etag.value.size(), 38U);
  EXPECT_EQ(stored.etag.value.front(), '"');
  const auto read = store_->get(tenant(), ResourceKind::flow, "flow-1");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->body.dump(), parse(kVerbatim).dump());
  EXPECT_EQ(read->etag, stored.etag);
  EXPECT_EQ(read->tenant, tenant());
  EXPECT_EQ(read->created_at_ms, 1'700'000'000'000);
  EXPECT_EQ(read->updated_at_ms, 1'700'000'000'000);
  EXPECT_EQ(read->created_by, "user-1");
  EXPECT_EQ(read->updated_client, "client-1");
}

TEST_P(StoreContract, KeepsWhatWasStoredWhenOpenedAgain) {
  insert(resource(ResourceKind::dataset, "d", R"({"name":"n"})"));
  store_.reset();
  store_ = open();
  EXPECT_TRUE(store_->get(tenant(), ResourceKind::dataset, "d"));
}

TEST_P(StoreContract, AnIdIsTakenOnceInATenant) {
  insert(resource(ResourceKind::run, "r", "{}"));
  const auto again = store_->insert(resource(ResourceKind::run, "r", "{}"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_P(StoreContract, AConflictLeavesTheTransactionUsable) {
  insert(resource(ResourceKind::flow, "taken", "{}"));
  const auto done = store_->transact([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(transaction.insert(resource(ResourceKind::flow, "taken", "{}")));
    TRY(transaction.insert(resource(ResourceKind::flow, "free", "{}")));
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(store_->get(tenant(), ResourceKind::flow, "free"));
}

TEST_P(StoreContract, TheStateStandsInOnePlace) {
  auto with_state = resource(ResourceKind::flow, "f", R"({"state":"sent by the caller","name":"n"})");
  with_state.state = "enabled";
  insert(std::move(with_state));
  const auto flow = *store_->get(tenant(), ResourceKind::flow, "f");
  EXPECT_EQ(flow.state, "enabled");
  EXPECT_EQ(domain::wire_form(flow).string_at("state"), "enabled");

  insert(resource(ResourceKind::run, "r", R"({"flowId":"f","state":"inProgress"})"));
  const auto run = *store_->get(tenant(), ResourceKind::run, "r");
  EXPECT_EQ(run.state, "");
  EXPECT_EQ(domain::wire_form(run).string_at("state"), "inProgress");
  EXPECT_EQ(*store_->count(tenant(), ResourceKind::run, query({{"property", "state==INPROGRESS"}})), 1);
  EXPECT_EQ(store_->get_text(tenant(), ResourceKind::flow, "f")->text, domain::wire_form(flow).dump());
  EXPECT_EQ(store_->get_text(tenant(), ResourceKind::run, "r")->text, domain::wire_form(run).dump());
  EXPECT_EQ(store_->get_text(tenant(), ResourceKind::run, "f").error().kind, ErrorKind::not_found);
}

TEST_P(StoreContract, AChangeGivesANewEtag) {
  const auto before = insert(resource(ResourceKind::connection, "c", R"({"name":"old"})"));
  const auto rename = [](Resource current) -> Result<Resource> {
    current.body.find("name")->operator=(json::Value("new"));
    domain::touch(current, {"user-2", "client-2"}, 5);
    return current;
  };
  const auto after = store_->update(tenant(), ResourceKind::connection, "c", rename, before.etag);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_NE(after->etag, before.etag);
  const auto read = *store_->get(tenant(), ResourceKind::connection, "c");
  EXPECT_EQ(read.body.string_at("name"), "new");
  EXPECT_EQ(read.etag, after->etag);
  EXPECT_EQ(read.updated_by, "user-2");
  EXPECT_EQ(read.created_by, "user-1");
  EXPECT_GT(read.updated_at_ms, before.updated_at_ms);
}

TEST_P(StoreContract, AStaleEtagIsRefusedAndChangesNothing) {
  const auto first = insert(resource(ResourceKind::connection, "c", R"({"n":0})"));
  const auto increase = [](Resource current) -> Result<Resource> {
    auto* n = current.body.find("n");
    *n = json::Value(*n->as_int64() + 1);
    domain::touch(current, {}, 0);
    return current;
  };
  // Clients send the etag with and without its quotes.
  const Etag bare(first.etag.value.substr(1, first.etag.value.size() - 2));
  ASSERT_TRUE(store_->update(tenant(), ResourceKind::connection, "c", increase, bare));
  const auto refused = store_->update(tenant(), ResourceKind::connection, "c", increase, first.etag);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::stale_etag);
  EXPECT_EQ(refused.error().code, "FLOW-1404-412");
  const auto removed = store_->remove(tenant(), ResourceKind::connection, "c", first.etag);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, ErrorKind::stale_etag);
  EXPECT_EQ(store_->get(tenant(), ResourceKind::connection, "c")->body.dump(), R"({"n":1})");
}

TEST_P(StoreContract, AChangeOfNothingKeepsTheEtag) {
  const auto before = insert(resource(ResourceKind::flow, "f", R"({"a":1})"));
  const auto same =
      store_->update(tenant(), ResourceKind::flow, "f", [](Resource r) -> Result<Resource> { return r; });
  ASSERT_TRUE(same);
  EXPECT_EQ(same->etag, before.etag);
}

TEST_P(StoreContract, AnErrorOfTheChangeComesBackAndStoresNothing) {
  const auto before = insert(resource(ResourceKind::flow, "f", R"({"a":1})"));
  const auto refused =
      store_->update(tenant(), ResourceKind::flow, "f",
                     [](const Resource&) -> Result<Resource> { return Error{ErrorKind::conflict, "no"}; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no");
  EXPECT_EQ(store_->get(tenant(), ResourceKind::flow, "f")->etag, before.etag);
}

TEST_P(StoreContract, WhatIsNotThereIsNotFound) {
  const auto read = store_->get(tenant(), ResourceKind::flow, "nobody");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_found);
  EXPECT_EQ(read.error().code, "FLOW-1439-404");
  EXPECT_FALSE(store_->find(tenant(), ResourceKind::flow, "nobody")->has_value());
  EXPECT_EQ(store_->remove(tenant(), ResourceKind::flow, "nobody").error().kind, ErrorKind::not_found);
}

TEST_P(StoreContract, OneTenantNeverSeesAnothers) {
  insert(resource(ResourceKind::flow, "f", R"({"of":"a"})"));
  insert(resource(ResourceKind::flow, "only-a", "{}"));
  for (const auto& other : {tenant("BBBB@AdobeOrg"), tenant("AAAA@AdobeOrg", "dev")}) {
    EXPECT_FALSE(store_->get(other, ResourceKind::flow, "only-a"));
    EXPECT_FALSE(store_->remove(other, ResourceKind::flow, "only-a"));
    EXPECT_FALSE(store_->update(other, ResourceKind::flow, "only-a",
                                [](Resource r) -> Result<Resource> { return r; }));
    EXPECT_TRUE(store_->list(other, ResourceKind::flow, {})->items.empty());
    EXPECT_EQ(*store_->count(other, ResourceKind::flow, {}), 0);
  }
  // The same id may stand in two tenants.
  insert(resource(ResourceKind::flow, "f", R"({"of":"b"})", 1, tenant("BBBB@AdobeOrg")));
  EXPECT_EQ(store_->get(tenant("BBBB@AdobeOrg"), ResourceKind::flow, "f")->body.dump(), R"({"of":"b"})");
  ASSERT_TRUE(store_->remove(tenant("BBBB@AdobeOrg"), ResourceKind::flow, "f"));
  EXPECT_EQ(store_->get(tenant(), ResourceKind::flow, "f")->body.dump(), R"({"of":"a"})");
  EXPECT_EQ(*store_->count(Scope::all(), ResourceKind::flow, {}), 2);
}

TEST_P(StoreContract, SpecsAreSeenByEveryTenant) {
  insert(resource(ResourceKind::connection_spec, "s", R"({"name":"spec","version":"1.0"})"));
  const auto spec = store_->get(tenant("BBBB@AdobeOrg"), ResourceKind::connection_spec, "s");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->tenant, tenant()) << "the creator is kept";
  EXPECT_EQ(domain::wire_form(*spec).string_at("version"), "1.0");
  EXPECT_EQ(store_->list(tenant("BBBB@AdobeOrg"), ResourceKind::connection_spec, {})->items.size(), 1U);
  EXPECT_FALSE(
      store_->insert(resource(ResourceKind::connection_spec, "s", "{}", 1, tenant("BBBB@AdobeOrg"))));
}

TEST_P(StoreContract, ATransactionIsStoredWholeOrNotAtAll) {
  insert(resource(ResourceKind::flow, "f", R"({"runs":0})"));
  const auto failed = store_->transact([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.insert(resource(ResourceKind::run, "r", R"({"flowId":"f"})")));
    const auto count_run = [](Resource flow) -> Result<Resource> {
      flow.body = json::Object{};
      return flow;
    };
    TRY(transaction.update(tenant(), ResourceKind::flow, "f", count_run));
    TRY(transaction.put_secret("f", "a", "b"));
    return Error{ErrorKind::conflict, "changed my mind"};
  });
  EXPECT_EQ(failed.error().message, "changed my mind");
  EXPECT_FALSE(store_->get(tenant(), ResourceKind::run, "r"));
  EXPECT_EQ(store_->get(tenant(), ResourceKind::flow, "f")->body.dump(), R"({"runs":0})");
  EXPECT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(transaction.secret("f", "a")->has_value());
    return {};
  }));
}

TEST_P(StoreContract, CredentialsAreSealedAndGoWithTheirResource) {
  const auto vault = *secrets::Vault::open(folder_.path() / "vault.key");
  Credentials credentials(*store_, vault);
  insert(resource(ResourceKind::connection, "c", "{}"));
  ASSERT_TRUE(credentials.put("c", {{"/password", Secret("p")}, {"token", Secret("t1")}}));
  ASSERT_TRUE(credentials.put("c", {{"token", Secret("t2")}}));
  ASSERT_TRUE(store_->read([&](Transaction& transaction) -> Result<void> {
    const auto sealed = TRY(transaction.secret("c", "token"));
    EXPECT_EQ(sealed.value_or("t2").find("t2"), std::string::npos);
    return {};
  }));
  const auto open = credentials.of("c");
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_EQ(*open, (NamedSecrets{{"/password", Secret("p")}, {"token", Secret("t2")}}));

  ASSERT_TRUE(store_->transact([&](Transaction& transaction) {
    return credentials.replace(transaction, "c", {{"/password", Secret("p2")}});
  }));
  EXPECT_EQ(*credentials.of("c"), (NamedSecrets{{"/password", Secret("p2")}}));
  ASSERT_TRUE(store_->remove(tenant(), ResourceKind::connection, "c"));
  EXPECT_TRUE(credentials.of("c")->empty());
}

TEST_P(StoreContract, AnotherKeyFileIsRefused) {
  const auto vault = *secrets::Vault::open(folder_.path() / "vault.key");
  const auto other = *secrets::Vault::open(folder_.path() / "other.key");
  insert(resource(ResourceKind::connection, "c", "{}"));
  ASSERT_TRUE(Credentials(*store_, vault).put("c", {{"/password", Secret("p")}}));
  const auto refused = Credentials(*store_, other).check_key();
  ASSERT_FALSE(refused) << "a store of an earlier version has credentials, and no mark yet";
  EXPECT_NE(refused.error().message.find("Put the right one back"), std::string::npos);
  ASSERT_TRUE(Credentials(*store_, vault).check_key());
  ASSERT_TRUE(store_->remove(tenant(), ResourceKind::connection, "c"));
  EXPECT_FALSE(Credentials(*store_, other).check_key()) << "nor without any credential";
  EXPECT_TRUE(Credentials(*store_, vault).check_key());
}

TEST_P(StoreContract, ANewResourceNeedsWhatItNames) {
  insert(resource(ResourceKind::connection, "c", "{}"));
  insert(resource(ResourceKind::flow_spec, "spec", "{}", 1, tenant("BBBB@AdobeOrg")));
  const domain::Reference connection{ResourceKind::connection, "c", "/a", "CODE-A"};
  const domain::Reference spec{ResourceKind::flow_spec, "spec", "/b", "CODE-B"};
  const auto stored = [&](const std::string& id, const std::vector<domain::Reference>& needs,
                          domain::Tenant owner = tenant()) {
    return store_->transact([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.insert(resource(ResourceKind::flow, id, "{}", 1, owner), needs));
      return {};
    });
  };
  EXPECT_TRUE(stored("f", {connection, spec})) << "specs are everybody's";
  EXPECT_EQ(stored("f", {connection}).error().kind, ErrorKind::conflict);
  const auto stranger = stored("g", {spec, connection}, tenant("BBBB@AdobeOrg"));
  ASSERT_FALSE(stranger) << "the connection is another organisation's";
  EXPECT_EQ(stranger.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(stranger.error().where, "/a");
  EXPECT_EQ(stranger.error().code, "CODE-A");
  EXPECT_EQ(*store_->count(Scope::all(), ResourceKind::flow, {}), 1);
}

}  // namespace
}  // namespace headwater::store
