#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::authoring {

/// Where a text stands decides what may be a placeholder in it.
enum class TextPlace : std::uint8_t {
  host,
  path,
  value,
  query  // the value of what is called "query": a query language may be written there
};

/// What a documentation writes where a value belongs, "{user_id}", "{{user_id}}", "${dc}", "<SHOP>",
/// "YOUR_DOMAIN", in a path also ":store_id" and "OWNER": each is replaced by what `put` gives for its name
/// ("user_id"). A spec's own ({START_TIME} and its like) stay.
std::string replace_placeholders(std::string_view text, TextPlace place,
                                 const std::function<std::string(const std::string&)>& put);

/// The name, where a text is one placeholder and nothing else.
std::optional<std::string> sole_placeholder(std::string_view text);

/// A name with the letters that an input's may have: "filter[status]" -> "filter_status".
std::string input_name_of(std::string_view name);

}  // namespace headwater::authoring
