#include "authoring/mock_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/time.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr int kSchemaDepthMax = 8;

// A small generator of its own, so that the records are the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33U) % bound;
  }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 4> kStates{"new", "open", "shipped", "closed"};
constexpr std::array<std::string_view, 4> kCities{"Basel", "Porto", "Malm\xc3\xb6", "Krak\xc3\xb3w"};

Value from_schema(const Value& schema, const std::string& name, std::uint64_t index, TimePoint time,
                  int depth) {
  const auto type = schema.string_at("type");
  if (type == "object") {
    Object out;
    const auto* members = schema.find("properties");
    if (depth < kSchemaDepthMax && members != nullptr && members->is_object())
      for (const auto& [member, each] : *members->if_object())
        out.set(member, from_schema(each, member, index, time, depth + 1));
    return out;
  }
  if (type == "array") {
    Array out;
    if (const auto* items = schema.find("items"); items != nullptr && depth < kSchemaDepthMax)
      out.push_back(from_schema(*items, name, index, time, depth + 1));
    return out;
  }
  if (type == "integer") return index + 1;
  if (type == "number") return static_cast<double>(index % 1000) + 0.5;
  if (type == "boolean") return index % 2 == 0;
  if (schema.string_at("format") == "date-time") return format_rfc3339(time);
  if (schema.string_at("format") == "date") return format_rfc3339(time).substr(0, 10);
  if (schema.find("enum") != nullptr) return sample_of(schema, name);
  return type == "string" ? Value(fmt::format("{} {}", name, index)) : Value();
}

Object common_members(std::uint64_t seed, std::uint64_t index, TimePoint time) {
  Random random(seed * 1'000'003 + index * 977 + 13);
  const auto hundredths = random.below(100'000);
  return Object{
      {"id", index + 1},
      {"name", fmt::format("Record {}", index + 1)},
      {"state", kStates.at(random.below(kStates.size()))},
      {"active", random.below(2) == 0},
      {"amount", json::Number{fmt::format("{}.{:02}", hundredths / 100 + 1, (hundredths % 99) + 1)}},
      {"updatedAt", format_rfc3339(time)},
      {"address",
       Object{{"city", kCities.at(random.below(kCities.size()))}, {"zip", 1000 + random.below(9000)}}},
      {"tags", Array{kStates.at(random.below(kStates.size()))}}};
}

}  // namespace

void set_at(Object& object, const std::vector<std::string>& names, Value value) {
  Object* place = &object;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    Value& next = (*place)[names[i]];
    if (!next.is_object()) next = Object{};
    place = next.if_object();
  }
  if (!names.empty()) place->set(names.back(), std::move(value));
}

Value sample_of(const Value& schema, const std::string& name) {
  for (const char* given : {"const", "default"})
    if (const auto* value = schema.find(given); value != nullptr && !value->is_null()) return *value;
  for (const char* list : {"examples", "enum"})
    if (const auto* values = schema.find(list);
        values != nullptr && values->is_array() && !values->if_array()->empty())
      return values->if_array()->front();
  const auto type = schema.string_at("type");
  if (type == "integer" || type == "number") {
    const auto* least = schema.find("minimum");
    return least != nullptr && least->is_number() ? *least : Value(1);
  }
  if (type == "boolean") return true;
  if (type == "array") return Array{};
  if (type == "object") return Object{};
  if (schema.string_at("format") == "date-time") return "2024-01-01T00:00:00Z";
  return "mock-" + name;
}

void MockRecords::add(std::uint64_t count, TimePoint time) {
  added_from_ = std::max({time, added_from_, from_epoch_seconds(kFirstTime)});
  added_ += count;
}

TimePoint MockRecords::time_of(std::uint64_t index) const {
  if (added_ > 0 && index >= count_) return added_from_;
  return from_epoch_seconds(kFirstTime) + std::chrono::minutes(static_cast<std::int64_t>(index));
}

std::uint64_t MockRecords::index_at(TimePoint time) const {
  std::uint64_t low = 0;
  std::uint64_t high = size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (time_of(middle) < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Value MockRecords::element(std::uint64_t index, bool drifted) const {
  const auto time = time_of(index);
  Object out = common_members(shape_.seed, index, time);
  if (const auto* members = shape_.schema.find("properties"); members != nullptr && members->is_object())
    for (const auto& [name, schema] : *members->if_object())
      out.set(name, from_schema(schema, name, index, time, 0));
  if (!shape_.key.empty()) set_at(out, shape_.key, fmt::format("K-{:08}", index + 1));
  if (!shape_.nested_array.empty()) {
    Array nested;
    for (std::uint64_t i = 0; i < kNested; ++i)
      nested.push_back(Object{{"position", i + 1}, {"value", fmt::format("{}.{}", index + 1, i + 1)}});
    set_at(out, shape_.nested_array, std::move(nested));
  }
  if (drifted) {
    out.set("amount", "on request");
    out.set("addedLater", fmt::format("since record {}", index + 1));
  }
  return out;
}

}  // namespace headwater::authoring
