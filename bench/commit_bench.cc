// What a micro-batch's commit costs in a dataset that holds many batches already.
// Usage: commit_bench FOLDER [batches there] [commits] [ndjson|parquet]
// The batches there are written as a version without manifest pages would have left them; the first commit,
// which moves them to pages, is told apart. Made with an older version's library the program measures that
// version.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "lake/batch_writer.h"
#include "lake/lake.h"

namespace {

namespace fs = std::filesystem;
using headwater::BatchId;
using headwater::DatasetId;
using headwater::lake::Format;
using headwater::lake::Lake;

template <class T>
T or_end(headwater::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

void check(const headwater::Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

headwater::json::RecordGroup records_of(int number) {
  headwater::json::RecordGroup group;
  for (int i = 0; i < 20; ++i)
    group.append("{\"id\":" + std::to_string(number * 20 + i) + ",\"text\":\"an event of a stream\"}");
  return group;
}

void commit(Lake& lake, const std::string& id, int number) {
  headwater::lake::BatchOptions options;
  options.dataset = DatasetId("bench");
  options.batch = BatchId(id);
  const auto writer = or_end(lake.open_batch(std::move(options)));
  std::vector<headwater::lake::Misfit> misfits;
  check(writer->append(records_of(number), misfits));
  or_end(writer->commit());
}

/// Batches named like those of a streaming flow, each with a hard link to the same data file.
void seed(const fs::path& home, const std::string& extension, int batches) {
  const auto data = home / "data";
  std::string source;
  for (const auto& entry : fs::directory_iterator(data)) source = entry.path().filename().string();
  const auto bytes = std::to_string(fs::file_size(data / source));
  const auto text = or_end(headwater::read_file(home / "manifest.json"));
  const auto layout =
      text.substr(text.find("\"layout\":"), text.find(",\"files\":") - text.find("\"layout\":"));
  std::string files, entries;
  char id[40];
  for (int i = 0; i < batches; ++i) {
    std::snprintf(id, sizeof id, "%016llx%016x", static_cast<unsigned long long>(i) * 0x9E3779B97F4A7C15ULL,
                  static_cast<unsigned>(i));
    const auto name = std::string(id) + ".00001" + extension;
    // A file has some 65,000 links at most.
    if (i % 50'000 == 49'999) {
      fs::copy_file(data / source, data / name);
      source = name;
    } else {
      fs::create_hard_link(data / source, data / name);
    }
    const std::string comma = i > 0 ? "," : "";
    files.append(comma).append("{\"name\":\"").append(name).append("\",\"bytes\":").append(bytes);
    files.append(",\"records\":20,\"batches\":[\"").append(id).append("\"],\"shares\":[20]}");
    entries.append(comma).append("{\"id\":\"").append(id).append("\",\"created\":1700000000000,");
    entries.append("\"schemaVersion\":\"1.0\",\"records\":20,\"rejected\":0,\"bytes\":").append(bytes);
    entries += ",\"files\":1,\"withOther\":0,\"otherMembers\":[],\"cursor\":\"\"}";
  }
  const auto format = extension == ".parquet" ? "parquet" : "ndjson";
  check(headwater::write_file_durably(
      home / "manifest.json",
      "{\"sequence\":1,\"dataset\":{\"id\":\"bench\",\"name\":\"\",\"tenant\":\"\",\"format\":\"" +
          std::string(format) + "\"}," + layout + ",\"files\":[" + files + "],\"batches\":[" + entries +
          "],\"retired\":[]}\n"));
}

double millis_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double cpu_millis() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto millis = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return millis(usage.ru_utime) + millis(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "Usage: commit_bench FOLDER [batches there] [commits] [ndjson|parquet]\n");
    return 2;
  }
  const fs::path root = argv[1];
  const int there = argc > 2 ? std::atoi(argv[2]) : 10'000;
  const int commits = argc > 3 ? std::max(1, std::atoi(argv[3])) : 200;
  const bool parquet = argc > 4 && std::string(argv[4]) == "parquet";
  const headwater::SystemClock clock;
  {
    const auto lake = or_end(Lake::open({.root = root}, clock));
    check(lake->remove_dataset(DatasetId("bench")));
    check(lake->put_dataset({DatasetId("bench"), "", "", parquet ? Format::parquet : Format::ndjson}));
    commit(*lake, "first", 0);
  }
  seed(root / "bench", parquet ? ".parquet" : ".ndjson", there);

  auto start = std::chrono::steady_clock::now();
  auto lake = or_end(Lake::open({.root = root}, clock));
  const auto opened = millis_since(start);
  start = std::chrono::steady_clock::now();
  commit(*lake, "upgrade", 1);
  const auto upgrade = millis_since(start);
  lake.reset();
  start = std::chrono::steady_clock::now();
  lake = or_end(Lake::open({.root = root}, clock));
  const auto again = millis_since(start);
  std::vector<double> took;
  const auto cpu = cpu_millis();
  for (int i = 0; i < commits; ++i) {
    start = std::chrono::steady_clock::now();
    commit(*lake, "new-" + std::to_string(i), i + 2);
    took.push_back(millis_since(start));
  }
  const auto cpu_each = (cpu_millis() - cpu) / commits;
  const auto first = took.front();
  std::sort(took.begin(), took.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%d batches: open %.0f ms, upgrading commit %.0f ms, open again %.0f ms; %d commits: first %.1f, "
      "median "
      "%.1f, most %.1f ms, %.2f CPU ms each; manifest %.0f KB, %ld MB peak\n",
      there, opened, upgrade, again, commits, first, took[took.size() / 2], took.back(), cpu_each,
      static_cast<double>(fs::file_size(root / "bench" / "manifest.json")) / 1e3, usage.ru_maxrss / 1024);
}
