#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace headwater::extract {

/// A fast 64-bit hash for telling pages and records apart within a run. The same on every machine with the
/// same byte order; not for untrusted tables.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0x9E3779B97F4A7C15ULL) {
  __extension__ using Wide = unsigned __int128;
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  constexpr std::uint64_t kA = 0xA0761D6478BD642FULL;
  constexpr std::uint64_t kB = 0xE7037ED1A0B428DBULL;
  std::uint64_t hash = seed ^ kA;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t words[8];
  if (left >= 128) {  // Four multiplications at a time do not wait for each other.
    std::uint64_t lanes[4] = {hash, hash ^ kB, hash + kA, hash - kB};
    for (; left >= 64; at += 64, left -= 64) {
      std::memcpy(words, at, 64);
      for (int i = 0; i < 4; ++i) lanes[i] = mix(words[2 * i] ^ kB, words[2 * i + 1] ^ lanes[i]);
    }
    hash = mix(lanes[0] ^ kA, lanes[1] ^ kB) ^ mix(lanes[2] ^ kB, lanes[3] ^ kA);
  }
  while (left >= 16) {
    std::memcpy(words, at, 16);
    hash = mix(words[0] ^ kB, words[1] ^ hash);
    at += 16;
    left -= 16;
  }
  words[0] = words[1] = 0;
  if (left > 0) std::memcpy(words, at, left);
  hash = mix(words[0] ^ kB, words[1] ^ hash);
  return mix(hash ^ kA, bytes.size() ^ kB);
}

/// hash_bytes over bytes that arrive in pieces of any size: the pieces' borders do not matter.
class StreamHash {
 public:
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    if (held_ > 0) {
      const std::size_t take = bytes.size() < kBlock - held_ ? bytes.size() : kBlock - held_;
      std::memcpy(block_ + held_, bytes.data(), take);
      held_ += take;
      bytes.remove_prefix(take);
      if (held_ < kBlock) return;
      hash_ = hash_bytes({block_, kBlock}, hash_);
      held_ = 0;
    }
    while (bytes.size() >= kBlock) {
      hash_ = hash_bytes(bytes.substr(0, kBlock), hash_);
      bytes.remove_prefix(kBlock);
    }
    if (!bytes.empty()) std::memcpy(block_, bytes.data(), bytes.size());
    held_ = bytes.size();
  }
  std::uint64_t value() const { return hash_bytes({block_, held_}, hash_); }

 private:
  static constexpr std::size_t kBlock = 1024;
  char block_[kBlock];
  std::size_t held_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace headwater::extract
