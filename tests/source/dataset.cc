#include "dataset.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace source {
namespace {

// Where the rewritten parts stand in every record: {"id":1000000000,"key":"R-1000000000","updatedAt":"...".
constexpr std::size_t kIdAt = 6;
constexpr std::size_t kKeyAt = 26;
constexpr std::size_t kTimeAt = 51;

std::string time_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

void stamp(char* record, std::uint64_t index) {
  const auto id = std::to_string(Dataset::kFirstId + static_cast<std::int64_t>(index));
  const auto time =
      time_text(Dataset::kFirstUpdate + static_cast<std::int64_t>(index) * Dataset::kUpdateStep);
  std::memcpy(record + kIdAt, id.data(), 10);
  std::memcpy(record + kKeyAt, id.data(), 10);
  std::memcpy(record + kTimeAt, time.data(), 20);
}

// A small generator of its own, so that the data is the same on every machine.
struct Random {
  std::uint64_t state;
  std::uint64_t next(std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  }
};

template <std::size_t N>
const char* pick(Random& random, const std::array<const char*, N>& texts) {
  return texts[random.next(N)];
}

constexpr std::array kFirstNames{"Ada",           "Grace",        "Alan",   "Zo\xc3\xab",
                                 "J\xc3\xbcrgen", "\xe6\x98\x8e", "Edsger", "Barbara"};
constexpr std::array kLastNames{"Lovelace", "Hopper",     "Turing", "M\xc3\xbcller",
                                "O'Brien",  "de la Cruz", "Liskov", "Dijkstra"};
constexpr std::array kCities{
    "Basel", "Malm\xc3\xb6", "Porto", "Krak\xc3\xb3w", "Seattle", "\xe6\x9d\xb1\xe4\xba\xac", "Lima", "Oslo"};
constexpr std::array kStatus{"new", "open", "shipped", "closed"};
constexpr std::array kTags{"gift", "b2b", "late", "vip", "eco", "fragile", "promo", "eu"};
constexpr std::array kCurrencies{"EUR", "USD", "CHF", "SEK"};
constexpr std::array kNotes{
    "Said \\\"call back\\\" twice", "line one\\nline two\\tand a tab",          "caf\\u00e9 at the corner",
    "path C:\\\\temp\\\\in",        "smile \xf0\x9f\x98\x80 or \\ud83d\\ude00", "plain words"};

std::string make_record(std::uint64_t index) {
  Random random{index * 977 + 13};
  const auto n = [&random](std::uint64_t below) {
    return static_cast<unsigned long long>(random.next(below));
  };
  const char* first = pick(random, kFirstNames);
  const char* last = pick(random, kLastNames);
  std::array<char, 4096> out{};
  const auto length = std::snprintf(
      out.data(), out.size(),
      R"({"id":1000000000,"key":"R-1000000000","updatedAt":"2024-01-01T00:00:00Z","createdAt":"2023-0%llu-1%lluT0%llu:15:00.%03lluZ",)"
      R"("name":"%s %s","email":"user%llu@example.test","status":"%s","active":%s,"verified":%s,"deletedAt":%s,)"
      R"("price":%llu.%llu0,"rate":0.0%llu50,"ratio":%llue-3,"quantity":%llu,"bigId":90071992547409%02llu,"rank":-%llu,)"
      R"("currency":"%s","locale":"de-CH","note":"%s","phone":null,"company":"%s & Sons","website":"https:\/\/example.test\/c\/%llu",)"
      R"("address":{"street":"Rue %llu","city":"%s","zip":"0%04llu","country":"CH","geo":{"lat":47.%04llu,"lon":-7.%04llu0}},)"
      R"("tags":["%s","%s","%s"],"flags":[true,false,null],"scores":[%llu,%llu,%llu],)"
      R"("lines":[{"sku":"A-%llu","qty":%llu,"price":%llu.90},{"sku":"B-%llu","qty":%llu,"price":%llu.00}],)"
      R"("parent":%s,"attributes":{"colour":"blue","size":%llu,"fragile":false,"origin":null,"weight":1.%llu0},)"
      R"("description":"A longer text about article %llu that somebody wrote without much care: it says what it is made of, how it is kept, where it )"
      R"(comes from and when it was last seen in the store room of the third house.","source":"generated","channel":"web"})",
      n(9) + 1, n(9), n(9), n(1000), first, last, n(100000), pick(random, kStatus), n(2) ? "true" : "false",
      n(2) ? "true" : "false", n(5) ? "null" : "\"2025-01-01T00:00:00+01:00\"", n(900), n(10), n(10),
      n(900) + 1, n(50), n(100), n(1000) + 1, pick(random, kCurrencies), pick(random, kNotes), last, n(10000),
      n(300), pick(random, kCities), n(10000), n(10000), n(1000), pick(random, kTags), pick(random, kTags),
      pick(random, kTags), n(100), n(100), n(100), n(1000), n(9) + 1, n(200), n(1000), n(9) + 1, n(200),
      n(4) ? "null" : R"({"id":7,"name":"root"})", n(60), n(10), n(100000));
  return std::string(out.data(), static_cast<std::size_t>(length));
}

}  // namespace

Dataset::Dataset(std::uint64_t total)
    : total_(total), block_(std::max<std::uint64_t>(1, std::min(total, kBlock))) {
  starts_.reserve(block_ + 1);
  block_text_.reserve(block_ * 1300);
  for (std::uint64_t i = 0; i < block_; ++i) {
    starts_.push_back(block_text_.size());
    block_text_ += make_record(i);
    stamp(block_text_.data() + starts_.back(), i);
    block_text_ += ',';
  }
  starts_.push_back(block_text_.size());
}

std::string Dataset::record(std::uint64_t index) const {
  const auto at = index % block_;
  auto text = block_text_.substr(starts_[at], starts_[at + 1] - starts_[at] - 1);
  stamp(text.data(), index);
  return text;
}

std::uint64_t Dataset::bytes(std::uint64_t first, std::uint64_t count) const {
  if (count == 0) return 0;
  const auto upto = [this](std::uint64_t index) {
    return index / block_ * block_text_.size() + starts_[index % block_];
  };
  return upto(first + count) - upto(first) - 1;
}

bool Dataset::range(std::uint64_t first, std::uint64_t count, const Piece& piece) const {
  if (count == 0) return true;
  if (first + count <= block_) {
    return piece(
        std::string_view(block_text_).substr(starts_[first], starts_[first + count] - starts_[first] - 1),
        true);
  }
  constexpr std::uint64_t kAtOnce = 256;
  std::string copy;
  for (std::uint64_t done = 0; done < count;) {
    const auto at = (first + done) % block_;
    const auto take = std::min({kAtOnce, count - done, block_ - at});
    copy.assign(block_text_, starts_[at], starts_[at + take] - starts_[at]);
    for (std::uint64_t i = 0; i < take; ++i)
      stamp(copy.data() + (starts_[at + i] - starts_[at]), first + done + i);
    done += take;
    if (done == count) copy.pop_back();
    if (!piece(copy, false)) return false;
  }
  return true;
}

std::uint64_t Dataset::index_at(std::int64_t seconds) const {
  if (seconds <= kFirstUpdate) return 0;
  const auto index = static_cast<std::uint64_t>((seconds - kFirstUpdate + kUpdateStep - 1) / kUpdateStep);
  return std::min(index, total_);
}

std::optional<std::int64_t> read_time(std::string_view text) {
  const std::string owned(text);
  if (!owned.empty() && owned.find_first_not_of("0123456789") == std::string::npos)
    return std::atoll(owned.c_str());
  std::tm parts{};
  if (std::sscanf(owned.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec) < 3)
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return timegm(&parts);
}

}  // namespace source
