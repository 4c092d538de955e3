#include "engine/run/checkpoint.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::run {
namespace {

TEST(CheckpointTest, ComesBackAsItWas) {
  Checkpoint checkpoint;
  checkpoint.counts.pages = 7;
  checkpoint.counts.records_read = 18'446'744'073'709ULL;
  checkpoint.counts.records_failed = 2;
  checkpoint.counts.throttled = std::chrono::milliseconds(1500);
  checkpoint.failed = {{"INGEST-1401-400", "Page 1, record \"x\"\n", 2}};
  checkpoint.notes = {"a\nnote"};
  checkpoint.started = from_epoch_millis(1'700'000'000'123);
  checkpoint.request_limit = true;
  checkpoint.cursor = "{\"v\":1,\n\"offset\":70}";
  const auto back = parse_checkpoint(encode(checkpoint));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->counts.pages, 7U);
  EXPECT_EQ(back->counts.records_read, 18'446'744'073'709ULL);
  EXPECT_EQ(back->counts.records_failed, 2U);
  EXPECT_EQ(back->counts.throttled, std::chrono::milliseconds(1500));
  ASSERT_EQ(back->failed.size(), 1U);
  EXPECT_EQ(back->failed[0].message, checkpoint.failed[0].message);
  EXPECT_EQ(back->failed[0].count, 2U);
  EXPECT_EQ(back->notes, checkpoint.notes);
  EXPECT_EQ(back->started, checkpoint.started);
  EXPECT_TRUE(back->request_limit);
  EXPECT_EQ(back->cursor, checkpoint.cursor);
}

TEST(CheckpointTest, ForeignTextIsAnErrorAndNotACrash) {
  for (const std::string_view text :
       {"", "{}", "{}\n", "[]\n{}", "nonsense\n{}", "{\"version\":2,\"counts\":{}}\n"}) {
    const auto parsed = parse_checkpoint(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::storage);
  }
  EXPECT_EQ(*resume_cursor(std::nullopt), "");
}

}  // namespace
}  // namespace headwater::run
