// Runs of flows of their own, while the mock misbehaves.
#include <fmt/format.h>

#include "cli/report.h"
#include "cli/verification.h"

namespace headwater::cli {

using authoring::MockFault;

void Verification::certify() {
  for (const auto& [name, fault] : authoring::kMockFaults) {
    const auto kind = fault;
    const auto& plan = subject_.mock->plan();
    const auto paging = plan.spec.paging.type;
    // A link or a token leads back from the only page, too.
    const bool counts = paging == domain::PagingType::offset || paging == domain::PagingType::page;
    if (kind == MockFault::repeat_cursor && counts && plan.records <= plan.page_size) {
      skip("Under fault " + std::string(name),
           fmt::format("the mock's {} make one page, which no other repeats; --records {} would make two",
                       counted(plan.records, "record"), plan.page_size + 1));
      continue;
    }
    step("Under fault " + std::string(name), "a flow of its own, while the mock misbehaves",
         "This is between the server and the mock, not the spec's: tell the maintainers, with this report.",
         [this, kind] {
           subject_.mock->set_faults({kind});
           auto done = certify_fault(kind);
           subject_.mock->set_faults({});
           return done;
         });
  }
}

Result<std::string> Verification::certify_fault(MockFault fault) {
  std::string_view name;
  for (const auto& [text, each] : authoring::kMockFaults)
    if (each == fault) name = text;
  Landing landing;
  landing.mapping = main_.mapping;
  const std::string full_name = name_ + " " + std::string(name);
  TRY(make_landing(full_name, landing));
  TRY(make_flow(full_name, landing));
  const auto result = TRY(wait_for_run(landing.flow, {}));
  const auto rows = TRY(rows_in(landing.dataset));
  // Records that came up for the incremental run lie ahead of this run's window where there is one.
  const auto added = filters_by_time()
                         ? static_cast<std::int64_t>(kNewRecords * subject_.mock->plan().records_per_element)
                         : 0;
  const auto all = static_cast<std::int64_t>(subject_.mock->records());
  const auto is_all = [&](std::int64_t count) { return count == all || count == all - added; };
  const bool pages = subject_.mock->plan().spec.paging.type != domain::PagingType::none;
  if (fault == MockFault::repeat_cursor && pages) {
    if (result.status != "failed")
      return failed(fmt::format("The run ended {} with {} records, although the source repeats itself.",
                                result.status, rows));
    if (rows != 0) return failed(fmt::format("The run failed, and left {} records in the dataset.", rows));
    return "the run failed and landed nothing, as it must: " + result.message;
  }
  if (fault == MockFault::drift) {
    const bool told_of = !result.message.empty();
    if (result.status == "failed" && told_of && rows == 0)
      return "the run failed and says why: " + result.message;
    if (result.status != "failed" && is_all(rows + result.failed) && (result.failed == 0 || told_of))
      return fmt::format("{} landed, {} set aside{}", rows, result.failed,
                         told_of ? "; told: " + result.message : std::string());
    return failed(fmt::format("The run ended {} with {} of {} records and {} failed: {}", result.status, rows,
                              all, result.failed, told_of ? result.message : "it says nothing."));
  }
  if (result.status != "success" || !is_all(rows))
    return failed(
        fmt::format("The run ended {} with {} of {} records: {}", result.status, rows, all, result.message));
  return fmt::format("recovered: all {} landed, none twice",
                     counted(static_cast<std::uint64_t>(rows), "record"));
}

}  // namespace headwater::cli
