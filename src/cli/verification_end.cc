// Whether a run read to the source's end: by what its answers say, and by what stands behind the last one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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
  bool is_id = false;
};

std::string sql_quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

// Times are stored in a form of their own.
bool is_plain_text(std::string_view text) {
  constexpr std::size_t kLengthMax = 200;
  return text.size() <= kLengthMax && text.find('\0') == std::string_view::npos &&
         !(text.size() >= 8 &&
           std::all_of(text.begin(), text.begin() + 4, [](char c) { return c >= '0' && c <= '9'; }));
}

// What a row must be to be this record, by members that are stored as they came.
void collect(const Value& record, const Value& schema, const std::string& column,
             std::vector<Condition>& out) {
  constexpr std::size_t kConditionsMax = 8;
  const auto* members = schema.find("properties");
  if (members == nullptr || !members->is_object()) return;
  for (const auto& [name, member] : *members->if_object()) {
    const auto* value = record.find(name);
    if (value == nullptr || out.size() >= kConditionsMax) continue;
    const auto path = column + (column.empty() ? "" : ".") + sql_quoted(name, '"');
    const auto type = member.string_at("type");
    const auto plain = authoring::plain_name(name);
    const bool is_id = plain == "id" || plain == "uuid" || plain == "guid" || plain == "key";
    if (type == "object")
      collect(*value, member, path, out);
    else if (const auto number = value->as_int64(); type == "integer" && number)
      out.push_back({fmt::format("{} = {}", path, *number), is_id});
    else if (const auto* text = value->if_string();
             type == "string" && text != nullptr && member.find("format") == nullptr && is_plain_text(*text))
      out.push_back({fmt::format("CAST({} AS VARCHAR) = {}", path, sql_quoted(*text, '\'')), is_id});
  }
}

}  // namespace

std::optional<SourceAnswer> Verification::ask(const std::optional<PageAsked>& page) {
  auto answer = ask_source(client_, subject_.spec, subject_.account, subject_.params, page, stop_);
  return answer ? std::optional(*std::move(answer)) : std::nullopt;
}

std::optional<bool> Verification::is_landed(const Value& record) {
  std::vector<Condition> conditions;
  collect(record, schema_, {}, conditions);
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

Result<std::string> Verification::check_total(const domain::SourceSpec& spec) {
  if (spec.explode || !first_answer_) return std::string();
  auto total = total_in(*first_answer_);
  // Records that came up since it was told.
  if (total && first_.records_in > total->records)
    if (const auto now = ask()) total = total_in(*now);
  if (!total) return std::string();
  if (first_.records_in != total->records)
    return failed(fmt::format("The source says that it has {} ({} of its answer), and the run fetched {}.",
                              counted(static_cast<std::uint64_t>(total->records), "record"), total->place,
                              first_.records_in));
  return "as many records as the source's " + total->place;
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
  const bool one_page = paging.type == PagingType::none || first_.pages <= 1;
  std::optional<SourceAnswer> last = one_page ? first_answer_ : std::nullopt;
  const std::int64_t step = paging.type == PagingType::offset ? paging.limit : 1;
  if (!one_page && counting && step > 0)
    last = ask(
        PageAsked{paging.type == PagingType::offset ? paging.offset_name : paging.page_name,
                  (paging.type == PagingType::page ? paging.initial_page : 0) + (first_.pages - 1) * step});
  const auto said = last ? more_in(*last, first_.pages) : MoreSaid{};
  const auto behind = counting ? TRY(check_behind(spec)) : std::string();
  const bool disproved = behind.starts_with("nothing else");
  if (!said.surely.empty() && !disproved)
    return failed(fmt::format("The run ended after {}, and the source says there that more follows: {}.",
                              pages_of(first_.pages), said.surely));
  if (const auto& hint = said.surely.empty() ? said.maybe : said.surely; !hint.empty())
    warn("The source's last answer",
         fmt::format("It may say that more follows: {}{}.", hint, disproved ? "; there was " + behind : ""),
         "Look whether records are missing; POINTER or CONTINUATION_TOKEN follows what the source gives.");
  const bool knows = last && !last->beside.is_null();
  if (paging.type == PagingType::none)
    return std::string(knows ? "one answer, which does not say that more follows"
                             : "one answer; the spec does not page");
  if (!counting) return pages_of(first_.pages) + ", until the source named no next one";
  return pages_of(first_.pages) + ", then the end: " + behind;
}

Result<std::string> Verification::check_pages() {
  if (subject_.mock != nullptr) return check_mock_pages();
  std::vector<Problem> ignored;
  const auto spec = domain::read_source_spec(subject_.spec, &subject_.params, ignored);
  const auto witness = TRY(check_total(spec));
  const auto& paging = spec.paging;
  if (!witness.empty()) {
    if (paging.type == PagingType::none) return "one answer; " + witness;
    return pages_of(first_.pages) + ", then the end; " + witness;
  }
  if (paging.type != PagingType::none && first_.pages == 1 && paging.limit > 0 &&
      first_.records_in == paging.limit)
    return failed(fmt::format(
        "One page of exactly {} records, the limit: what is behind it was not asked for.", paging.limit));
  return check_end(spec);
}

}  // namespace headwater::cli
