#include "store/store.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "store/internal/change.h"
#include "store/internal/database.h"

namespace headwater::store {
namespace {

constexpr std::string_view kFileName = "headwater.db";
// Without a lock first; after so many losses within the writing transaction, where nobody can be first.
constexpr int kOptimisticAttempts = 3;

/// Gives the value that `work` leaves, or its error.
template <class T, class Frame, class Work>
Result<T> value_of(Frame frame, Work work) {
  std::optional<T> value;
  const auto keep = [&](Transaction& transaction) -> Result<void> {
    value = TRY(work(transaction));
    return {};
  };
  TRY(frame(keep));
  return *std::move(value);
}

bool is_postgres(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

}  // namespace

std::filesystem::path internal::sqlite_file(std::string_view url, const std::filesystem::path& data_dir) {
  constexpr std::string_view kSqlite = "sqlite";
  if (is_postgres(url)) return {};
  const auto path = std::string(url.substr(std::min(url.size(), kSqlite.size() + 1)));
  if (path == ":memory:") return {};
  return path.empty() ? data_dir / kFileName : std::filesystem::path(path);
}

Result<std::unique_ptr<internal::Database>> internal::open_database(std::string_view url,
                                                                    const std::filesystem::path& data_dir) {
  if (is_postgres(url)) return open_postgres(std::string(url));
  if (url != "sqlite" && !url.starts_with("sqlite:"))
    return Error{ErrorKind::invalid_argument,
                 "The store is \"sqlite\", \"sqlite:PATH\" or \"postgres://USER@HOST/DATABASE\"."};
  const auto path = sqlite_file(url, data_dir);
  if (path.empty()) return open_sqlite(":memory:");
  if (const auto folder = path.parent_path(); !folder.empty()) TRY(make_folders(folder));
  return open_sqlite(path.string());
}

Store::Store(std::unique_ptr<internal::Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(std::string_view url, const std::filesystem::path& data_dir) {
  auto database = TRY(internal::open_database(url, data_dir));
  TRY(internal::migrate(*database));
  return std::unique_ptr<Store>(new Store(std::move(database)));  // the constructor is private
}

Result<void> Store::transact(const std::function<Result<void>(Transaction&)>& work) {
  auto done = database_->write([&](internal::Connection& connection) {
    Transaction transaction(connection);
    return work(transaction);
  });
  if (!done && done.error().code == kTakesNothing) database_->takes_nothing = true;
  return done;
}

Result<void> Store::read(const std::function<Result<void>(Transaction&)>& work) {
  return database_->read([&](internal::Connection& connection) {
    Transaction transaction(connection);
    return work(transaction);
  });
}

Result<void> Store::read_one(const std::function<Result<void>(Transaction&)>& work) {
  return database_->query([&](internal::Connection& connection) {
    Transaction transaction(connection);
    return work(transaction);
  });
}

Result<void> Store::check() {
  // That it answers is not enough once it took nothing in: whether it does again shows when it is asked to.
  if (database_->takes_nothing) {
    TRY(transact([](Transaction& transaction) { return transaction.put_setting("check", "written"); }));
    database_->takes_nothing = false;
  }
  return read_one([](Transaction& transaction) -> Result<void> {
    TRY(transaction.setting("check"));
    return {};
  });
}

bool Store::reads_are_quick() const { return database_->reads_are_quick(); }

Result<domain::Resource> Store::insert(domain::Resource resource) {
  return value_of<domain::Resource>([&](const auto& work) { return transact(work); },
                                    [&](Transaction& transaction) { return transaction.insert(resource); });
}

Result<domain::Resource> Store::get(const Scope& scope, domain::ResourceKind kind, std::string_view id) {
  return value_of<domain::Resource>(
      [&](const auto& work) { return read_one(work); },
      [&](Transaction& transaction) { return transaction.get(scope, kind, id); });
}

Result<domain::WireText> Store::get_text(const Scope& scope, domain::ResourceKind kind, std::string_view id) {
  return value_of<domain::WireText>(
      [&](const auto& work) { return read_one(work); },
      [&](Transaction& transaction) { return transaction.get_text(scope, kind, id); });
}

Result<std::optional<domain::Resource>> Store::find(const Scope& scope, domain::ResourceKind kind,
                                                    std::string_view id) {
  return value_of<std::optional<domain::Resource>>(
      [&](const auto& work) { return read_one(work); },
      [&](Transaction& transaction) { return transaction.find(scope, kind, id); });
}

Result<domain::Resource> Store::update(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                                       const Change& change, const std::optional<Etag>& if_match) {
  for (int attempt = 0; attempt < kOptimisticAttempts; ++attempt) {
    const auto before = TRY(get(scope, kind, id));
    TRY(internal::check_etag(if_match, before.etag));
    auto after = TRY(change(before));
    if (internal::is_unchanged(before, after)) return before;
    bool stored = false;
    const auto replace = [&](Transaction& transaction) -> Result<void> {
      stored = TRY(transaction.replace(before, after));
      return {};
    };
    TRY(transact(replace));
    if (stored) return after;
  }
  return value_of<domain::Resource>(
      [&](const auto& work) { return transact(work); },
      [&](Transaction& transaction) { return transaction.update(scope, kind, id, change, if_match); });
}

Result<void> Store::remove(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                           const std::optional<Etag>& if_match) {
  return transact([&](Transaction& transaction) { return transaction.remove(scope, kind, id, if_match); });
}

Result<ResourcePage> Store::list(const Scope& scope, domain::ResourceKind kind,
                                 const domain::ListQuery& query) {
  return value_of<ResourcePage>(
      [&](const auto& work) { return read_one(work); },
      [&](Transaction& transaction) { return transaction.list(scope, kind, query); });
}

Result<std::int64_t> Store::count(const Scope& scope, domain::ResourceKind kind,
                                  const domain::ListQuery& query) {
  return value_of<std::int64_t>(
      [&](const auto& work) { return read_one(work); },
      [&](Transaction& transaction) { return transaction.count(scope, kind, query); });
}

}  // namespace headwater::store
