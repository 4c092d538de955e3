#include "cli/source_total.h"

#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

struct TotalCase {
  const char* record;
  const char* place;  // "" for none
};

TEST(SourceTotal, IsWhatStandsBesideTheRecords) {
  for (const auto& [record, place] :
       {TotalCase{R"({"total":250,"item":{"id":1}})", "total"},
        TotalCase{R"({"totalResults":"250","count":10,"item":{"id":1}})", "totalResults"},
        TotalCase{R"({"meta":{"page":1,"total_count":250},"item":{"id":1}})", "meta.total_count"},
        TotalCase{R"({"data":{"page":{"Total":250},"item":{"id":1}}})", "data.page.Total"},
        TotalCase{R"({"count":10,"total_pages":3,"item":{"total":250}})", ""},
        TotalCase{R"({"total":"many","item":{"id":1}})", ""}, TotalCase{R"([{"total":250}])", ""}}) {
    const auto found = total_beside(*json::parse(record), "item");
    EXPECT_EQ(found ? found->place : "", place) << record;
    EXPECT_EQ(found ? found->records : 250, 250) << record;
  }
}

}  // namespace
}  // namespace headwater::cli
