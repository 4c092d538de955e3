#include "engine/run/checkpoint.h"

#include "base/time.h"
#include "json/value.h"

namespace headwater::run {
namespace {

using json::Array;
using json::Object;
using json::Value;

struct CountMember {
  std::string_view name;
  std::uint64_t RunCounts::* member;
};

// The names are stored on disk: a renamed one would lose its count over an upgrade.
constexpr CountMember kCountMembers[] = {
    {"pages", &RunCounts::pages},           {"requests", &RunCounts::requests},
    {"retries", &RunCounts::retries},       {"inputBytes", &RunCounts::input_bytes},
    {"read", &RunCounts::records_read},     {"shaped", &RunCounts::records_shaped},
    {"mapped", &RunCounts::records_mapped}, {"written", &RunCounts::records_written},
    {"failed", &RunCounts::records_failed},
};

Error broken(std::string_view what) {
  return Error{ErrorKind::storage, "The run's checkpoint cannot be read: " + std::string(what) +
                                       ". Cancel the run and trigger it again."};
}

std::uint64_t number_at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  const auto number = value == nullptr ? std::nullopt : value->as_int64();
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  Object counts;
  for (const CountMember& count : kCountMembers) counts.set(count.name, checkpoint.counts.*count.member);
  counts.set("throttledMs", Value(std::int64_t{checkpoint.counts.throttled.count()}));
  Array failed;
  for (const FailedGroup& group : checkpoint.failed)
    failed.emplace_back(Object{{"code", group.code}, {"message", group.message}, {"count", group.count}});
  Array failed_rows;
  for (const FailedRow& row : checkpoint.failed_rows)
    failed_rows.emplace_back(
        Object{{"row", static_cast<std::uint64_t>(row.row)}, {"message", row.message}, {"count", row.count}});
  Array notes(checkpoint.notes.begin(), checkpoint.notes.end());
  const Value line = Object{{"version", 1},
                            {"started", epoch_millis(checkpoint.started)},
                            {"counts", std::move(counts)},
                            {"failed", std::move(failed)},
                            {"failedRows", std::move(failed_rows)},
                            {"requestLimit", checkpoint.request_limit},
                            {"definition", checkpoint.definition},
                            {"notes", std::move(notes)}};
  return line.dump() + "\n" + checkpoint.cursor;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return broken("it has no second line");
  const auto parsed = json::parse(text.substr(0, end));
  if (!parsed) return broken("its first line is no JSON");
  const Value* counts = parsed->find("counts");
  if (number_at(*parsed, "version") != 1 || counts == nullptr) return broken("it is of another version");
  Checkpoint checkpoint;
  for (const CountMember& count : kCountMembers)
    checkpoint.counts.*count.member = number_at(*counts, count.name);
  checkpoint.counts.throttled =
      std::chrono::milliseconds(static_cast<std::int64_t>(number_at(*counts, "throttledMs")));
  if (const Value* started = parsed->find("started"))
    checkpoint.started = from_epoch_millis(started->as_int64().value_or(0));
  if (const Value* failed = parsed->find("failed"); failed != nullptr && failed->is_array())
    for (const Value& group : *failed->if_array())
      checkpoint.failed.push_back(FailedGroup{std::string(group.string_at("code")),
                                              std::string(group.string_at("message")),
                                              number_at(group, "count")});
  if (const Value* rows = parsed->find("failedRows"); rows != nullptr && rows->is_array())
    for (const Value& row : *rows->if_array())
      checkpoint.failed_rows.push_back(
          FailedRow{number_at(row, "row"), std::string(row.string_at("message")), number_at(row, "count")});
  if (const Value* notes = parsed->find("notes"); notes != nullptr && notes->is_array())
    for (const Value& note : *notes->if_array())
      if (const std::string* message = note.if_string()) checkpoint.notes.push_back(*message);
  if (const Value* limit = parsed->find("requestLimit"))
    checkpoint.request_limit = limit->as_bool_lenient().value_or(false);
  checkpoint.definition = parsed->string_at("definition");
  checkpoint.cursor = text.substr(end + 1);
  return checkpoint;
}

Result<std::string> resume_cursor(const std::optional<std::string>& landed) {
  if (!landed) return std::string();
  auto checkpoint = TRY(parse_checkpoint(*landed));
  return std::move(checkpoint.cursor);
}

}  // namespace headwater::run
