#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/shared_places.h"
#include "base/worker_pool.h"

namespace headwater {
namespace {

Result<int> doubled(Result<int> input) {
  const int value = TRY(std::move(input));
  return value * 2;
}

TEST(Result, TryPassesErrorsUp) {
  EXPECT_EQ(*doubled(21), 42);
  EXPECT_EQ(doubled(Error{ErrorKind::not_found, "gone"}).error().message, "gone");
}

TEST(ManualClock, WaitersWakeWhenTheirTimeComes) {
  ManualClock clock(TimePoint{});
  const TimePoint due = clock.now() + std::chrono::hours(1);
  bool in_time = false;
  std::jthread waiter([&](const std::stop_token& stop) { in_time = clock.wait_until(due, stop); });
  clock.advance(std::chrono::minutes(30));
  clock.advance(std::chrono::minutes(30));
  waiter.join();
  EXPECT_TRUE(in_time);
}

TEST(SystemClock, StopEndsAWait) {
  SystemClock clock;
  std::stop_source source;
  source.request_stop();
  EXPECT_FALSE(clock.wait_for(std::chrono::hours(1), source.get_token()));
}

TEST(File, WritesDurablyWithMode) {
  const auto folder = TemporaryFolder::make("headwater-base-");
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "key";
  ASSERT_TRUE(write_file_durably(path, "one", 0600));
  ASSERT_TRUE(write_file_durably(path, "two", 0600));
  EXPECT_EQ(*read_file(path), "two");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(read_file(path, 2).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_file(folder->path() / "none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder->path()), {}), 1);
}

TEST(WorkerPool, RunsAllAndRefusesPastTheBound) {
  std::atomic<int> done = 0;
  std::promise<void> started;
  std::promise<void> release;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.try_post([&] {
      started.set_value();
      release.get_future().wait();
      ++done;
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.try_post([&] { ++done; }));
    EXPECT_TRUE(pool.try_post([&] { ++done; }));
    EXPECT_FALSE(pool.try_post([&] { ++done; }));
    release.set_value();
  }
  EXPECT_EQ(done, 3);
}

TEST(SharedPlaces, OneHolderLeavesSomethingToTheOthers) {
  SharedPlaces places(3, 2);
  auto first = places.take("a");
  const auto second = places.take("a");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(places.take("a"));
  {
    const auto other = places.take("b");
    EXPECT_TRUE(other);
    EXPECT_FALSE(places.take("c")) << "of all";
  }
  EXPECT_TRUE(places.take("c")) << "given back";
  first.reset();
  EXPECT_TRUE(places.take("a"));
}

TEST(Metrics, RenderHoldsCounters) {
  metrics::count("headwater_test_total", "Test.", 2, {{"kind", "a"}});
  metrics::count("headwater_test_total", "Test.", 1, {{"kind", "a"}});
  EXPECT_NE(metrics::render().find("headwater_test_total{kind=\"a\"} 3"), std::string::npos);
}

}  // namespace
}  // namespace headwater
