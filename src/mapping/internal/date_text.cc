#include "mapping/internal/date_text.h"

#include <algorithm>
#include <charconv>

namespace headwater::mapping {
namespace {

constexpr std::int32_t kOffsetMax = 18 * 3600;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; }

// Two digits from `at`, or -1.
std::int32_t two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// Zones whose clocks go together, as CLDR names them in English. Offsets in minutes.
struct ZoneFamily {
  std::string_view standard_name;
  std::string_view daylight_name;  // empty: none
  std::int32_t standard_minutes, daylight_minutes;
  std::string_view ids;  // with a space on each side
};

constexpr ZoneFamily kFamilies[] = {
    {"Coordinated Universal Time", "", 0, 0,
     " UTC Etc/UTC Etc/UCT UCT Zulu Universal Etc/Zulu Etc/Universal "},
    {"Greenwich Mean Time", "British Summer Time", 0, 60, " Europe/London GB "},
    {"Greenwich Mean Time", "Irish Standard Time", 0, 60, " Europe/Dublin Eire "},
    {"Greenwich Mean Time", "", 0, 0,
     " GMT Etc/GMT Greenwich Africa/Abidjan Africa/Accra Atlantic/Reykjavik Iceland "},
    {"Western European Standard Time", "Western European Summer Time", 0, 60,
     " Europe/Lisbon Portugal WET Atlantic/Canary Atlantic/Madeira "},
    {"Central European Standard Time", "Central European Summer Time", 60, 120,
     " CET Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels "
     "Europe/Budapest Europe/Copenhagen Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta "
     "Europe/Monaco Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo "
     "Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw "
     "Europe/Zagreb Europe/Zurich Poland "},
    {"Eastern European Standard Time", "Eastern European Summer Time", 120, 180,
     " EET Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Kiev Europe/Kyiv "
     "Europe/Mariehamn Europe/Riga Europe/Sofia Europe/Tallinn Europe/Vilnius Africa/Cairo Egypt "
     "Asia/Nicosia Asia/Beirut "},
    {"Moscow Standard Time", "", 180, 0, " Europe/Moscow W-SU Europe/Simferopol "},
    {"Newfoundland Standard Time", "Newfoundland Daylight Time", -210, -150,
     " America/St_Johns Canada/Newfoundland "},
    {"Atlantic Standard Time", "Atlantic Daylight Time", -240, -180,
     " America/Halifax America/Puerto_Rico Atlantic/Bermuda Canada/Atlantic "},
    {"Eastern Standard Time", "Eastern Daylight Time", -300, -240,
     " America/New_York US/Eastern America/Detroit America/Toronto America/Montreal America/Indianapolis "
     "America/Indiana/Indianapolis America/Panama America/Jamaica Canada/Eastern EST EST5EDT "},
    {"Central Standard Time", "Central Daylight Time", -360, -300,
     " America/Chicago US/Central America/Winnipeg America/Regina America/Mexico_City America/Costa_Rica "
     "America/Guatemala Canada/Central CST6CDT "},
    {"Mountain Standard Time", "Mountain Daylight Time", -420, -360,
     " America/Denver US/Mountain America/Boise America/Edmonton America/Phoenix US/Arizona "
     "Canada/Mountain MST MST7MDT "},
    {"Pacific Standard Time", "Pacific Daylight Time", -480, -420,
     " America/Los_Angeles US/Pacific America/Vancouver America/Tijuana Canada/Pacific PST8PDT "},
    {"Alaska Standard Time", "Alaska Daylight Time", -540, -480,
     " America/Anchorage US/Alaska America/Juneau "},
    {"Hawaii-Aleutian Standard Time", "", -600, 0, " Pacific/Honolulu US/Hawaii HST "},
    {"Brasilia Standard Time", "Brasilia Summer Time", -180, -120, " America/Sao_Paulo Brazil/East "},
    {"Argentina Standard Time", "", -180, 0, " America/Buenos_Aires America/Argentina/Buenos_Aires "},
    {"Colombia Standard Time", "", -300, 0, " America/Bogota "},
    {"South Africa Standard Time", "", 120, 0, " Africa/Johannesburg "},
    {"East Africa Time", "", 180, 0, " Africa/Nairobi "},
    {"West Africa Standard Time", "", 60, 0, " Africa/Lagos "},
    {"Israel Standard Time", "Israel Daylight Time", 120, 180, " Asia/Jerusalem Asia/Tel_Aviv Israel "},
    {"Arabian Standard Time", "", 180, 0, " Asia/Riyadh Asia/Kuwait Asia/Qatar Asia/Baghdad "},
    {"Gulf Standard Time", "", 240, 0, " Asia/Dubai Asia/Muscat "},
    {"Pakistan Standard Time", "", 300, 0, " Asia/Karachi "},
    {"India Standard Time", "", 330, 0, " Asia/Kolkata Asia/Calcutta "},
    {"Bangladesh Standard Time", "", 360, 0, " Asia/Dhaka "},
    {"Indochina Time", "", 420, 0, " Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon "},
    {"Western Indonesia Time", "", 420, 0, " Asia/Jakarta "},
    {"China Standard Time", "", 480, 0, " Asia/Shanghai PRC Asia/Macau "},
    {"Hong Kong Standard Time", "", 480, 0, " Asia/Hong_Kong Hongkong "},
    {"Taipei Standard Time", "", 480, 0, " Asia/Taipei ROC "},
    {"Singapore Standard Time", "", 480, 0, " Asia/Singapore Singapore "},
    {"Philippine Standard Time", "", 480, 0, " Asia/Manila "},
    {"Malaysia Time", "", 480, 0, " Asia/Kuala_Lumpur "},
    {"Japan Standard Time", "", 540, 0, " Asia/Tokyo Japan "},
    {"Korean Standard Time", "", 540, 0, " Asia/Seoul ROK "},
    {"Australian Western Standard Time", "", 480, 0, " Australia/Perth Australia/West "},
    {"Australian Central Standard Time", "Australian Central Daylight Time", 570, 630,
     " Australia/Adelaide Australia/Darwin Australia/South Australia/North "},
    {"Australian Eastern Standard Time", "Australian Eastern Daylight Time", 600, 660,
     " Australia/Sydney Australia/Melbourne Australia/Brisbane Australia/Hobart Australia/NSW "
     "Australia/Victoria Australia/Queensland Australia/Canberra "},
    {"New Zealand Standard Time", "New Zealand Daylight Time", 720, 780, " Pacific/Auckland NZ "},
};

bool lists(std::string_view ids, std::string_view id) {
  for (auto at = ids.find(id); at != std::string_view::npos; at = ids.find(id, at + 1))
    if (ids[at - 1] == ' ' && ids[at + id.size()] == ' ') return true;
  return false;
}

}  // namespace

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

void append_padded(std::string& out, std::uint64_t number, std::size_t width) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto size = static_cast<std::size_t>(end - digits);
  if (size < width) out.append(width - size, '0');
  out.append(digits, size);
}

void append_offset(std::string& out, std::int32_t offset, OffsetStyle style) {
  if (offset == 0 && style.z_for_utc) {
    out += 'Z';
    return;
  }
  out += offset < 0 ? '-' : '+';
  const auto size = static_cast<unsigned>(offset < 0 ? -offset : offset);
  append_padded(out, size / 3600, 2);
  const unsigned minutes = size / 60 % 60, seconds = style.seconds ? size % 60 : 0;
  if (style.minutes_if_any && minutes == 0) return;
  if (style.colon) out += ':';
  append_padded(out, minutes, 2);
  if (seconds == 0) return;
  if (style.colon) out += ':';
  append_padded(out, seconds, 2);
}

void append_gmt_offset(std::string& out, std::int32_t offset, bool padded) {
  out += "GMT";
  if (offset == 0) return;
  if (padded) return append_offset(out, offset, {.colon = true});
  out += offset < 0 ? '-' : '+';
  const auto size = static_cast<unsigned>(offset < 0 ? -offset : offset);
  append_padded(out, size / 3600, 1);
  if (size / 60 % 60 == 0) return;
  out += ':';
  append_padded(out, size / 60 % 60, 2);
}

std::optional<OffsetText> take_offset(std::string_view& text) {
  OffsetText offset;
  if (text.starts_with('Z')) {
    offset.is_z = true;
    text.remove_prefix(1);
    return offset;
  }
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-') || !is_digit(text[1])) return std::nullopt;
  std::size_t at = 1;
  std::int32_t hours = two_digits(text, 1), minutes = 0, seconds = 0;
  offset.hour_digits = hours < 0 ? 1 : 2;
  if (hours < 0) hours = text[1] - '0';
  at += offset.hour_digits;
  if (at < text.size() && text[at] == ':' && two_digits(text, at + 1) >= 0) {
    offset.minutes = offset.colon = true;
    minutes = two_digits(text, at + 1);
    at += 3;
    if (at < text.size() && text[at] == ':' && two_digits(text, at + 1) >= 0) {
      seconds = two_digits(text, at + 1);
      at += 3;
    }
  } else if (offset.hour_digits == 2 && two_digits(text, at) >= 0) {
    offset.minutes = true;
    minutes = two_digits(text, at);
    at += 2;
  }
  offset.seconds = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || offset.seconds > kOffsetMax) return std::nullopt;
  if (text[0] == '-') offset.seconds = -offset.seconds;
  text.remove_prefix(at);
  return offset;
}

std::string_view long_zone_name(const Zone& zone, std::int32_t offset) {
  for (const auto& family : kFamilies) {
    if (!lists(family.ids, zone.name())) continue;
    if (offset == family.standard_minutes * 60) return family.standard_name;
    return offset == family.daylight_minutes * 60 ? family.daylight_name : std::string_view();
  }
  return {};
}

std::optional<std::int32_t> take_long_zone_name(std::string_view& text) {
  const auto take = [&text](std::string_view name) {
    if (name.empty() || !text.starts_with(name)) return false;
    text.remove_prefix(name.size());
    return true;
  };
  for (const auto& family : kFamilies) {
    if (take(family.standard_name)) return family.standard_minutes * 60;
    if (take(family.daylight_name)) return family.daylight_minutes * 60;
  }
  return std::nullopt;
}

}  // namespace headwater::mapping
