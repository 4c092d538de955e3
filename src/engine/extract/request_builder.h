#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/extract/authenticator.h"
#include "engine/extract/extractor.h"
#include "engine/extract/variables.h"
#include "http/client.h"

namespace headwater::extract {

/// What paging adds to a request.
struct PageParameters {
  QueryParams query;
  http::Headers headers;
  std::vector<std::pair<std::string, json::Value>> body;
  std::optional<Url> link;  // POINTER: the next page's address, used as it was given
};

/// Builds every request of one run (REST-source reference, section 5). All placeholders are resolved when
/// it is made. Immutable.
class RequestBuilder {
 public:
  static Result<RequestBuilder> make(const SourceInputs& inputs, TimePoint now, bool schedule_parameters);

  /// Order of the query: path, queryParams, schedule, paging, credentials; a later parameter of the same
  /// name replaces an earlier one. Credentials go only to the origin of the spec's own host.
  Result<http::ClientRequest> build(const PageParameters& page, const AuthMarks& marks) const;

  /// Where the first request goes, without paging and credentials.
  const Url& url() const { return url_; }
  /// limitValue with its placeholders resolved; empty when the spec has none.
  const std::string& limit_text() const { return limit_text_; }
  const Variables& variables() const { return variables_; }
  /// An address for a message: of the query only what limit, offset, page and schedule give is shown.
  std::string shown(const Url& url) const { return url.redacted(open_names_); }

 private:
  explicit RequestBuilder(Variables variables) : variables_(std::move(variables)) {}
  Result<void> set_url(const SourceInputs& inputs);
  Result<void> set_query(const SourceInputs& inputs, std::string_view path_query);
  Result<void> set_headers(const SourceInputs& inputs);
  Result<void> set_body(const SourceInputs& inputs);
  Result<json::Value> resolve_body(const json::Value& value, const std::string& pointer, int depth) const;
  void add_body(http::ClientRequest& request, const PageParameters& page, const AuthMarks& marks) const;

  Variables variables_;
  std::string method_ = "GET";
  Url url_;
  QueryParams query_;
  http::Headers headers_;
  json::Value body_;  // an object, a text, or null
  bool form_ = false;
  std::string limit_text_;
  std::vector<std::string> open_names_;
};

/// Sets a parameter: replaces the first of its name and removes the others.
void set_parameter(QueryParams& params, std::string_view name, std::string value);
/// As set_parameter, names compared without case.
void set_header(http::Headers& headers, std::string_view name, std::string value);

}  // namespace headwater::extract
