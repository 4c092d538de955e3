#include "cli/source_total.h"

#include <algorithm>
#include <array>
#include <utility>

#include "authoring/secret_scan.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using json::Object;
using json::Value;

// Without case and signs. "count" and its like are as often those of the page.
constexpr std::array<std::string_view, 12> kTotals{
    "total",     "totalcount",    "totalresults", "totalitems",   "totalrecords", "totalsize",
    "totalhits", "totalelements", "numfound",     "totalentries", "totalrows",    "recordstotal"};

std::optional<SourceTotal> find_total(const Value& holder, std::string_view wrapper, const std::string& place,
                                      int depth) {
  constexpr int kDepthMax = 3;
  const auto* members = holder.if_object();
  if (members == nullptr || depth > kDepthMax) return std::nullopt;
  for (const auto& [name, member] : *members) {
    const auto number = member.as_int64_lenient();
    if (name != wrapper && number && *number >= 0 &&
        std::find(kTotals.begin(), kTotals.end(), authoring::plain_name(name)) != kTotals.end())
      return SourceTotal{*number, place + name};
  }
  for (const auto& [name, member] : *members)
    if (name != wrapper)
      if (auto found = find_total(member, wrapper, place + name + ".", depth + 1)) return found;
  return std::nullopt;
}

}  // namespace

std::optional<SourceTotal> total_beside(const Value& record, std::string_view wrapper) {
  return wrapper.empty() ? std::nullopt : find_total(record, wrapper, {}, 0);
}

std::optional<SourceTotal> told_total(ApiClient& client, Value spec, const Value& account,
                                      const Value& params, std::stop_token stop) {
  auto* attributes =
      spec.find("sourceSpec") == nullptr ? nullptr : spec.find("sourceSpec")->find("attributes");
  if (attributes == nullptr || !attributes->is_object()) return std::nullopt;
  attributes->if_object()->erase("explodeEntityPath");
  if (auto* content = attributes->find("contentPath"); content != nullptr && content->is_object())
    for (const char* name : {"keepAttributes", "skipAttributes"}) content->if_object()->erase(name);
  std::vector<Problem> ignored;
  const auto read = domain::read_source_spec(spec, &params, ignored);
  if (!read.content || !read.content->dotted) return std::nullopt;
  const Object draft{
      {"connectionSpec", std::move(spec)}, {"auth", account}, {"params", params}, {"preview", true}};
  const auto answer = client.call("POST", "/headwater/drafts/try", Value(draft).dump(), {}, std::move(stop));
  const auto* data = answer ? answer->find_path("preview.data") : nullptr;
  if (data == nullptr || !data->is_array() || data->if_array()->empty()) return std::nullopt;
  return total_beside(data->if_array()->front(), read.content->wrapper);
}

}  // namespace headwater::cli
