#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>

namespace headwater::lake {

/// Bits that the numbers up to `greatest` need.
inline unsigned bits_for(std::uint32_t greatest) { return static_cast<unsigned>(std::bit_width(greatest)); }

/// Appends numbers of `bits` bits (1 to 32) each in Parquet's hybrid of run lengths and bit packing: levels
/// and positions in a dictionary are written so.
void append_rle_hybrid(std::string& out, std::span<const std::uint8_t> values, unsigned bits);
void append_rle_hybrid(std::string& out, std::span<const std::uint32_t> values, unsigned bits);

}  // namespace headwater::lake
