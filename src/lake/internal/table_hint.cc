#include "lake/internal/table_hint.h"

#include <algorithm>
#include <string_view>

#include "base/edit_distance.h"
#include "lake/internal/infer.h"

namespace headwater::lake {
namespace {

constexpr std::string_view kNoTable = "Catalog Error: Table with name ";
constexpr std::string_view kNotThere = " does not exist!";
constexpr std::string_view kTheirs = "\nDid you mean \"";
constexpr std::size_t kNameBytesMax = 64;

// A name of so many letters may have so many wrong ones.
std::size_t differences_of(std::size_t letters) { return std::min<std::size_t>(1 + letters / 4, 3); }

std::string closest(std::string_view given, const std::vector<DatasetInfo>& datasets) {
  const auto wanted = folded(given.substr(0, kNameBytesMax));
  std::string best;
  auto least = differences_of(wanted.size()) + 1;
  for (const auto& dataset : datasets)
    for (const auto& name : {dataset.name, dataset.id.value}) {
      if (name.empty() || name.size() > kNameBytesMax) continue;
      const auto distance = edit_distance(wanted, folded(name));
      if (distance >= least) continue;
      least = distance;
      best = name;
    }
  return best;
}

}  // namespace

std::string with_table_hint(std::string message, const std::vector<DatasetInfo>& datasets) {
  if (!message.starts_with(kNoTable)) return message;
  const auto end = message.find(kNotThere);
  if (end == std::string::npos) return message;
  const auto name = closest(std::string_view(message).substr(0, end).substr(kNoTable.size()), datasets);
  const auto behind = end + kNotThere.size();
  if (std::string_view(message).substr(behind).starts_with(kTheirs)) {
    const auto line_end = message.find('\n', behind + 1);
    message.erase(behind, line_end == std::string::npos ? std::string::npos : line_end - behind);
  }
  message.insert(behind, name.empty() ? "\nSHOW TABLES lists the datasets that there are."
                                      : "\nDid you mean \"" + name + "\"?");
  return message;
}

}  // namespace headwater::lake
