#include "authoring/answer_guess.h"

#include <algorithm>
#include <array>
#include <utility>

#include "authoring/answer_members.h"
#include "authoring/answer_signs.h"
#include "authoring/graphql_arguments.h"
#include "authoring/parameter_names.h"
#include "authoring/secret_scan.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

template <std::size_t N>
bool is_one_of(std::string_view plain, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), plain) != names.end();
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Guesser {
 public:
  explicit Guesser(const ObservedRequest& request) : request_(request), answer_(request.answer) {
    parameters_ = request.query;
    if (request.method == "POST") collect_body(request.body, "");
  }

  AnswerGuess run() {
    guess_.records = answer_.records();
    schedule();
    paging();
    return std::move(guess_);
  }

  std::string more_pages_at() {
    guess_.records = answer_.records();
    bool denied = false;
    for (const auto& member : answer_.all()) {
      if (answer_.is_within_records(member)) continue;
      const auto said = what_it_says(member);
      if (said.value_or(false)) return member_path_text(member.names);
      denied = denied || said.has_value();
    }
    if (denied) return "";
    for (const auto* member : {answer_.next_link(), answer_.token_member(), next_member()})
      if (member != nullptr && is_given(*member->value)) return member_path_text(member->names);
    return "";
  }

 private:
  // Whether further pages follow; nullopt where a member does not say.
  std::optional<bool> what_it_says(const MemberFound& member) const {
    const bool is_truth = member.value->is_boolean() || member.value->is_string();
    const auto said = is_truth ? member.value->as_bool_lenient() : std::nullopt;
    if (said && (tells_more(member.plain) || tells_last(member.plain)))
      return tells_more(member.plain) == *said;
    // A book's "pages" are none of these.
    const bool more =
        guess_.records && counts_pages(member.plain) && member.value->as_int64().value_or(0) > 1;
    if (more || AnswerMembers::is_offset_token(member)) return true;
    return std::nullopt;
  }

  static bool is_given(const Value& value) {
    return value.is_string() ? !value.if_string()->empty() : value.as_int64().value_or(0) > 0;
  }

  // "next_offset": 100
  const MemberFound* next_member() const {
    for (const auto& member : answer_.all())
      if (guess_.records && !answer_.is_within_records(member) && leads_on(member.plain) &&
          is_given(*member.value))
        return &member;
    return nullptr;
  }

  // In the body, too, when paging goes there.
  const ObservedParameter* parameter(ParameterKind kind, bool in_body = false) const {
    for (const auto wanted : names_of(kind))
      for (const auto& each : parameters_)
        if (each.in_body == in_body && !is_used(each) &&
            (has_name(own_name(each), wanted) || has_name(each.name, wanted)))
          return &each;
    return nullptr;
  }

  // "after" of "variables.after".
  static std::string_view own_name(const ObservedParameter& parameter) {
    const std::string_view name = parameter.name;
    return parameter.in_body ? name.substr(name.rfind('.') + 1) : name;
  }

  bool is_used(const ObservedParameter& parameter) const {
    const auto& names = parameter.in_body ? guess_.used_of_body : guess_.used;
    return std::find(names.begin(), names.end(), parameter.name) != names.end();
  }

  // Below its own members only where such things stand: a filter's "after" is none.
  void collect_body(const Value& body, const std::string& before) {
    const auto* members = body.if_object();
    if (members == nullptr) return;
    for (const auto& [name, value] : *members) {
      if (value.is_object() && before.empty() && may_hold_paging(name) && is_plain_member_name(name))
        collect_body(value, name + ".");
      if (value.is_object() || value.is_array() || name.find('.') != std::string::npos) continue;
      const std::string text = value.is_null() ? "" : value.is_string() ? *value.if_string() : value.dump();
      parameters_.push_back({before + name, text, "", false, true});
    }
  }

  // GraphQL: what a variable is for stands in the query, "orders(first: 50, after: $a)".
  const ObservedParameter* variable_of(std::string_view argument) const {
    for (const auto& variable : variables_of(request_.body.string_at("query"), argument))
      for (const auto& each : parameters_)
        if (each.in_body && each.name == "variables." + variable) return &each;
    return nullptr;
  }

  static std::string format_of(const ObservedParameter& parameter) {
    if (const auto format = format_of_time(parameter.value)) return *format;
    if (parameter.format.starts_with("epoch")) return parameter.format;
    return parameter.format == "date" ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ";
  }

  void tell_unknown_format(const ObservedParameter& parameter) {
    if (parameter.value.empty() || !parameter.format.empty() || format_of_time(parameter.value)) return;
    guess_.notes.push_back("How " + parameter.name + " writes its time was not recognised (\"" +
                           parameter.value + "\"): ISO 8601 was taken, see scheduleParams.");
  }

  const ObservedParameter* time_parameter(ParameterKind surely, ParameterKind perhaps) const {
    // A number that is no time is an id or a place among the records: GitHub's "since" of users.
    if (const auto* found = parameter(surely); found != nullptr && found->format != "integer") return found;
    const auto* found = parameter(perhaps);
    const bool is_time = found != nullptr && (format_of_time(found->value) || found->format == "date-time" ||
                                              found->format == "date" || found->format.starts_with("epoch"));
    return is_time ? found : nullptr;
  }

  void schedule() {
    const auto* since = time_parameter(ParameterKind::since, ParameterKind::perhaps_since);
    if (since == nullptr) return;
    Object out{{"scheduleStartParamName", since->name}, {"scheduleStartParamFormat", format_of(*since)}};
    tell_unknown_format(*since);
    guess_.used.push_back(since->name);
    if (const auto* until = time_parameter(ParameterKind::until, ParameterKind::perhaps_until)) {
      out.set("scheduleEndParamName", until->name);
      out.set("scheduleEndParamFormat", format_of(*until));
      tell_unknown_format(*until);
      guess_.used.push_back(until->name);
    }
    guess_.schedule = std::move(out);
    guess_.notes.push_back("Each run asks for what changed since the last one: " + since->name +
                           " takes the window's start.");
  }

  void paging() {
    in_body_ = pages_in_the_body();
    const auto* limit = parameter(ParameterKind::limit, in_body_);
    const auto* offset = parameter(ParameterKind::offset, in_body_);
    const auto* page = parameter(ParameterKind::page, in_body_);
    const auto* token = token_parameter(in_body_);
    if (offset != nullptr && !offset->value.empty() && !is_digits(offset->value)) offset = nullptr;
    if (page != nullptr && !page->value.empty() && !is_digits(page->value)) page = nullptr;
    const auto* link = answer_.next_link();
    const auto* next_token = answer_.token_member();
    if (offset == nullptr) offset = search_offset(limit);
    const bool names_itself = token == nullptr && next_token != nullptr &&
                              AnswerMembers::is_within_next(*next_token, "startingafter");
    if (next_token != nullptr && (token != nullptr || names_itself))
      by_token(names_itself ? parameter_of(*next_token) : token->name, *next_token, limit);
    else if (offset != nullptr)
      by_offset(offset->name, limit);
    else if (page != nullptr)
      by_page(page, limit);
    else if (link != nullptr)
      by_link(*link, limit);
    else if (next_token != nullptr && is_graphql())
      guess_.notes.push_back("The next page's token stands at " + member_path_text(next_token->names) +
                             ", but no variable of the query takes it: write orders(after: $after), and fill "
                             "in paginationParams.");
    else if (next_token != nullptr)
      by_token(parameter_of(*next_token), *next_token, limit);
    else
      by_what_the_answer_counts(limit);
    if (token != nullptr) take(token);
  }

  // All that pages goes to one place: into the query, unless only the body has such members.
  bool pages_in_the_body() const {
    const auto turns = [this](bool in_body) {
      return parameter(ParameterKind::offset, in_body) != nullptr ||
             parameter(ParameterKind::page, in_body) != nullptr || token_parameter(in_body) != nullptr;
    };
    if (turns(false) || request_.method != "POST") return false;
    const bool may_have_members = request_.body.is_object() || request_.body.is_null();
    return turns(true) || (may_have_members && parameter(ParameterKind::limit) == nullptr);
  }

  const ObservedParameter* token_parameter(bool in_body) const {
    if (const auto* found = parameter(ParameterKind::token, in_body)) return found;
    if (!in_body) return nullptr;
    const auto* after = variable_of("after");
    return after != nullptr ? after : variable_of("cursor");
  }

  // Its next page's token goes where the query says, and nowhere else.
  bool is_graphql() const {
    return in_body_ && request_.body.string_at("query").find('{') != std::string_view::npos;
  }

  void add_place(Object& out) const {
    if (in_body_) out.set("parameterType", "BODYPARAM");
  }

  void by_offset(const std::string& name, const ObservedParameter* limit) {
    Object out{{"type", "OFFSET"},
               {"limitName", limit == nullptr ? "limit" : limit->name},
               {"limitValue", limit_value(limit)},
               {"offSetName", name}};
    add_place(out);
    add_end_condition(out);
    take_named(name);
    take(limit);
    finish(std::move(out), "an offset in " + name);
  }

  void by_page(const ObservedParameter* page, const ObservedParameter* limit) {
    Object out{{"type", "PAGE"}, {"pageParamName", page->name}};
    add_limit(out, limit);
    out.set("initialPageIndex", page->value == "0" ? 0 : 1);
    add_place(out);
    add_last_page(out);
    take_named(page->name);
    finish(std::move(out), "page numbers in " + page->name);
  }

  void by_link(const MemberFound& link, const ObservedParameter* limit) {
    Object out{{"type", "POINTER"}, {"pointerPath", member_path_text(link.names)}};
    if (!in_body_) add_limit(out, limit);  // the body keeps its own
    finish(std::move(out), "the next page's link at " + member_path_text(link.names));
  }

  void by_token(const std::string& parameter_name, const MemberFound& token, const ObservedParameter* limit) {
    Object out{{"type", "CONTINUATION_TOKEN"},
               {"continuationTokenPath", member_path_text(token.names)},
               {"parameterType", in_body_ ? "BODYPARAM" : "QUERYPARAM"},
               {"parameterName", parameter_name}};
    if (!in_body_) add_limit(out, limit);  // the body keeps its own
    for (const auto& member : answer_.all())
      if (member.plain == "endofstream" && member.value->is_boolean()) add_end(out, member, "Const:true");
    finish(std::move(out), "the token at " + member_path_text(token.names) + ", sent as " + parameter_name +
                               (in_body_ ? " of the body" : ""));
  }

  // No parameter of the request tells: members that count pages or records do, and the Link header.
  void by_what_the_answer_counts(const ObservedParameter* limit) {
    if (by_spring(limit)) return;
    if (!last_page_header().empty()) {
      ObservedParameter page{"page", "1", "", false, in_body_};
      return by_page(&page, limit);
    }
    if (by_link_header(limit) || by_search(limit)) return;
    const auto* offset = answer_.number_member({"offset", "startat", "startindex", "skip"});
    const auto* page = answer_.number_member({"page", "currentpage", "pagenumber", "pageindex"});
    if (offset != nullptr) {
      by_offset(offset->names.back(), limit);
    } else if (page != nullptr) {
      ObservedParameter named{page->names.back(), page->value->dump(), "", false};
      by_page(&named, limit);
    } else if (const auto* last = last_record_parameter(); last != nullptr) {
      guess_.notes.push_back("The next page begins behind the last record, whose id goes into " + last->name +
                             ": no paging type does that, so a run would read the first page only.");
    } else if (const auto* token = token_parameter(in_body_); token != nullptr) {
      guess_.notes.push_back("A token for the next page goes into " + token->name +
                             ", but where an answer gives it was not recognised: fill in paginationParams.");
    } else if (limit != nullptr) {
      guess_.notes.push_back("How to get the next page was not recognised, though " + limit->name +
                             " limits a page: fill in paginationParams.");
    } else {
      guess_.notes.emplace_back("No paging was recognised: one request is made. Check paginationParams.");
    }
  }

  // As Stripe pages: the token is the last record's id.
  const ObservedParameter* last_record_parameter() const {
    constexpr std::array<std::string_view, 6> kNames{"startingafter", "sinceid", "afterid",
                                                     "lastid",        "maxid",   "endingbefore"};
    for (const auto& each : parameters_)
      if (is_one_of(plain_name(own_name(each)), kNames)) return &each;
    return nullptr;
  }

  bool by_link_header(const ObservedParameter* limit) {
    const auto header = http::find_header(request_.answer_headers, "Link");
    const auto has_page_info = [](const ObservedParameter& each) {
      return plain_name(each.name) == "pageinfo";
    };
    const bool is_described = header && header->empty();
    if (is_described || (!header && std::any_of(parameters_.begin(), parameters_.end(), has_page_info))) {
      follow_link_header(limit);
      guess_.notes.emplace_back(
          "No answer was seen with it: see whether the header Link leads to the next page (rel=\"next\").");
      return true;
    }
    if (!header) return false;
    const std::string_view text = *header;
    const auto rel = text.find("rel=\"next\"");
    if (rel == std::string_view::npos) return false;
    const auto open = text.rfind('<', rel);
    const auto close = text.find('>', open == std::string_view::npos ? 0 : open);
    const auto question = text.find('?', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || question == std::string_view::npos || question > close)
      return false;
    const auto query = parse_query(text.substr(question + 1, close - question - 1));
    ObservedParameter named;  // what limits a page stands where the link has it
    for (const auto& [name, value] : query)
      if (in_body_ && is_called(name, ParameterKind::limit)) named = {name, value, "", false};
    if (in_body_) limit = named.name.empty() ? nullptr : &named;
    for (const auto& [name, value] : query) {
      if (is_called(name, ParameterKind::page) && is_digits(value)) {
        in_body_ = false;
        ObservedParameter page{name, value == "1" ? "0" : "1", "", false};
        by_page(&page, limit);
        return true;
      }
      if (is_called(name, ParameterKind::offset) && is_digits(value)) {
        in_body_ = false;
        by_offset(name, limit);
        return true;
      }
    }
    follow_link_header(limit);
    return true;
  }

  void follow_link_header(const ObservedParameter* limit) {
    Object out{{"type", "POINTER"}, {"pointerPath", "headers.link"}};
    if (!in_body_) add_limit(out, limit);
    // A page's token is the link's, which says it anew.
    for (const auto& each : parameters_)
      if (!each.in_body && plain_name(each.name) == "pageinfo") take(&each);
    finish(std::move(out), "the link in the header Link");
  }

  // The parameter that takes a token back, from the place of the member that gives it.
  std::string parameter_of(const MemberFound& token) const {
    const std::string& member = token.names.back();
    const std::string plain = plain_name(member);
    if (plain == "nextpagetoken") return member.find('_') != std::string::npos ? "page_token" : "pageToken";
    // Notion's lists say that they are some.
    if (plain == "nextcursor" && request_.answer.string_at("object") == "list") return "start_cursor";
    if (plain == "nextcursor" || plain == "next") return "cursor";
    if (plain == "aftercursor") return token.names.size() == 1 ? "cursor" : "page[after]";  // Zendesk's two
    if (plain == "endcursor") return "after";
    const Value* holder = request_.body.find("pagination");
    return in_body_ && holder != nullptr && holder->is_object() ? "pagination." + member : member;
  }

  Value limit_value(const ObservedParameter* limit) const {
    if (limit != nullptr && is_digits(limit->value)) return limit->value;
    if (const auto* said = answer_.number_member({"limit", "pagesize", "perpage", "maxresults"}))
      if (*said->value->as_int64() > 1) return std::to_string(*said->value->as_int64());
    // Without a limit of ours the first page is as long as the API likes.
    if (limit == nullptr && guess_.records && guess_.records->records > 1)
      return std::to_string(guess_.records->records);
    return "100";
  }

  void add_limit(Object& out, const ObservedParameter* limit) {
    if (limit == nullptr) return;
    out.set("limitName", limit->name);
    out.set("limitValue", limit_value(limit));
    take(limit);
  }

  void add_end_condition(Object& out) const {
    for (const auto& member : answer_.all()) {
      if (!answer_.says_more(member)) continue;
      return add_end(out, member, "Const:false");
    }
  }

  static void add_end(Object& out, const MemberFound& member, std::string_view value) {
    out.set("endConditionName", member_path_text(member.names));
    out.set("endConditionValue", value);
  }

  void add_last_page(Object& out) const {
    if (const auto header = last_page_header(); !header.empty()) {
      out.set("endPageIndex", "headers." + header);
      return;
    }
    add_end_condition(out);
  }

  // Of the answer: it counts pages.
  std::string last_page_header() const {
    for (const char* name : {"X-Total-Pages", "X-WP-TotalPages", "X-Page-Count", "X-PageCount"})
      if (http::find_header(request_.answer_headers, name)) return lower(name);
    return "";
  }

  const Value* outer(std::string_view dotted) const { return request_.answer.find_path(dotted); }

  // Spring's pages: "page" from 0 on, whatever the answer calls the number.
  bool by_spring(const ObservedParameter* limit) {
    const bool pageable = outer("pageable.pageNumber") != nullptr;
    const bool plain =
        outer("number") != nullptr && outer("totalPages") != nullptr && outer("size") != nullptr;
    const bool model = outer("page.number") != nullptr && outer("page.totalPages") != nullptr;
    if (!pageable && !plain && !model) return false;
    const Value* size = outer(model ? "page.size" : plain ? "size" : "pageable.pageSize");
    ObservedParameter named_limit{"size", size == nullptr ? "" : size->dump(), "", false, in_body_};
    ObservedParameter page{"page", "0", "", false, in_body_};
    by_page(&page, limit == nullptr ? &named_limit : limit);
    for (const auto& member : answer_.all())
      if (member.plain == "last" && member.names.size() == 1 && member.value->is_boolean())
        add_end(*guess_.paging.if_object(), member, "Const:true");
    return true;
  }

  // Elasticsearch's "from" is an offset when it is a small number beside a "size".
  const ObservedParameter* search_offset(const ObservedParameter* limit) const {
    constexpr std::size_t kDigitsMax = 6;
    if (limit == nullptr || plain_name(own_name(*limit)) != "size") return nullptr;
    for (const auto& each : parameters_)
      if (each.in_body == in_body_ && !is_used(each) && plain_name(own_name(each)) == "from" &&
          is_digits(each.value) && each.value.size() <= kDigitsMax)
        return &each;
    return nullptr;
  }

  bool by_search(const ObservedParameter* limit) {
    if (!guess_.records || guess_.records->names != std::vector<std::string>{"hits", "hits"}) return false;
    ObservedParameter size{"size", "", "", false, in_body_};
    by_offset("from", limit == nullptr ? &size : limit);
    return true;
  }

  void take(const ObservedParameter* parameter) {
    if (parameter != nullptr)
      (parameter->in_body ? guess_.used_of_body : guess_.used).push_back(parameter->name);
  }
  void take_named(const std::string& name) { (in_body_ ? guess_.used_of_body : guess_.used).push_back(name); }

  void finish(Object paging, const std::string& how) {
    guess_.paging = std::move(paging);
    guess_.notes.push_back("Pages follow by " + how + ".");
  }

  const ObservedRequest& request_;
  const AnswerMembers answer_;
  std::vector<ObservedParameter> parameters_;  // of the query and the body
  bool in_body_ = false;                       // what pages goes there
  AnswerGuess guess_;
};

}  // namespace

AnswerGuess guess(const ObservedRequest& request) { return Guesser(request).run(); }

std::string more_pages_at(const Value& answer) {
  ObservedRequest request;
  request.answer = answer;
  return Guesser(request).more_pages_at();
}

}  // namespace headwater::authoring
