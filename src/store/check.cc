#include <map>
#include <set>
#include <utility>

#include "base/crypto.h"
#include "json/value.h"
#include "store/internal/database.h"
#include "store/internal/table_list.h"
#include "store/internal/tables.h"
#include "store/maintenance.h"

namespace headwater::store {
namespace {

using domain::ResourceKind;
using internal::Connection;
using internal::Row;
using json::Value;

// A broken installation is told by its first problems.
constexpr std::size_t kProblemsMax = 100;

struct Reference {
  ResourceKind from;
  ResourceKind to;
  std::string_view path;  // as of a list's filter
};

constexpr Reference kReferences[] = {
    {ResourceKind::connection, ResourceKind::connection_spec, "connectionSpec.id"},
    {ResourceKind::source_connection, ResourceKind::connection_spec, "connectionSpec.id"},
    {ResourceKind::source_connection, ResourceKind::connection, "baseConnectionId"},
    {ResourceKind::target_connection, ResourceKind::connection_spec, "connectionSpec.id"},
    {ResourceKind::target_connection, ResourceKind::dataset, "params.dataSetId"},
    {ResourceKind::flow, ResourceKind::flow_spec, "flowSpec.id"},
    {ResourceKind::flow, ResourceKind::source_connection, "sourceConnectionIds[]"},
    {ResourceKind::flow, ResourceKind::target_connection, "targetConnectionIds[]"},
    {ResourceKind::flow, ResourceKind::mapping_set, "transformations[].params.mappingId"},
    {ResourceKind::dataset, ResourceKind::schema, "schemaRef.id"},
    {ResourceKind::inlet, ResourceKind::connection, "connectionId"},
    {ResourceKind::inlet, ResourceKind::flow, "flowId"},
};

/// Every string at a path, through every element of its arrays.
void collect(const Value& at, const domain::FieldPath& path, std::size_t step, std::set<std::string>& found) {
  if (step == path.size()) {
    if (const auto* text = at.if_string(); text != nullptr && !text->empty()) found.insert(*text);
    return;
  }
  const Value* next = at.find(path[step].name);
  if (next == nullptr) return;
  if (!path[step].array) return collect(*next, path, step + 1, found);
  if (const auto* elements = next->if_array())
    for (const auto& element : *elements) collect(element, path, step + 1, found);
}

class Checker {
 public:
  Checker(Connection& connection, const secrets::Vault& vault, CheckReport& report)
      : connection_(connection), vault_(vault), report_(report) {}

  Result<void> check() {
    TRY(check_database());
    for (const auto& table : internal::table_list()) TRY(count(table.name));
    // Runs and batches outlive what they name, and there may be millions: nothing refers to them.
    for (const auto& table : internal::table_list())
      if (table.kind) TRY(check_documents(table, *table.kind));
    check_references();
    TRY(check_tables());
    return check_secrets();
  }

 private:
  void add(std::string problem) {
    if (report_.problems.size() < kProblemsMax) report_.problems.push_back(std::move(problem));
  }

  Result<void> check_database() {
    if (connection_.dialect() == internal::Dialect::postgres) return {};
    TRY(connection_.run("PRAGMA quick_check(10)", {}, [&](const Row& row) {
      if (row.text(0) != "ok") add("The database file is damaged: " + row.text(0) + ".");
    }));
    return {};
  }

  Result<void> count(const std::string& table) {
    std::int64_t rows = 0;
    TRY(connection_.run("SELECT count(*) FROM " + table, {}, [&](const Row& row) { rows = row.integer(0); }));
    report_.tables.push_back({table, rows});
    return {};
  }

  Result<void> check_documents(const internal::TableDescription& table, ResourceKind kind) {
    std::string id;
    std::string scope;
    for (;;) {
      bool more = false;
      TRY(connection_.run("SELECT id, scope, org, sandbox, etag, body FROM " + table.name +
                              " WHERE (id, scope) > (?1, ?2) ORDER BY id, scope LIMIT 500",
                          {id, scope}, [&](const Row& row) {
                            more = true;
                            id = row.text(0);
                            scope = row.text(1);
                            check_document(table.name, kind, row);
                          }));
      if (!more) return {};
    }
  }

  void check_document(const std::string& table, ResourceKind kind, const Row& row) {
    const auto name = table + "/" + row.text(0);
    const auto scope = row.text(1);
    const auto owner = domain::is_global(kind) ? "" : row.text(2) + "/" + row.text(3);
    if (scope != owner) add(name + " stands under another tenant than its own.");
    if (row.text(4).empty()) add(name + " has no etag.");
    const auto body = json::parse(row.text(5));
    if (!body || !body->is_object()) return add(name + " has a document that is no JSON object.");
    if (kind == ResourceKind::run || kind == ResourceKind::batch) return;
    known_[kind].emplace(scope, row.text(0));
    owners_.insert(row.text(0));
    for (const auto& reference : kReferences) {
      if (reference.from != kind) continue;
      std::set<std::string> named;
      collect(*body, internal::path_of(reference.path), 0, named);
      for (const auto& to : named) wanted_.push_back({&reference, name, scope, to});
    }
  }

  void check_references() {
    const auto missing = [](const std::string& from, const Reference& reference, const std::string& to) {
      return from + " names " + std::string(internal::table_name(reference.to)) + "/" + to + " at " +
             std::string(reference.path) + ", which does not exist.";
    };
    for (const auto& [reference, from, scope, to] : wanted_) {
      const auto where = domain::is_global(reference->to) ? std::string() : scope;
      if (!known_[reference->to].contains({where, to})) add(missing(from, *reference, to));
    }
  }

  Result<void> check_tables() {
    const auto each = [&](std::string_view sql, std::string_view what) -> Result<void> {
      TRY(connection_.run(sql, {},
                          [&](const Row& row) { add(std::string(what) + ": " + row.text(0) + "."); }));
      return {};
    };
    TRY(each("SELECT flow FROM flow_timers WHERE flow NOT IN (SELECT id FROM flows)",
             "There is a timer of a flow that does not exist"));
    TRY(each("SELECT name FROM sandboxes WHERE org NOT IN (SELECT id FROM organisations)",
             "There is a sandbox of an organisation that does not exist"));
    for (const std::string table : {"webhook_events", "webhook_deliveries"})
      TRY(each("SELECT DISTINCT webhook FROM " + table + " WHERE webhook NOT IN (SELECT id FROM webhooks)",
               "There is something to deliver to a webhook that does not exist"));
    return each("SELECT id FROM clients WHERE org NOT IN (SELECT id FROM organisations)",
                "There is a client of an organisation that does not exist");
  }

  Result<void> check_secrets() {
    TRY(connection_.run("SELECT owner, name, sealed FROM secrets ORDER BY owner, name", {},
                        [&](const Row& row) {
                          const auto owner = row.text(0);
                          const auto what = "The credential " + row.text(1) + " of " + owner;
                          if (!owners_.contains(owner)) add(what + " belongs to nothing.");
                          const auto sealed = crypto::base64_decode(row.text(2));
                          if (!sealed || !vault_.unseal(owner, row.text(1), *sealed))
                            add(what + " cannot be opened with this key file.");
                        }));
    return {};
  }

  struct Wanted {
    const Reference* reference;
    std::string from;
    std::string scope;
    std::string to;
  };

  Connection& connection_;
  const secrets::Vault& vault_;
  CheckReport& report_;
  std::map<ResourceKind, std::set<std::pair<std::string, std::string>>> known_;  // scope, id
  std::set<std::string> owners_;
  std::vector<Wanted> wanted_;
};

}  // namespace

Result<Migration> migrate_store(std::string_view url, const std::filesystem::path& data_dir) {
  const auto database = TRY(internal::open_database(url, data_dir));
  const auto from = TRY(internal::migrate(*database));
  return Migration{from, internal::latest_version()};
}

Result<CheckReport> check_store(std::string_view url, const std::filesystem::path& data_dir,
                                const secrets::Vault& vault) {
  const auto file = internal::sqlite_file(url, data_dir);
  if (!file.empty() && !std::filesystem::exists(file))
    return Error{ErrorKind::not_found, "There is no store " + file.native() + "."};
  const auto database = TRY(internal::open_database(url, data_dir));
  CheckReport report;
  const auto work = [&](Connection& connection) -> Result<void> {
    report = {};
    report.version = TRY(internal::stored_version(connection));
    if (report.version != internal::latest_version()) {
      report.problems.push_back(
          "The tables have version " + std::to_string(report.version) + ", this program works with version " +
          std::to_string(internal::latest_version()) +
          (report.version < internal::latest_version() ? ": run `headwater store migrate`."
                                                       : ": use the newer Headwater that wrote them."));
      return {};
    }
    return Checker(connection, vault, report).check();
  };
  TRY(database->read(work));
  return report;
}

}  // namespace headwater::store
