#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "authoring/answer_guess.h"
#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

using json::Value;

constexpr std::size_t kDepthMax = 6;
constexpr std::size_t kNameMax = 200;  // each value within has it in its path

}  // namespace

bool is_plain_member_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string member_path_text(const std::vector<std::string>& names) {
  std::string out = "$";
  for (const auto& name : names) {
    if (is_plain_member_name(name))
      out += "." + name;
    else
      out += "['" + name + "']";
  }
  return out;
}

std::string ArrayFound::path() const { return member_path_text(names); }
std::string ArrayFound::wrapper() const { return names.empty() ? "" : singular_of(names.back()); }

std::optional<ArrayFound> find_records(const Value& answer) {
  struct Place {
    const Value* value;
    std::vector<std::string> names;
  };
  constexpr std::array<std::string_view, 9> kUsualNames{"items", "data",    "results", "records", "value",
                                                        "rows",  "entries", "list",    "objects"};
  std::optional<ArrayFound> best;
  std::optional<ArrayFound> empty;
  std::deque<Place> places{{&answer, {}}};
  while (!places.empty()) {
    const Place place = std::move(places.front());
    places.pop_front();
    if (const auto* list = place.value->if_array()) {
      const auto objects = static_cast<std::size_t>(
          std::count_if(list->begin(), list->end(), [](const Value& each) { return each.is_object(); }));
      if (objects > 0 && objects == list->size() && (!best || objects > best->records))
        best = ArrayFound{place.names, objects};
      const bool usual = place.names.empty() ||
                         std::find(kUsualNames.begin(), kUsualNames.end(), plain_name(place.names.back())) !=
                             kUsualNames.end();
      if (list->empty() && usual && !empty) empty = ArrayFound{place.names, 0};
    }
    const auto* members = place.value->if_object();
    if (members == nullptr || place.names.size() >= kDepthMax) continue;
    for (const auto& [name, value] : *members) {
      if (name.size() > kNameMax || !is_plain_member_name(name)) continue;  // a content path is dotted names
      auto names = place.names;
      names.push_back(name);
      places.push_back({&value, std::move(names)});
    }
  }
  return best ? best : empty;
}

}  // namespace headwater::authoring
