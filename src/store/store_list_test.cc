#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "store/store_test.h"

namespace headwater::store {
namespace {

using domain::ResourceKind;

std::vector<std::string> ids_of(const ResourcePage& page) {
  std::vector<std::string> ids;
  ids.reserve(page.items.size());
  for (const auto& item : page.items) ids.push_back(item.id);
  return ids;
}

constexpr std::string_view kDocuments[] = {
    R"({"name":"a","n":1,"flag":true,"list":["x","y"],"items":[{"k":{"v":1}},{"k":{"v":"1"}}],"state":"Failed"})",
    R"({"name":"b","n":1.0,"flag":false,"list":[],"items":[],"state":"failed","metrics":{"statusSummary":{"status":"SUCCESS"}}})",
    R"({"name":"B","n":"1","flag":"true","list":"x","items":{"k":{"v":1}},"state":"success"})",
    R"({"name":"true","n":-2.5,"flag":null,"list":["X",1,null,true],"items":["k",7,null,{"k":"v"},{"k":{"v":null}}]})",
    R"({"name":"","n":12345678901,"nested":[["x"],["y"]],"items":[{"k":{"v":[1]}}],"list":[["x"]]})",
    R"({"name":"[1]","n":null,"other":{"list":["x"]},"lastRunDetails":{"startedAtUTC":1650000000001},"a b":{"c-d":"e"}})",
    R"({"name":"{}","n":{"n":1},"flag":1,"list":[{"id":"x"}],"lastRunDetails":{"startedAtUTC":1650000000000}})",
    R"({"name":"100","lastRunDetails":{"startedAtUTC":"1700000000000"},"deep":[{"deeper":[{"id":"q"},{"id":"r"}]},{"deeper":[]}]})",
    R"({"description":7,"sourceConnectionIds":["a","b","a"],"transformations":["m",{"params":{"mappingId":"m"}}]})",
    R"({"description":"7","sourceConnectionIds":["b",5,"5"],"transformations":{"params":{"mappingId":"m"}}})",
    R"({"description":true,"sourceConnectionIds":"a","transformations":[{"params":"m"},{"params":{"mappingId":["m"]}}]})",
    R"({"description":null,"sourceConnectionIds":{"a":"a"}})",
    R"({"description":["7"],"sourceConnectionIds":[["a"],null]})",
    R"({"name":"é\"q","meta:x":"y","deep":[{"deeper":[{"id":"r"}]},{"deeper":"r"},3],"n":0.1})",
};

constexpr std::string_view kFilters[] = {
    "name==a",
    "name==\"a\"",
    "name=a",
    "name!=a",
    "name==a,b",
    "name!=a,b",
    "name==A",
    "name==100",
    "name==true",
    "name==\"\"",
    "name==[1]",
    "name==\"{}\"",
    "name>a",
    "name>=b",
    "name<b",
    "name<=B",
    "name==é\"q",
    "n==1",
    "n==1.0",
    "n==\"1\"",
    "n!=1",
    "n>0",
    "n>=1",
    "n<1",
    "n<=-2.5",
    "n>12345678900",
    "n==12345678901",
    "n==null",
    "n!=null",
    "n==0.10",
    "n==1,null",
    "n>zzz",
    "flag==true",
    "flag==True",
    "flag==false",
    "flag!=true",
    "flag==1",
    "flag==null",
    "list[]==x",
    "list[]==X",
    "list[]!=x",
    "list[]==1",
    "list[]==true",
    "list[]==null",
    "list[]==x,1",
    "list[]>w",
    "list[].id==x",
    "list==x",
    "nested[]==x",
    "items[].k.v==1",
    "items[].k.v!=1",
    "items[].k.v>0",
    "items[].k==v",
    "items[].k.v==null",
    "items[]==7",
    "items[]==k",
    "other.list[]==x",
    "deep[].deeper[].id==q",
    "deep[].deeper[].id==r",
    "deep[].deeper[].id!=r",
    "deep[].deeper[]>q",
    "a b.c-d==e",
    "meta:x==y",
    "state==failed",
    "state==FAILED,success",
    "state!=failed",
    "metrics.statusSummary.status==success",
    "metrics.statusSummary.status!=success",
    "lastRunDetails.startedAtUTC>1650000000000",
    "lastRunDetails.startedAtUTC>=1650000000000",
    "lastRunDetails.startedAtUTC<1650000000001",
    "lastRunDetails.startedAtUTC==1650000000000",
    "lastRunDetails.startedAtUTC<=1750000000000",
    "lastRunDetails.startedAtUTC>2",
    "lastRunDetails.startedAtUTC==1650000000000,1700000000000,1650000000000.0",
    "description==7",
    "description==7.0,true",
    "description==null",
    "description!=null",
    "description==true",
    "description==1",
    "description>6",
    "description<8",
    "sourceConnectionIds[]==a",
    "sourceConnectionIds[]==a,b",
    "sourceConnectionIds[]!=a",
    "sourceConnectionIds[]==5",
    "transformations[].params.mappingId==m",
    "nothing==x",
    "nothing!=x",
    "nothing>1",
    "nothing[].at==x",
    "id==doc-01",
    "id==doc-01,doc-03",
    "id!=doc-01",
    "createdAt==1003",
    "createdAt>1003",
    "createdAt>=1003.5",
    "createdAt<1003.5",
    "createdAt<=1003",
    "createdAt>1002.5",
    "createdAt==x",
    "createdAt!=x",
    "createdAt>x",
    "createdAt==1003.5",
    "createdAt!=1003.5",
    "createdBy==user-1",
    "createdBy!=user-1",
    "createdClient>=client",
    "imsOrgId==AAAA@AdobeOrg",
    "sandboxName==prod",
    "sandboxId!=id-of-prod",
    "etag!=x",
    "version==1.0",
};

TEST_P(StoreContract, FiltersSelectWhatTheirMeaningSelects) {
  std::map<std::string, json::Value> documents;
  int number = 0;
  for (const auto document : kDocuments) {
    const auto id = "doc-" + std::string(number < 10 ? "0" : "") + std::to_string(number);
    const auto stored = insert(resource(ResourceKind::flow, id, document, 1000 + number++));
    documents.emplace(id, domain::wire_form(stored));
  }
  for (const auto text : kFilters) {
    const auto filter = domain::parse_filter(text);
    ASSERT_TRUE(filter) << text << ": " << filter.error().message;
    domain::ListQuery selection;
    selection.filters = {*filter};
    selection.order = *domain::parse_order("id");
    std::vector<std::string> want;
    for (const auto& [id, document] : documents)
      if (domain::matches(selection.filters, document)) want.push_back(id);
    const auto page = store_->list(tenant(), ResourceKind::flow, selection);
    ASSERT_TRUE(page) << text << ": " << page.error().message;
    EXPECT_EQ(ids_of(*page), want) << text;
    EXPECT_EQ(*store_->count(tenant(), ResourceKind::flow, selection), static_cast<std::int64_t>(want.size()))
        << text;
  }
}

TEST_P(StoreContract, SeveralFiltersMustAllHold) {
  insert(resource(ResourceKind::run, "1", R"({"flowId":"f","n":1})"));
  insert(resource(ResourceKind::run, "2", R"({"flowId":"f","n":2})"));
  insert(resource(ResourceKind::run, "3", R"({"flowId":"g","n":2})"));
  const auto page =
      store_->list(tenant(), ResourceKind::run, query({{"property", "flowId==f"}, {"property", "n>1"}}));
  EXPECT_EQ(ids_of(*page), std::vector<std::string>{"2"});
}

TEST_P(StoreContract, ALongNameIsStoredAndFound) {
  const std::string name(5000, 'x');
  insert(resource(ResourceKind::flow, "long", R"({"name":")" + name + "y\"}"));
  insert(resource(ResourceKind::flow, "other", R"({"name":")" + name + "z\"}"));
  const auto page = store_->list(tenant(), ResourceKind::flow, query({{"property", "name==" + name + "y"}}));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(ids_of(*page), std::vector<std::string>{"long"});
}

TEST_P(StoreContract, TheDefaultOrderIsMostRecentlyChangedFirst) {
  insert(resource(ResourceKind::flow, "a", "{}", 10));
  insert(resource(ResourceKind::flow, "b", "{}", 30));
  insert(resource(ResourceKind::flow, "c", "{}", 20));
  EXPECT_EQ(ids_of(*store_->list(tenant(), ResourceKind::flow, {})),
            (std::vector<std::string>{"b", "c", "a"}));
}

/// Reads page after page as a client does: by the token alone.
std::vector<std::string> read_all(Store& store, const domain::Tenant& tenant, domain::ListQuery query,
                                  const std::function<void(std::size_t)>& between) {
  std::vector<std::string> ids;
  for (std::size_t page_number = 1;; ++page_number) {
    const auto page = store.list(tenant, ResourceKind::run, query);
    if (!page) throw std::runtime_error(page.error().message);
    for (const auto& item : page->items) ids.push_back(item.id);
    if (!page->next) return ids;
    EXPECT_EQ(page->items.size(), *query.limit);
    EXPECT_EQ(
        page->next->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    between(page_number);
    query = *domain::parse_list_query({{"continuationToken", *page->next}});
  }
}

TEST_P(StoreContract, PagesInEveryOrderCoverAllOnce) {
  constexpr std::string_view kValues[] = {"1",    "2",   "2",  "\"b\"", "\"a\"", "null",
                                          "true", "1.5", "{}", "[1]",   "\"b\""};
  int number = 0;
  std::set<std::string> all;
  for (const auto value : kValues) {
    const auto id = "r" + std::to_string(number);
    all.insert(id);
    insert(resource(ResourceKind::run, id, R"({"name":)" + std::string(value) + R"(,"flowId":"f"})",
                    100 + number++ / 3));
  }
  insert(resource(ResourceKind::run, "without", R"({"flowId":"f"})"));
  insert(resource(ResourceKind::run, "other flow", R"({"flowId":"g"})"));
  all.insert("without");
  for (const auto* order :
       {"", "id", "-id", "name", "-name", "createdAt,name", "createdAt,-name", "-createdAt,name,id",
        "-updatedAt", "etag", "state,-createdAt", "+name,-createdBy"}) {
    QueryParams params = {{"property", "flowId==f"}, {"limit", "3"}};
    if (*order != '\0') params.emplace_back("orderby", order);
    auto whole = query(params);
    whole.limit.reset();
    const auto at_once = ids_of(*store_->list(tenant(), ResourceKind::run, whole));
    const auto paged = read_all(*store_, tenant(), query(params), [](std::size_t) {});
    EXPECT_EQ(paged, at_once) << order;
    EXPECT_EQ(std::set<std::string>(paged.begin(), paged.end()), all) << order;
    EXPECT_EQ(paged.size(), all.size()) << order;
  }
}

// One order on both databases, whatever the collation of PostgreSQL's (the tests' one is English).
TEST_P(StoreContract, ValuesAreOrderedByTypeAndStringsByTheirBytes) {
  constexpr std::string_view kInOrder[] = {
      "{}",   "-1e300", "-2.5",  "-1e-310", "0.1",   "true",    "1.5",    "2",      "10",        "1e300",
      "\"\"", "\"10\"", "\"A\"", "\"Zu\"",  "\"_\"", "\"a b\"", "\"ab\"", "\"zu\"", "\"\u00e4\""};
  std::vector<std::string> want;
  want.reserve(std::size(kInOrder));
  for (std::size_t i = 0; i < std::size(kInOrder); ++i) want.push_back("r" + std::to_string(i));
  // Stored the other way round, so that nothing else gives the order.
  for (std::size_t i = std::size(kInOrder); i-- > 0;)
    for (const auto* path : {"flowId", "description"})
      insert(resource(*path == 'f' ? ResourceKind::run : ResourceKind::flow, want[i],
                      R"({")" + std::string(path) + R"(":)" + std::string(kInOrder[i]) + "}",
                      static_cast<std::int64_t>(100 + std::size(kInOrder) - i)));
  EXPECT_EQ(ids_of(*store_->list(tenant(), ResourceKind::run, query({{"orderby", "flowId"}}))), want);
  EXPECT_EQ(ids_of(*store_->list(tenant(), ResourceKind::flow, query({{"orderby", "description"}}))), want);
  EXPECT_EQ(read_all(*store_, tenant(), query({{"orderby", "flowId"}, {"limit", "2"}}), [](std::size_t) {}),
            want);
}

TEST_P(StoreContract, PagesStayStableUnderInsertsAndDeletes) {
  const auto id_of = [](int i) { return "r" + std::to_string(100 + i); };
  for (int i = 0; i < 40; ++i) insert(resource(ResourceKind::run, id_of(i), "{}", 1000 + i));
  // Newest first. Between pages: newer ones come, one that was shown goes, and one that was not.
  const auto disturb = [&](std::size_t page) {
    const int step = static_cast<int>(page);
    insert(resource(ResourceKind::run, "new" + std::to_string(step), "{}", 5000 + step));
    ASSERT_TRUE(store_->remove(tenant(), ResourceKind::run, id_of(40 - step)));
    if (page == 1) {
      ASSERT_TRUE(store_->remove(tenant(), ResourceKind::run, id_of(3)));
    }
  };
  auto want = std::vector<std::string>();
  for (int i = 39; i >= 0; --i)
    if (i != 3) want.push_back(id_of(i));
  EXPECT_EQ(read_all(*store_, tenant(), query({{"limit", "7"}}), disturb), want);
}

TEST_P(StoreContract, InletsAreFoundByTheirOwnersAndGoWithTheirSandbox) {
  insert(resource(ResourceKind::inlet, "aa", R"({"connectionId":"c1","authentication":"hmac"})"));
  insert(resource(ResourceKind::inlet, "bb", R"({"flowId":"c1","authentication":"none"})"));
  insert(resource(ResourceKind::inlet, "cc", R"({"connectionId":"c1"})", 1, tenant("AAAA@AdobeOrg", "dev")));
  const auto found = [&](const char* condition) {
    const auto page = *store_->list(tenant(), ResourceKind::inlet, query({{"property", condition}}));
    EXPECT_EQ(page.items.size(), 1U) << condition;
    return page.items.empty() ? std::string() : page.items.front().id;
  };
  EXPECT_EQ(found("connectionId==c1"), "aa");
  EXPECT_EQ(found("flowId==c1"), "bb");
  const auto remove = [](Transaction& transaction) -> Result<void> {
    TRY(transaction.put_secret("aa", "/hmacSecret", "sealed"));
    return transaction.remove_resources_of(tenant());
  };
  ASSERT_TRUE(store_->transact(remove));
  EXPECT_EQ(store_->list(Scope::all(), ResourceKind::inlet, query({}))->items.size(), 1U);
  const auto look = [](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(TRY(transaction.secret("aa", "/hmacSecret")));
    return {};
  };
  EXPECT_TRUE(store_->read(look));
}

TEST_P(StoreContract, AForgedPositionIsHarmless) {
  insert(resource(ResourceKind::run, "r", R"({"name":"n"})"));
  for (const auto* order : {"createdAt", "name", "id", "-name,createdAt"}) {
    for (const auto* value : {"1e9999", "\"nul\\u0000\"", "null", "true", "\"\"", "99999999999999999999"}) {
      auto forged = query({{"orderby", order}});
      forged.after = domain::ListQuery::Position{json::Array(forged.order.size(), parse(value)), "x' OR 1=1"};
      const auto page = store_->list(tenant(), ResourceKind::run, forged);
      EXPECT_TRUE(page) << order << " " << value << ": " << page.error().message;
    }
  }
}

/// A page is read from this index, in its order: nothing is sorted, nothing is read that is not asked for.
void expect_plan(Store& store, const domain::Tenant& tenant, ResourceKind kind,
                 const domain::ListQuery& query, const char* index) {
  std::string plan;
  const auto explained = store.read([&](Transaction& transaction) -> Result<void> {
    plan = TRY(transaction.explain_list(tenant, kind, query));
    return {};
  });
  ASSERT_TRUE(explained) << explained.error().message;
  std::string asked;
  for (const auto& filter : query.filters) asked += domain::format_path(filter.path) + " ";
  for (const auto& term : query.order) asked += "by " + domain::format_path(term.path);
  EXPECT_NE(plan.find(index), std::string::npos) << asked << ": " << index << " is not in the plan:\n"
                                                 << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << asked << ":\n" << plan;
  EXPECT_EQ(plan.find("Bitmap"), std::string::npos) << asked << ":\n" << plan;
  // What several ranges gave, a page of each, is put in order; nothing else is. SQLite tells a sort within a
  // range before it tells that the range is read.
  EXPECT_EQ(plan.find("USE TEMP B-TREE FOR ORDER BY\nSCAN p"), std::string::npos) << asked << ":\n" << plan;
  const bool several = plan.find("Append") != std::string::npos || plan.find("MERGE") != std::string::npos ||
                       plan.find("Unique") != std::string::npos ||
                       plan.find("Aggregate") != std::string::npos;
  if (several) return;
  EXPECT_EQ(plan.find("Sort"), std::string::npos) << asked << ":\n" << plan;
  EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << asked << ":\n" << plan;
}

TEST_P(StoreContract, FlowsAreFoundByTheElementsOfTheirArrays) {
  const auto database = GetParam().open_database(url_);
  const auto filled = (*database)->write([](internal::Connection& connection) -> Result<void> {
    const bool sqlite = connection.dialect() == internal::Dialect::sqlite;
    const std::string i = sqlite ? "i" : "i::text";
    const std::string document = "'{\"name\":\"n' || " + i +
                                 " || '\",\"sourceConnectionIds\":[\"s' || (i % 50) || "
                                 "'\",\"s' || (i % 50) || '\",\"t' || (i % 2) || '\"]}'";
    std::string sql =
        sqlite ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) " : "";
    sql +=
        "INSERT INTO flows SELECT 'f' || i, 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', "
        "'prod', i, i, '', '', '', '', 'enabled', '\"e\"', " +
        document;
    sql += sqlite ? " FROM n" : ", (" + document + ")::jsonb FROM generate_series(1, 5000) AS n(i)";
    TRY(connection.script(sql));
    // SQLite plans without statistics, as it does at work; PostgreSQL gathers its own.
    return sqlite ? Result<void>() : connection.script("ANALYZE flows");
  });
  ASSERT_TRUE(filled) << filled.error().message;
  for (const auto* condition : {"sourceConnectionIds[]==s7", "sourceConnectionIds[]==s7,t1",
                                "inheritedAttributes.targetConnections[].connectionSpec.id==x",
                                "transformations[].params.mappingId==m"})
    expect_plan(*store_, tenant(), ResourceKind::flow, query({{"property", condition}}), "flows_elements");
  const auto both = query({{"property", "sourceConnectionIds[]==s7,t1"}, {"limit", "100"}});
  EXPECT_EQ(*store_->count(tenant(), ResourceKind::flow, both), 2500) << "s7 has t1 always";
  std::set<std::string> ids;
  auto page = *store_->list(tenant(), ResourceKind::flow, both);
  for (;;) {
    for (const auto& item : page.items) EXPECT_TRUE(ids.insert(item.id).second) << item.id << " twice";
    if (!page.next) break;
    page = *store_->list(tenant(), ResourceKind::flow, query({{"continuationToken", *page.next}}));
  }
  EXPECT_EQ(ids.size(), 2500U);
  // The index follows a change and a removal.
  const auto unwire = [](domain::Resource flow) -> Result<domain::Resource> {
    flow.body = json::Object{{"sourceConnectionIds", json::Array{json::Value("new"), json::Value(7)}}};
    return flow;
  };
  ASSERT_TRUE(store_->update(tenant(), ResourceKind::flow, "f7", unwire));
  ASSERT_TRUE(store_->remove(tenant(), ResourceKind::flow, "f57"));
  const auto count = [&](const char* condition) {
    return *store_->count(tenant(), ResourceKind::flow, query({{"property", condition}}));
  };
  EXPECT_EQ(count("sourceConnectionIds[]==s7"), 98);
  EXPECT_EQ(count("sourceConnectionIds[]==new"), 1);
  EXPECT_EQ(count("sourceConnectionIds[]==7"), 1) << "a number is found by the scan";
  EXPECT_EQ(count("sourceConnectionIds[]!=s7"), 4999 - 98);
}

TEST_P(StoreContract, AHundredThousandRunsAreListedThroughAnIndex) {
  const auto database = GetParam().open_database(url_);
  ASSERT_TRUE(database) << database.error().message;
  const auto filled = (*database)->write([](internal::Connection& connection) -> Result<void> {
    const bool sqlite = connection.dialect() == internal::Dialect::sqlite;
    const std::string document =
        sqlite
            ? "'{\"flowId\":\"f' || (i % 500) || '\",\"metrics\":{\"statusSummary\":{\"status\":\"success\"},"
              "\"durationSummary\":{\"startedAtUTC\":' || i || '}}}'"
            : "'{\"flowId\":\"f' || (i % 500)::text || "
              "'\",\"metrics\":{\"statusSummary\":{\"status\":\"success\"},"
              "\"durationSummary\":{\"startedAtUTC\":' || i::text || '}}}'";
    std::string sql =
        sqlite ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) " : "";
    sql +=
        "INSERT INTO runs SELECT 'r' || i, 'AAAA@AdobeOrg/id-of-prod', 'AAAA@AdobeOrg', 'id-of-prod', "
        "'prod', i, i, "
        "'', '', '', '', 'success', '\"e\"', " +
        document;
    sql += sqlite ? " FROM n" : ", (" + document + ")::jsonb FROM generate_series(1, 100000) AS n(i)";
    TRY(connection.script(sql));
    return sqlite ? Result<void>() : connection.script("ANALYZE runs");
  });
  ASSERT_TRUE(filled) << filled.error().message;

  static constexpr const char* kStarted = "metrics.durationSummary.startedAtUTC";
  const auto started = [&](const char* condition) { return kStarted + std::string(condition); };
  const struct {
    QueryParams params;
    const char* index;
  } cases[] = {
      {{}, "runs_by_change"},
      {{{"orderby", "-createdAt"}}, "runs_by_creation"},
      {{{"orderby", "id"}}, "runs"},
      {{{"orderby", "state"}}, "runs_by_state"},
      {{{"orderby", "-flowId"}}, "runs_by_path_1"},
      {{{"orderby", started("")}}, "runs_by_path_2"},
      {{{"orderby", "-metrics.statusSummary.status"}}, "runs_by_path_3"},
      {{{"property", "flowId==f7"}}, "runs_by_path_1"},
      {{{"property", "flowId==f7,f8"}}, "runs_by_path_1"},
      {{{"property", "flowId==f7"}, {"orderby", "-flowId"}}, "runs_by_path_1"},
      {{{"property", "flowId==f7"}, {"property", started(">50000")}}, "runs_by_path_4"},
      {{{"property", "flowId==f7"}, {"orderby", "-" + started("")}}, "runs_by_path_4"},
      {{{"property", started("==99990")}}, "runs_by_path_2"},
      {{{"property", started(">50000")}}, "runs_by_path_2"},
      {{{"property", started("<50000")}}, "runs_by_path_2"},
      {{{"property", started("<50000")}, {"orderby", "-createdAt"}}, "runs_by_creation"},
      {{{"property", "metrics.statusSummary.status==FAILED"}}, "runs_by_path_3"},
      {{{"property", "flowId==f7"}, {"orderby", "createdAt"}}, "runs_by_path_5"},
      {{{"property", "flowId==f7,f8"}, {"orderby", "-createdAt"}}, "runs_by_path_5"},
      {{{"property", "flowId==f7"}, {"property", "createdAt>50000"}}, "runs_by_path_5"},
      {{{"property", "metrics.statusSummary.status==success"}, {"orderby", "createdAt"}}, "runs_by_path_6"},
      {{{"property", "metrics.statusSummary.status==success"}, {"orderby", "-createdAt"}}, "runs_by_path_6"},
      {{{"property", "metrics.statusSummary.status==success"}, {"property", started(">50000")}},
       "runs_by_path_2"},
      {{{"property", "state==failed"}}, "runs_by_state"},
      {{{"property", "state==failed,success,cancelled"}}, "runs_by_state"},
      {{{"property", "state!=failed"}}, "runs_by_change"},
      {{{"property", "createdAt>5"}}, "runs_by_creation"},
      {{{"property", "nothing==x"}}, "runs_by_change"},
  };
  for (const auto& row : cases) {
    auto wanted = query(row.params);
    expect_plan(*store_, tenant(), ResourceKind::run, wanted, row.index);
    // The next page is found by the same index.
    const auto page = store_->list(tenant(), ResourceKind::run, wanted);
    ASSERT_TRUE(page) << page.error().message;
    if (!page->next) continue;
    wanted = query({{"continuationToken", *page->next}});
    expect_plan(*store_, tenant(), ResourceKind::run, wanted, row.index);
  }
  const auto page = store_->list(tenant(), ResourceKind::run, query({{"property", "flowId==f7"}}));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 20U);
  EXPECT_EQ(page->items[0].id, "r99507");
}

}  // namespace
}  // namespace headwater::store
