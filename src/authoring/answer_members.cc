#include "authoring/answer_members.h"

#include <algorithm>

#include "authoring/answer_signs.h"
#include "authoring/parameter_names.h"
#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

using json::Value;

constexpr std::size_t kDepthMax = 6;
constexpr std::size_t kNameMax = 200;  // each member within has it in its path

bool is_link(const Value& value) {
  const auto* text = value.if_string();
  return text != nullptr && (text->starts_with("http://") || text->starts_with("https://") ||
                             text->starts_with('/') || text->starts_with('?'));
}

void collect(const Value& value, const std::vector<std::string>& names, std::vector<MemberFound>& out) {
  const auto* members = value.if_object();
  if (members == nullptr || names.size() > kDepthMax) return;
  for (const auto& [name, member] : *members) {
    if (name.size() > kNameMax) continue;
    auto inner = names;
    inner.push_back(name);
    out.push_back({inner, &member, plain_name(name)});
    collect(member, inner, out);
  }
}

}  // namespace

AnswerMembers::AnswerMembers(const Value& answer) : records_(find_records(answer)) {
  collect(answer, {}, members_);
  std::stable_sort(members_.begin(), members_.end(), [](const MemberFound& a, const MemberFound& b) {
    return a.names.size() < b.names.size();
  });
}

bool AnswerMembers::says_more(const MemberFound& member) const {
  return member.value->is_boolean() && !is_within_records(member) && tells_more(member.plain);
}

bool AnswerMembers::is_offset_token(const MemberFound& member) {
  return member.plain == "offset" && member.names.size() == 1 && member.value->is_string() &&
         !member.value->if_string()->empty() && !member.value->as_int64_lenient();
}

bool AnswerMembers::is_within_next(const MemberFound& member, std::string_view plain) {
  return member.plain == plain && member.names.size() > 1 &&
         plain_name(member.names[member.names.size() - 2]) == "next";
}

const MemberFound* AnswerMembers::next_link() const {
  for (const auto& member : members_) {
    if (!is_link(*member.value) || is_within_records(member)) continue;
    if (is_within_next(member, "href") || member.plain.find("next") != std::string::npos) return &member;
  }
  return nullptr;
}

const MemberFound* AnswerMembers::token_member() const {
  for (const auto& member : members_) {
    if (is_link(*member.value) || is_within_records(member)) continue;
    if (!member.value->is_string() && !member.value->is_null()) continue;
    if (is_called(member.names.back(), ParameterKind::token) || member.plain == "next" ||
        is_within_next(member, "startingafter"))
      return &member;
  }
  return nullptr;
}

const MemberFound* AnswerMembers::number_member(std::initializer_list<std::string_view> names) const {
  for (const auto& member : members_)
    if (member.value->as_int64() && !is_within_records(member) &&
        std::find(names.begin(), names.end(), member.plain) != names.end())
      return &member;
  return nullptr;
}

bool AnswerMembers::is_within_records(const MemberFound& member) const {
  return records_ && member.names.size() > records_->names.size() && !records_->names.empty() &&
         std::equal(records_->names.begin(), records_->names.end(), member.names.begin());
}

}  // namespace headwater::authoring
