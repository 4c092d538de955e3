#include "mapping/internal/date_pattern.h"

#include <algorithm>

#include "base/time.h"
#include "mapping/internal/date_fields.h"
#include "mapping/internal/date_text.h"

namespace headwater::mapping {

/// A letter that stands for a number.
struct NumberLetter {
  char letter;
  DateField field;
  std::size_t digits;  // of the greatest value
  std::int32_t least, most;
  std::size_t count_max;  // a longer run is a name or an error
};

namespace {

constexpr std::size_t kDigitsMax = 18;  // as fit into 64 bits

constexpr NumberLetter kNumbers[] = {{'y', DateField::year, 4, 1, 9999, kDigitsMax},
                                     {'Y', DateField::week_year, 4, 1, 9999, kDigitsMax},
                                     {'M', DateField::month, 2, 1, 12, 2},
                                     {'L', DateField::month, 2, 1, 12, 2},
                                     {'Q', DateField::quarter, 1, 1, 4, 2},
                                     {'q', DateField::quarter, 1, 1, 4, 2},
                                     {'w', DateField::week, 2, 1, 53, kDigitsMax},
                                     {'W', DateField::week_of_month, 1, 0, 5, kDigitsMax},
                                     {'D', DateField::day_of_year, 3, 1, 366, kDigitsMax},
                                     {'d', DateField::day, 2, 1, 31, kDigitsMax},
                                     {'F', DateField::weekday_ordinal, 1, 1, 5, kDigitsMax},
                                     {'u', DateField::weekday, 1, 1, 7, kDigitsMax},
                                     {'H', DateField::hour, 2, 0, 23, kDigitsMax},
                                     {'k', DateField::hour, 2, 1, 24, kDigitsMax},
                                     {'K', DateField::hour_of_half_day, 2, 0, 11, kDigitsMax},
                                     {'h', DateField::hour_of_half_day, 2, 1, 12, kDigitsMax},
                                     {'m', DateField::minute, 2, 0, 59, kDigitsMax},
                                     {'s', DateField::second, 2, 0, 59, kDigitsMax}};

/// A letter that stands for a text, or for a fraction, and how often it may be repeated.
struct TextLetter {
  char letter;
  std::size_t count_max;
};
constexpr TextLetter kTexts[] = {{'G', 5}, {'M', 5}, {'L', 5}, {'Q', 5}, {'q', 5}, {'E', 5}, {'a', 5},
                                 {'S', 9}, {'z', 4}, {'Z', 5}, {'X', 3}, {'V', 2}, {'O', 4}};

constexpr std::string_view kQuarterNames[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Error wrong_pattern(std::size_t index, std::string_view reason) {
  return Error{ErrorKind::invalid_argument, "The date pattern is wrong at position " +
                                                std::to_string(index + 1) + ": " + std::string(reason) + "."};
}

// One of `names` in its short (3), full (4) or narrow (5) form.
std::string_view name_form(std::string_view name, std::size_t count) {
  return count == 4 ? name : name.substr(0, count == 5 ? 1 : 3);
}

bool take(std::string_view& text, std::string_view start) {
  if (!same_letters(text.substr(0, start.size()), start)) return false;
  text.remove_prefix(start.size());
  return true;
}

// Takes one of the names in its form, and gives its index, or -1. A narrow name tells nothing.
template <class Names>
std::int32_t take_name(std::string_view& text, const Names& names, std::size_t count) {
  if (count == 5) return -1;
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (take(text, name_form(names[i], count))) return static_cast<std::int32_t>(i);
  return -1;
}

/// What a text says of the zone.
struct ZoneWords {
  std::optional<std::int32_t> offset;
  std::optional<ZoneChoice> zone;
};

// The longest start of `text` that names a zone.
bool take_zone(std::string_view& text, const Zones& zones, ZoneWords& words) {
  constexpr std::size_t kLongest = 48;
  const auto belongs = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("/_+-:").find(c) != std::string_view::npos;
  };
  const auto start = text.substr(0, kLongest);
  auto size = static_cast<std::size_t>(std::find_if_not(start.begin(), start.end(), belongs) - start.begin());
  for (; size > 0; --size) {
    words.zone = find_zone(start.substr(0, size), zones);
    if (!words.zone) continue;
    text.remove_prefix(size);
    return true;
  }
  return false;
}

// "GMT", "GMT-8", "GMT-8:30"; padded: "GMT-08:00".
bool take_gmt_offset(std::string_view& text, bool padded, ZoneWords& words) {
  if (!text.starts_with("GMT")) return false;
  text.remove_prefix(3);
  words.offset = 0;
  if (!text.starts_with('+') && !text.starts_with('-')) return true;
  const auto offset = take_offset(text);
  if (!offset || (padded && (offset->hour_digits != 2 || !offset->colon))) return false;
  words.offset = offset->seconds;
  return offset->minutes == offset->colon;
}

bool take_plain_offset(std::string_view& text, char letter, std::size_t count, ZoneWords& words) {
  const auto offset = take_offset(text);
  if (!offset) return false;
  words.offset = offset->seconds;
  const bool colon = letter == 'Z' ? count == 5 : count == 3;
  if (offset->is_z) return letter == 'X' || colon;
  if (offset->hour_digits != 2 || offset->colon != colon) return false;
  return offset->minutes || (letter == 'X' && count == 1);
}

bool take_zone_letters(char letter, std::size_t count, std::string_view& text, const Zones& zones,
                       ZoneWords& words) {
  if (letter == 'O' || (letter == 'Z' && count == 4)) return take_gmt_offset(text, count == 4, words);
  if (letter == 'X' || letter == 'Z') return take_plain_offset(text, letter, count, words);
  if (letter == 'z') {
    if (const auto offset = take_long_zone_name(text)) {
      words.zone = ZoneChoice{nullptr, *offset};
      return true;
    }
  }
  return take_zone(text, zones, words);
}

// Takes what a text letter stands for.
bool take_text(char letter, std::size_t count, std::string_view& text, DateFields& fields) {
  switch (letter) {
    case 'G':  // Years before Christ are out of range.
      return take(text, count == 4 ? "Anno Domini" : count == 5 ? "A" : "AD");
    case 'a': {
      const bool afternoon = take(text, "PM");
      return (afternoon || take(text, "AM")) && fields.set(DateField::half_day, afternoon ? 1 : 0);
    }
    case 'E': {
      const auto index = take_name(text, kWeekdayNames, std::max<std::size_t>(count, 3));
      return index >= 0 && fields.set(DateField::weekday, index == 0 ? 7 : index);
    }
    case 'Q':
    case 'q': {
      if (count == 3 && !take(text, "Q")) return false;
      if (count == 4) {
        const auto index = take_name(text, kQuarterNames, 4);
        return index >= 0 && fields.set(DateField::quarter, index + 1);
      }
      if (text.empty() || text[0] < '1' || text[0] > '4') return false;
      const std::int32_t quarter = text[0] - '0';
      text.remove_prefix(1);
      return fields.set(DateField::quarter, quarter);
    }
    default: {  // M, L
      const auto index = take_name(text, kMonthNames, count);
      return index >= 0 && fields.set(DateField::month, index + 1);
    }
  }
}

bool is_zone_letter(char letter) { return std::string_view("zZXVO").find(letter) != std::string_view::npos; }

// Takes digits of a fraction: up to three are a count of milliseconds.
bool take_fraction(std::size_t count, std::size_t digits, std::string_view& text,
                   std::optional<std::uint32_t>& nanos) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) value = value * 10 + static_cast<std::uint32_t>(text[i] - '0');
  text.remove_prefix(digits);
  for (std::size_t i = std::max<std::size_t>(count, 3); i < 9; ++i) value *= 10;
  if (nanos && *nanos != value) return false;
  nanos = value;
  return true;
}

// How many digits `text` starts with, counting no further than `most`.
std::size_t digits_at(std::string_view text, std::size_t most) {
  const auto start = text.substr(0, most);
  const auto end = std::find_if_not(start.begin(), start.end(), [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<std::size_t>(end - start.begin());
}

std::optional<ZonedTime> in_zone(std::int64_t local, std::uint32_t nanos, const ZoneWords& words) {
  if (!words.offset && !words.zone) return ZonedTime{local, 0, 0, nullptr};
  if (!words.offset) return from_local(local, nanos, *words.zone);
  if (!words.zone || words.zone->zone)
    return at_zone(local - *words.offset, nanos, words.zone.value_or(ZoneChoice{nullptr, *words.offset}));
  if (words.zone->offset != *words.offset) return std::nullopt;
  return from_local(local, nanos, *words.zone);
}

std::uint32_t number_to_show(const NumberLetter& number, const LocalTime& local) {
  const auto year_of_era = [](int year) { return static_cast<std::uint32_t>(year > 0 ? year : 1 - year); };
  switch (number.field) {
    case DateField::year:
      return year_of_era(int{local.date.year()});
    case DateField::week_year:
      return year_of_era(iso_week(local.day).year);
    case DateField::month:
      return unsigned{local.date.month()};
    case DateField::quarter:
      return (unsigned{local.date.month()} + 2) / 3;
    case DateField::week:
      return iso_week(local.day).week;
    case DateField::week_of_month:
      return week_of_month(local.date);
    case DateField::day_of_year:
      return static_cast<std::uint32_t>(
                 (local.day - std::chrono::sys_days(local.date.year() / 1 / 1)).count()) +
             1;
    case DateField::day:
      return unsigned{local.date.day()};
    case DateField::weekday_ordinal:
      return (unsigned{local.date.day()} - 1) / 7 + 1;
    case DateField::weekday:
      return std::chrono::weekday(local.day).iso_encoding();
    case DateField::half_day:
      return local.hour / 12;
    case DateField::hour:
      return number.least == 1 && local.hour == 0 ? 24 : local.hour;
    case DateField::hour_of_half_day:
      return number.least == 1 && local.hour % 12 == 0 ? 12 : local.hour % 12;
    case DateField::minute:
      return local.minute;
    case DateField::second:
      return local.second;
  }
  return 0;
}

void append_zone_name(std::string& out, const ZonedTime& time, bool in_full) {
  if (!time.zone && time.offset == 0) {
    out += in_full ? "Coordinated Universal Time" : "UTC";
    return;
  }
  if (!time.zone) return append_gmt_offset(out, time.offset, true);
  if (in_full) {
    const auto name = long_zone_name(*time.zone, time.offset);
    out += name;
    if (name.empty()) append_gmt_offset(out, time.offset, true);
    return;
  }
  const ZoneOffset offset = time.zone->offset_at(time.seconds);
  if (is_letter(offset.abbreviation.empty() ? '+' : offset.abbreviation[0]))
    out += offset.abbreviation;
  else
    append_gmt_offset(out, time.offset, true);
}

void append_zone(std::string& out, char letter, std::size_t count, const ZonedTime& time) {
  if (letter == 'z') return append_zone_name(out, time, count == 4);
  if (letter == 'O' || (letter == 'Z' && count == 4)) return append_gmt_offset(out, time.offset, count == 4);
  if (letter == 'V') {
    if (time.zone)
      out += time.zone->name();
    else if (time.offset == 0)
      out += "UTC";
    else
      append_offset(out, time.offset, {.colon = true});
    return;
  }
  OffsetStyle style;
  style.colon = letter == 'Z' ? count == 5 : count == 3;
  style.z_for_utc = letter == 'X' || count == 5;
  style.minutes_if_any = letter == 'X' && count == 1;
  append_offset(out, time.offset, style);
}

void append_text(std::string& out, char letter, std::size_t count, const LocalTime& local) {
  switch (letter) {
    case 'G': {
      const bool after = int{local.date.year()} > 0;
      const std::string_view name =
          count == 4 ? (after ? "Anno Domini" : "Before Christ") : (after ? "AD" : "BC");
      out += name.substr(0, count == 5 ? 1 : name.size());
      return;
    }
    case 'a':
      out += local.hour < 12 ? "AM" : "PM";
      return;
    case 'E':
      out += name_form(kWeekdayNames[std::chrono::weekday(local.day).c_encoding()],
                       std::max<std::size_t>(count, 3));
      return;
    case 'Q':
    case 'q': {
      const unsigned quarter = (unsigned{local.date.month()} + 2) / 3;
      if (count == 4) {
        out += kQuarterNames[quarter - 1];
        return;
      }
      if (count == 3) out += 'Q';
      return append_padded(out, quarter, 1);
    }
    default:  // M, L
      out += name_form(kMonthNames[unsigned{local.date.month()} - 1], count);
  }
}

void append_fraction(std::string& out, std::size_t count, std::uint32_t nanos) {
  if (count <= 3) return append_padded(out, nanos / 1'000'000, count);
  for (std::size_t i = count; i < 9; ++i) nanos /= 10;
  append_padded(out, nanos, count);
}

}  // namespace

Result<DatePattern::Item> DatePattern::compile_letters(char letter, std::size_t count, std::size_t index) {
  Item item;
  item.letter = letter;
  item.count = count;
  const auto same_letter = [letter](const auto& row) { return row.letter == letter; };
  const auto number = std::find_if(std::begin(kNumbers), std::end(kNumbers), same_letter);
  if (number != std::end(kNumbers) && count <= number->count_max) {
    item.number = number;
    item.digits_min = count;
    item.digits_max = std::max(count, letter == 'y' || letter == 'Y' ? (count == 2 ? 2 : 4) : number->digits);
    return item;
  }
  const auto text = std::find_if(std::begin(kTexts), std::end(kTexts), same_letter);
  const std::string quoted = "\"" + std::string(1, letter) + "\"";
  if (number == std::end(kNumbers) && text == std::end(kTexts))
    return wrong_pattern(index, quoted + " is no pattern letter; put text in single quotes");
  if (text == std::end(kTexts) || count > text->count_max)
    return wrong_pattern(index, quoted + " is repeated too often");
  if (letter == 'V' && count != 2) return wrong_pattern(index, "a zone id is written \"VV\"");
  if (letter == 'O' && count != 1 && count != 4)
    return wrong_pattern(index, "a localized offset is written \"O\" or \"OOOO\"");
  if (letter == 'S') {
    item.digits_min = count;
    item.digits_max = std::max<std::size_t>(count, 3);
  }
  return item;
}

void DatePattern::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (items_.empty() || items_.back().letter != 0) {
    Item item;
    item.begin = literals_.size();
    items_.push_back(item);
  }
  literals_ += text;
  items_.back().end = literals_.size();
}

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
  DatePattern compiled;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const std::size_t start = i;
    if (is_letter(c)) {
      while (i < pattern.size() && pattern[i] == c) ++i;
      compiled.items_.push_back(TRY(compile_letters(c, i - start, start)));
    } else if (c != '\'') {
      compiled.add_literal(pattern.substr(i++, 1));
    } else if (pattern.substr(i, 2) == "''") {
      compiled.add_literal("'");
      i += 2;
    } else {
      for (++i;; ++i) {
        const auto quote = pattern.find('\'', i);
        if (quote == std::string_view::npos) return wrong_pattern(start, "the quote is not closed");
        compiled.add_literal(pattern.substr(i, quote - i));
        i = quote + 1;
        if (i >= pattern.size() || pattern[i] != '\'') break;
        compiled.add_literal("'");
      }
    }
  }
  std::size_t behind = 0;
  for (auto item = compiled.items_.rbegin(); item != compiled.items_.rend(); ++item) {
    item->digits_behind = behind;
    behind = item->digits_max == 0 ? 0 : behind + item->digits_min;
  }
  return compiled;
}

bool DatePattern::take_number(const Item& item, std::size_t digits, std::string_view& text,
                              DateFields& fields) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) value = value * 10 + (text[i] - '0');
  text.remove_prefix(digits);
  const NumberLetter& number = *item.number;
  const bool is_year = number.field == DateField::year || number.field == DateField::week_year;
  if (is_year && item.count == 2) value += 2000;
  if (value < number.least || value > number.most) return false;
  // The hour 24 or 12 is the first one, not the last.
  if (number.least == 1 && number.field == DateField::hour) value %= 24;
  if (number.least == 1 && number.field == DateField::hour_of_half_day) value %= 12;
  return fields.set(number.field, static_cast<std::int32_t>(value));
}

std::optional<ZonedTime> DatePattern::parse(std::string_view text, const Zones& zones) const {
  DateFields fields;
  ZoneWords words;
  std::optional<std::uint32_t> nanos;
  for (const Item& item : items_) {
    bool taken = false;
    if (item.letter == 0) {
      const auto literal = std::string_view(literals_).substr(item.begin, item.end - item.begin);
      taken = text.starts_with(literal);
      if (taken) text.remove_prefix(literal.size());
    } else if (item.digits_max > 0) {
      const std::size_t all = digits_at(text, item.digits_max + item.digits_behind);
      if (all < item.digits_min + item.digits_behind) return std::nullopt;
      const std::size_t digits = std::min(item.digits_max, all - item.digits_behind);
      taken = item.number ? take_number(item, digits, text, fields)
                          : take_fraction(item.count, digits, text, nanos);
    } else if (is_zone_letter(item.letter)) {
      taken = take_zone_letters(item.letter, item.count, text, zones, words);
    } else {
      taken = take_text(item.letter, item.count, text, fields);
    }
    if (!taken) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  const auto local = fields.local_seconds();
  return local ? in_zone(*local, nanos.value_or(0), words) : std::nullopt;
}

void DatePattern::format(std::string& out, const ZonedTime& time) const {
  const LocalTime local = local_time(time);
  for (const Item& item : items_) {
    if (item.letter == 0) {
      out.append(literals_, item.begin, item.end - item.begin);
    } else if (item.number) {
      const std::uint32_t value = number_to_show(*item.number, local);
      const bool is_year =
          item.number->field == DateField::year || item.number->field == DateField::week_year;
      append_padded(out, is_year && item.count == 2 ? value % 100 : value, item.count);
    } else if (item.letter == 'S') {
      append_fraction(out, item.count, time.nanos);
    } else if (is_zone_letter(item.letter)) {
      append_zone(out, item.letter, item.count, time);
    } else {
      append_text(out, item.letter, item.count, local);
    }
  }
}

}  // namespace headwater::mapping
