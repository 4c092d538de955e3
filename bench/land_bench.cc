// What landing alone reaches: records of 30 fields and about 1.1 KB into Parquet and NDJSON batches.
// Usage: land_bench [records] [parquet|ndjson|file]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "engine/land/file_landing.h"
#include "engine/land/lake_landing.h"

namespace {

using headwater::json::RecordGroup;

std::string field(int i, std::uint64_t id) {
  const auto n = std::to_string(i);
  if (i % 5 == 0) return "\"number_" + n + "\":" + std::to_string(id * 7919 + static_cast<std::uint64_t>(i));
  if (i % 5 == 1)
    return "\"price_" + n + "\":" + std::to_string(id % 9973) + "." + std::to_string(id % 89 + 10);
  if (i % 5 == 2) return "\"flag_" + n + "\":" + (id % 3 == 0 ? "true" : "false");
  const auto words =
      std::string(i % 5 == 3 ? 24 : 60, static_cast<char>('a' + (id + static_cast<std::uint64_t>(i)) % 26));
  return "\"text_" + n + "\":\"" + words + std::to_string(id) + "\"";
}

std::vector<RecordGroup> make_groups() {
  std::vector<RecordGroup> groups(16);
  std::uint64_t id = 1;
  for (auto& group : groups)
    while (group.size() < 500) {
      std::string record = "{";
      for (int i = 0; i < 30; ++i) record += (i > 0 ? "," : "") + field(i, id * 2654435761U % 100'000'007U);
      group.append(record + "}");
      ++id;
    }
  return groups;
}

void check(const headwater::Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::string target = argc > 2 ? argv[2] : "parquet";
  const auto groups = make_groups();
  auto folder = headwater::TemporaryFolder::make("land-bench");
  const headwater::SystemClock clock;
  auto lake = headwater::lake::Lake::open({.root = folder->path() / "lake"}, clock);
  const auto format = target == "ndjson" ? headwater::lake::Format::ndjson : headwater::lake::Format::parquet;
  check((*lake)->put_dataset({headwater::DatasetId("bench"), "", "", format}));

  std::unique_ptr<headwater::land::Landing> landing;
  if (target == "file") {
    landing =
        *headwater::land::make_file_landing({.to = (folder->path() / "out.parquet").string(), .schema = {}});
  } else {
    headwater::lake::BatchOptions options;
    options.dataset = headwater::DatasetId("bench");
    options.batch = headwater::BatchId("b");
    options.check_records = false;
    landing = *headwater::land::LakeLanding::make(**lake, std::move(options));
  }
  const auto started = std::chrono::steady_clock::now();
  const auto cpu_started = cpu_seconds();
  std::vector<headwater::land::Landing::Misfit> misfits;
  std::uint64_t done = 0, bytes = 0;
  for (std::size_t i = 0; done < records; ++i) {
    const auto& group = groups[i % groups.size()];
    check(landing->append(group, misfits));
    check(landing->checkpoint("page " + std::to_string(i)));
    done += group.size();
    bytes += group.bytes();
  }
  const auto totals = landing->commit();
  if (!totals) check(totals.error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const auto cpu = cpu_seconds() - cpu_started;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%s: %llu records of %.0f bytes, %.0f records/s, %.0f records per CPU second, %.1f MB out, %ld MB "
      "peak\n",
      target.c_str(), static_cast<unsigned long long>(done),
      static_cast<double>(bytes) / static_cast<double>(done), static_cast<double>(done) / took.count(),
      static_cast<double>(done) / cpu, static_cast<double>(totals->output_bytes) / 1e6,
      usage.ru_maxrss / 1024);
}
