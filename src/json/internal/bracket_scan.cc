#include "json/internal/bracket_scan.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace headwater::json::internal {
namespace {

constexpr std::size_t kBlock = 64;

/// One bit for each byte of a block, the lowest for the first.
struct Masks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opens = 0;
  std::uint64_t closes = 0;
};

#if defined(__SSE2__)

std::uint64_t mask_of(__m128i matches) { return static_cast<std::uint32_t>(_mm_movemask_epi8(matches)); }

Masks masks_of(const char* bytes) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  // '[' and ']' differ from '{' and '}' in this one bit.
  const __m128i fold = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  Masks masks;
  for (int i = 0; i < 4; ++i) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + i);
    const __m128i folded = _mm_or_si128(part, fold);
    masks.quotes |= mask_of(_mm_cmpeq_epi8(part, quote)) << (16 * i);
    masks.backslashes |= mask_of(_mm_cmpeq_epi8(part, backslash)) << (16 * i);
    masks.opens |= mask_of(_mm_cmpeq_epi8(folded, open)) << (16 * i);
    masks.closes |= mask_of(_mm_cmpeq_epi8(folded, close)) << (16 * i);
  }
  return masks;
}

#else

Masks masks_of(const char* bytes) {
  Masks masks;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = bytes[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (c == '"') masks.quotes |= bit;
    if (c == '\\') masks.backslashes |= bit;
    if (c == '{' || c == '[') masks.opens |= bit;
    if (c == '}' || c == ']') masks.closes |= bit;
  }
  return masks;
}

#endif

/// Bit i is the parity of the bits up to and including i.
std::uint64_t prefix_parity(std::uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
}

}  // namespace

std::size_t BracketScan::block(const char* bytes, std::size_t size) {
  Masks masks = masks_of(bytes);
  if ((masks.backslashes | escaped_) != 0) {
    // A backslash escapes the next byte unless it is escaped itself: in a run, every second one does. The
    // subtraction carries along each run; odd bits tell where a run's pattern starts. (simdjson's way.)
    constexpr std::uint64_t kOddBits = 0xAAAAAAAAAAAAAAAAULL;
    const std::uint64_t starts = masks.backslashes & ~escaped_;
    const std::uint64_t codes = (((starts << 1) | kOddBits) - starts) ^ kOddBits;
    const std::uint64_t escaped = codes ^ (masks.backslashes | escaped_);
    const std::uint64_t escapes = codes & masks.backslashes;
    escaped_ = (escapes >> (size - 1)) & 1U;
    masks.quotes &= ~escaped;
  }
  const std::uint64_t inside = prefix_parity(masks.quotes) ^ in_string_;
  in_string_ = std::uint64_t{0} - ((inside >> (size - 1)) & 1U);
  const std::uint64_t opens = masks.opens & ~inside;
  const std::uint64_t closes = masks.closes & ~inside;
  const auto close_count = static_cast<std::uint64_t>(std::popcount(closes));
  if (close_count < depth_) {
    depth_ += static_cast<std::uint64_t>(std::popcount(opens)) - close_count;
    return size;
  }
  for (std::uint64_t brackets = opens | closes; brackets != 0; brackets &= brackets - 1) {
    if ((opens & brackets & (0 - brackets)) != 0) {
      ++depth_;
    } else if (--depth_ == 0) {
      return static_cast<std::size_t>(std::countr_zero(brackets)) + 1;
    }
  }
  return size;
}

std::size_t BracketScan::run(const char* bytes, std::size_t size) {
  std::size_t at = 0;
  for (; size - at >= kBlock; at += kBlock) {
    const std::size_t used = block(bytes + at, kBlock);
    if (done()) return at + used;
  }
  if (at == size) return size;
  char rest[kBlock];
  std::memset(rest, ' ', kBlock);
  std::memcpy(rest, bytes + at, size - at);
  return at + block(rest, size - at);
}

std::size_t plain_length(const char* bytes, std::size_t size) {
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; size - at >= 16; at += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
    const auto found = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(part, quote), _mm_cmpeq_epi8(part, backslash))));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (at < size && bytes[at] != '"' && bytes[at] != '\\') ++at;
  return at;
}

}  // namespace headwater::json::internal
