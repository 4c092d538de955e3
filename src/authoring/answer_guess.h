#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/observed_request.h"
#include "json/value.h"

namespace headwater::authoring {

/// The array in an answer that holds its records.
struct ArrayFound {
  std::vector<std::string> names;  // member names down to it; empty for a root array
  std::size_t records = 0;

  std::string path() const;     // "$.data.orders", "$"
  std::string wrapper() const;  // "order"; empty for a root array
};

/// The largest array of objects in an answer, the least deep of equals; an empty array when it is called as
/// arrays of records are. nullopt when there is none.
std::optional<ArrayFound> find_records(const json::Value& answer);

/// How an API pages and how it asks for changes, guessed from the names of its query parameters and from a
/// page of its answer. `paging` and `schedule` are in a connection spec's words; `used` names the query
/// parameters that they take over, `used_of_body` the body's members ("variables.after").
struct AnswerGuess {
  std::optional<ArrayFound> records;
  json::Value paging;    // paginationParams, or null when nothing was recognised
  json::Value schedule;  // scheduleParams, or null
  std::vector<std::string> used, used_of_body;
  std::vector<std::string> notes;
};

AnswerGuess guess(const ObservedRequest& request);

/// Where an answer says that more pages follow ("$.has_more", "$.paging.next"); "" when it does not.
std::string more_pages_at(const json::Value& answer);

/// Whether a path needs no quotes for it.
bool is_plain_member_name(const std::string& name);

/// A member's place as a spec writes it: "$.paging.next", "$['@odata.nextLink']".
std::string member_path_text(const std::vector<std::string>& names);

}  // namespace headwater::authoring
