#include "lake/internal/rle_hybrid.h"

#include <algorithm>

namespace headwater::lake {
namespace {

constexpr std::size_t kGroup = 8;  // bit packing takes eight numbers at a time

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

template <class T>
std::size_t run_length(std::span<const T> values, std::size_t from, std::size_t enough) {
  const auto stop = std::min(values.size(), from + enough);
  auto at = from + 1;
  while (at < stop && values[at] == values[from]) ++at;
  return at - from;
}

template <class T>
void append_packed(std::string& out, std::span<const T> values, unsigned bits) {
  const auto groups = (values.size() + kGroup - 1) / kGroup;
  append_varint(out, groups << 1 | 1);
  std::uint64_t pending = 0;
  unsigned count = 0;
  for (std::size_t i = 0; i < groups * kGroup; ++i) {
    const std::uint64_t value = i < values.size() ? values[i] : 0;
    pending |= value << count;
    for (count += bits; count >= 8; count -= 8, pending >>= 8) out += static_cast<char>(pending);
  }
}

template <class T>
void append(std::string& out, std::span<const T> values, unsigned bits) {
  // A run is worth its own header from two groups on; shorter ones are packed with their neighbours.
  constexpr std::size_t kRunMin = 2 * kGroup;
  for (std::size_t at = 0; at < values.size();) {
    if (const auto run = run_length(values, at, values.size()); run >= kRunMin || at + run == values.size()) {
      append_varint(out, run << 1);
      for (unsigned done = 0; done < bits; done += 8)
        out += static_cast<char>(static_cast<std::uint32_t>(values[at]) >> done);
      at += run;
      continue;
    }
    const auto begin = at;
    while (at < values.size() && run_length(values, at, kRunMin) < kRunMin) at += kGroup;
    at = std::min(at, values.size());
    append_packed(out, values.subspan(begin, at - begin), bits);
  }
}

}  // namespace

void append_rle_hybrid(std::string& out, std::span<const std::uint8_t> values, unsigned bits) {
  append(out, values, bits);
}

void append_rle_hybrid(std::string& out, std::span<const std::uint32_t> values, unsigned bits) {
  append(out, values, bits);
}

}  // namespace headwater::lake
