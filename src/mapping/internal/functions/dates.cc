#include <string>

#include "mapping/internal/date_pattern.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "Date / Time";

Value now(Evaluation& run, In) {
  const auto time = from_millis(run.now_ms());
  return time ? run.make_date(*time) : Value::failure("now: the clock shows no year from 1 to 9999");
}

Value timestamp(Evaluation& run, In) { return Value::of(run.now_ms()); }

Value formatted(Evaluation& run, Arguments& in, const ZonedTime& time) {
  const auto pattern = in.text(1, "pattern");
  if (in.failed()) return in.failure();
  std::string_view reason;
  const auto* compiled = run.date_pattern(pattern, reason);
  if (compiled == nullptr) return in.fail_for("pattern", reason);
  thread_local std::string text;  // keeps its memory
  text.clear();
  compiled->format(text, time);
  return run.make_text(text);
}

Value format(Evaluation& run, In values) {
  Arguments in(run, "format", values);
  return formatted(run, in, in.date(0, "date"));
}

Value dformat(Evaluation& run, In values) {
  Arguments in(run, "dformat", values);
  const auto time = from_millis(in.whole(0, "milliseconds"));
  if (!in.failed() && !time)
    return in.fail({"milliseconds must be in the years 1 to 9999, they are ", in.shown(in[0])});
  return formatted(run, in, time.value_or(ZonedTime{}));
}

Value date(Evaluation& run, In values) {
  Arguments in(run, "date", values);
  if (in[0].kind == Value::Kind::date) return in[0];
  const auto text = in.text(0, "input");
  if (in.failed()) return in.failure();
  if (text.empty()) {  // null too
    if (!in.given(2)) return {};
    const auto otherwise = in.date(2, "default");
    return in.failed() ? in.failure() : run.make_date(otherwise);
  }
  if (!in.given(1)) {
    const auto time = parse_any_date(text, *run.environment().zones);
    return time ? run.make_date(*time) : in.fail({"input must be a date, it is ", in.shown(in[0])});
  }
  const auto pattern = in.text(1, "pattern");
  if (in.failed()) return in.failure();
  std::string_view reason;
  const auto* compiled = run.date_pattern(pattern, reason);
  if (compiled == nullptr) return in.fail_for("pattern", reason);
  const auto time = compiled->parse(text, *run.environment().zones);
  if (time) return run.make_date(*time);
  return in.fail({"input must be a date of the pattern ", in.shown(in[1]), ", it is ", in.shown(in[0])});
}

Value date_part(Evaluation& run, In values) {
  Arguments in(run, "date_part", values);
  const auto component = in.text(0, "component");
  const auto time = in.date(1, "date");
  if (in.failed()) return in.failure();
  const auto part = mapping::date_part(component, time);
  return part ? Value::of(*part) : in.fail({"component must be a part of a date, it is ", in.shown(in[0])});
}

Value set_date_part(Evaluation& run, In values) {
  Arguments in(run, "set_date_part", values);
  const auto component = in.text(0, "component");
  const auto value = in.whole(1, "value");
  auto time = in.date(2, "date");
  if (in.failed()) return in.failure();
  const auto reason = mapping::set_date_part(component, value, time);
  if (!reason.empty())
    return in.fail({"cannot set ", in.shown(in[0]), " to ", in.shown(in[1]), ": ", reason});
  return run.make_date(time);
}

// Nothing: `in` has failed.
std::optional<ZoneChoice> zone(Evaluation& run, Arguments& in, std::size_t index, Value& failure) {
  const auto name = in.text(index, "zone");
  if (in.failed()) {
    failure = in.failure();
    return std::nullopt;
  }
  const auto found = find_zone(name, *run.environment().zones);
  if (!found)
    failure = in.fail(
        {"zone must be an id as \"Europe/Paris\" or an offset as \"+02:00\", it is ", in.shown(in[index])});
  return found;
}

Value make_date_time(Evaluation& run, In values) {
  Arguments in(run, "make_date_time", values);
  for (const auto& value : values)
    if (value.is_null()) return {};
  DateTimeFields fields;
  fields.year = in.whole(0, "year");
  fields.month = in.whole(1, "month");
  fields.day = in.whole(2, "day");
  fields.hour = in.whole(3, "hour");
  fields.minute = in.whole(4, "minute");
  fields.second = in.whole(5, "second");
  fields.nanosecond = in.whole(6, "nanosecond");
  if (in.failed()) return in.failure();
  Value failure;
  const auto choice = zone(run, in, 7, failure);
  if (!choice) return failure;
  ZonedTime time;
  const auto reason = mapping::make_date_time(fields, *choice, time);
  return reason.empty() ? run.make_date(time) : in.fail({reason});
}

Value zone_date_to_utc(Evaluation& run, In values) {
  Arguments in(run, "zone_date_to_utc", values);
  const auto time = in.date(0, "date");
  return in.failed() ? in.failure() : run.make_date(with_zone(time, ZoneChoice{}));
}

Value zone_date_to_zone(Evaluation& run, In values) {
  Arguments in(run, "zone_date_to_zone", values);
  const auto time = in.date(0, "date");
  if (in.failed()) return in.failure();
  Value failure;
  const auto choice = zone(run, in, 1, failure);
  return choice ? run.make_date(with_zone(time, *choice)) : failure;
}

const Parameter kDate{"date", "a date, or a text that date() reads", Type::date};
const Parameter kPattern{"pattern", "the letters of a date pattern, as in \"yyyy-MM-dd\"", Type::string};

void add_clock(std::vector<Function>& out) {
  out.push_back({.info = {.name = "now",
                          .category = kCategory,
                          .description = "Gives the current time, the same one throughout a record.",
                          .returns = "The time in UTC.",
                          .return_type = Type::date,
                          .examples = {{"now()", ""}, {"now() == now()", "true"}}},
                 .call = &now});
  out.push_back({.info = {.name = "timestamp",
                          .category = kCategory,
                          .description = "Gives the current Unix time, the same one throughout a record.",
                          .returns = "Milliseconds since 1970.",
                          .return_type = Type::integer,
                          .examples = {{"timestamp()", ""}, {"timestamp() > 1600000000000", "true"}}},
                 .call = &timestamp});
}

void add_formatting(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "format",
                .category = kCategory,
                .description = "Writes a date by a pattern, as clocks in its own zone show it.",
                .returns = "The text.",
                .return_type = Type::string,
                .parameters = {kDate, kPattern},
                .examples = {{R"x(format(date("2022-03-04T05:06:07Z"), "dd/MM/yyyy HH.mm"))x",
                              R"("04/03/2022 05.06")"},
                             {R"x(format("2024-12-30T05:06:07.089Z", "Y-'W'ww-u"))x", R"("2025-W01-1")"},
                             {R"x(format("2024-12-30T05:06:07.089Z", "D F SSS QQQ"))x", R"("365 5 089 Q4")"},
                             {R"x(format("2024-12-30T05:06:07.089Z", "h:mm a"))x", R"("5:06 AM")"},
                             {R"x(format("2024-12-30T05:06:07.089Z", "EEEE d MMMM yyyy"))x",
                              R"("Monday 30 December 2024")"},
                             {R"x(format("2024-12-30T05:06:07+02:00", "HH XXX"))x", R"("05 +02:00")"},
                             {R"x(format("2024-12-30", ""))x", R"("")"},
                             {R"x(format(null, "yyyy"))x", "null"}}},
       .call = &format,
       .works_on = 0,
       .literal = Function::Literal::date_pattern});
  out.push_back(
      {.info = {.name = "dformat",
                .category = kCategory,
                .description = "Writes a Unix time by a pattern, in UTC.",
                .returns = "The text.",
                .return_type = Type::string,
                .parameters = {{"milliseconds", "milliseconds since 1970", Type::integer}, kPattern},
                .examples = {{R"x(dformat(0, "yyyy-MM-dd HH:mm:ss"))x", R"("1970-01-01 00:00:00")"},
                             {R"x(dformat(-1, "yyyy-MM-dd HH:mm:ss.SSS"))x", R"("1969-12-31 23:59:59.999")"},
                             {R"x(dformat("1646370367000", "yyyyMMdd"))x", R"("20220304")"},
                             {R"x(dformat(null, "yyyy"))x", "null"}}},
       .call = &dformat,
       .works_on = 0,
       .literal = Function::Literal::date_pattern});
}

void add_date(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "date",
                .category = kCategory,
                .description =
                    "Reads a date. Without a zone in the text it is in UTC and has whole seconds; fields "
                    "that the text lacks are 0.",
                .returns =
                    "The date; the default, or null, for null and for an empty text. A date is given back as "
                    "it is.",
                .return_type = Type::date,
                .parameters = {{"input", "the text", Type::string},
                               {"pattern", "how the text is written; when left out, the usual ways are tried",
                                Type::string},
                               {"default", "what stands for null and for an empty text", Type::date}},
                .optional = 2,
                .examples = {{R"x(date("04.03.22 05:06", "dd.MM.yy HH:mm"))x", R"("2022-03-04T05:06:00Z")"},
                             {R"x(date("2022-03-04"))x", R"("2022-03-04T00:00:00Z")"},
                             {R"x(date("07042021"))x", R"("2021-07-04T00:00:00Z")"},
                             {R"x(date(20210704))x", R"("2021-07-04T00:00:00Z")"},
                             {R"x(date("04-Jul-2021"))x", R"("2021-07-04T00:00:00Z")"},
                             {R"x(date("2022-03-04T05:06"))x", R"("2022-03-04T05:06:00Z")"},
                             {R"x(date("2024-05-05 20:39:00.005"))x", R"("2024-05-05T20:39:00Z")"},
                             {R"x(date("2024-05-05 20:39:00.005-0800"))x",
                              R"("2024-05-05T20:39:00.005-08:00")"},
                             {R"x(date(date("2022-03-04"), "dd.MM.yy"))x", R"("2022-03-04T00:00:00Z")"},
                             {R"x(date(null, "dd.MM.yy", date("2022-03-04")))x", R"("2022-03-04T00:00:00Z")"},
                             {R"x(date("", null, "2022-03-04"))x", R"("2022-03-04T00:00:00Z")"},
                             {R"x(date("", "dd.MM.yy"))x", "null"},
                             {R"x(date(null))x", "null"}}},
       .call = &date,
       .literal = Function::Literal::date_pattern});
}

void add_parts(std::vector<Function>& out) {
  const Parameter component{"component", "year, month, day, hour and so on, in any case", Type::string};
  out.push_back({.info = {.name = "date_part",
                          .category = kCategory,
                          .description = "Takes one component out of a date.",
                          .returns = "The number; of week days, 1 is Sunday.",
                          .return_type = Type::integer,
                          .parameters = {component, kDate},
                          .examples = {{R"x(date_part("year", date("2022-03-04")))x", "2022"},
                                       {R"x(date_part("QQ", "2022-03-04"))x", "1"},
                                       {R"x(date_part("dy", "2024-12-30"))x", "365"},
                                       {R"x(date_part("w", "2024-12-30"))x", "1"},
                                       {R"x(date_part("weekday", "2024-12-30"))x", "2"},
                                       {R"x(date_part("hh12", "2024-12-30 00:06:07"))x", "12"},
                                       {R"x(date_part("sss", "2024-12-30T05:06:07.089Z"))x", "89"},
                                       {R"x(date_part("hour", "2024-12-30T05:06:07+02:00"))x", "5"},
                                       {R"x(date_part("year", null))x", "null"}}},
                 .call = &date_part,
                 .works_on = 1});
  out.push_back(
      {.info = {.name = "set_date_part",
                .category = kCategory,
                .description = "Changes one component of a date and leaves the others; the day gives way "
                               "when a month is too short for it.",
                .returns = "The changed date.",
                .return_type = Type::date,
                .parameters = {component, {"value", "the component's new value", Type::integer}, kDate},
                .examples = {{R"x(set_date_part("hour", 23, date("2022-03-04 05:06")))x",
                              R"("2022-03-04T23:06:00Z")"},
                             {R"x(set_date_part("MM", "2", "2024-01-31"))x", R"("2024-02-29T00:00:00Z")"},
                             {R"x(set_date_part("yyyy", 2023, "2024-02-29"))x", R"("2023-02-28T00:00:00Z")"},
                             {R"x(set_date_part("hour", 23, null))x", "null"}}},
       .call = &set_date_part,
       .works_on = 2});
}

void add_making(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "make_date_time",
                .aliases = {"make_timestamp"},
                .category = kCategory,
                .description = "Makes a date of what calendar and clock show in a zone.",
                .returns = "The date in that zone; null when an argument is null.",
                .return_type = Type::date,
                .parameters = {{"year", "1 to 9999", Type::integer},
                               {"month", "1 to 12", Type::integer},
                               {"day", "1 to 31, as the month has them", Type::integer},
                               {"hour", "0 to 23", Type::integer},
                               {"minute", "0 to 59", Type::integer},
                               {"second", "0 to 59", Type::integer},
                               {"nanosecond", "0 to 999999999", Type::integer},
                               {"timezone", "an id as \"Europe/Paris\" or an offset as \"+02:00\"",
                                Type::string}},
                .examples = {{R"x(make_date_time(2022, 3, 4, 5, 6, 7, 0, "UTC"))x",
                              R"("2022-03-04T05:06:07Z")"},
                             {R"x(make_timestamp(2022, 7, 4, "5", 6, 7, 120000000, "Europe/Paris"))x",
                              R"("2022-07-04T05:06:07.120+02:00")"},
                             {R"x(make_date_time(2022, 3, 4, 5, 6, 7, 0, "-08:00"))x",
                              R"("2022-03-04T05:06:07-08:00")"},
                             {R"x(make_date_time(2022, 3, null, 5, 6, 7, 0, "UTC"))x", "null"}}},
       .call = &make_date_time});
}

void add_zones(std::vector<Function>& out) {
  out.push_back({.info = {.name = "zone_date_to_utc",
                          .category = kCategory,
                          .description = "Gives the same instant in UTC.",
                          .returns = "The date in UTC.",
                          .return_type = Type::date,
                          .parameters = {kDate},
                          .examples = {{R"x(zone_date_to_utc(date("2022-03-04 05:00:00+0200")))x",
                                        R"("2022-03-04T03:00:00Z")"},
                                       {R"x(zone_date_to_utc("2022-03-04"))x", R"("2022-03-04T00:00:00Z")"},
                                       {R"x(zone_date_to_utc(null))x", "null"}}},
                 .call = &zone_date_to_utc,
                 .works_on = 0});
  out.push_back(
      {.info = {.name = "zone_date_to_zone",
                .category = kCategory,
                .description = "Gives the same instant in another zone.",
                .returns = "The date in that zone.",
                .return_type = Type::date,
                .parameters = {kDate,
                               {"zone", "an id as \"Asia/Tokyo\" or an offset as \"+09:00\"", Type::string}},
                .examples = {{R"x(zone_date_to_zone(date("2022-07-01T10:00:00Z"), "Asia/Tokyo"))x",
                              R"("2022-07-01T19:00:00+09:00")"},
                             {R"x(zone_date_to_zone("2022-07-01T10:00:00Z", "PST"))x",
                              R"("2022-07-01T02:00:00-08:00")"},
                             {R"x(zone_date_to_zone(null, "UTC"))x", "null"}}},
       .call = &zone_date_to_zone,
       .works_on = 0});
}

}  // namespace

std::vector<Function> date_functions() {
  std::vector<Function> out;
  add_clock(out);
  add_formatting(out);
  add_date(out);
  add_parts(out);
  add_making(out);
  add_zones(out);
  return out;
}

}  // namespace headwater::mapping
