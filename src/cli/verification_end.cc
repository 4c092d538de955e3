// Whether a run read to the source's end: by what its answers say, and by what stands behind the last one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "authoring/secret_scan.h"
#include "cli/report.h"
#include "cli/verification.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using domain::PagingType;
using json::Object;
using json::Value;

bool is_counting(PagingType type) { return type == PagingType::offset || type == PagingType::page; }

std::string pages_of(std::int64_t pages) { return counted(static_cast<std::uint64_t>(pages), "page"); }

struct Condition {
  std::string text;
  bool is_id = false;  // of the record itself, not of what it refers to
};

// Times are stored in a form of their own.
bool is_plain_text(std::string_view text) {
  constexpr std::size_t kLengthMax = 200;
  return text.size() <= kLengthMax && text.find('\0') == std::string_view::npos &&
         !(text.size() >= 8 &&
           std::all_of(text.begin(), text.begin() + 4, [](char c) { return c >= '0' && c <= '9'; }));
}

// What a row must be to be this record, by members that are stored as they came: the least deep first.
std::vector<Condition> conditions_of(const Value& record, const Value& schema, std::size_t record_depth) {
  constexpr std::size_t kConditionsMax = 8;
  struct Level {
    const Value* record;
    const Value* schema;
    std::string column;
    std::size_t depth;
  };
  std::vector<Condition> out;
  std::deque<Level> levels{{&record, &schema, "", 0}};
  for (; !levels.empty(); levels.pop_front()) {
    const auto level = levels.front();
    const auto* members = level.schema->find("properties");
    if (members == nullptr || !members->is_object()) continue;
    for (const auto& [name, member] : *members->if_object()) {
      const auto* value = level.record->find(name);
      if (value == nullptr) continue;
      const auto path = level.column + (level.column.empty() ? "" : ".") + sql_quoted(name, '"');
      const auto type = member.string_at("type");
      const auto plain = authoring::plain_name(name);
      const bool is_id = level.depth == record_depth &&
                         (plain == "id" || plain == "uuid" || plain == "guid" || plain == "key");
      if (type == "object")
        levels.push_back({value, &member, path, level.depth + 1});
      else if (out.size() >= kConditionsMax && !is_id)
        continue;
      else if (const auto number = value->as_int64(); type == "integer" && number)
        out.push_back({fmt::format("{} = {}", path, *number), is_id});
      else if (const auto* text = value->if_string(); type == "string" && text != nullptr &&
                                                      member.find("format") == nullptr &&
                                                      is_plain_text(*text))
        out.push_back({fmt::format("CAST({} AS VARCHAR) = {}", path, sql_quoted(*text, '\'')), is_id});
    }
  }
  return out;
}

// Where the spec looks for what leads on: "paging.next".
std::string own_place(const domain::Paging& paging) {
  const auto& names = paging.type == PagingType::pointer ? paging.pointer_path : paging.token_path;
  return fmt::format("{}", fmt::join(names, "."));
}

// The source says in so many words, at the spec's own place, that nothing follows.
bool names_the_end(const domain::Paging& paging, const SourceAnswer& answer) {
  const auto& names = paging.type == PagingType::pointer ? paging.pointer_path : paging.token_path;
  const Value* found = names.empty() ? nullptr : &answer.whole;
  for (const auto& name : names) found = found == nullptr ? nullptr : found->find(name);
  if (found == nullptr) return false;
  const auto* text = found->if_string();
  const auto* truth = found->if_boolean();
  return found->is_null() || (text != nullptr && text->empty()) || (truth != nullptr && !*truth);
}

}  // namespace

std::optional<SourceAnswer> Verification::ask(const PageAsked& page) {
  if (subject_.tokens_are_servers) return std::nullopt;
  auto answer = ask_source(client_, subject_.spec, subject_.account, subject_.params, page, stop_);
  return answer ? std::optional(*std::move(answer)) : std::nullopt;
}

std::optional<bool> Verification::is_landed(const Value& record) {
  auto conditions = conditions_of(record, schema_, record_place(read_spec()).size());
  const auto id =
      std::find_if(conditions.begin(), conditions.end(), [](const Condition& each) { return each.is_id; });
  if (id != conditions.end()) conditions = {*id};
  if (conditions.empty()) return std::nullopt;
  std::string sql = fmt::format("SELECT count(*) FROM \"{}\" WHERE ", main_.dataset);
  for (const auto& each : conditions) sql += (&each == conditions.data() ? "" : " AND ") + each.text;
  const auto answer = call("POST", "/headwater/query", Object{{"sql", sql}});
  const auto* rows = answer ? answer->find("rows") : nullptr;
  if (rows == nullptr || !rows->is_array() || rows->if_array()->empty() ||
      !rows->if_array()->front().is_array())
    return std::nullopt;
  const auto count = rows->if_array()->front().if_array()->front().as_int64();
  return count ? std::optional(*count > 0) : std::nullopt;
}

Result<std::string> Verification::check_mock_pages() {
  const auto expected = static_cast<std::int64_t>(subject_.mock->records());
  if (landed_ != expected)
    return failed(fmt::format("The mock has {} records, and {} were fetched in {} pages.", expected, landed_,
                              first_.pages));
  return fmt::format("all {} of the mock's records in {}", expected, pages_of(first_.pages));
}

// "total": 20 of a page of 20 may be what the page holds; it is when it is on the last one, too.
bool Verification::is_count_of_page(const SourceTotal& total, const domain::SourceSpec& spec) {
  const auto last = last_answer(spec);
  const auto said = last ? total_in(*last, spec.paging.total_path) : std::nullopt;
  return said && said->place == total.place && said->records == last->count;
}

Result<std::string> Verification::check_total(const domain::SourceSpec& spec) {
  if (spec.explode || !first_answer_) return std::string();
  const auto& declared = spec.paging.total_path;
  const auto before = total_in(*first_answer_, declared);
  if (!before) return std::string();
  const auto as_many = "as many records as the source's " + before->place;
  const auto fetched = first_.records_in;
  if (fetched == before->records) return as_many;
  // Records that came up or went since it was told.
  const auto answer = ask();
  const auto now = answer ? total_in(*answer, declared) : std::nullopt;
  const auto [least, most] = std::minmax(before->records, now ? now->records : before->records);
  if (least <= fetched && fetched <= most)
    return fmt::format("{}, which went from {} to {} meanwhile", as_many, before->records,
                       now ? now->records : before->records);
  const auto said = fmt::format("The source says that it has {} ({} of its answer), and the run fetched {}.",
                                counted(static_cast<std::uint64_t>((now ? now : before)->records), "record"),
                                before->place, fetched);
  const bool may_be_page = declared.empty() && before->records == first_answer_->count && fetched > most;
  if (may_be_page && is_count_of_page(*before, spec)) return std::string();
  if (!may_be_page && !(before->in_header && fetched > most)) return failed(said);
  warn("The source's count", said,
       may_be_page
           ? "It may be that of a page: look at the API's description; a totalPath says which one counts."
           : "Look whether records come twice.");
  return std::string();
}

std::optional<SourceAnswer> Verification::last_answer(const domain::SourceSpec& spec) {
  const auto& paging = spec.paging;
  if (paging.type == PagingType::none || first_.pages <= 1) return first_answer_;
  const bool by_offset = paging.type == PagingType::offset;
  const std::int64_t step = by_offset ? paging.limit : 1;
  if (!is_counting(paging.type)) return walk_to_last(paging);
  if (step <= 0) return std::nullopt;
  return ask(PageAsked{by_offset ? paging.offset_name : paging.page_name,
                       (by_offset ? 0 : paging.initial_page) + (first_.pages - 1) * step});
}

// A source may well have as many records as one page holds.
Result<void> Verification::check_full_page(const domain::SourceSpec& spec, std::string_view behind) {
  const auto& paging = spec.paging;
  const bool counting = is_counting(paging.type);
  const auto said = fmt::format("One page of exactly {} records, the limit", paging.limit);
  if (counting && behind.starts_with("records stand"))
    return failed(said + ": what is behind it was not asked for.");
  if (!counting && TRY(would_name_next(spec))) return {};
  warn("Pages are not proven",
       said + ": " +
           (counting ? std::string(behind) : "the source names no next page, nor behind a smaller one") + ".",
       "Verify with an account or parameters that give more than one page.");
  return {};
}

Result<std::string> Verification::check_behind(const domain::SourceSpec& spec) {
  const auto& paging = spec.paging;
  const bool by_offset = paging.type == PagingType::offset;
  const std::string name = by_offset ? paging.offset_name : paging.page_name;
  const std::int64_t step = by_offset ? paging.limit : 1;
  if (step == 0 || spec.explode) return std::string("nothing was asked behind it");
  std::vector<std::string> places;
  // The second one, since a page may be empty and another follow it.
  for (std::int64_t page = first_.pages; page <= first_.pages + 1; ++page) {
    const auto value = (by_offset ? 0 : paging.initial_page) + page * step;
    const auto answer = ask(PageAsked{name, value});
    if (!answer) return std::string("what stands behind it could not be asked for");
    places.push_back(fmt::format("{}={}", name, value));
    std::int64_t missing = 0;
    for (const auto& record : answer->records) {
      const auto landed = is_landed(record);
      if (!landed)
        return fmt::format("records stand at {}; whether the run has them cannot be told", places.back());
      if (!*landed) ++missing;
    }
    if (missing > 0)
      return failed(fmt::format(
          "The run ended after {} with {}, and at {} stand records that it has not.", pages_of(first_.pages),
          counted(static_cast<std::uint64_t>(first_.records_in), "record"), places.back()));
  }
  return fmt::format("nothing else at {}", fmt::join(places, " and "));
}

Result<std::string> Verification::check_end(const domain::SourceSpec& spec) {
  const auto& paging = spec.paging;
  const bool counting = is_counting(paging.type);
  const auto last = last_answer(spec);
  auto said = last ? more_in(*last, first_.pages) : MoreSaid{};
  if (paging.type == PagingType::pointer || paging.type == PagingType::continuation_token) {
    // What stands at the spec's own place, the run has followed or found to lead nowhere.
    if (!said.place.empty() && (own_place(paging) + ".").starts_with(said.place + "."))
      said = MoreSaid{{}, {}, false, {}, said.denied};
    else if (said.by_link)
      said.maybe = std::exchange(said.surely, {});
  }
  const auto behind = counting ? TRY(check_behind(spec)) : std::string();
  const bool disproved = behind.starts_with("nothing else");
  if (!said.surely.empty() && !disproved)
    return failed(fmt::format("The run ended after {}, and the source says there that more follows: {}.",
                              pages_of(first_.pages), said.surely));
  const bool is_full = paging.type != PagingType::none && first_.pages == 1 && paging.limit > 0 &&
                       first_.records_in == paging.limit;
  if (is_full && !disproved && !said.denied && !(last && names_the_end(paging, *last)))
    TRY(check_full_page(spec, behind));
  if (const auto& hint = said.surely.empty() ? said.maybe : said.surely; !hint.empty())
    warn("The source's last answer",
         fmt::format("It may say that more follows: {}{}.", hint, disproved ? "; there was " + behind : ""),
         "Look whether records are missing; POINTER or CONTINUATION_TOKEN follows what the source gives.");
  const bool knows = last && !last->beside.is_null();
  if (paging.type == PagingType::none)
    return std::string(knows ? "one answer, which does not say that more follows"
                             : "one answer; the spec does not page");
  if (!counting)
    return pages_of(first_.pages) + ", until the source named no next one" +
           (last ? "" : "; its last answer was not looked at: " + unseen_);
  return pages_of(first_.pages) + ", then the end: " + behind;
}

Result<std::string> Verification::check_pages() {
  if (subject_.mock != nullptr) return check_mock_pages();
  const auto spec = read_spec();
  const auto witness = TRY(check_total(spec));
  if (witness.empty()) return check_end(spec);
  if (spec.paging.type == PagingType::none) return "one answer; " + witness;
  return pages_of(first_.pages) + ", then the end; " + witness;
}

}  // namespace headwater::cli
