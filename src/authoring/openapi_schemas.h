#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "authoring/copy_budget.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// The schemas of an API's description: follows references and makes examples. Keeps a reference to the
/// document. Confined to one thread.
class OpenApiSchemas {
 public:
  explicit OpenApiSchemas(const json::Value& document) : document_(document) {}

  /// What a reference leads to, or the value itself.
  const json::Value& resolved(const json::Value& value) const;
  const json::Value* member(const json::Value& value, std::string_view name) const;

  /// Of a media type: the given example, or one that its schema allows, for the names and kinds of its
  /// members; of records little more than that they are objects.
  json::Value example_in(const json::Value& media) const;

  /// What a schema gives as a parameter's value; "" when it gives none. Of several choices none is given.
  static std::string given_in(const json::Value& schema);

  /// The members of an object's schema, those of its allOf among them, and which must be there.
  struct Members {
    std::vector<std::pair<std::string, const json::Value*>> properties;  // of the document; each name once
    std::vector<std::string> required;
  };
  Members members_of(const json::Value& schema) const;

  /// Takes what is copied out of the document off what may be. Of what is too much nothing is copied.
  bool may_copy(const json::Value& value) const;
  /// A copy; null for what is too much.
  json::Value copied(const json::Value& value) const;
  /// Errors: too_large, with the place of the value that was one too many.
  Result<void> check_size() const;

  /// References that could not be followed.
  const std::string& other_file() const { return other_file_; }
  const std::string& dangling() const { return dangling_; }

 private:
  json::Value example_of(const json::Value& raw, std::string_view name, int depth) const;
  json::Value example_within(const json::Value& schema, std::string_view name, int depth) const;
  json::Value example_of_type(const json::Value& schema, std::string_view name, int depth) const;
  json::Value merged_example(const json::Array& parts, const json::Value& schema, std::string_view name,
                             int depth) const;
  std::vector<json::Member> property_examples(const json::Value& schema, int depth) const;
  using Places = std::unordered_map<std::string, std::size_t>;  // of names in Members::properties
  void add_members(const json::Value& raw, int depth, Members& out, Places& places) const;
  const json::Value& followed(const json::Value& value) const;

  // Schemas refer to each other in circles, and wide ones multiply.
  static constexpr std::size_t kNodesMax = 50'000;
  static constexpr std::size_t kMembersMax = 2'000'000;  // of all schemas that are asked for their members
  static constexpr std::size_t kCopiedBytesMax = 64U << 20;

  const json::Value& document_;
  mutable std::string other_file_, dangling_;
  mutable std::size_t nodes_left_ = kNodesMax;
  mutable std::size_t members_left_ = kMembersMax;
  mutable CopyBudget copies_{kCopiedBytesMax};
  mutable const json::Value* too_much_ = nullptr;  // that was not copied
  mutable std::unordered_map<const json::Value*, const json::Value*> resolved_;
  mutable std::vector<const json::Value*> open_;  // that an example is being made of
};

/// A scalar as a parameter has it.
std::string scalar_text(const json::Value& value);

}  // namespace headwater::authoring
