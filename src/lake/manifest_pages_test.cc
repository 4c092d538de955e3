// A dataset of more batches than its manifest holds itself.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/time.h"
#include "lake/lake_test.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;
using test::one_of;
using ::testing::HasSubstr;

std::string seeded(int number) { return "old-" + std::to_string(number); }

class ManifestPagesTest : public test::LakeFixture {
 protected:
  void SetUp() override {
    options_.page_bytes = 4000;
    LakeFixture::SetUp();
  }

  /// Makes "ds1" hold `count` batches of one record {"id":1}, as an older version would have written it.
  void seed(int count, Format format) {
    ASSERT_TRUE(lake_->remove_dataset(DatasetId("ds1")).has_value());
    put("ds1", "sales", format);
    land(batch("template"), {R"({"id":1})"});
    const auto made = lake_->batch_files(DatasetId("ds1"), BatchId("template"))->front();
    const auto extension = fs::path(made.name).extension().string();
    std::string files, batches;
    for (int i = 0; i < count; ++i) {
      const auto id = seeded(i);
      std::string name(id);
      name.append(".00001").append(extension);
      fs::create_hard_link(data() / made.name, data() / name);
      const auto bytes = std::to_string(made.bytes);
      files.append(i > 0 ? "," : "").append(R"({"name":")").append(name);
      files.append(R"(","bytes":)").append(bytes).append(R"(,"records":1,"batches":[")").append(id);
      files.append(R"("],"shares":[1]})");
      batches.append(i > 0 ? "," : "").append(R"({"id":")").append(id).append(R"(","created":)");
      batches.append(std::to_string(1000 + i)).append(R"(,"records":1,"bytes":)").append(bytes);
      batches.append(R"(,"files":1,"otherMembers":[],"cursor":"cursor )").append(id).append(R"("})");
    }
    fs::remove(data() / made.name);
    const auto layout = (*lake_->manifest(DatasetId("ds1")))->layout.to_json().dump();
    const auto text =
        "{\"sequence\":7,\"dataset\":{\"id\":\"ds1\",\"name\":\"sales\",\"tenant\":\"\",\"format\":\"" +
        std::string(format == Format::parquet ? "parquet" : "ndjson") + "\"},\"layout\":" + layout +
        ",\"files\":[" + files + "],\"batches\":[" + batches + "],\"retired\":[]}\n";
    ASSERT_TRUE(write_file_durably(home() / "manifest.json", text).has_value());
    lake_ = reopen();
  }

  fs::path home() const { return folder_.path() / "lake" / "ds1"; }
  fs::path data() const { return home() / "data"; }
  std::shared_ptr<const Manifest> manifest() const { return *lake_->manifest(DatasetId("ds1")); }
  static std::size_t entries(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  std::uint64_t pages() const {
    const auto now = manifest();
    return now->files.pages() + now->batches.pages() + now->retired.pages();
  }
  static std::uint64_t records(const Manifest& manifest) {
    std::uint64_t records = 0;
    const auto add = [&records](const BatchInfo& batch) {
      records += batch.records;
      return true;
    };
    EXPECT_TRUE(manifest.batches.each(add).has_value());
    return records;
  }
  std::string counted() { return one_of(*lake_, "SELECT count(*) FROM sales"); }
  static void expect_exit(pid_t child, int code) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), code);
  }
};

TEST_F(ManifestPagesTest, AnOldManifestIsReadAndTheNextCommitMovesItsEntriesToPages) {
  seed(1500, Format::ndjson);
  const auto old = manifest();
  EXPECT_EQ(old->batches.size(), 1500U);
  EXPECT_EQ(old->batches.pages(), 0U);
  EXPECT_EQ(old->find_batch(BatchId(seeded(3)))->value().cursor, "cursor old-3");
  EXPECT_EQ(counted(), "1500");
  ASSERT_TRUE(lake_->put_dataset({DatasetId("ds1"), "sales", "org/prod", Format::ndjson}).has_value());
  const auto old_bytes = fs::file_size(home() / "manifest.json");

  land(batch("new"), {R"({"id":2})"});
  lake_ = reopen();
  EXPECT_LT(fs::file_size(home() / "manifest.json"), old_bytes / 5);
  const auto now = manifest();
  EXPECT_EQ(now->dataset.tenant, "org/prod");
  EXPECT_GT(now->batches.pages(), 20U);
  EXPECT_GT(now->files.pages(), 20U);
  ASSERT_EQ(now->batches.size(), 1501U);
  const auto batches = *now->batches.all();
  for (std::size_t i = 0; i < 1500; ++i) ASSERT_EQ(batches[i].id.value, seeded(static_cast<int>(i)));
  EXPECT_EQ(now->find_batch(BatchId(seeded(3)))->value().created, from_epoch_millis(1003));
  EXPECT_EQ(now->find_batch(BatchId(seeded(1450)))->value().cursor, "cursor old-1450");
  EXPECT_FALSE(now->find_batch(BatchId("old-1500"))->has_value());
  EXPECT_EQ(lake_->batch_files(DatasetId("ds1"), BatchId(seeded(3)))->front().name, "old-3.00001.ndjson");
  EXPECT_TRUE((*lake_->open_batch(batch(seeded(3))))->committed()) << "an old batch would be doubled";
  EXPECT_EQ(counted(), "1501");
  // A version that knows no pages refuses such a manifest: it takes a reference to a page for an entry.
  EXPECT_THAT(*read_file(home() / "manifest.json"), HasSubstr(R"("files":[{"page":"page-)"));
}

TEST_F(ManifestPagesTest, OpeningALakeAndCommittingReadNoEntryOfAPage) {
  seed(1500, Format::ndjson);
  land(batch("first"), {R"({"id":2})"});
  for (const auto& file : fs::directory_iterator(home() / "pages")) {
    const auto text = *read_file(file.path());
    if (text.starts_with(R"({"keys":""})")) continue;  // of pages: there may be a few for each list
    const auto begin = text.find('\n') + 1;
    std::fstream page(file.path(), std::ios::in | std::ios::out);
    page.seekp(static_cast<std::streamoff>(begin + 3));
    page << "#";
  }
  lake_ = reopen();
  ASSERT_EQ(lake_->datasets()->size(), 1U);
  land(batch("second"), {R"({"id":3})"});
  EXPECT_EQ(manifest()->batches.size(), 1502U);
}

TEST_F(ManifestPagesTest, RemovalTouchesThePagesConcernedAndReadersKeepWhatTheyHad) {
  seed(1500, Format::ndjson);
  land(batch("new"), {R"({"id":2})"});
  const auto reader = reopen();
  const auto held = *reader->manifest(DatasetId("ds1"));
  const auto before = pages();
  ASSERT_TRUE(lake_->remove_batches(DatasetId("ds1"), {BatchId(seeded(3)), BatchId("none"), BatchId("new")}));
  EXPECT_EQ(manifest()->batches.size(), 1499U);
  EXPECT_FALSE(manifest()->find_batch(BatchId(seeded(3)))->has_value());
  EXPECT_TRUE(manifest()->find_batch(BatchId(seeded(4)))->has_value());
  EXPECT_EQ(counted(), "1499");
  EXPECT_LE(entries(home() / "pages"), before + 6) << "two pages, and those that refer to them";

  clock_.advance(std::chrono::minutes(14));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_EQ(records(*held), 1501U) << "pages that a reader may still ask for";
  clock_.advance(std::chrono::minutes(2));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_EQ(entries(home() / "pages"), pages());
  EXPECT_EQ(entries(data()), 1499U);
  EXPECT_EQ(records(*held), 1501U) << "from memory";
  EXPECT_EQ(counted(), "1499");
  const auto files = held->files.all();
  ASSERT_FALSE(files.has_value());
  EXPECT_THAT(files.error().message, HasSubstr("'ds1/pages/page-"));
  EXPECT_THAT(files.error().message, HasSubstr("is missing"));
}

TEST_F(ManifestPagesTest, CompactionMergesFilesOfManyPages) {
  options_.page_bytes = 2000;
  lake_ = reopen();
  seed(300, Format::parquet);
  land(batch("new"), {R"({"id":2})"});
  EXPECT_GT(manifest()->files.pages(), 10U);
  const auto report = lake_->compact(DatasetId("ds1"));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->files_before, 301U);
  EXPECT_EQ(report->files_after, 1U);
  EXPECT_EQ(one_of(*lake_, "SELECT sum(id) FROM sales"), "302");
  const auto merged = manifest()->files.all()->front();
  EXPECT_EQ(merged.records, 301U);
  EXPECT_EQ(merged.batches.back(), BatchId("new"));
  EXPECT_EQ(lake_->batch_files(DatasetId("ds1"), BatchId(seeded(7)))->front().name, merged.name);
  EXPECT_EQ(manifest()->retired.size(), 301U);
  EXPECT_GT(manifest()->retired.pages(), 2U) << "nor do replaced files stay in the manifest";

  land(batch("later"), {R"({"id":3})"});
  ASSERT_TRUE(lake_->remove_batches(DatasetId("ds1"), {BatchId(seeded(7)), BatchId("later")}));
  EXPECT_EQ(one_of(*lake_, "SELECT sum(id) FROM sales"), "301");
  clock_.advance(std::chrono::minutes(16));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_TRUE(manifest()->retired.empty());
  EXPECT_EQ(entries(data()), 1U);
  clock_.advance(std::chrono::minutes(16));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_EQ(entries(home() / "pages"), pages());
  EXPECT_EQ(one_of(*lake_, "SELECT sum(id) FROM sales"), "301");
}

TEST_F(ManifestPagesTest, OnlyNeighboursAreMergedAcrossPages) {
  options_.page_bytes = 1;  // a page for each file
  lake_ = reopen();
  seed(8, Format::parquet);
  std::vector<std::string> wide;
  wide.reserve(2000);
  for (int i = 0; i < 2000; ++i) wide.push_back("{\"id\":" + std::to_string(7919 * i % 9973) + "}");
  land(batch("large"), wide);
  land(batch("small"), {R"({"id":1})"});
  options_.compact_below_bytes = 2000;
  lake_ = reopen();
  const auto report = lake_->compact(DatasetId("ds1"));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const auto files = *manifest()->files.all();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].records, 8U);
  EXPECT_EQ(files[1].batches.front(), BatchId("large"));
  EXPECT_EQ(files[2].batches.front(), BatchId("small"));
  EXPECT_EQ(counted(), "2009");
}

TEST_F(ManifestPagesTest, ADatasetThatIsRemovedWhileItIsReadIsReadToTheEnd) {
  seed(600, Format::ndjson);
  land(batch("new"), {R"({"id":2})"});
  const auto reader = reopen();
  const auto held = *reader->manifest(DatasetId("ds1"));
  ASSERT_TRUE(lake_->remove_dataset(DatasetId("ds1")).has_value());
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_EQ(records(*held), 601U);
  clock_.advance(std::chrono::minutes(16));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_FALSE(fs::exists(home()));
  EXPECT_EQ(held->files.all().error().kind, ErrorKind::storage);
}

TEST_F(ManifestPagesTest, ADamagedPageStopsNeitherTheServerNorOtherDatasets) {
  seed(600, Format::ndjson);
  land(batch("new"), {R"({"id":2})"});
  put("ds2", "other", Format::ndjson);
  land(batch("b1", {}, "ds2"), {R"({"id":5})"});
  const auto lost = manifest()->batches.refs().front().name;
  fs::remove(home() / "pages" / lost);
  std::ofstream(data() / "orphan.00001.ndjson") << "so that garbage is looked for";
  lake_ = reopen();
  EXPECT_EQ(one_of(*lake_, "SELECT sum(id) FROM other"), "5");
  const auto opened = lake_->open_batch(batch("another"));
  ASSERT_FALSE(opened.has_value()) << "nobody can tell whether it was committed before";
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
  EXPECT_EQ(opened.error().message, "The manifest page 'ds1/pages/" + lost + "' is missing.");
}

// What takes not_found for a dataset that is gone would forget a batch that is there.
TEST_F(ManifestPagesTest, APageThatIsLostWhileItIsInMemoryIsNoDatasetThatIsGone) {
  seed(600, Format::ndjson);
  land(batch("new"), {R"({"id":2})"});
  ASSERT_TRUE(manifest()->batches.all() && manifest()->files.all());
  ASSERT_FALSE((*lake_->open_batch(batch("next")))->committed()) << "reads what tells old batches";
  const auto lost = manifest()->batches.refs().front().name;
  fs::remove(home() / "pages" / lost);
  const auto before = entries(home() / "pages");
  const auto removed = lake_->remove_batches(DatasetId("ds1"), {BatchId(seeded(0))});
  ASSERT_FALSE(removed.has_value());
  EXPECT_EQ(removed.error().kind, ErrorKind::storage);
  EXPECT_EQ(removed.error().message, "The manifest page 'ds1/pages/" + lost + "' is missing.");
  EXPECT_EQ(entries(home() / "pages"), before);
  const auto found = manifest()->find_batch(BatchId(seeded(0)));
  EXPECT_TRUE(found && found->has_value());
}

TEST_F(ManifestPagesTest, AFullDiskLosesNothingAndLeavesNoPage) {
  options_.page_bytes = 128U << 10;
  lake_ = reopen();
  seed(1500, Format::ndjson);
  const auto child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto lake = reopen();
    auto writer = *lake->open_batch(batch("b1"));
    std::vector<Misfit> misfits;
    if (!writer->append(test::group_of({R"({"id":2})"}), misfits)) ::_exit(2);
    const rlimit limit{60'000, 60'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto committed = writer->commit();
    ::_exit(!committed && committed.error().kind == ErrorKind::storage ? 0 : 1);
  }
  expect_exit(child, 0);
  EXPECT_EQ(entries(home() / "pages"), 0U);
  EXPECT_EQ(counted(), "1500");
  lake_ = reopen();
  EXPECT_TRUE((*lake_->open_batch(batch("b1")))->committed()) << "the commit goes on";
  EXPECT_GT(pages(), 0U);
  EXPECT_EQ(counted(), "1501");
}

TEST_F(ManifestPagesTest, ARaceOfCommitsRemovalsAndCompactionsShowsReadersOneState) {
  options_.page_bytes = 600;
  lake_ = reopen();
  seed(200, Format::parquet);
  const auto child = ::fork();
  if (child == 0) {
    const auto lake = reopen();
    for (int i = 0; i < 60; ++i) {
      auto writer = *lake->open_batch(batch("c" + std::to_string(i)));
      std::vector<Misfit> misfits;
      if (!writer->append(test::group_of({R"({"id":1})", R"({"id":-1})"}), misfits) || !writer->commit())
        ::_exit(1);
      // One in, one out: the sum and the seeded batches stay.
      if (i > 2 && !lake->remove_batches(DatasetId("ds1"), {BatchId("c" + std::to_string(i - 2))}))
        ::_exit(2);
      if (i % 20 == 10 && !lake->compact(DatasetId("ds1"))) ::_exit(3);
      if (i % 10 == 5 && !lake->collect_garbage()) ::_exit(4);
    }
    ::_exit(0);
  }
  int status = 0, rounds = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    const auto reader = reopen();
    ASSERT_EQ(one_of(*reader, "SELECT sum(id) FROM sales"), "200");
    ASSERT_EQ(records(**reader->manifest(DatasetId("ds1"))) % 2, 0U);
    ++rounds;
  }
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(rounds, 0);
}

// kill -9 at random moments of commits and removals: what was acknowledged is there, once; the one that was
// in work is there wholly or not at all, and goes on.
class KilledLakeTest : public ManifestPagesTest {
 protected:
  struct Told {
    char what;  // 'a' begins to add, 'A' has added, 'r' begins to remove, 'R' has removed
    int number;
  };

  [[noreturn]] void work(int pipe, int first) {
    const auto tell = [pipe](char what, int number) {
      const Told told{what, number};
      if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(4);
    };
    const auto lake = reopen();
    for (int i = first;; ++i) {
      tell('a', i);
      auto writer = lake->open_batch(batch("b" + std::to_string(i)));
      if (!writer) ::_exit(5);
      std::vector<Misfit> misfits;
      const auto id = std::to_string(i);
      if (!(*writer)->append(test::group_of({"{\"id\":" + id + "}", "{\"id\":" + id + "}"}), misfits))
        ::_exit(6);
      if (!(*writer)->commit()) ::_exit(7);
      tell('A', i);
      if (i % 3 != 2) continue;
      tell('r', i / 2);
      if (!lake->remove_batches(DatasetId("ds1"), {BatchId("b" + std::to_string(i / 2))})) ::_exit(8);
      tell('R', i / 2);
      if (i % 5 == 0 && !lake->collect_garbage()) ::_exit(9);
    }
  }
};

TEST_F(KilledLakeTest, WhatWasAcknowledgedIsThereOnce) {
  options_.page_bytes = 400;
  lake_ = reopen();
  seed(150, Format::ndjson);
  std::set<int> there;
  int next = 0;
  std::srand(5);  // of moments
  for (int round = 0; round < 25; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      work(pipe[1], next);
    }
    ::close(pipe[1]);
    std::optional<Told> open;
    const auto hear = [&] {
      Told told{};
      if (::read(pipe[0], &told, sizeof told) != sizeof told) return false;
      open = told;
      if (told.what == 'A') there.insert(told.number);
      if (told.what == 'R') there.erase(told.number);
      next = std::max(next, told.number + 1);
      return true;
    };
    for (int i = 1 + std::rand() % 24; i > 0; --i) ASSERT_TRUE(hear());
    std::this_thread::sleep_for(std::chrono::microseconds(std::rand() % 8'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    while (hear()) {
    }
    ::close(pipe[0]);

    lake_ = reopen();
    if (open->what == 'a') {
      // Whatever was reached: opened again it is committed already, or goes on.
      auto writer = *lake_->open_batch(batch("b" + std::to_string(open->number)));
      if (writer->committed())
        there.insert(open->number);
      else
        writer->discard();
    } else if (open->what == 'r' &&
               !manifest()->find_batch(BatchId("b" + std::to_string(open->number)))->has_value()) {
      there.erase(open->number);
    }

    std::multiset<std::string> found, want;
    const auto batches = *manifest()->batches.all();
    for (const auto& info : batches) found.insert(info.id.value);
    for (int i = 0; i < 150; ++i) want.insert(seeded(i));
    for (const int number : there) want.insert("b" + std::to_string(number));
    ASSERT_EQ(found, want) << "round " << round;
    EXPECT_EQ(one_of(*lake_, "SELECT count(*) || ' ' || count(DISTINCT id) FROM sales WHERE id <> 1"),
              std::to_string(2 * (there.size() - there.count(1))) + " " +
                  std::to_string(there.size() - there.count(1)))
        << "round " << round;
    clock_.advance(std::chrono::minutes(16));
    ASSERT_TRUE(lake_->collect_garbage().has_value());
  }
  EXPECT_GT(next, 60);
  EXPECT_GT(manifest()->batches.pages(), 1U);
  clock_.advance(std::chrono::minutes(16));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  clock_.advance(std::chrono::minutes(16));
  ASSERT_TRUE(lake_->collect_garbage().has_value());
  EXPECT_EQ(entries(home() / "pages"), pages());
  EXPECT_EQ(entries(data()), 150 + there.size());
  EXPECT_EQ(entries(home() / "staging"), 0U);
}

}  // namespace
}  // namespace headwater::lake
