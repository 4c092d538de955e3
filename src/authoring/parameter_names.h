#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"

namespace headwater::authoring {

/// What APIs call the parameters that turn pages and ask for changes.
enum class ParameterKind : std::uint8_t {
  limit,
  offset,
  page,
  token,
  since,
  until,
  perhaps_since,  // only with a time as their value: they may be anything
  perhaps_until
};

/// Names without case and signs, so "page[size]", "pageSize" and "page_size" are one; the likelier first.
std::span<const std::string_view> names_of(ParameterKind kind);

/// Whether a parameter has one of those names; "filter[updated_since]" has what stands in the brackets.
bool has_name(std::string_view parameter, std::string_view plain);
bool is_called(std::string_view parameter, ParameterKind kind);

/// Of any kind but the ones that may be anything: paging or the window fills it in.
bool is_of_paging_or_window(std::string_view parameter);

/// "pagination", "variables": a member of a body that may hold what pages, beside which a filter's is none.
bool may_hold_paging(std::string_view member);

/// The format of a time that was sent, as a schedule writes it, or nullopt when it is none.
std::optional<std::string> format_of_time(std::string_view text);

/// The first date in a parameter's value, as it is written; "" when there is none. A version's is none, and
/// neither is one beside a time of the window.
std::string fixed_date_in(std::string_view name, std::string_view text);

struct FixedDate {
  std::string place;    // 'created' or 'filter of the body'
  std::string pointer;  // below the query's parameters, or below the body
  bool in_body = false;
  std::string date;
};
/// Where dates of a request stand that no window moves. Those of `moved` are left out: the window fills them
/// in.
void visit_fixed_dates(const std::vector<std::pair<std::string, std::string>>& query, const json::Value& body,
                       const std::vector<std::string>& moved,
                       const std::function<void(const FixedDate&)>& visit);

}  // namespace headwater::authoring
