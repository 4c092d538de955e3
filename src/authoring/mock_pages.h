#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "authoring/mock_plan.h"
#include "authoring/mock_records.h"
#include "base/result.h"
#include "http/server.h"

namespace headwater::authoring {

/// What one request for data asks a mock for.
struct MockAsk {
  std::uint64_t low = 0, high = 0;  // the records of its window
  std::uint64_t start = 0;          // within the window
  std::uint64_t limit = 0;
  std::uint64_t page() const { return limit == 0 ? 0 : start / limit; }
  /// Records on the page.
  std::uint64_t count() const;
  bool is_last() const { return start + count() >= high - low; }
};

struct MockFaultsOfPage {
  bool repeat_cursor = false;
  bool drift = false;
};

/// Reads a request as the spec's paging and schedule say it is written.
/// Errors: invalid_argument: a parameter that is no number, no time in the spec's format, no cursor of ours.
Result<MockAsk> read_mock_ask(const MockPlan& plan, const MockRecords& records, const http::Request& request);

/// The page, with the members and headers that the spec's paging reads. `base` is where the mock is.
http::Response mock_page(const MockPlan& plan, const MockRecords& records, const http::Request& request,
                         const MockAsk& ask, const MockFaultsOfPage& faults, std::string_view base);

}  // namespace headwater::authoring
