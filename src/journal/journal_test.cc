#include "journal/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "journal/journal_test.h"

namespace headwater::journal {
namespace {

TEST_F(JournalTest, KeepsWhatItWasGivenInOrder) {
  {
    const auto journal = open();
    EXPECT_EQ(journal->end(0), 0U);
    EXPECT_EQ(*append(*journal, {"a", "", std::string(5000, 'b')}, "inlet-1"), 0U);
    EXPECT_EQ(*append(*journal, {"c"}), 3U);
    EXPECT_EQ(read_all(*journal), (std::vector<std::string>{"a", "", std::string(5000, 'b'), "c"}));
    EXPECT_EQ(read_all(*journal, 2), (std::vector<std::string>{std::string(5000, 'b'), "c"}));
    EXPECT_TRUE(read_all(*journal, 4).empty());
  }
  const auto again = open();
  EXPECT_EQ(again->end(0), 4U);
  const auto reader = again->read(0, 0);
  Batch batch;
  ASSERT_TRUE(reader->next(1, batch));
  ASSERT_EQ(batch.events().size(), 1U) << "at least one, whatever the bound";
  EXPECT_EQ(batch.events()[0].key, "inlet-1");
  EXPECT_EQ(batch.events()[0].received_ms, 1'700'000'000'000);
  EXPECT_EQ(*append(*again, {"d"}), 4U);
  EXPECT_EQ(read_all(*again).back(), "d");
}

TEST_F(JournalTest, GoesOverSegmentsAndForgetsWhatWasConsumed) {
  auto journal = open();
  for (std::uint64_t i = 0; i < 2000; i += 4)
    ASSERT_EQ(*append(*journal, {numbered(i), numbered(i + 1), numbered(i + 2), numbered(i + 3)}), i);
  const auto before = files().size();
  EXPECT_GT(before, 5U);
  const auto all = read_all(*journal, 0, 5000);
  ASSERT_EQ(all.size(), 2000U);
  for (std::uint64_t i = 0; i < 2000; ++i) ASSERT_EQ(all[i], numbered(i));
  EXPECT_EQ(read_all(*journal, 1234).size(), 2000U - 1234U);
  ASSERT_TRUE(journal->trim(0, 1500));
  EXPECT_LT(files().size(), before);
  EXPECT_LE(journal->first(0), 1500U);
  EXPECT_GT(journal->first(0), 1000U);
  EXPECT_EQ(read_all(*journal, 1500).size(), 500U);
  EXPECT_EQ(read_all(*journal, 0).size(), 2000U - journal->first(0)) << "from the oldest that is kept";
  const auto first = journal->first(0);
  journal.reset();
  journal = open();
  EXPECT_EQ(journal->first(0), first);
  EXPECT_EQ(journal->end(0), 2000U);
  ASSERT_TRUE(journal->trim(0, 99999));
  EXPECT_EQ(files().size(), 1U) << "the last segment stays";
}

TEST_F(JournalTest, AReaderKeepsItsSegmentWhileItIsTrimmed) {
  const auto journal = open();
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(append(*journal, {numbered(i)}));
  const auto reader = journal->read(0, 0);
  Batch batch;
  ASSERT_TRUE(reader->next(2000, batch));
  auto read = batch.events().size();
  ASSERT_TRUE(journal->trim(0, 900));
  ASSERT_TRUE(reader->next(1U << 20U, batch)) << "what the reader stands in is still there";
  read += batch.events().size();
  EXPECT_EQ(batch.events().front().value, numbered(batch.events().front().offset));
  EXPECT_GT(read, 10U);
}

/// Appends events of this length until so many segments have been filled.
void fill(Journal& journal, std::size_t event_bytes, std::uint64_t segments) {
  const std::vector<std::string> some(20, std::string(event_bytes, 'a'));
  for (std::uint64_t bytes = 0; bytes < segments * kSmallSegment; bytes += some.size() * event_bytes)
    ASSERT_TRUE(append(journal, some));
}

TEST_F(JournalTest, ConsumedSegmentsAreWrittenOverAndTheirEventsAreGone) {
  auto journal = open();
  for (int round = 0; round < 12; ++round) {
    fill(*journal, round % 2 == 0 ? 1500 : 40, 3);  // what was longer leaves older records behind the shorter
    const auto begin = journal->first(0);
    const auto end = journal->end(0);
    EXPECT_EQ(read_all(*journal).size(), end - begin);
    if (round % 3 == 1) {
      journal.reset();
      journal = open();
      EXPECT_EQ(journal->first(0), begin);
      EXPECT_EQ(journal->end(0), end);
      EXPECT_EQ(read_all(*journal).size(), end - begin);
      EXPECT_EQ(everything(), files().size()) << "what was set aside goes with its process";
    }
    ASSERT_TRUE(journal->trim(0, end));
    EXPECT_EQ(files().size(), 1U);
    EXPECT_LE(everything(), 6U) << "a few are kept to be written over, and one is made ahead";
  }
}

TEST_F(JournalTest, ATornTailBeforeOlderRecordsIsCut) {
  {
    const auto journal = open();
    fill(*journal, 100, 3);
    ASSERT_TRUE(journal->trim(0, journal->end(0)));
    fill(*journal, 100, 1);
  }
  const auto file = files().back();
  const auto whole = *read_file(file);
  const auto first = std::stoull(file.stem().string());
  ASSERT_NE(std::string_view(whole).substr(whole.size() / 2).find('a'), std::string::npos) << "older records";
  std::uint64_t end = 0;
  {
    const auto journal = open();
    end = journal->end(0);
    ASSERT_GT(end, first + 3);
  }
  auto torn = whole;
  torn[(end - first - 1) * (kSmallSegment / 600) + 20] ^= 0x55;
  std::ofstream(file, std::ios::binary | std::ios::trunc) << torn;
  const auto journal = open();
  EXPECT_LT(journal->end(0), end);
  EXPECT_EQ(read_all(*journal).size(), journal->end(0) - journal->first(0));
  const auto next = journal->end(0);
  EXPECT_EQ(*append(*journal, {"new"}), next);
  EXPECT_EQ(read_all(*journal).back(), "new");
}

TEST_F(JournalTest, ManyShareOneSync) {
  const auto journal = open();
  constexpr int kThreads = 16;
  constexpr int kEach = 200;
  std::atomic<int> told{0};
  std::vector<std::vector<std::uint64_t>> offsets(kThreads);
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto first = append(*journal, {std::to_string(t) + "/" + std::to_string(i)});
          ASSERT_TRUE(first);
          offsets[static_cast<std::size_t>(t)].push_back(*first);
          ++told;
        }
      });
  }
  EXPECT_EQ(told, kThreads * kEach);
  const auto all = read_all(*journal, 0, 100'000);
  ASSERT_EQ(all.size(), std::size_t{kThreads} * kEach);
  for (std::size_t t = 0; t < offsets.size(); ++t)
    for (std::size_t i = 0; i < offsets[t].size(); ++i)
      ASSERT_EQ(all[offsets[t][i]], std::to_string(t) + "/" + std::to_string(i));
  EXPECT_EQ(journal->waiting_bytes(), 0U);
}

TEST_F(JournalTest, RefusesWhatItCannotTake) {
  auto settings = options();
  settings.waiting_bytes_max = 100;
  const auto journal = *Journal::open(settings);
  EXPECT_EQ(append(*journal, {std::string(1000, 'x')}).error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(append(*journal, {}).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(append(*journal, {std::string(kSmallSegment, 'x')}).error().kind, ErrorKind::too_large);
  EXPECT_EQ(*append(*journal, {"fits"}), 0U);
  EXPECT_EQ(Journal::open(settings).error().kind, ErrorKind::conflict) << "two processes, or twice in one";
}

TEST_F(JournalTest, WaitingEndsWithAnEventOrWithPatience) {
  const auto journal = open();
  EXPECT_FALSE(journal->wait_for(0, 0, std::chrono::milliseconds(10), {}));
  std::jthread later([&] { ASSERT_TRUE(append(*journal, {"a"})); });
  EXPECT_TRUE(journal->wait_for(0, 0, std::chrono::seconds(20), {}));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(journal->wait_for(0, 1, std::chrono::seconds(20), stop.get_token()));
}

// Every way in which the last bytes can be torn: cut short, zeros in the middle, other bytes, an older record
// behind.
TEST_F(JournalTest, ATornTailIsCutAndNeverComesBack) {
  {
    const auto journal = open();
    for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(append(*journal, {numbered(i)}));
  }
  const auto file = files().front();
  const auto whole = *read_file(file);
  std::size_t end = whole.size();
  while (whole[end - 1] == '\0') --end;
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    const auto at = random() % end;
    {
      std::string torn = whole;
      if (round % 2 == 0)
        std::fill(torn.begin() + static_cast<std::ptrdiff_t>(at),
                  torn.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(at + 64, end)), '\0');
      else
        torn[at] = static_cast<char>(torn[at] ^ 0x55);
      std::ofstream(file, std::ios::binary | std::ios::trunc) << torn;
    }
    std::uint64_t kept = 0;
    {
      const auto journal = open();
      kept = journal->end(0);
      ASSERT_LT(kept, 50U) << "byte " << at;
      const auto all = read_all(*journal);
      ASSERT_EQ(all.size(), kept);
      for (std::uint64_t i = 0; i < kept; ++i) ASSERT_EQ(all[i], numbered(i));
      // As long as the one that was torn: what stood behind it would fit in seamlessly.
      ASSERT_EQ(*append(*journal, {std::string(numbered(kept).size(), 'n')}), kept);
    }
    const auto journal = open();
    ASSERT_EQ(journal->end(0), kept + 1) << "an event that was cut has come back, byte " << at;
  }
}

TEST_F(JournalTest, DamageBeforeTheEndIsToldNotPassedOver) {
  {
    const auto journal = open();
    for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(append(*journal, {numbered(i)}));
  }
  const auto file = files().front();
  {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(200);
    out << "damage";
  }
  const auto journal = Journal::open(options());
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find("are missing before"), std::string::npos) << journal.error().message;
}

// A full disk, as far as a process can make one: no file may grow beyond a limit.
TEST_F(JournalTest, AFullDiskRefusesAndRecovers) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto journal = Journal::open(options());
    if (!journal) ::_exit(2);
    std::uint64_t kept = 0;
    while (kept < 100 && append(**journal, {numbered(kept)})) ++kept;
    rlimit full{1024, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &full);
    int refused = 0;
    for (int i = 0; i < 5; ++i) refused += append(**journal, {std::string(3000, 'x')}).has_value() ? 0 : 1;
    if (refused != 5) ::_exit(3);
    full.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_FSIZE, &full);
    const auto again = append(**journal, {"space again"});
    if (!again || *again != kept) ::_exit(4);
    ::_exit(read_all(**journal).size() == kept + 1 ? 0 : 5);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto journal = open();
  const auto all = read_all(*journal);
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all.back(), "space again");
}

// kill -9 at random moments under load: every event that was acknowledged is there, once, in its place.
class KilledJournalTest : public JournalTest, public ::testing::WithParamInterface<bool> {};

TEST_P(KilledJournalTest, WhatWasAcknowledgedSurvives) {
  const bool trims = GetParam();  // so that segments are written over
  std::mt19937 random(11);
  std::uint64_t known = 0;
  for (int round = 0; round < 25; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      auto journal = Journal::open(options());
      if (!journal) ::_exit(2);
      std::vector<std::jthread> threads;
      threads.reserve(4);
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
          while (true) {
            const auto end = (*journal)->end(0);
            const std::string value = "v" + std::string(end % 400, 'y');
            const auto first = append(**journal, {value, value});
            if (!first) ::_exit(3);
            const std::uint64_t told[2] = {*first, value.size()};
            if (::write(pipe[1], told, sizeof told) != sizeof told) ::_exit(4);
          }
        });
      while (trims) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        const auto end = (*journal)->end(0);
        if (!(*journal)->trim(0, end - std::min<std::uint64_t>(end, 200))) ::_exit(5);
      }
      threads.clear();
    }
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + random() % (trims ? 150 : 40)));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> acknowledged;
    std::uint64_t told[2];
    while (::read(pipe[0], told, sizeof told) == sizeof told) acknowledged.emplace_back(told[0], told[1]);
    ::close(pipe[0]);
    const auto journal = open();
    const auto all = read_all(*journal, 0, 1U << 20U);
    const auto oldest = journal->first(0);
    ASSERT_EQ(all.size(), journal->end(0) - oldest);
    for (const auto& [first, size] : acknowledged) {
      ASSERT_GE(first, known) << "an offset was given twice";
      ASSERT_LT(first + 1, journal->end(0)) << "round " << round;
      if (first < oldest) continue;
      ASSERT_EQ(all[first - oldest].size(), size);
      ASSERT_EQ(all[first + 1 - oldest].size(), size);
    }
    known = journal->end(0);
  }
  EXPECT_GT(known, 100U);
  EXPECT_EQ(open()->first(0) > 0, trims);
}
INSTANTIATE_TEST_SUITE_P(Kills, KilledJournalTest, ::testing::Bool(),
                         [](const auto& trims) { return trims.param ? "AndTrims" : "KeepsAll"; });

}  // namespace
}  // namespace headwater::journal
