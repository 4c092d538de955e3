#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "journal/journal.h"

// A journal of small segments in a folder of its own.
namespace headwater::journal {

inline constexpr std::uint64_t kSmallSegment = 64U << 10U;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : folder_(*TemporaryFolder::make("headwater-journal-")) {}

  Options options() const {
    Options out;
    out.folder = folder_.path() / "journal";
    out.segment_bytes = kSmallSegment;
    return out;
  }
  std::unique_ptr<Journal> open() const {
    auto journal = Journal::open(options());
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? *std::move(journal) : nullptr;
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(options().folder / "0"))
      if (entry.path().extension() == ".journal") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }

  std::size_t everything() const {
    const std::filesystem::directory_iterator all(options().folder / "0");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  TemporaryFolder folder_;
};

inline Result<std::uint64_t> append(Journal& journal, const std::vector<std::string>& values,
                                    std::string_view key = "k") {
  std::vector<Message> messages;
  messages.reserve(values.size());
  for (const auto& value : values) messages.push_back({key, value});
  std::promise<Result<std::uint64_t>> told;
  const bool taken = journal.append(0, messages, 1'700'000'000'000, [&told](Result<std::uint64_t> first) {
    told.set_value(std::move(first));
  });
  if (!taken) return Error{ErrorKind::rate_limited, "busy"};
  return told.get_future().get();
}

inline std::vector<std::string> read_all(const Journal& journal, std::uint64_t from = 0,
                                         std::uint64_t bytes_max = 1000) {
  std::vector<std::string> out;
  const auto reader = journal.read(0, from);
  Batch batch;
  while (true) {
    const auto read = reader->next(bytes_max, batch);
    EXPECT_TRUE(read) << read.error().message;
    if (!read || batch.empty()) return out;
    for (const auto& event : batch.events()) out.emplace_back(event.value);
  }
}

inline std::string numbered(std::uint64_t number) {
  return "event " + std::to_string(number) + std::string(number % 300, 'x');
}

}  // namespace headwater::journal
