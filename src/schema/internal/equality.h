#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/internal/decimal.h"
#include "schema/internal/documents.h"

namespace headwater::schema {

inline bool same_number(std::string_view a, std::string_view b) {
  return a == b || Bound(std::string(b)).compare_to(a) == 0;
}

/// Deep equality as JSON Schema means it: numbers by value, member order without meaning.
template <class A, class B>
bool same(const A& a, typename A::Handle x, const B& b, typename B::Handle y) {
  if (a.kind(x) != b.kind(y)) return false;
  std::string scratch_x, scratch_y;
  switch (a.kind(x)) {
    case json::Kind::null:
      return true;
    case json::Kind::boolean:
      return a.boolean(x) == b.boolean(y);
    case json::Kind::number:
      return same_number(a.number(x), b.number(y));
    case json::Kind::string:
      return a.characters(x, scratch_x) == b.characters(y, scratch_y);
    case json::Kind::array: {
      std::vector<typename B::Handle> others;
      b.each_element(y, [&others](auto element) { return others.push_back(element), true; });
      std::size_t i = 0;
      const auto matches = [&](auto element) {
        return i < others.size() && same(a, element, b, others[i++]);
      };
      return a.each_element(x, matches) && i == others.size();
    }
    case json::Kind::object: {
      std::vector<std::pair<std::string, typename B::Handle>> others;
      b.each_member(y, scratch_y, [&others](std::string_view name, const auto&, auto value) {
        others.emplace_back(std::string(name), value);
        return true;
      });
      const auto by_name = [](const auto& left, const auto& right) { return left.first < right.first; };
      std::sort(others.begin(), others.end(), by_name);
      std::size_t count = 0;
      const auto matches = [&](std::string_view name, const auto&, auto value) {
        ++count;
        const auto other =
            std::lower_bound(others.begin(), others.end(), name,
                             [](const auto& left, std::string_view right) { return left.first < right; });
        return other != others.end() && other->first == name && same(a, value, b, other->second);
      };
      return a.each_member(x, scratch_x, matches) && count == others.size();
    }
  }
  return false;
}

/// Equal values hash equally.
template <class Document>
std::uint64_t hash_of(const Document& document, typename Document::Handle h) {
  constexpr std::uint64_t kPrime = 0x100000001B3ULL;
  std::string scratch;
  const auto mix = [](std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    return hash;
  };
  auto hash = static_cast<std::uint64_t>(document.kind(h)) * 0x9E3779B97F4A7C15ULL;
  switch (document.kind(h)) {
    case json::Kind::null:
      break;
    case json::Kind::boolean:
      hash += document.boolean(h) ? 1 : 2;
      break;
    case json::Kind::number:
      hash += Decimal(document.number(h)).hash();
      break;
    case json::Kind::string:
      hash += mix(document.characters(h, scratch));
      break;
    case json::Kind::array:
      document.each_element(h, [&](auto element) {
        hash = (hash ^ hash_of(document, element)) * kPrime;
        return true;
      });
      break;
    case json::Kind::object:
      document.each_member(h, scratch, [&](std::string_view name, const auto&, auto value) {
        hash += (mix(name) ^ hash_of(document, value)) * kPrime;
        return true;
      });
      break;
  }
  return hash;
}

/// True when no two elements of the array are equal. Short arrays are compared pairwise, long ones by hash.
template <class Document>
bool all_unique(const Document& document, typename Document::Handle array) {
  using Handle = typename Document::Handle;
  constexpr std::size_t kPairwiseMax = 16;
  std::array<Handle, kPairwiseMax> few;
  std::vector<std::pair<std::uint64_t, Handle>> many;
  std::size_t count = 0;
  const bool unique = document.each_element(array, [&](Handle element) {
    if (count < kPairwiseMax) {
      for (std::size_t i = 0; i < count; ++i)
        if (same(document, few[i], document, element)) return false;
      few[count] = element;
    } else {
      many.emplace_back(hash_of(document, element), element);
    }
    ++count;
    return true;
  });
  if (!unique || many.empty()) return unique;
  for (const auto element : few) many.emplace_back(hash_of(document, element), element);
  std::sort(many.begin(), many.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < many.size(); ++i)
    for (auto k = i; k-- > 0 && many[k].first == many[i].first;)
      if (same(document, many[k].second, document, many[i].second)) return false;
  return true;
}

}  // namespace headwater::schema
