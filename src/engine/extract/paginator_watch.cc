#include <string>

#include "engine/extract/paginator.h"

// Whether a source gets on, or gives what it has given before (REST-source reference, section 14, choice 12).
namespace headwater::extract {
namespace {

constexpr std::uint64_t kSameElementsMax = 3;
// Pages that must have come again, behind the first that did, before a circle is believed. A new token or
// link speaks for a new page, also where records carry nothing that tells them apart.
constexpr std::uint64_t kAgainByNumber = 2;
constexpr std::uint64_t kAgainByCursor = 9;

bool counts_pages(domain::PagingType type) {
  return type == domain::PagingType::offset || type == domain::PagingType::page;
}

Error stands_still(std::string message) {
  return Error{ErrorKind::upstream, std::move(message), {}, "CONNECTOR-1001-500"};
}

}  // namespace

Paginator::Paginator(const domain::Paging& paging)
    : paging_(paging), cycle_(counts_pages(paging.type) ? kAgainByNumber : kAgainByCursor) {}

bool Paginator::counts() const { return counts_pages(paging_.type); }

Result<void> Paginator::watch_progress(const PageFacts& facts) {
  const bool has_records = facts.record_count > 0;
  const bool as_many = has_records && requests_ > 1 && facts.record_count == last_count_;
  if (as_many && facts.body_hash == last_body_hash_)
    return stands_still("The answer repeats the page before it byte for byte: the source does not page on.");
  // Where pages are counted, a source that ignores the number may still repeat it around the same records. A
  // single record, without a key, may well come again.
  const bool same = counts() && as_many && facts.elements_hash == last_elements_hash_;
  same_in_a_row_ = same ? same_in_a_row_ + 1 : 0;
  if (same && facts.record_count > 1)
    return stands_still("The page holds the same " + std::to_string(facts.record_count) +
                        " records as the page before it: the source does not page on, and what should stand "
                        "here is missing.");
  if (same_in_a_row_ >= kSameElementsMax)
    return stands_still("The last " + std::to_string(kSameElementsMax + 1) +
                        " pages hold the same record: the source does not page on.");
  last_body_hash_ = facts.body_hash;
  last_elements_hash_ = facts.elements_hash;
  last_count_ = facts.record_count;
  empty_in_a_row_ = has_records ? 0 : empty_in_a_row_ + 1;
  const auto circle = cycle_.add(index_ + 1, facts.elements_hash ^ facts.record_count, has_records);
  if (!circle) return {};
  const bool is_one = circle->length == 1;
  return stands_still("The pages began to repeat after page " + std::to_string(circle->after) +
                      (is_one
                           ? ": each one since then holds the same records. The source does not page on."
                           : ": each one since then holds the records of " + std::to_string(circle->length) +
                                 " pages before. The source runs in a circle of " +
                                 std::to_string(circle->length) + " pages."));
}

}  // namespace headwater::extract
