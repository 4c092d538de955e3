#include <benchmark/benchmark.h>

#include <string>

#include "engine/map/mapper.h"
#include "engine/shape/shaper.h"
#include "mapping/mapping_set_json.h"

// The steps between a page and the lake: bytes of elements in a second.
namespace headwater {
namespace {

constexpr int kRecords = 500;

// Elements of about 1.1 KB: some scalars, two nested objects, a long text.
json::RecordGroup elements() {
  json::RecordGroup group;
  for (int i = 0; i < kRecords; ++i) {
    const auto n = std::to_string(i);
    std::string text = R"({"id":)" + n + R"(,"email":"person)" + n +
                       R"(@example.com","status":"subscribed","vip":false,"rate":0.)" + n +
                       R"(,"opened":"2024-03-05T09:07:03Z","stats":{"opens":12,"clicks":3,"average":1.25},)";
    text +=
        R"("address":{"street":"Elm Street 5","city":"Springfield","zip":"10001","country":"US"},"tags":["a","b","c"],)";
    text += R"("activity":[{"action":"open","ts":"t1"},{"action":"click","ts":"t2"}],"note":")" +
            std::string(720, 'x') + "\"}";
    group.append(text);
  }
  return group;
}

domain::EntityPath entity(std::vector<std::string> names, std::string wrapper) {
  domain::EntityPath path;
  path.names = std::move(names);
  path.wrapper = std::move(wrapper);
  return path;
}

json::ArrayCutter::Frame frame() {
  json::ArrayCutter::Frame frame;
  frame.before = R"({"total_items":500,"list_id":"a1b2c3",)";
  frame.after = "}";
  return frame;
}

json::RecordGroup shaped() {
  auto shaper = *shape::Shaper::make(entity({"members"}, "member"), {});
  static_cast<void>(shaper.begin_page(frame()));
  shape::Shaped out;
  shaper.shape(elements(), out);
  return std::move(out.records);
}

void run_shaper(benchmark::State& state, const std::optional<domain::EntityPath>& explode) {
  const auto group = elements();
  auto shaper = *shape::Shaper::make(entity({"members"}, "member"), explode);
  static_cast<void>(shaper.begin_page(frame()));
  shape::Shaped out;
  for (auto _ : state) {
    out.clear();
    shaper.shape(group, out);
    benchmark::DoNotOptimize(out.records.size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(group.bytes()));
  state.SetItemsProcessed(state.iterations() * kRecords);
}

void shape_wrapper(benchmark::State& state) { run_shaper(state, {}); }
void shape_explode(benchmark::State& state) { run_shaper(state, entity({"member", "activity"}, "activity")); }
BENCHMARK(shape_wrapper);
BENCHMARK(shape_explode);

constexpr const char* kRows = R"({"mappings":[
    {"source":"member.id","destination":"_id"},{"source":"member.email","destination":"person.email"},
    {"source":"member.status","destination":"person.status"},{"source":"member.vip","destination":"person.vip"},
    {"source":"member.stats","destination":"stats"},{"source":"member.address.city","destination":"home.city"},
    {"source":"member.address.zip","destination":"home.zip"},{"source":"member.tags","destination":"tags"},
    {"source":"member.note","destination":"note"},{"source":"list_id","destination":"list"},
    {"sourceType":"STATIC","source":"mail","destination":"origin"}]})";

constexpr const char* kTarget = R"({"type":"object","required":["_id"],"properties":{
    "_id":{"type":"integer"},"note":{"type":"string"},"list":{"type":"string"},"origin":{"type":"string"},
    "tags":{"type":"array","items":{"type":"string"}},"stats":{"type":"object"},
    "person":{"type":"object","properties":{"email":{"type":"string","format":"email"},"status":{"enum":["subscribed","cleaned"]},
              "vip":{"type":"boolean"}}},
    "home":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"string","maxLength":10}}}}})";

void run_mapper(benchmark::State& state, bool with_mapping, bool with_target) {
  const auto group = shaped();
  std::optional<mapping::Mapping> rows;
  std::optional<schema::Validator> target;
  if (with_mapping) rows = *mapping::Mapping::compile(*mapping::read_mapping_set(*json::parse(kRows)));
  if (with_target)
    target = *schema::Validator::compile(*json::parse(
        with_mapping ? kTarget : R"({"required":["member"],"properties":{"member":{"required":["id"],
        "properties":{"id":{"type":"integer"},"email":{"type":"string","format":"email"},"tags":{"items":{"type":"string"}}}}}})"));
  map::Mapper mapper(std::move(rows), std::move(target));
  map::Mapped out;
  for (auto _ : state) {
    mapper.map(group, out);
    benchmark::DoNotOptimize(out.accepted.size());
  }
  if (!out.rejected.empty()) state.SkipWithError("records were rejected");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(group.bytes()));
  state.SetItemsProcessed(state.iterations() * kRecords);
}

void map_rows(benchmark::State& state) { run_mapper(state, true, false); }
void map_check(benchmark::State& state) { run_mapper(state, false, true); }
void map_rows_and_check(benchmark::State& state) { run_mapper(state, true, true); }
BENCHMARK(map_rows);
BENCHMARK(map_check);
BENCHMARK(map_rows_and_check);

}  // namespace
}  // namespace headwater

BENCHMARK_MAIN();
