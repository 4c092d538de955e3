#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/answer_guess.h"
#include "json/value.h"

namespace headwater::authoring {

/// A member of the answer outside of its records.
struct MemberFound {
  std::vector<std::string> names;
  const json::Value* value;
  std::string plain;  // of its own name
};

/// The members of an answer by their depth, and which of them lead to its next page. Keeps pointers into the
/// answer. Immutable.
class AnswerMembers {
 public:
  explicit AnswerMembers(const json::Value& answer);

  const std::optional<ArrayFound>& records() const { return records_; }
  const std::vector<MemberFound>& all() const { return members_; }

  /// "has_more" and its like.
  bool says_more(const MemberFound& member) const;
  /// Airtable's "offset"; a number is the request's own, said again.
  static bool is_offset_token(const MemberFound& member);
  /// Intercom's "pages.next.starting_after": called so, within a member "next".
  static bool is_within_next(const MemberFound& member, std::string_view plain);

  /// The first of each outside of the records; nullptr when there is none.
  const MemberFound* next_link() const;
  const MemberFound* token_member() const;
  const MemberFound* number_member(std::initializer_list<std::string_view> names) const;

  bool is_within_records(const MemberFound& member) const;

 private:
  std::optional<ArrayFound> records_;
  std::vector<MemberFound> members_;
};

}  // namespace headwater::authoring
