// How fast records are cut from a stream and parsed: bytes per second on one core, records of about 1.1 KB.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "json/array_cutter.h"
#include "json/record.h"

namespace headwater::json {
namespace {

constexpr std::size_t kRecords = 500;
constexpr std::size_t kNetworkBuffer = 16 * 1024;  // what libcurl hands over at once

/// A record of about 1.1 KB: flat columns, two nested objects, an array, some text with escapes.
std::string make_record(std::size_t number) {
  const std::string n = std::to_string(number);
  std::string text =
      R"({"id":)" + n + R"(,"uuid":"7d44b88c-4199-4bad-97dc-d78268e0)" + n + R"(","email":"person)" + n +
      R"(@mail.example","created":"2024-03-05T09:07:03Z",)" + R"("score":0.)" + n +
      R"(,"active":true,"deleted":null,"address":{"street":"Long Lane )" + n +
      R"(","city":"Leeds","postcode":"LS1 4DY","geo":{"lat":53.8008,"lon":-1.5491}},)" +
      R"("stats":{"opens":12,"clicks":3,"rate":0.25,"last":"2024-02-29T23:59:59Z"},"tags":["alpha",)" +
      R"("beta","gamma","delta"],"note":"He said \"yes\" and left.\nThen came back.",)";
  for (int i = 0; i < 12; ++i)
    text += "\"field_" + std::to_string(i) + R"(":"value number )" + std::to_string(i) + " of record " + n +
            "\",";
  return text + R"("end":[{"k":1,"v":"one"},{"k":2,"v":"two"}]})";
}

std::string make_page() {
  std::string page = R"({"total":500,"rows":[)";
  for (std::size_t i = 0; i < kRecords; ++i) page += (i > 0 ? "," : "") + make_record(1000 + i);
  return page + R"(],"next":null})";
}

void count(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(kRecords) * state.iterations());
}

void parse_records(benchmark::State& state) {
  RecordGroup group;
  for (std::size_t i = 0; i < kRecords; ++i) group.append(make_record(1000 + i));
  RecordParser parser;
  for (auto _ : state) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto record = parser.parse(group[i]);
      if (!record) state.SkipWithError("a record was refused");
      benchmark::DoNotOptimize(record->node_count);
    }
  }
  count(state, group.bytes());
}
BENCHMARK(parse_records);

void cut_page(benchmark::State& state) {
  const std::string page = make_page();
  const auto chunk = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    std::size_t seen = 0;
    ArrayCutter::Options options;
    options.path = {"rows"};
    ArrayCutter cutter(std::move(options), [&seen](std::string_view element) -> Result<void> {
      seen += element.size();
      return {};
    });
    for (std::size_t at = 0; at < page.size(); at += chunk)
      if (!cutter.feed(std::string_view(page).substr(at, chunk))) state.SkipWithError("the page was refused");
    if (!cutter.finish()) state.SkipWithError("the page has no end");
    benchmark::DoNotOptimize(seen);
  }
  count(state, page.size());
}
BENCHMARK(cut_page)->Arg(1024)->Arg(kNetworkBuffer)->Arg(1 << 20);

/// As an engine does: cut, join with the frame, parse.
void cut_join_and_parse(benchmark::State& state) {
  const std::string page = make_page();
  RecordParser parser;
  RecordGroup group;
  for (auto _ : state) {
    group.clear();
    ArrayCutter::Options options;
    options.path = {"rows"};
    ArrayCutter cutter(std::move(options), [&group](std::string_view element) -> Result<void> {
      group.append({"{\"row\":", element, "}"});
      return {};
    });
    for (std::size_t at = 0; at < page.size(); at += kNetworkBuffer)
      if (!cutter.feed(std::string_view(page).substr(at, kNetworkBuffer))) state.SkipWithError("refused");
    if (!cutter.finish()) state.SkipWithError("the page has no end");
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto record = parser.parse(group[i]);
      if (!record) state.SkipWithError("a record was refused");
      benchmark::DoNotOptimize(record->node_count);
    }
  }
  count(state, page.size());
}
BENCHMARK(cut_join_and_parse);

}  // namespace
}  // namespace headwater::json

BENCHMARK_MAIN();
