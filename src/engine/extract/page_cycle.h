#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::extract {

/// Whether a source's pages run in a circle, by a hash of each page's records: Brent's algorithm, so any
/// circle is found with constant memory. A page may well come again in honest data; so a circle counts only
/// once a whole turn of it has come again, and at least `again_min` pages. Confined to one run; its state
/// goes into the page's cursor.
class PageCycle {
 public:
  struct Circle {
    std::uint64_t after = 0;   // the page behind which all are repetitions, as far as is known
    std::uint64_t length = 0;  // in pages
  };

  /// `again_min`: pages that must repeat as the circle says, behind the first that did.
  explicit PageCycle(std::uint64_t again_min) : again_min_(again_min) {}

  /// Adds page `number` (from 1). A page without records is part of a circle, but never its sign.
  std::optional<Circle> add(std::uint64_t number, std::uint64_t hash, bool has_records);

  std::string state() const;
  /// Goes on where `state` stopped; starts anew when it cannot be read.
  void restore(std::string_view state);

 private:
  static constexpr std::size_t kRecent = 64;
  Circle circle(std::uint64_t number) const;

  std::uint64_t again_min_;
  std::uint64_t tortoise_ = 0;  // hash of the page that others are compared with
  std::uint64_t age_ = 0;       // pages since then
  std::uint64_t limit_ = 0;     // the age at which a later page takes its place; 0: there is none yet
  std::uint64_t since_ = 0;     // hash of all pages since then, in order
  // A circle under suspicion.
  std::uint64_t length_ = 0;   // 0: none
  std::uint64_t turn_ = 0;     // hash of the pages of one turn
  std::uint64_t again_ = 0;    // pages since the suspicion
  std::uint64_t running_ = 0;  // hash of those of the turn that is not complete
  // Only tells more exactly where it began.
  std::array<std::uint64_t, kRecent> recent_{};  // hashes of the last pages, by number
  std::uint64_t recent_from_ = 0;                // first page that is among them; 0: none
};

}  // namespace headwater::extract
