// Events of 300 bytes into the journal, each told about when it is durable, with up to 1,024 of them waiting
// at once, and in batches of 500. Usage: journal_bench FOLDER [seconds]     FOLDER on the disk that counts
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "journal/journal.h"

namespace {

using namespace headwater;
using Clock = std::chrono::steady_clock;

// Events a second with `waiting` appends under way at any time, each of `batch` events.
double events_per_second(const std::filesystem::path& folder, int waiting, std::size_t batch,
                         double seconds) {
  std::filesystem::remove_all(folder);
  journal::Options options;
  options.folder = folder;
  auto opened = journal::Journal::open(options);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    std::exit(1);
  }
  auto& journal = **opened;
  const std::string value(300, 'e');
  const std::vector<journal::Message> messages(batch, journal::Message{"inlet", value});
  std::counting_semaphore<> free(waiting);
  std::atomic<std::uint64_t> durable{0};
  const auto begin = Clock::now();
  double passed = 0;
  while (passed < seconds) {
    for (int i = 0; i < 64; ++i) {
      free.acquire();
      const bool taken = journal.append(0, messages, 0, [&](const Result<std::uint64_t>& first) {
        if (!first) std::abort();
        durable += batch;
        free.release();
      });
      if (!taken) free.release();
    }
    passed = std::chrono::duration<double>(Clock::now() - begin).count();
    if (const auto end = journal.end(0); end > 100'000)
      if (!journal.trim(0, end - 50'000)) std::abort();
  }
  for (int i = 0; i < waiting; ++i) free.acquire();
  passed = std::chrono::duration<double>(Clock::now() - begin).count();
  return static_cast<double>(durable) / passed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: journal_bench FOLDER [seconds]\n");
    return 2;
  }
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "journal_bench";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  for (const int waiting : {1, 64, 256, 1024})
    std::printf("%5d waiting           %9.0f events/s\n", waiting,
                events_per_second(folder, waiting, 1, seconds));
  std::printf("batches of 500, 4 wait  %9.0f events/s\n", events_per_second(folder, 4, 500, seconds));
  std::filesystem::remove_all(folder);
  return 0;
}
