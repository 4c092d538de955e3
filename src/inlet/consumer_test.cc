#include "inlet/consumer.h"

#include "inlet/inlet_test.h"

namespace headwater::inlet::test {
namespace {

class ConsumerTest : public InletTest {
 protected:
  FlowLanding::Parts parts() { return {*store_, credentials_, *lake_, clock_}; }
  void post_numbers(const Made& made, int from, int to) {
    for (int i = from; i < to; ++i)
      ASSERT_EQ(post_to(made, R"({"id":)" + std::to_string(i) + "}").status, 200);
  }
};

TEST_F(ConsumerTest, EventsBecomeBatchesRunsAndRecords) {
  const Made made = add_flow('a');
  open();
  post_numbers(made, 0, 20);
  EXPECT_EQ(post_to(made, R"({"name":"no id"})").status, 200);
  EXPECT_TRUE(drained(made));
  close();
  EXPECT_EQ(landed(made.dataset), 20U);

  const auto runs = all(ResourceKind::run);
  ASSERT_EQ(runs.size(), 1U);
  const Value& run = runs.front().body;
  EXPECT_EQ(run.string_at("flowId"), made.flow);
  EXPECT_EQ(run.string_at("state"), "inProgress");
  const auto number = [&run](std::string_view path) { return run.find_path(path)->as_int64().value_or(-1); };
  EXPECT_EQ(number("metrics.recordSummary.inputRecordCount"), 21);
  EXPECT_EQ(number("metrics.recordSummary.outputRecordCount"), 20);
  EXPECT_EQ(number("metrics.recordSummary.failedRecordCount"), 1);
  EXPECT_GE(number("metrics.latencySummary.maxMs"), number("metrics.latencySummary.minMs"));
  std::int64_t events = 0;
  for (const Resource& batch : all(ResourceKind::batch)) {
    events += batch.body.find_path("metrics.inputRecordCount")->as_int64().value_or(0);
    EXPECT_EQ(batch.body.find_path("tags.flowId")->dump(), "[\"" + made.flow + "\"]");
  }
  EXPECT_EQ(events, 21);
}

TEST_F(ConsumerTest, WhatWasAcknowledgedLandsAfterARestartAndOnce) {
  const Made a = add_flow('a');
  const Made b = add_flow('b');
  open(false);
  post_numbers(a, 0, 10);
  post_numbers(b, 0, 5);
  close();
  open();
  EXPECT_TRUE(soon([&] { return landed(a.dataset) == 10 && landed(b.dataset) == 5; }));
  post_numbers(a, 10, 12);
  close();
  open();
  EXPECT_TRUE(soon([&] { return landed(a.dataset) == 12; }));
  close();
  EXPECT_EQ(landed(a.dataset), 12U);
  EXPECT_EQ(landed(b.dataset), 5U);
}

// Events that stand in a segment which is still kept are read again, and known to be landed.
TEST_F(ConsumerTest, RestartsInQuietTimesLeaveNothingBehind) {
  const Made a = add_flow('a');
  const Made b = add_flow('b');
  int sent = 0;
  for (int start = 0; start < 4; ++start) {
    open();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // longer than a micro-batch waits
    post_numbers(a, sent, sent + 2);
    sent += 2;
    EXPECT_EQ(post_to(b, R"({"id":1})").status, 200);
    EXPECT_TRUE(drained(a));
    close();
    EXPECT_EQ(landed(a.dataset), static_cast<std::uint64_t>(sent));
    EXPECT_EQ(landed(b.dataset), static_cast<std::uint64_t>(start + 1));
  }
  for (const Resource& batch : all(ResourceKind::batch))
    EXPECT_NE(batch.body.find_path("metrics.inputRecordCount")->as_int64(), 0);
}

TEST_F(ConsumerTest, JournalThatAServerLeftBehindIsEmptied) {
  const Made made = add_flow('a');
  open(false);
  post_numbers(made, 0, 5);
  close();
  std::filesystem::rename(options_.journals / "0", options_.journals / "1");
  options_.adopt_every = std::chrono::milliseconds(20);
  open();
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 5; }));
  post_numbers(made, 5, 7);
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 7; }));
}

// The answer to the change has come: what is sent after it goes by it.
TEST_F(ConsumerTest, ChangesCountFromTheNextEventOn) {
  const Made a = add_flow('a');
  const Made b = add_flow('b');
  options_.consumer.commit_age = std::chrono::seconds(2);
  open();
  post_numbers(a, 0, 3);
  const auto flow = *store_->get(Scope::all(), ResourceKind::flow, a.flow);
  const std::string target = *flow.body.find("targetConnectionIds")->if_array()->front().if_string();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  change(ResourceKind::target_connection, target, "params", Object{{"dataSetId", b.dataset}});
  post_numbers(a, 3, 7);
  EXPECT_TRUE(drained(a));
  EXPECT_EQ(landed(a.dataset), 3U);
  EXPECT_EQ(landed(b.dataset), 4U);
}

// The lake has committed, the store was not told: a crash between the two.
TEST_F(ConsumerTest, BatchThatWasCommittedUntoldIsNotCommittedAgain) {
  const Made made = add_flow('a');
  open(false);
  post_numbers(made, 0, 7);
  close();
  {
    journal::Options options;
    options.folder = options_.journals / "0";
    const auto journal = *journal::Journal::open(options);
    auto landing = *FlowLanding::open(parts(), made.flow, journal->id(), 0);
    journal::Batch batch;
    ASSERT_TRUE(journal->read(0, 0)->next(1U << 20, batch));
    ASSERT_EQ(batch.events().size(), 7U);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(landing->add(batch.events()[static_cast<std::size_t>(i)], {}));
    ASSERT_TRUE(landing->commit({}));
  }
  EXPECT_EQ(landed(made.dataset), 5U);
  EXPECT_TRUE(all(ResourceKind::batch).empty());
  open();
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 7; }));
  close();
  EXPECT_EQ(landed(made.dataset), 7U);
  std::int64_t told = 0;
  for (const Resource& batch : all(ResourceKind::batch))
    told += batch.body.find_path("metrics.outputRecordCount")->as_int64().value_or(0);
  EXPECT_EQ(told, 7);
}

// A crash before the lake's commit.
TEST_F(ConsumerTest, BatchThatWasNotCommittedIsMadeAgain) {
  const Made made = add_flow('a');
  open(false);
  post_numbers(made, 0, 7);
  close();
  {
    journal::Options options;
    options.folder = options_.journals / "0";
    const auto journal = *journal::Journal::open(options);
    auto landing = *FlowLanding::open(parts(), made.flow, journal->id(), 0);
    journal::Batch batch;
    ASSERT_TRUE(journal->read(0, 0)->next(1U << 20, batch));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(landing->add(batch.events()[static_cast<std::size_t>(i)], {}));
  }
  open();
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 7; }));
  close();
  EXPECT_EQ(landed(made.dataset), 7U);
}

TEST_F(ConsumerTest, FlowAtFaultWaitsAndTheOthersGoOn) {
  const Made bad = add_flow('a');
  const Made good = add_flow('b');
  const Value dataset = store_->get(Scope::all(), ResourceKind::dataset, bad.dataset)->body;
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::dataset, bad.dataset));
  open();
  post_numbers(bad, 0, 3);
  post_numbers(good, 0, 4);
  post_numbers(bad, 3, 5);
  EXPECT_TRUE(soon([&] { return landed(good.dataset) == 4; }));
  EXPECT_NE(streaming_->counters(bad.inlet)->dump().find("waitsFor"), std::string::npos);
  add(ResourceKind::dataset, dataset, "", bad.dataset);
  EXPECT_TRUE(soon([&] { return landed(bad.dataset) == 5; }));
  close();
  EXPECT_EQ(landed(bad.dataset), 5U);
  EXPECT_EQ(landed(good.dataset), 4U);
}

// The journal lets go of what the others have landed behind a flow that waits, and of nothing else.
TEST_F(ConsumerTest, FlowAtFaultDoesNotFillTheJournal) {
  const Made bad = add_flow('a');
  const Made good = add_flow('b');
  const Value dataset = store_->get(Scope::all(), ResourceKind::dataset, bad.dataset)->body;
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::dataset, bad.dataset));
  options_.receiver.journal_bytes_max = 400U << 20;
  open();
  const std::string filling(900, 'x');
  const auto many = [&](const Made& made, int from, int count) {
    std::string lines;
    for (int i = from; i < from + count; ++i)
      lines += R"({"id":)" + std::to_string(i) + R"(,"filling":")" + filling + "\"}\n";
    return send("/collection/batch/" + made.inlet, lines, {{"Content-Type", "application/x-ndjson"}}).status;
  };
  int sent = 0;
  for (; sent < 200'000; sent += 1000) {
    ASSERT_EQ(many(good, sent, 1000), 207);
    if (sent % 10'000 == 0) {
      ASSERT_EQ(many(bad, sent, 10), 207);
    }
  }
  EXPECT_TRUE(soon([&] { return landed(good.dataset) == 200'000; }));
  EXPECT_TRUE(soon(
      [&] { return streaming_->counters(good.inlet)->find_path("journal.bytes")->as_int64() < 180 << 20; }));
  close();
  EXPECT_EQ(landed(bad.dataset), 0U);
  open();
  EXPECT_EQ(many(bad, sent, 10), 207);
  add(ResourceKind::dataset, dataset, "", bad.dataset);
  EXPECT_TRUE(soon([&] { return landed(bad.dataset) == 210; }));
  close();
  EXPECT_EQ(landed(bad.dataset), 210U);
  EXPECT_EQ(landed(good.dataset), 200'000U);
}

TEST_F(ConsumerTest, FlowAtFaultIsRefusedWhenTheJournalIsHalfFull) {
  const Made bad = add_flow('a');
  const Made good = add_flow('b');
  const Value dataset = store_->get(Scope::all(), ResourceKind::dataset, bad.dataset)->body;
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::dataset, bad.dataset));
  options_.receiver.journal_bytes_max = 20U << 20;  // a segment is more than half of it
  open();
  EXPECT_EQ(post_to(bad, R"({"id":1})").status, 200);
  EXPECT_TRUE(
      soon([&] { return streaming_->counters(bad.inlet)->dump().find("waitsFor") != std::string::npos; }));
  const auto refused = post_to(bad, R"({"id":2})");
  EXPECT_EQ(refused.status, 429) << refused.text;
  EXPECT_EQ(refused.header("Retry-After"), "5");
  EXPECT_NE(refused.text.find("cannot land its events"), std::string::npos) << refused.text;
  const auto batch = post("/collection/batch/" + bad.inlet, R"([{"id":2}])");
  EXPECT_EQ(batch.status, 207);
  EXPECT_EQ(batch.body.find("responses")->if_array()->front().find("statusCode")->as_int64(), 429);
  EXPECT_EQ(post_to(good, R"({"id":1})").status, 200);
  add(ResourceKind::dataset, dataset, "", bad.dataset);
  EXPECT_TRUE(soon([&] { return landed(bad.dataset) == 1 && landed(good.dataset) == 1; }));
  EXPECT_TRUE(soon([&] { return post_to(bad, R"({"id":2})").status == 200; }));
}

// One that cannot be emptied hinders no other, and hears when its fault is mended.
TEST_F(ConsumerTest, JournalsThatWereLeftBehindDoNotWaitForEachOther) {
  const Made bad = add_flow('a');
  const Made good = add_flow('b');
  const Value dataset = store_->get(Scope::all(), ResourceKind::dataset, bad.dataset)->body;
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::dataset, bad.dataset));
  const Made* senders[] = {&bad, &good};
  for (int i = 0; i < 2; ++i) {
    open(false);
    post_numbers(*senders[i], 0, 5);
    close();
    std::filesystem::rename(options_.journals / "0", options_.journals / std::to_string(i + 1));
  }
  options_.adopt_every = std::chrono::milliseconds(20);
  open();
  EXPECT_TRUE(soon([&] { return landed(good.dataset) == 5; }));
  add(ResourceKind::dataset, dataset, "", bad.dataset);
  EXPECT_TRUE(soon([&] { return landed(bad.dataset) == 5; }));
}

TEST_F(ConsumerTest, EventsOfADeletedFlowAreDropped) {
  const Made gone = add_flow('a');
  const Made other = add_flow('b');
  open(false);
  post_numbers(gone, 0, 3);
  post_numbers(other, 0, 2);
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::flow, gone.flow));
  streaming_->start();
  EXPECT_TRUE(soon([&] { return landed(other.dataset) == 2; }));
  EXPECT_TRUE(
      soon([&] { return streaming_->counters(other.inlet)->find_path("journal.events")->as_int64() == 0; }));
}

TEST_F(ConsumerTest, RejectedEventsLandOnceTheyAreReplayedAfterAFix) {
  const Made made = add_flow('a');
  open();
  EXPECT_EQ(
      post("/collection/batch/" + made.inlet, R"([{"id":1,"name":"Eve"},{"id":2},{"id":3,"name":"Eve"}])")
          .status,
      207);
  EXPECT_TRUE(soon([&] { return !all(ResourceKind::batch).empty(); }));
  const Resource batch = all(ResourceKind::batch).front();
  EXPECT_EQ(landed(made.dataset), 1U);

  // Still wrong: they go to the quarantine of another batch.
  const auto first = streaming_->replay(batch, false);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*first, 2U);
  EXPECT_TRUE(soon([&] { return all(ResourceKind::batch).size() == 2; }));
  EXPECT_EQ(landed(made.dataset), 1U);
  const auto twice = streaming_->replay(batch, false);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);

  change(ResourceKind::schema, "https://ns.acme.test/schemas/a", "properties",
         Object{{"id", Object{{"type", "integer"}}}, {"name", Object{{"type", "string"}}}});
  const auto again = streaming_->replay(batch, true);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 3; }));
}

// The server died after the events were appended and before that was noted.
TEST_F(ConsumerTest, ReplayThatWasCutShortAppendsNothingTwice) {
  const Made made = add_flow('a');
  open();
  EXPECT_EQ(post_to(made, R"({"id":"one"})").status, 200);
  EXPECT_TRUE(soon([&] { return !all(ResourceKind::batch).empty(); }));
  const Resource batch = all(ResourceKind::batch).front();
  ASSERT_TRUE(streaming_->replay(batch, false));
  EXPECT_TRUE(soon([&] { return all(ResourceKind::batch).size() == 2; }));
  Value noted = *store_->get(Scope::all(), ResourceKind::batch, batch.id)->body.find("replay");
  noted.if_object()->set("state", "started");
  noted.if_object()->set("journal", *read_file(options_.journals / "0" / "id"));
  change(ResourceKind::batch, batch.id, "replay", noted);
  const auto resumed = streaming_->replay(batch, false);
  ASSERT_TRUE(resumed) << resumed.error().message;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(all(ResourceKind::batch).size(), 2U);
}

TEST_F(ConsumerTest, HoursEndWithTheirRuns) {
  const Made made = add_flow('a');
  open();
  post_numbers(made, 0, 3);
  EXPECT_TRUE(drained(made));
  close();
  Ledger ledger(*store_, "any");
  ASSERT_TRUE(ledger.close_hours(clock_.now() + std::chrono::hours(2)));
  const auto runs = all(ResourceKind::run);
  EXPECT_EQ(runs.front().body.string_at("state"), "success");
  EXPECT_EQ(runs.front().body.find_path("metrics.recordSummary.outputRecordCount")->as_int64(), 3);
  const auto flow = store_->get(Scope::all(), ResourceKind::flow, made.flow);
  const Value* last = flow->body.find_path("lastRunDetails.id");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->dump(), "\"" + runs.front().id + "\"");
}

TEST_F(ConsumerTest, AnHourThatFailedIsToldToTheWebhooks) {
  const Made made = add_flow('a');
  const Value settings = *json::parse(R"({"url":"https://x.test/","enabled":true,"events":["run.failed"]})");
  ASSERT_TRUE(store_->insert(
      domain::new_resource(ResourceKind::webhook, "w", {tenant_.org, {}, {}}, {"u", "c"}, 1, settings)));
  open();
  EXPECT_EQ(post_to(made, R"({"id":"no number"})").status, 200);
  EXPECT_TRUE(soon([&] { return !all(ResourceKind::batch).empty(); }));
  close();
  Ledger ledger(*store_, "any");
  ASSERT_TRUE(ledger.close_hours(clock_.now() + std::chrono::hours(2)));
  std::optional<store::WebhookEvent> event;
  ASSERT_TRUE(store_->transact([&](store::Transaction& transaction) -> Result<void> {
    event = TRY(transaction.claim_event(INT64_MAX, "test"));
    return {};
  }));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "run.failed");
  EXPECT_EQ(json::parse(event->body)->find_path("run.id")->dump(),
            "\"" + all(ResourceKind::run).front().id + "\"");
}

}  // namespace
}  // namespace headwater::inlet::test
