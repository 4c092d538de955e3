#include "lake/internal/result_cells.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "base/crypto.h"
#include "base/time.h"
#include "json/value.h"
#include "lake/internal/numbers.h"

namespace headwater::lake {
namespace {

template <class T>
T value_at(const void* data, std::uint64_t row) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + row * sizeof(T), sizeof(T));
  return value;
}

template <class T>
std::string number_text(T value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

__extension__ using UInt128 = unsigned __int128;

std::string wide_text(UInt128 value) {
  std::string out;
  do {
    out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return out;
}

std::string wide_text(Int128 value, std::uint8_t scale = 0) {
  const bool negative = value < 0;
  auto digits = wide_text(negative ? UInt128(0) - static_cast<UInt128>(value) : static_cast<UInt128>(value));
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
    digits.insert(digits.size() - scale, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

Int128 integer_at(duckdb_type type, const void* data, std::uint64_t row) {
  if (type == DUCKDB_TYPE_SMALLINT) return value_at<std::int16_t>(data, row);
  if (type == DUCKDB_TYPE_INTEGER) return value_at<std::int32_t>(data, row);
  if (type == DUCKDB_TYPE_BIGINT) return value_at<std::int64_t>(data, row);
  return value_at<Int128>(data, row);
}

std::uint64_t enum_at(duckdb_type type, const void* data, std::uint64_t row) {
  if (type == DUCKDB_TYPE_UTINYINT) return value_at<std::uint8_t>(data, row);
  if (type == DUCKDB_TYPE_USMALLINT) return value_at<std::uint16_t>(data, row);
  return value_at<std::uint32_t>(data, row);
}

std::string padded(std::int64_t value, std::size_t digits) {
  auto text = std::to_string(value);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

std::string date_text(std::int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
         "-" + padded(static_cast<unsigned>(date.day()), 2);
}

std::string time_text(std::int64_t micros) {
  const auto seconds = micros / 1'000'000;
  auto text = padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2);
  if (micros % 1'000'000 != 0) text += "." + padded(micros % 1'000'000, 6);
  return text;
}

/// "2024-03-05T09:07:03.5", without a zone; also before 1970.
std::string moment_text(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  auto days = micros / kDay;
  auto rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  auto text = date_text(static_cast<std::int32_t>(days)) + "T" + time_text(rest);
  while (text.find('.') != text.npos && text.back() == '0') text.pop_back();
  return text;
}

std::string interval_text(const duckdb_interval& interval) {
  std::string text;
  if (interval.months != 0) text += std::to_string(interval.months) + " months ";
  if (interval.days != 0) text += std::to_string(interval.days) + " days ";
  const auto micros = interval.micros;
  return text + (micros < 0 ? "-" : "") + time_text(micros < 0 ? -micros : micros);
}

std::string uuid_text(Int128 stored) {
  // DuckDB flips the top bit so that UUIDs sort as signed numbers.
  const auto value = static_cast<UInt128>(stored) ^ (UInt128{1} << 127);
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  auto text = crypto::hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

std::string_view characters_at(const void* data, std::uint64_t row) {
  const auto* text = static_cast<const duckdb_string_t*>(data) + row;
  const auto length = text->value.inlined.length;
  return {length <= 12 ? text->value.inlined.inlined : text->value.pointer.ptr, length};
}

std::string taken(const DuckDb& api, char* owned) {
  std::string text(owned == nullptr ? "" : owned);
  if (owned != nullptr) api.free(owned);
  return text;
}

std::string name_of(duckdb_type id) {
  switch (static_cast<int>(id)) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S:
      return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_ENUM:
      return "ENUM";
    case DUCKDB_TYPE_SQLNULL:
      return "NULL";
    default:
      return "";
  }
}

}  // namespace

ResultType ResultType::of(const DuckDb& api, duckdb_logical_type type) {
  ResultType out;
  out.id = api.get_type_id(type);
  out.is_json = out.id == DUCKDB_TYPE_VARCHAR && taken(api, api.logical_type_get_alias(type)) == "JSON";
  out.text = out.is_json ? "JSON" : name_of(out.id);
  const auto child = [&api, &out](duckdb_logical_type owned) {
    out.children.push_back(of(api, own(api, owned).get()));
    return out.children.back().text;
  };
  if (out.id == DUCKDB_TYPE_DECIMAL) {
    out.scale = api.decimal_scale(type);
    out.stored_as = api.decimal_internal_type(type);
    out.text = "DECIMAL(" + std::to_string(api.decimal_width(type)) + "," + std::to_string(out.scale) + ")";
  } else if (out.id == DUCKDB_TYPE_ENUM) {
    out.stored_as = api.enum_internal_type(type);
    for (std::uint32_t i = 0; i < api.enum_dictionary_size(type); ++i)
      out.names.push_back(taken(api, api.enum_dictionary_value(type, i)));
  } else if (out.id == DUCKDB_TYPE_LIST) {
    out.text = child(api.list_type_child_type(type)) + "[]";
  } else if (out.id == DUCKDB_TYPE_ARRAY) {
    out.array_size = api.array_type_array_size(type);
    out.text = child(api.array_type_child_type(type)) + "[" + std::to_string(out.array_size) + "]";
  } else if (out.id == DUCKDB_TYPE_MAP) {
    out.text = "MAP(" + child(api.map_type_key_type(type));
    out.text += ", " + child(api.map_type_value_type(type)) + ")";
  } else if (out.id == DUCKDB_TYPE_STRUCT) {
    out.text = "STRUCT(";
    for (std::uint64_t i = 0; i < api.struct_type_child_count(type); ++i) {
      out.names.push_back(taken(api, api.struct_type_child_name(type, i)));
      out.text += (i == 0 ? "" : ", ") + sql_name(out.names.back()) + " ";
      out.text += child(api.struct_type_child_type(type, i));
    }
    out.text += ")";
  }
  // A type without a name cannot be shown, neither alone nor inside of another.
  for (const auto& part : out.children)
    if (part.text.empty()) out.text.clear();
  return out;
}

Cell::Kind CellText::append_text(std::string& out, std::string_view text, bool as_json) const {
  if (as_json)
    json::append_quoted(out, text);
  else
    out.append(text);
  return Cell::Kind::text;
}

void CellText::append_range(std::string& out, const ResultType& type, duckdb_vector child, std::uint64_t from,
                            std::uint64_t count) const {
  out += '[';
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append(out, type, child, from + i, true);
  }
  out += ']';
}

Cell::Kind CellText::append_nested(std::string& out, const ResultType& type, duckdb_vector vector,
                                   std::uint64_t row) const {
  if (type.id == DUCKDB_TYPE_STRUCT) {
    out += '{';
    for (std::size_t i = 0; i < type.children.size(); ++i) {
      if (i > 0) out += ',';
      json::append_quoted(out, type.names[i]);
      out += ':';
      append(out, type.children[i], api_.struct_vector_get_child(vector, i), row, true);
    }
    out += '}';
    return Cell::Kind::json;
  }
  if (type.id == DUCKDB_TYPE_ARRAY) {
    append_range(out, type.children[0], api_.array_vector_get_child(vector), row * type.array_size,
                 type.array_size);
    return Cell::Kind::json;
  }
  const auto entry = value_at<duckdb_list_entry>(api_.vector_get_data(vector), row);
  const auto child = api_.list_vector_get_child(vector);
  if (type.id == DUCKDB_TYPE_LIST) {
    append_range(out, type.children[0], child, entry.offset, entry.length);
    return Cell::Kind::json;
  }
  // A map's entries are a list of (key, value).
  out += '{';
  for (std::uint64_t i = 0; i < entry.length; ++i) {
    if (i > 0) out += ',';
    std::string key;
    append(key, type.children[0], api_.struct_vector_get_child(child, 0), entry.offset + i, false);
    json::append_quoted(out, key);
    out += ':';
    append(out, type.children[1], api_.struct_vector_get_child(child, 1), entry.offset + i, true);
  }
  out += '}';
  return Cell::Kind::json;
}

Cell::Kind CellText::append(std::string& out, const ResultType& type, duckdb_vector vector, std::uint64_t row,
                            bool as_json) const {
  const auto* validity = api_.vector_get_validity(vector);
  if (validity != nullptr && ((validity[row / 64] >> (row % 64)) & 1) == 0) {
    if (as_json) out += "null";
    return Cell::Kind::null;
  }
  const void* data = api_.vector_get_data(vector);
  const auto number = [&out](const std::string& text) {
    out += text;
    return Cell::Kind::number;
  };
  const auto real = [&](auto value) {
    if (std::isfinite(value)) return number(number_text(value));
    return append_text(out, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity", as_json);
  };
  const auto moment = [&](std::int64_t micros, const char* zone) {
    const bool finite = micros != INT64_MAX && micros != -INT64_MAX;
    return append_text(out,
                       finite       ? moment_text(micros) + zone
                       : micros > 0 ? "infinity"
                                    : "-infinity",
                       as_json);
  };
  switch (static_cast<int>(type.id)) {
    case DUCKDB_TYPE_BOOLEAN:
      out += value_at<bool>(data, row) ? "true" : "false";
      return Cell::Kind::boolean;
    case DUCKDB_TYPE_TINYINT:
      return number(number_text(int{value_at<std::int8_t>(data, row)}));
    case DUCKDB_TYPE_SMALLINT:
      return number(number_text(value_at<std::int16_t>(data, row)));
    case DUCKDB_TYPE_INTEGER:
      return number(number_text(value_at<std::int32_t>(data, row)));
    case DUCKDB_TYPE_BIGINT:
      return number(number_text(value_at<std::int64_t>(data, row)));
    case DUCKDB_TYPE_UTINYINT:
      return number(number_text(int{value_at<std::uint8_t>(data, row)}));
    case DUCKDB_TYPE_USMALLINT:
      return number(number_text(value_at<std::uint16_t>(data, row)));
    case DUCKDB_TYPE_UINTEGER:
      return number(number_text(value_at<std::uint32_t>(data, row)));
    case DUCKDB_TYPE_UBIGINT:
      return number(number_text(value_at<std::uint64_t>(data, row)));
    case DUCKDB_TYPE_HUGEINT:
      return number(wide_text(value_at<Int128>(data, row)));
    case DUCKDB_TYPE_UHUGEINT:
      return number(wide_text(value_at<UInt128>(data, row)));
    case DUCKDB_TYPE_DECIMAL:
      return number(wide_text(integer_at(type.stored_as, data, row), type.scale));
    case DUCKDB_TYPE_FLOAT:
      return real(value_at<float>(data, row));
    case DUCKDB_TYPE_DOUBLE:
      return real(value_at<double>(data, row));
    case DUCKDB_TYPE_DATE:
      return append_text(out, date_text(value_at<std::int32_t>(data, row)), as_json);
    case DUCKDB_TYPE_TIME:
      return append_text(out, time_text(value_at<std::int64_t>(data, row)), as_json);
    case DUCKDB_TYPE_TIMESTAMP:
      return moment(value_at<std::int64_t>(data, row), "");
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return moment(value_at<std::int64_t>(data, row), "Z");
    case DUCKDB_TYPE_TIMESTAMP_S:
      return moment(value_at<std::int64_t>(data, row) * 1'000'000, "");
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return moment(value_at<std::int64_t>(data, row) * 1'000, "");
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return moment(value_at<std::int64_t>(data, row) / 1'000, "");
    case DUCKDB_TYPE_INTERVAL:
      return append_text(out, interval_text(value_at<duckdb_interval>(data, row)), as_json);
    case DUCKDB_TYPE_UUID:
      return append_text(out, uuid_text(value_at<Int128>(data, row)), as_json);
    case DUCKDB_TYPE_ENUM:
      return append_text(out, type.names[enum_at(type.stored_as, data, row)], as_json);
    case DUCKDB_TYPE_BLOB:
      return append_text(out, crypto::base64(characters_at(data, row)), as_json);
    case DUCKDB_TYPE_VARCHAR:
      if (!type.is_json) return append_text(out, characters_at(data, row), as_json);
      out.append(characters_at(data, row));
      return Cell::Kind::json;
    default:
      return append_nested(out, type, vector, row);
  }
}

}  // namespace headwater::lake
