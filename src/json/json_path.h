#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::json {

class JsonPath;
namespace internal {
struct PathQuery;
const PathQuery& tree_of(const JsonPath& path);
}  // namespace internal

/// A compiled JSONPath query, all of RFC 9535. Immutable: may be used from any thread.
class JsonPath {
 public:
  /// Errors: invalid_argument with the byte position (from 0) and the reason, for what is not well-formed
  /// or not well-typed; `where` is the position in digits.
  static Result<JsonPath> compile(std::string_view expression);

  /// A selected value. It lives in the document.
  struct Node {
    const Value* value = nullptr;
    std::string path;  // normalized: $['a'][0]
  };

  /// The nodelist, in the RFC's order (duplicates stay).
  std::vector<Node> nodes(const Value& document) const;
  /// The values alone: cheaper, for no paths are built.
  std::vector<const Value*> values(const Value& document) const;

  /// Only names and indexes: at most one value.
  bool is_singular() const;
  /// True when the query is member names alone ("$.a['b']"); gives them.
  bool is_dotted(std::vector<std::string>& names) const;
  /// The last member name that the query selects by: "b" of "$.a[*]['b'][0]"; nullopt without one.
  std::optional<std::string> last_name() const;
  const std::string& text() const { return text_; }

 private:
  friend const internal::PathQuery& internal::tree_of(const JsonPath& path);
  struct Query;
  JsonPath(std::string text, std::shared_ptr<const Query> query);
  std::string text_;
  std::shared_ptr<const Query> query_;  // Shared by copies of one query; immutable.
};

}  // namespace headwater::json
