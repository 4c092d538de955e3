#include "authoring/source_template.h"

#include <utility>

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kDraft7 = "http://json-schema.org/draft-07/schema#";

Object ui_attributes(const SourceTexts& texts, std::string_view frequency) {
  return Object{{"isSource", true},
                {"isPreview", true},
                {"isBeta", true},
                {"category", Object{{"key", texts.category}}},
                {"icon", Object{{"key", texts.name + "-icon"}}},
                {"label", Object{{"text", texts.label}}},
                {"description", Object{{"text", texts.description}}},
                {"frequency", Object{{"key", frequency}}}};
}

Object spec_head(const SourceTexts& texts, std::string_view type, std::string_view provider) {
  return Object{{"name", texts.name},
                {"type", type},
                {"description", texts.description},
                {"providerId", provider},
                {"version", "1.0"},
                {"attributes", Object{{"isSource", true}, {"category", texts.category}}}};
}

// A name that stands several times has a list of values.
Object text_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Object out;
  for (const auto& [name, text] : pairs) {
    const Value* before = out.find(name);
    if (before == nullptr) {
      out.set(name, text);
      continue;
    }
    Array values = before->is_array() ? *before->if_array() : Array{*before};
    values.emplace_back(text);
    out.set(name, std::move(values));
  }
  return out;
}

Object url_params(const RestDescription& description) {
  Object url{{"host", description.host}, {"path", description.path}, {"method", description.method}};
  if (!description.query.empty()) url.set("queryParams", text_pairs(description.query));
  return url;
}

}  // namespace

RestDescription rest_template() {
  RestDescription rest;
  rest.host = "https://api.example.com";
  rest.path = "/v1/accounts/${accountId}/items";
  rest.headers = {{"Accept", "application/json"}};
  rest.auth_specs = {Object{
      {"name", "API Key Authentication"},
      {"type", "KeyBased"},
      {"spec",
       Object{{"$schema", kDraft7},
              {"type", "object"},
              {"properties",
               Object{{"authKey1", Object{{"type", "string"},
                                          {"format", "password"},
                                          {"title", "API key"},
                                          {"description", "Sent as the header X-Api-Key."},
                                          {"restAttributes", Object{{"headerParamName", "X-Api-Key"}}}}}}},
              {"required", Array{"authKey1"}}}}}};
  rest.content =
      Object{{"path", "$.items"}, {"keepAttributes", Array{}}, {"overrideWrapperAttribute", "item"}};
  rest.paging =
      Object{{"type", "OFFSET"}, {"limitName", "limit"}, {"limitValue", "100"}, {"offSetName", "offset"}};
  rest.schedule = Object{{"scheduleStartParamName", "updated_after"},
                         {"scheduleEndParamName", "updated_before"},
                         {"scheduleStartParamFormat", "yyyy-MM-ddTHH:mm:ssZ"},
                         {"scheduleEndParamFormat", "yyyy-MM-ddTHH:mm:ssZ"}};
  rest.inputs =
      Object{{"accountId",
              Object{{"type", "string"}, {"title", "Account"}, {"description", "Whose items are read."}}}};
  rest.required = {"accountId"};
  return rest;
}

Value rest_spec(const SourceTexts& texts, const RestDescription& description) {
  Object attributes{{"uiAttributes", ui_attributes(texts, "batch")}, {"urlParams", url_params(description)}};
  if (!description.headers.empty()) attributes.set("headerParams", text_pairs(description.headers));
  if (!description.body.is_null()) attributes.set("bodyParams", description.body);
  if (!description.content.is_null()) attributes.set("contentPath", description.content);
  attributes.set("paginationParams",
                 description.paging.is_null() ? Value(Object{{"type", "NONE"}}) : description.paging);
  if (!description.schedule.is_null()) attributes.set("scheduleParams", description.schedule);

  Object inputs{{"$schema", kDraft7}, {"type", "object"}, {"properties", description.inputs}};
  if (!description.required.empty()) inputs.set("required", description.required);

  Object spec = spec_head(texts, "generic-rest", kRestProvider);
  spec.set("authSpec", description.auth_specs);
  spec.set("sourceSpec", Object{{"attributes", std::move(attributes)}, {"spec", std::move(inputs)}});
  spec.set(
      "exploreSpec",
      Object{
          {"name", "Resource"}, {"type", "Resource"}, {"requestSpec", Object{}}, {"responseSpec", Object{}}});
  return spec;
}

Value streaming_spec(const SourceTexts& texts) {
  Object spec = spec_head(texts, "generic-streaming", kStreamingProvider);
  spec.find("attributes")->if_object()->set("flowRunsSupported", true);
  spec.set("authSpec", Array{});
  spec.set("sourceSpec", Object{{"attributes", Object{{"authRequired", false},
                                                      {"uiAttributes", ui_attributes(texts, "streaming")}}}});
  spec.set("exploreSpec", Object{{"type", "StreamingConnection"}});
  return spec;
}

std::string plain_icon(std::string_view label) {
  char letter = label.empty() ? 'S' : label[0];
  if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  if ((letter < 'A' || letter > 'Z') && (letter < '0' || letter > '9')) letter = 'S';
  return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" role="img">
  <circle cx="24" cy="24" r="22" fill="#1f6f8b"/>
  <text x="24" y="32" font-family="sans-serif" font-size="24" text-anchor="middle" fill="#ffffff">)" +
         std::string(1, letter) + R"(</text>
</svg>)";
}

SourceArtifacts make_artifacts(const SourceTexts& texts, const Value& spec) {
  return SourceArtifacts{texts.name,  texts.category,          texts.description,
                         texts.label, plain_icon(texts.label), spec.dump(2)};
}

}  // namespace headwater::authoring
