#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace headwater::crypto {

enum class Digest : std::uint8_t { md5, sha1, sha256, sha512 };
inline constexpr std::size_t kDigestBytesMax = 64;

/// Writes the digest's raw bytes to the front of `out`; gives how many. Allocates nothing.
/// MD5 and SHA-1 are for data that names them, never for security.
std::size_t digest(Digest kind, std::string_view data, std::span<unsigned char, kDigestBytesMax> out);

/// CRC-32 as zip and PNG have it.
std::uint32_t crc32(std::string_view data);

}  // namespace headwater::crypto
