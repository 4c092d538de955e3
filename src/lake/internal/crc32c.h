#pragma once

#include <cstdint>
#include <string_view>

namespace headwater::lake {

/// CRC-32C (Castagnoli) of `bytes`, going on from `crc` (0 at the start).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace headwater::lake
