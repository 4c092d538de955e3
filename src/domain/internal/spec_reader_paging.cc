#include <cstdint>
#include <string>
#include <string_view>

#include "base/folded_name.h"
#include "base/text.h"
#include "domain/expression.h"
#include "domain/internal/spec_reader.h"

// How a spec says that there are further pages.
namespace headwater::domain {

namespace {

bool holds_placeholder(std::string_view text) {
  return text.find("${") != std::string_view::npos || text.find("{{") != std::string_view::npos ||
         text.find("@{") != std::string_view::npos;
}

// "headers.X-More" -> "x-more"; empty for a path in the body.
std::string header_named(std::string_view place) {
  constexpr std::string_view kHeaders = "headers.";
  return lower(place).starts_with(kHeaders) ? lower(place.substr(kHeaders.size())) : std::string();
}

}  // namespace

std::optional<EndCondition> SpecReader::end_condition(const json::Value& paging, const std::string& pointer) {
  const std::string name = text(paging, "endConditionName", pointer);
  const auto* value = paging.find("endConditionValue");
  if (name.empty()) {
    if (value && !value->is_null())
      error(pointer + "/endConditionName", "endConditionValue stands without endConditionName.",
            "Name the member or header to look at: $.hasMore");
    return std::nullopt;
  }
  EndCondition condition;
  condition.header = header_named(name);
  if (condition.header.empty()) condition.names = member_path(paging, "endConditionName", pointer);
  const std::string wanted = value ? text_of(*value) : std::string();
  const std::string keyword = lower(wanted);
  if (keyword.starts_with("const:")) {
    condition.constant = wanted.substr(6);
  } else if (keyword == "empty" || keyword == "empty:") {
    condition.test = EndCondition::Test::empty;
  } else if (keyword == "nonexist" || keyword == "nonexist:") {
    condition.test = EndCondition::Test::non_exist;
  } else if (keyword == "exist" || keyword == "exist:") {
    condition.test = EndCondition::Test::exist;
  } else if (!wanted.empty() && wanted.find(':') == std::string::npos) {
    condition.constant = wanted;  // A bare value can only be meant as a constant.
  } else {
    error(pointer + "/endConditionValue",
          wanted.empty() ? "endConditionValue is missing." : "\"" + wanted + "\" is not known.",
          "Use Const:<value>, Empty, NonExist or Exist.");
  }
  return condition;
}

Paging SpecReader::paging() {
  Paging paging;
  const Found found = find("paginationParams");
  const Found old_type = find_plain("paginationType");
  if (!found.value && !old_type.value) return paging;
  paging.declared = true;
  static const json::Value none{json::Object{}};
  const json::Value& block = found.value ? *found.value : none;
  const std::string& pointer = found.pointer;
  if (!block.is_object()) {
    error(pointer, "paginationParams must be an object.", "Write {\"type\": \"OFFSET\", ...}.");
    return paging;
  }
  std::string type = text(block, "type", pointer);
  if (type.empty()) type = text(block, "paginationType", pointer);
  if (type.empty() && old_type.value) type = text_of(*old_type.value);
  const auto known = paging_type(type);
  if (!known) {
    error(pointer + "/type",
          type.empty() ? "The pagination type is missing." : "Unknown pagination type \"" + type + "\".",
          "Use OFFSET, POINTER, CONTINUATION_TOKEN, PAGE or NONE.");
    return paging;
  }
  paging.type = *known;
  read_paging_members(block, pointer, paging);
  check_paging_headers(paging, pointer);
  return paging;
}

std::optional<PagingType> SpecReader::paging_type(std::string_view name) {
  const std::string plain = folded_name(name);
  if (plain == "offset") return PagingType::offset;
  if (plain == "pointer") return PagingType::pointer;
  if (plain == "continuationtoken") return PagingType::continuation_token;
  if (plain == "page") return PagingType::page;
  if (plain == "none") return PagingType::none;
  return std::nullopt;
}

void SpecReader::read_paging_members(const json::Value& block, const std::string& pointer, Paging& paging) {
  constexpr std::int64_t kPageRequestsMax = 10'000;
  paging.limit_name = text(block, "limitName", pointer);
  paging.limit_value = text(block, "limitValue", pointer);
  if (!paging.limit_value.empty() && !holds_placeholder(paging.limit_value))
    paging.limit = whole_number(block, "limitValue", pointer, 1).value_or(0);
  paging.delay = std::chrono::milliseconds(whole_number(block, "delayRequestMillis", pointer, 0).value_or(0));
  paging.request_max = whole_number(block, "maximumRequest", pointer, 1).value_or(0);
  paging.end_condition = end_condition(block, pointer);
  paging.total_path = member_path(block, "totalPath", pointer);
  paging.token_place = parameter_place(block, pointer);
  switch (paging.type) {
    case PagingType::none:
      break;
    case PagingType::offset:
      paging.offset_name = text(block, "offSetName", pointer);
      // pointerName is what old pages call it.
      for (const std::string_view other : {"offsetName", "pointerName"})
        if (paging.offset_name.empty()) paging.offset_name = text(block, other, pointer);
      require(!paging.offset_name.empty(), pointer + "/offSetName", "OFFSET needs offSetName.",
              "Name the parameter: \"offset\".");
      require(!paging.limit_name.empty(), pointer + "/limitName", "OFFSET needs limitName.",
              "Name the parameter: \"limit\".");
      require(!paging.limit_value.empty(), pointer + "/limitValue", "OFFSET needs limitValue.",
              "Say how many records a page has: 100.");
      break;
    case PagingType::pointer:
      paging.pointer_header = header_named(text(block, "pointerPath", pointer));
      if (paging.pointer_header.empty())
        paging.pointer_path =
            member_path(block, block.find("pointerPath") ? "pointerPath" : "pointerName", pointer);
      require(!paging.pointer_path.empty() || block.find("pointerPath") || block.find("pointerName"),
              pointer + "/pointerPath", "POINTER needs pointerPath.",
              "Say where the next page's link stands: $.paging.next");
      break;
    case PagingType::continuation_token:
      paging.token_header = header_named(text(block, "continuationTokenPath", pointer));
      if (paging.token_header.empty())
        paging.token_path = member_path(block, "continuationTokenPath", pointer);
      paging.token_name = text(block, "parameterName", pointer);
      require(!paging.token_path.empty() || block.find("continuationTokenPath"),
              pointer + "/continuationTokenPath", "CONTINUATION_TOKEN needs continuationTokenPath.",
              "Say where the token stands: $.meta.after_cursor");
      require(!paging.token_name.empty(), pointer + "/parameterName",
              "CONTINUATION_TOKEN needs parameterName.",
              "Name the query parameter, header or body member that takes the token.");
      break;
    case PagingType::page:
      paging.page_name = text(block, "pageParamName", pointer);
      require(!paging.page_name.empty(), pointer + "/pageParamName", "PAGE needs pageParamName.",
              "Name the parameter: \"page\".");
      paging.initial_page = whole_number(block, "initialPageIndex", pointer, 0).value_or(0);
      read_end_page(block, pointer, paging);
      if (paging.request_max == 0) paging.request_max = kPageRequestsMax;
      break;
  }
}

// Where parameters of paging go into headers, their names are names of headers.
void SpecReader::check_paging_headers(const Paging& paging, const std::string& pointer) {
  if (paging.token_place != ParameterPlace::header) return;
  check_header_name(paging.token_name, pointer + "/parameterName");
  check_header_name(paging.limit_name, pointer + "/limitName");
  check_header_name(paging.offset_name, pointer + "/offSetName");
  check_header_name(paging.page_name, pointer + "/pageParamName");
}

void SpecReader::read_end_page(const json::Value& block, const std::string& pointer, Paging& paging) {
  const auto* value = block.find("endPageIndex");
  if (!value || value->is_null()) return;
  const auto* name = value->if_string();
  if (name) paging.end_page_header = header_named(*name);
  if (!paging.end_page_header.empty()) return;
  if (name && name->empty()) return;
  const auto number = value->as_int64_lenient();
  if (!number || *number < paging.initial_page) {
    error(pointer + "/endPageIndex",
          "endPageIndex must be a page number from initialPageIndex on, or headers.<name>.",
          "Write 20, or \"headers.x-pagecount\" when a response header counts the pages.");
    return;
  }
  paging.end_page = number;
}

ParameterPlace SpecReader::parameter_place(const json::Value& block, const std::string& pointer) {
  const std::string written = text(block, "parameterType", pointer);
  const std::string plain = folded_name(written);
  if (plain.empty() || plain == "queryparam" || plain == "query") return ParameterPlace::query;
  if (plain == "headerparam" || plain == "header") return ParameterPlace::header;
  if (plain == "bodyparam" || plain == "body") return ParameterPlace::body;
  error(pointer + "/parameterType", "Unknown parameterType \"" + written + "\".",
        "Use QUERYPARAM, HEADERPARAM or BODYPARAM.");
  return ParameterPlace::query;
}

}  // namespace headwater::domain
