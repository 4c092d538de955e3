#include "engine/map/mapper.h"

#include <algorithm>

#include "json/pointer.h"

namespace headwater::map {
namespace {

constexpr std::string_view kUnreadable = "INGEST-1401-400";
constexpr std::string_view kRequiredMissing = "INGEST-1555-400";
constexpr std::string_view kNotMapped = "MAPPER-3700-400";
constexpr std::size_t kViolationsShown = 5;

std::string pointer_of_missing(const schema::Violation& violation) {
  return violation.pointer + "/" + json::escape_pointer_token(violation.member);
}

bool is_missing(const schema::Violation& violation) {
  return violation.keyword == schema::Keyword::required ||
         (violation.keyword == schema::Keyword::type && violation.is_null);
}

bool is_index(std::string_view segment) {
  return !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
}

// A JSON Pointer without its array indices.
std::string without_indices(std::string_view pointer) {
  std::string out;
  while (!pointer.empty()) {
    const auto end = pointer.find('/', 1);
    const auto segment = pointer.substr(0, end);
    if (!is_index(segment.substr(1))) out += segment;
    pointer = end == std::string_view::npos ? std::string_view() : pointer.substr(end);
  }
  return out;
}

// "a.b[0].c" as "/a/b/c".
std::string pointer_of_path(std::string_view path) {
  std::string out = "/";
  bool in_index = false;
  for (const char c : path) {
    if (c == '[' || c == ']')
      in_index = c == '[';
    else if (!in_index)
      out += c == '.' ? '/' : c;
  }
  return out;
}

// True when what is missing is the row's destination, something below it or something above it.
bool explains(const mapping::Row& row, const schema::Violation& violation) {
  if (!is_missing(violation)) return false;
  const auto missing =
      without_indices(violation.keyword == schema::Keyword::required ? pointer_of_missing(violation)
                                                                     : violation.pointer) +
      "/";
  const auto written = pointer_of_path(row.destination) + "/";
  return missing.starts_with(written) || written.starts_with(missing);
}

std::string describe(const std::vector<schema::Violation>& violations) {
  std::string text;
  for (const auto& violation : violations) {
    if (!text.empty()) text += "; ";
    if (violation.keyword == schema::Keyword::required)
      text += "required member " + pointer_of_missing(violation) + " is missing";
    else if (is_missing(violation))
      text += violation.pointer + " is null, and must not be";
    else
      text += (violation.pointer.empty() ? std::string("the record") : violation.pointer) + " " +
              violation.reason.substr(0, violation.reason.size() - 1);
  }
  return text + ".";
}

}  // namespace

void Mapped::clear() {
  accepted.clear();
  source_of.clear();
  rejected.clear();
  failures.clear();
}

void Mapper::map(const json::RecordGroup& records, Mapped& mapped) {
  mapped.clear();
  for (std::size_t i = 0; i < records.size(); ++i) map_one(records[i], i, mapped);
}

void Mapper::map_one(std::string_view text, std::size_t index, Mapped& mapped) {
  failures_.clear();
  if (!mapping_) {
    if (target_ && !check(text, index, mapped)) return;
    mapped.accepted.append(text);
    mapped.source_of.push_back(index);
    return;
  }
  const auto record = source_parser_.parse(text);
  if (!record) {
    mapped.rejected.push_back(Rejected{index, kUnreadable, record.error().message});
    return;
  }
  const auto start = mapped.accepted.bytes();
  auto& buffer = mapped.accepted.buffer();
  mapping_->apply(*record, scratch_, mapped.accepted, failures_);
  note_failures(index, mapped);
  if (target_) {
    // Checked before it is closed, so that it can be dropped again; the parser reads past its end.
    const auto wanted = buffer.size() + json::RecordParser::kPadding;
    if (buffer.capacity() < wanted) buffer.reserve(std::max(wanted, 2 * buffer.capacity()));
    if (!check(std::string_view(buffer).substr(start), index, mapped)) {
      mapped.accepted.drop_open_text();
      return;
    }
  }
  mapped.accepted.close_text();
  mapped.source_of.push_back(index);
}

void Mapper::note_failures(std::size_t index, Mapped& mapped) const {
  for (const auto& failure : failures_) {
    const auto known = std::find_if(mapped.failures.begin(), mapped.failures.end(),
                                    [&failure](const RowFailures& row) { return row.row == failure.row; });
    if (known == mapped.failures.end())
      mapped.failures.push_back({failure.row, index, told(failure), 1});
    else
      ++known->count;
  }
}

std::string Mapper::told(const mapping::Mapping::Failure& failure) const {
  const auto& row = mapping_->row(failure.row);
  return "Mapping " + std::to_string(failure.row) + " (" + row.source + " to " + row.destination +
         ") failed: " + std::string(failure.reason) + ".";
}

// True when the target schema accepts the record; otherwise it is among the rejected.
bool Mapper::check(std::string_view padded_text, std::size_t index, Mapped& mapped) {
  const auto record = target_parser_.parse(padded_text);
  if (!record) {
    mapped.rejected.push_back(Rejected{index, kUnreadable, record.error().message});
    return false;
  }
  if (target_->accepts(*record)) return true;
  const auto violations = target_->violations(*record, kViolationsShown);
  const bool missing = std::any_of(violations.begin(), violations.end(), is_missing);
  auto message = describe(violations);
  auto code = missing ? kRequiredMissing : kUnreadable;
  const auto cause = std::find_if(failures_.begin(), failures_.end(), [&](const auto& failure) {
    return std::any_of(violations.begin(), violations.end(), [&](const auto& violation) {
      return explains(mapping_->row(failure.row), violation);
    });
  });
  if (cause != failures_.end()) {
    // The value was there, but its mapping left the member out.
    code = kNotMapped;
    message += " " + told(*cause);
  }
  mapped.rejected.push_back(Rejected{index, code, std::move(message)});
  return false;
}

}  // namespace headwater::map
