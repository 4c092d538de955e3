#include "base/zones.h"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <mutex>
#include <optional>

#include "base/internal/zone_rule.h"
#include "base/log.h"

namespace headwater {
namespace {

// The library reads this folder, too; but not the rule at the end of each file.
constexpr std::string_view kFolder = "/usr/share/zoneinfo/";

// The library says that the last known period of a zone ends long after this.
constexpr std::int64_t kFarFuture = 800'000'000'000;  // the year 27321

std::optional<ZoneRule> read_rule(const std::string& name) {
  std::ifstream in(std::string(kFolder) + name, std::ios::binary | std::ios::ate);
  constexpr std::streamoff kTailBytes = 128;
  if (!in) return std::nullopt;
  in.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(in.tellg()) - kTailBytes));
  std::string tail(std::istreambuf_iterator<char>(in), {});
  if (!tail.ends_with('\n')) return std::nullopt;
  tail.pop_back();
  return ZoneRule::parse(std::string_view(tail).substr(tail.rfind('\n') + 1));
}

}  // namespace

struct Zone::State {
  explicit State(const date::time_zone& from) : zone(from) {}

  bool load() {
    std::call_once(once, [this] {
      try {
        zone.get_info(date::sys_seconds{});
        rule = read_rule(zone.name());
        loaded = true;
      } catch (const std::exception& reason) {
        log::warn("time zone cannot be read", {{"zone", zone.name()}, {"reason", reason.what()}});
      }
    });
    return loaded;
  }

  const date::time_zone& zone;  // owned by the library, for ever
  std::once_flag once;
  bool loaded = false;
  std::optional<ZoneRule> rule;
};

Zone::Zone(std::unique_ptr<State> state) : state_(std::move(state)) {}
Zone::Zone(Zone&&) noexcept = default;
Zone& Zone::operator=(Zone&&) noexcept = default;
Zone::~Zone() = default;

std::string_view Zone::name() const { return state_->zone.name(); }

ZoneOffset Zone::offset_at(std::int64_t utc_seconds) const {
  auto info = state_->zone.get_info(date::sys_seconds(std::chrono::seconds(utc_seconds)));
  const bool is_last = info.end.time_since_epoch().count() > kFarFuture;
  if (const auto& rule = state_->rule; rule && is_last) return rule->offset_at(utc_seconds);
  ZoneOffset offset;
  offset.seconds = static_cast<std::int32_t>(info.offset.count());
  offset.daylight = info.save.count() != 0;
  offset.abbreviation = std::move(info.abbrev);
  return offset;
}

std::int64_t Zone::to_utc(std::int64_t local_seconds) const {
  // No offset reaches a day, and no zone changed its clocks twice in two.
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t before = local_seconds - offset_at(local_seconds - kDay).seconds;
  const std::int64_t after = local_seconds - offset_at(local_seconds + kDay).seconds;
  if (before == after || offset_at(before).seconds == local_seconds - before) return before;
  return offset_at(after).seconds == local_seconds - after ? after : before;
}

Zones::Zones() {
  try {
    const auto& database = date::get_tzdb();
    zones_.reserve(database.zones.size());
    for (const auto& zone : database.zones) zones_.emplace_back(std::make_unique<Zone::State>(zone));
  } catch (const std::exception& reason) {
    zones_.clear();
    log::warn("no time zone can be read", {{"reason", reason.what()}});
  }
  std::sort(zones_.begin(), zones_.end(), [](const Zone& a, const Zone& b) { return a.name() < b.name(); });
}

const Zones& Zones::system() {
  static const Zones zones;
  return zones;
}

const Zone* Zones::find(std::string_view iana_name) const {
  const auto at =
      std::lower_bound(zones_.begin(), zones_.end(), iana_name,
                       [](const Zone& zone, std::string_view name) { return zone.name() < name; });
  if (at == zones_.end() || at->name() != iana_name || !at->state_->load()) return nullptr;
  return &*at;
}

}  // namespace headwater
