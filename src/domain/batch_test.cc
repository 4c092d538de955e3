#include "domain/batch.h"

#include <gtest/gtest.h>

#include "domain/dataset.h"

namespace headwater::domain {
namespace {

json::Value parsed(std::string_view text) { return *json::parse(text); }

TEST(Batch, ReadsWhatAnUploadAsksFor) {
  const auto request = read_ingest_request(parsed(R"({"datasetId":"d1","externalId":"x",
      "inputFormat":{"format":"CSV","delimiter":";","header":"false","nullMarker":"NULL"},
      "replay":{"reason":"replace","predecessors":["$b1, $b2","b3"],"predecessorsByExternalId":["$e1"]},
      "partialIngestionPercentage":"5","enableErrorDiagnostics":true})"));
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->dataset.value, "d1");
  EXPECT_EQ(request->format.kind, InputFormat::Kind::csv);
  EXPECT_EQ(request->format.delimiter, ';');
  EXPECT_FALSE(request->format.header);
  EXPECT_EQ(request->format.null_marker, "NULL");
  ASSERT_EQ(request->predecessors.size(), 3U);
  EXPECT_EQ(request->predecessors[1].value, "b2");
  EXPECT_EQ(request->external_predecessors.front(), "e1");
  EXPECT_EQ(request->partial_ingestion_percent, 5);
}

TEST(Batch, NamesTheMemberThatIsWrong) {
  struct Case {
    const char* body;
    const char* where;
  };
  for (const Case& test :
       {Case{R"({"inputFormat":{"format":"json"}})", "/datasetId"},
        Case{R"({"datasetId":"d"})", "/inputFormat"},
        Case{R"({"datasetId":"d","inputFormat":{"format":"avro"}})", "/inputFormat/format"},
        Case{R"({"datasetId":"d","inputFormat":{"format":"csv","delimiter":"||"}})",
             "/inputFormat/delimiter"},
        Case{R"({"datasetId":"d","inputFormat":{"format":"csv","charset":"EBCDIC"}})",
             "/inputFormat/charset"},
        Case{R"({"datasetId":"d","inputFormat":{"format":"json"},"partialIngestionPercent":101})",
             "/partialIngestionPercent"},
        Case{R"({"datasetId":"d","inputFormat":{"format":"json"},"replay":{"predecessors":"b"}})",
             "/replay/predecessors"}}) {
    const auto request = read_ingest_request(parsed(test.body));
    ASSERT_FALSE(request) << test.body;
    EXPECT_EQ(request.error().where, test.where);
  }
}

TEST(Batch, StatesMoveOnlyForward) {
  EXPECT_EQ(*status_after(BatchAction::complete, "loading"), "loaded");
  EXPECT_EQ(*status_after(BatchAction::complete, "success"), "success") << "completed twice";
  EXPECT_FALSE(status_after(BatchAction::complete, "aborted"));
  EXPECT_EQ(*status_after(BatchAction::abort, "loading"), "aborted");
  EXPECT_FALSE(status_after(BatchAction::abort, "processing"));
  EXPECT_FALSE(status_after(BatchAction::fail, "success"));
  EXPECT_EQ(*status_after(BatchAction::revert, "success"), "inactive");
  EXPECT_FALSE(status_after(BatchAction::revert, "loading"));
}

TEST(Dataset, RetentionIsADuration) {
  using std::chrono::seconds;
  EXPECT_EQ(parse_iso_duration("P1DT2H3M4S"), seconds(86'400 + 7200 + 180 + 4));
  EXPECT_EQ(parse_iso_duration("P2W"), seconds(14 * 86'400));
  EXPECT_EQ(parse_iso_duration("P1Y1M"), seconds(395 * 86'400));
  for (const char* text : {"", "P", "PT", "1D", "P1H", "PT1D", "P1D2Y", "P-1D", "P0D", "P1", "P9999999999Y"})
    EXPECT_FALSE(parse_iso_duration(text)) << text;
  EXPECT_FALSE(
      read_retention(parsed(R"({"extensions":{"adobe_lakeHouse":{"rowExpiration":{"ttlValue":30}}}})")));
  EXPECT_EQ(*read_retention(parsed("{}")), std::nullopt);
}

}  // namespace
}  // namespace headwater::domain
