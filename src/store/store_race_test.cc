#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "store/store_test.h"

namespace headwater::store {
namespace {

using domain::Resource;
using domain::ResourceKind;

Result<Resource> increased(Resource current) {
  auto* n = current.body.find("n");
  *n = json::Value(*n->as_int64() + 1);
  domain::touch(current, {"u", "c"}, 1);
  return current;
}

TEST_P(StoreContract, FiftyWritersLoseNoUpdate) {
  insert(resource(ResourceKind::flow, "f", R"({"n":0})"));
  std::vector<std::thread> writers;
  writers.reserve(50);
  for (int i = 0; i < 50; ++i)
    writers.emplace_back([&, i] {
      for (int j = 0; j < 4; ++j) {
        const auto stored = store_->update(tenant(), ResourceKind::flow, "f", increased);
        EXPECT_TRUE(stored) << stored.error().message;
        // Half of the writers meet inside of transactions.
        if (i % 2 == 0) continue;
        const auto again = store_->transact([&](Transaction& transaction) -> Result<void> {
          TRY(transaction.update(tenant(), ResourceKind::flow, "f", increased));
          return {};
        });
        EXPECT_TRUE(again) << again.error().message;
      }
    });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(store_->get(tenant(), ResourceKind::flow, "f")->body.dump(), R"({"n":300})");
}

TEST_P(StoreContract, OfWritersWithOneEtagOneWins) {
  const auto first = insert(resource(ResourceKind::flow, "f", R"({"n":0})"));
  std::atomic<int> won{0};
  std::atomic<int> stale{0};
  std::vector<std::thread> writers;
  writers.reserve(20);
  for (int i = 0; i < 20; ++i)
    writers.emplace_back([&] {
      const auto stored = store_->update(tenant(), ResourceKind::flow, "f", increased, first.etag);
      if (stored)
        ++won;
      else if (stored.error().kind == ErrorKind::stale_etag)
        ++stale;
    });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(stale, 19);
}

TEST_P(StoreContract, ReadersSeeWholeTransactionsAndNeverWait) {
  insert(resource(ResourceKind::flow, "a", R"({"n":0})"));
  insert(resource(ResourceKind::flow, "b", R"({"n":0})"));
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      std::string a;
      std::string b;
      const auto read = store_->read([&](Transaction& transaction) -> Result<void> {
        a = TRY(transaction.get(tenant(), ResourceKind::flow, "a")).body.dump();
        b = TRY(transaction.get(tenant(), ResourceKind::flow, "b")).body.dump();
        return {};
      });
      EXPECT_TRUE(read);
      EXPECT_EQ(a, b);
    }
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.update(tenant(), ResourceKind::flow, "a", increased));
      // A read beside the open transaction answers at once, with what was committed.
      EXPECT_TRUE(store_->get(tenant(), ResourceKind::flow, "b"));
      TRY(transaction.update(tenant(), ResourceKind::flow, "b", increased));
      return {};
    }));
  }
  done = true;
  reader.join();
}

// Somebody deletes what somebody else's new resource names, both after they have looked: one of them fails.
TEST_P(StoreContract, NothingIsStoredBesideWhatItNamesBeingDeleted) {
  const auto base_of = [](int i) { return "base-" + std::to_string(i); };
  constexpr int kRounds = 60;
  for (int i = 0; i < kRounds; ++i) insert(resource(ResourceKind::connection, base_of(i), "{}"));
  std::atomic<int> created{0};
  std::atomic<int> deleted{0};
  std::atomic<int> arrived{0};
  const auto meet = [&arrived](int round) {
    ++arrived;
    while (arrived < 2 * (round + 1)) std::this_thread::yield();
  };
  const auto create = [&](int i) {
    const auto source = resource(ResourceKind::source_connection, "source-" + std::to_string(i),
                                 R"({"baseConnectionId":")" + base_of(i) + "\"}");
    const bool late = i % 2 == 1;  // a change that comes to name it
    if (late) insert(resource(ResourceKind::source_connection, source.id, "{}"));
    meet(i);
    return store_->transact([&](Transaction& transaction) -> Result<void> {
      if (!late) {
        TRY(transaction.insert(source, domain::references_of(source)));
        return {};
      }
      TRY(transaction.update(tenant(), source.kind, source.id, [&](Resource current) -> Result<Resource> {
        current.body = source.body;
        return current;
      }));
      return transaction.require(tenant(), domain::references_of(source));
    });
  };
  const auto remove = [&](int i) {
    meet(i);
    return store_->transact([&](Transaction& transaction) -> Result<void> {
      TRY(transaction.lock(tenant(), ResourceKind::connection, base_of(i)));
      const auto users = TRY(transaction.count(tenant(), ResourceKind::source_connection,
                                               query({{"property", "baseConnectionId==" + base_of(i)}})));
      if (users > 0) return Error{ErrorKind::invalid_argument, "in use"};
      return transaction.remove(tenant(), ResourceKind::connection, base_of(i));
    });
  };
  std::thread creator([&] {
    for (int i = 0; i < kRounds; ++i) {
      const auto done = create(i);
      created += done ? 1 : 0;
      if (!done) {
        EXPECT_EQ(done.error().code, "CONNECTOR-1302-400") << done.error().message;
        EXPECT_EQ(done.error().where, "/baseConnectionId");
      }
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const auto done = remove(i);
    deleted += done ? 1 : 0;
    if (!done) {
      EXPECT_EQ(done.error().message, "in use");
    }
  }
  creator.join();
  EXPECT_EQ(created + deleted, kRounds);
  for (int i = 0; i < kRounds; ++i) {
    const auto users = *store_->count(tenant(), ResourceKind::source_connection,
                                      query({{"property", "baseConnectionId==" + base_of(i)}}));
    EXPECT_EQ(users, store_->find(tenant(), ResourceKind::connection, base_of(i))->has_value() ? 1 : 0) << i;
  }
}

// Transactions that come at once may share a commit; what one of them does wrong stays its own.
TEST_P(StoreContract, AFailureAmongManyWritersIsItsOwn) {
  std::vector<std::thread> writers;
  writers.reserve(24);
  for (int i = 0; i < 24; ++i)
    writers.emplace_back([&, i] {
      for (int j = 0; j < 10; ++j) {
        const auto id = std::to_string(i) + "." + std::to_string(j);
        const bool fails = (i + j) % 3 == 0;
        const auto work = [&](Transaction& transaction) -> Result<void> {
          TRY(transaction.insert(resource(ResourceKind::run, id, "{}")));
          if (fails) return Error{ErrorKind::conflict, "mine " + id};
          return {};
        };
        if ((i + j) % 7 == 1) {
          const auto broken = [&](Transaction& transaction) -> Result<void> {
            TRY(transaction.insert(resource(ResourceKind::run, "thrown " + id, "{}")));
            throw std::runtime_error("bug");
          };
          EXPECT_THROW((void)store_->transact(broken), std::runtime_error);
        }
        const auto done = store_->transact(work);
        EXPECT_EQ(done.has_value(), !fails);
        EXPECT_EQ(done ? "" : done.error().message, fails ? "mine " + id : "");
        EXPECT_EQ(store_->find(tenant(), ResourceKind::run, id)->has_value(), !fails);
      }
    });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(*store_->count(tenant(), ResourceKind::run, {}), 160);
}

TEST_P(StoreContract, SeveralFirstStartsAtOnceMakeTheTablesOnce) {
  const auto fresh = *TemporaryFolder::make("headwater-fresh");
  const auto url = GetParam().new_url(fresh.path());
  std::vector<std::thread> starters;
  starters.reserve(8);
  for (int i = 0; i < 8; ++i)
    starters.emplace_back([&] {
      const auto store = Store::open(url, folder_.path());
      EXPECT_TRUE(store) << store.error().message;
    });
  for (auto& starter : starters) starter.join();
}

TEST_P(StoreContract, EventsOfAWebhookAreClaimedOneAtATime) {
  constexpr int kServers = 6;
  constexpr int kEvents = 60;
  ASSERT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
    for (int i = 0; i < kServers; ++i)
      TRY(transaction.put_server({"server-" + std::to_string(i), "host", 1}));
    for (int i = 0; i < kEvents; ++i)
      TRY(transaction.add_event({"webhook", std::to_string(i), "t", "{}", 1, 1, 0}));
    return {};
  }));
  std::atomic<int> held{0};
  std::atomic<int> delivered{0};
  std::vector<std::thread> servers;
  servers.reserve(kServers);
  for (int i = 0; i < kServers; ++i)
    servers.emplace_back([&, owner = "server-" + std::to_string(i)] {
      while (delivered < kEvents) {
        std::optional<WebhookEvent> event;
        const auto claimed = store_->transact([&](Transaction& transaction) -> Result<void> {
          event = TRY(transaction.claim_event(2, owner));
          return {};
        });
        ASSERT_TRUE(claimed) << claimed.error().message;
        if (!event) continue;
        EXPECT_EQ(++held, 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        --held;
        ++delivered;
        EXPECT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
          EXPECT_TRUE(TRY(transaction.remove_event(*event, owner)));
          return {};
        }));
      }
    });
  for (auto& server : servers) server.join();
  EXPECT_EQ(delivered, kEvents);
}

TEST_P(StoreContract, TablesOfANewerVersionAreRefused) {
  const auto database = *GetParam().open_database(url_);
  ASSERT_TRUE(database->write([](internal::Connection& connection) {
    return connection.script(connection.dialect() == internal::Dialect::sqlite
                                 ? "PRAGMA user_version = 999"
                                 : "UPDATE headwater_schema SET version = 999");
  }));
  const auto opened = Store::open(url_, folder_.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unsupported);
}

TEST_P(StoreContract, WhatWasAcknowledgedSurvivesKill) {
  store_.reset();
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Inserts without end and tells each number once the store has answered.
    const auto store = open();
    for (std::uint32_t i = 0;; ++i) {
      if (!store->insert(resource(ResourceKind::run, "r" + std::to_string(i), R"({"n":1})"))) ::_exit(1);
      if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) ::_exit(2);
    }
  }
  ::close(pipe_ends[1]);
  std::uint32_t last = 0;
  while (::read(pipe_ends[0], &last, sizeof last) == sizeof last && last < 50) {
  }
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  while (::read(pipe_ends[0], &last, sizeof last) == sizeof last) {
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  store_ = open();
  for (std::uint32_t i = 0; i <= last; ++i)
    EXPECT_TRUE(store_->get(tenant(), ResourceKind::run, "r" + std::to_string(i)))
        << "run " << i << " of " << last;
}

}  // namespace
}  // namespace headwater::store
