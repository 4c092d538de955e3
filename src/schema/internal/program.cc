#include "schema/internal/program.h"

namespace headwater::schema {

std::uint64_t NameTable::hash(std::string_view name) {
  std::uint64_t h = 0xCBF29CE484222325ULL ^ name.size();
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return h ^ h >> 32U;
}

Index NameTable::add(std::string_view name) {
  const auto known = find(name);
  if (known != kNone) return known;
  names_.emplace_back(name);
  if (names_.size() * 2 > slots_.size()) {
    build();
  } else {
    auto at = hash(name) & (slots_.size() - 1);
    while (slots_[at] != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = static_cast<Index>(names_.size() - 1);
  }
  return static_cast<Index>(names_.size() - 1);
}

void NameTable::build() {
  std::size_t size = 8;
  while (size < names_.size() * 3) size *= 2;
  slots_.assign(size, kNone);
  for (Index i = 0; i < names_.size(); ++i) {
    auto at = hash(names_[i]) & (size - 1);
    while (slots_[at] != kNone) at = (at + 1) & (size - 1);
    slots_[at] = i;
  }
}

Index NameTable::find(std::string_view name) const {
  if (slots_.empty()) return kNone;
  for (auto at = hash(name) & (slots_.size() - 1); slots_[at] != kNone; at = (at + 1) & (slots_.size() - 1))
    if (names_[slots_[at]] == name) return slots_[at];
  return kNone;
}

}  // namespace headwater::schema
