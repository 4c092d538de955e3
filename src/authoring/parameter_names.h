#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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

/// The format of a time that was sent, as a schedule writes it, or nullopt when it is none.
std::optional<std::string> format_of_time(std::string_view text);

}  // namespace headwater::authoring
