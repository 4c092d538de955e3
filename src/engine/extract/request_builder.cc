#include "engine/extract/request_builder.h"

#include <algorithm>
#include <utility>

#include "base/header_name.h"
#include "base/text.h"
#include "domain/expression.h"

namespace headwater::extract {

namespace {

constexpr std::string_view kUrlPointer = "/sourceSpec/attributes/urlParams";

template <class Same>
void set_pair(std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name,
              std::string value, Same same) {
  const auto matches = [&](const auto& each) { return same(each.first, name); };
  const auto first = std::find_if(pairs.begin(), pairs.end(), matches);
  if (first == pairs.end()) {
    pairs.emplace_back(std::string(name), std::move(value));
    return;
  }
  first->second = std::move(value);
  pairs.erase(std::remove_if(first + 1, pairs.end(), matches), pairs.end());
}

Error at(Error error, std::string_view where) {
  if (error.where.empty()) error.where = std::string(where);
  return error;
}

}  // namespace

void set_parameter(QueryParams& params, std::string_view name, std::string value) {
  set_pair(params, name, std::move(value), [](std::string_view a, std::string_view b) { return a == b; });
}

void set_header(http::Headers& headers, std::string_view name, std::string value) {
  set_pair(headers, name, std::move(value), equal_ignoring_case);
}

Result<RequestBuilder> RequestBuilder::make(const SourceInputs& inputs, TimePoint now,
                                            bool schedule_parameters) {
  RequestBuilder builder(TRY(Variables::make(inputs, now, schedule_parameters)));
  builder.method_ = inputs.spec.url.method;
  TRY(builder.set_url(inputs));
  TRY(builder.set_headers(inputs));
  if (builder.method_ == "POST") TRY(builder.set_body(inputs));
  const auto limit = TRY(builder.variables_.resolve(inputs.spec.paging.limit_value, TextPlace::body,
                                                    "/sourceSpec/attributes/paginationParams/limitValue"));
  builder.limit_text_ = limit.text;
  const domain::Paging& paging = inputs.spec.paging;
  const domain::ScheduleParams& schedule = inputs.spec.schedule;
  for (const auto& name :
       {paging.limit_name, paging.offset_name, paging.page_name, schedule.start_name, schedule.end_name})
    if (!name.empty()) builder.open_names_.push_back(name);
  return builder;
}

Result<void> RequestBuilder::set_url(const SourceInputs& inputs) {
  const std::string host_pointer = std::string(kUrlPointer) + "/host";
  const std::string path_pointer = std::string(kUrlPointer) + "/path";
  std::string host;
  if (inputs.spec.url.host.empty()) {
    host = inputs.auth.params.string_at("host");
    if (host.empty()) host = inputs.params.string_at("host");
  } else {
    host = TRY(variables_.resolve(inputs.spec.url.host, TextPlace::host, host_pointer)).text;
  }
  std::string path = TRY(variables_.resolve(inputs.spec.url.path, TextPlace::path, path_pointer)).text;
  if (host.empty() && !path.starts_with("http://") && !path.starts_with("https://"))
    return Error{ErrorKind::invalid_argument,
                 "There is no host to call: neither urlParams.host nor auth.params.host is given.",
                 host_pointer};
  if (!host.empty() && host.find("://") == std::string::npos) host.insert(0, "https://");
  if (host.find_first_of("?#") != std::string::npos)
    return Error{ErrorKind::invalid_argument, "The host must not hold \"?\" or \"#\".", host_pointer};
  while (host.ends_with('/')) host.pop_back();
  if (!host.empty() && !path.starts_with('?')) {
    const std::size_t first = path.find_first_not_of('/');
    path = "/" + (first == std::string::npos ? std::string() : path.substr(first));
  }
  const std::size_t question = path.find('?');
  const std::string query = question == std::string::npos ? std::string() : path.substr(question + 1);
  auto parsed = Url::parse(host + path.substr(0, question));
  if (!parsed) return at(std::move(parsed).error(), host_pointer);
  url_ = *std::move(parsed);
  if (!url_.userinfo.empty())
    return Error{ErrorKind::invalid_argument, "The host must not hold a user name or password.",
                 host_pointer};
  return set_query(inputs, query);
}

Result<void> RequestBuilder::set_query(const SourceInputs& inputs, std::string_view path_query) {
  for (std::size_t begin = 0; begin <= path_query.size();) {
    const std::size_t end = std::min(path_query.find_first_of("&?", begin), path_query.size());
    const std::string_view item = path_query.substr(begin, end - begin);
    begin = end + 1;
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    query_.emplace_back(
        percent_decode(item.substr(0, equals), true),
        equals == std::string_view::npos ? std::string() : percent_decode(item.substr(equals + 1), true));
  }
  // Parameters of the path that come again below give way; several of one name within queryParams stay.
  QueryParams own;
  for (const auto& [name, text] : inputs.spec.url.query) {
    auto value =
        TRY(variables_.resolve(text, TextPlace::query, std::string(kUrlPointer) + "/queryParams/" + name));
    if (!value.absent) own.emplace_back(name, std::move(value.text));
  }
  std::erase_if(query_, [&own](const auto& each) {
    return std::any_of(own.begin(), own.end(),
                       [&each](const auto& later) { return later.first == each.first; });
  });
  query_.insert(query_.end(), own.begin(), own.end());
  for (const auto& [name, value] : variables_.schedule_parameters()) set_parameter(query_, name, value);
  return {};
}

Result<void> RequestBuilder::set_headers(const SourceInputs& inputs) {
  headers_.emplace_back("Accept", "application/json");
  for (const auto& [name, text] : inputs.spec.headers) {
    const std::string pointer = "/sourceSpec/attributes/headerParams/" + name;
    if (name.empty() || name.find_first_of(std::string_view("\r\n\0 :\t", 6)) != std::string::npos)
      return Error{ErrorKind::invalid_argument, "\"" + name + "\" is no header name.", pointer};
    if (belongs_to_http(name))
      return Error{ErrorKind::invalid_argument, "The header \"" + name + "\" is set by HTTP itself.",
                   pointer};
    auto value = TRY(variables_.resolve(text, TextPlace::header, pointer));
    if (!value.absent) set_header(headers_, name, std::move(value.text));
  }
  if (const auto type = http::find_header(headers_, "Content-Type"))
    form_ = type->find("application/x-www-form-urlencoded") != std::string_view::npos;
  return {};
}

Result<json::Value> RequestBuilder::resolve_body(const json::Value& value, const std::string& pointer,
                                                 int depth) const {
  if (depth > 100) return Error{ErrorKind::invalid_argument, "The body is nested too deeply.", pointer};
  if (const auto* text = value.if_string()) {
    auto resolved = TRY(variables_.resolve(*text, TextPlace::body, pointer));
    return json::Value(std::move(resolved.text));
  }
  if (const auto* list = value.if_array()) {
    json::Array result;
    for (std::size_t i = 0; i < list->size(); ++i)
      result.push_back(TRY(resolve_body((*list)[i], pointer + "/" + std::to_string(i), depth + 1)));
    return json::Value(std::move(result));
  }
  if (const auto* object = value.if_object()) {
    json::Object result;
    for (const auto& [name, member] : *object) {
      std::string place = pointer;
      place.append("/").append(name);
      if (const auto* text = member.if_string()) {
        auto resolved = TRY(variables_.resolve(*text, TextPlace::body, place));
        if (!resolved.absent) result.set(name, json::Value(std::move(resolved.text)));
      } else {
        result.set(name, TRY(resolve_body(member, place, depth + 1)));
      }
    }
    return json::Value(std::move(result));
  }
  return value;
}

Result<void> RequestBuilder::set_body(const SourceInputs& inputs) {
  const std::string pointer = "/sourceSpec/attributes/bodyParams";
  const auto* text = inputs.spec.body.if_string();
  if (text && !form_) {
    // A text that is JSON is filled inside its strings, so that no value can break out of them.
    auto parsed = json::parse(*text);
    if (parsed) {
      body_ = TRY(resolve_body(*parsed, pointer, 0));
      return {};
    }
  }
  if (text && form_) {
    json::Object members;
    for (const auto& [name, value] : parse_query(*text)) {
      auto resolved = TRY(variables_.resolve(value, TextPlace::body, pointer));
      if (!resolved.absent) members.set(name, json::Value(std::move(resolved.text)));
    }
    body_ = json::Value(std::move(members));
    return {};
  }
  body_ = TRY(resolve_body(inputs.spec.body, pointer, 0));
  return {};
}

namespace {

// "variables.after" goes into the body's object "variables", if it has one and no member of the whole name.
void set_body_member(json::Object& members, std::string_view name, const json::Value& value) {
  const auto dot = name.find('.');
  json::Value* holder =
      dot == std::string_view::npos || members.contains(name) ? nullptr : members.find(name.substr(0, dot));
  if (holder != nullptr && holder->is_object())
    set_body_member(*holder->if_object(), name.substr(dot + 1), value);
  else
    members.set(name, value);
}

}  // namespace

void RequestBuilder::add_body(http::ClientRequest& request, const PageParameters& page,
                              const AuthMarks& marks) const {
  json::Value body = body_;
  if (body.is_null() && (form_ || !page.body.empty() || !marks.body.empty()))
    body = json::Value(json::Object{});
  if (auto* object = body.if_object()) {
    for (const auto& [name, value] : page.body) set_body_member(*object, name, value);
    for (const auto& [name, value] : marks.body) object->set(name, json::Value(value));
  }
  if (body.is_null()) return;
  if (form_ && body.is_object()) {
    QueryParams fields;
    for (const auto& [name, value] : *body.if_object()) fields.emplace_back(name, domain::text_of(value));
    request.body = format_query(fields);
    return;
  }
  const auto* text = body.if_string();
  request.body = text ? *text : body.dump();
  if (!http::find_header(request.headers, "Content-Type"))
    request.headers.emplace_back("Content-Type", "application/json");
}

Result<http::ClientRequest> RequestBuilder::build(const PageParameters& page, const AuthMarks& marks) const {
  http::ClientRequest request;
  request.method = method_;
  request.headers = headers_;
  for (const auto& [name, value] : page.headers) {
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Error{ErrorKind::upstream,
                   "The source's token for the header \"" + name + "\" holds line breaks.",
                   {},
                   "CONNECTOR-1001-500"};
    set_header(request.headers, name, value);
  }
  const bool own_origin = !page.link || page.link->origin() == url_.origin();
  QueryParams secret_query;
  if (own_origin) {
    for (const auto& [name, value] : marks.headers) set_header(request.headers, name, value);
    secret_query = marks.query;
  } else {
    // Header texts of the spec may hold credentials through placeholders; they stay at home as well.
    request.headers.clear();
    request.headers.emplace_back("Accept", "application/json");
  }
  if (page.link) {
    request.url = *page.link;
    if (!secret_query.empty()) {
      auto query = parse_query(request.url.query);
      for (const auto& [name, value] : secret_query) set_parameter(query, name, value);
      request.url.query = format_query(query);
      request.url.has_query = true;
    }
    if (!own_origin) return request;
  } else {
    QueryParams query = query_;
    for (const auto& [name, value] : page.query) set_parameter(query, name, value);
    for (const auto& [name, value] : secret_query) set_parameter(query, name, value);
    request.url = url_;
    request.url.query = format_query(query);
    request.url.has_query = !query.empty();
  }
  // A text has no members to put a key or a token into.
  if (method_ == "POST" && body_.is_string() && !(marks.body.empty() && page.body.empty()))
    return Error{ErrorKind::invalid_argument,
                 "\"" + (marks.body.empty() ? page.body.front().first : marks.body.front().first) +
                     "\" is to be sent in the body, and bodyParams is a text: make an object of it.",
                 "/sourceSpec/attributes/bodyParams"};
  if (method_ == "POST") add_body(request, page, marks);
  return request;
}

}  // namespace headwater::extract
