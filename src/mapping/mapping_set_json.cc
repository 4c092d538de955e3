#include "mapping/mapping_set_json.h"

#include <algorithm>
#include <utility>

namespace headwater::mapping {
namespace {

std::optional<SourceType> source_type(std::string_view text) {
  if (text == "ATTRIBUTE" || text == "text/x.schema-path") return SourceType::attribute;
  if (text == "EXPRESSION" || text == "text/x.aep-xl") return SourceType::expression;
  if (text == "STATIC" || text == "text/plain") return SourceType::constant;
  return std::nullopt;
}

class Reader {
 public:
  Reader(const json::Value& document, std::vector<RowProblem>* unreadable)
      : document_(document), unreadable_(unreadable) {}

  Result<MappingSet> run() {
    if (!document_.is_object())
      return Error{ErrorKind::invalid_argument, "A mapping set must be a JSON object with \"mappings\"."};
    set_.name = document_.string_at("name");
    read_schema_ref();
    if (const auto* allow = document_.find("allowNullValues"); allow != nullptr && !allow->is_null()) {
      if (const auto* flag = allow->if_boolean())
        set_.allow_nulls = *flag;
      else
        problem("/allowNullValues", "must be true or false.", "");
    }
    read_rows();
    if (problems_.empty()) return std::move(set_);
    Error error{ErrorKind::invalid_argument, "The mapping set cannot be read: " + problems_.front().pointer +
                                                 " " + problems_.front().reason};
    error.where = problems_.front().pointer;
    error.problems = std::move(problems_);
    return error;
  }

 private:
  void problem(std::string pointer, std::string reason, std::string hint) {
    problems_.push_back(Problem{std::move(pointer), std::move(reason), std::move(hint)});
  }

  void read_schema_ref() {
    if (const auto* ref = document_.find_path("outputSchema.schemaRef"); ref != nullptr && ref->is_object()) {
      set_.schema_id = ref->string_at("id");
      set_.content_type = ref->string_at("contentType");
    }
    if (set_.schema_id.empty()) set_.schema_id = document_.string_at("xdmSchema");
    if (set_.content_type.empty()) set_.content_type = document_.string_at("xdmVersion");
    if (const auto* schema = document_.find_path("inputSchema.jsonSchema")) read_source_schema(*schema);
  }

  // A document, or its text.
  void read_source_schema(const json::Value& schema) {
    if (schema.is_object()) set_.source_schema = schema;
    if (!schema.is_string()) return;
    auto parsed = json::parse(*schema.if_string());
    if (parsed && parsed->is_object())
      set_.source_schema = *std::move(parsed);
    else
      problem("/inputSchema/jsonSchema", "is no JSON object.",
              "Give the schema as an object, or as its JSON text.");
  }

  void read_rows() {
    const auto* rows = document_.find("mappings");
    const auto* list = rows == nullptr ? nullptr : rows->if_array();
    if (list == nullptr)
      return problem("/mappings", "must be an array of mappings.", "Give at least {\"mappings\":[]}.");
    for (std::size_t i = 0; i < list->size(); ++i) read_row((*list)[i], "/mappings/" + std::to_string(i));
  }

  // The member under its present or its old name; numbers and booleans (constants) as their text.
  std::optional<std::string> text(const json::Value& row, const std::string& at, const char* name,
                                  const char* old_name) {
    const char* used = name;
    const auto* value = row.find(name);
    if (value == nullptr || value->is_null()) {
      value = row.find(old_name);
      used = old_name;
    }
    if (value == nullptr || value->is_null()) {
      problem(at, std::string("lacks \"") + name + "\".",
              std::string("Give \"") + name + "\" or \"" + old_name + "\".");
      return std::nullopt;
    }
    if (const auto* string = value->if_string()) return *string;
    if (value->is_number() || value->is_boolean()) return value->dump();
    problem(at + "/" + used, "must be a string.", "");
    return std::nullopt;
  }

  // With `unreadable_`, a row that cannot be read keeps its place.
  void read_row(const json::Value& row, const std::string& at) {
    const auto before = problems_.size();
    Row out;
    read_members(row, at, out);
    const bool good = problems_.size() == before;
    if (good || unreadable_ != nullptr) set_.rows.push_back(std::move(out));
    if (good || unreadable_ == nullptr) return;
    for (auto i = before; i < problems_.size(); ++i) {
      auto& fault = problems_[i];
      const auto member = fault.pointer.size() > at.size() ? fault.pointer.substr(at.size() + 1) : "";
      unreadable_->push_back({set_.rows.size() - 1, member, std::move(fault.reason), std::move(fault.hint)});
    }
    problems_.resize(before);
  }

  void read_members(const json::Value& row, const std::string& at, Row& out) {
    if (!row.is_object()) return problem(at, "must be an object.", "");
    if (const auto* type = row.find("sourceType"); type != nullptr && !type->is_null()) {
      const auto known = type->is_string() ? source_type(*type->if_string()) : std::nullopt;
      if (!known) problem(at + "/sourceType", "is no source type.", "Use ATTRIBUTE, EXPRESSION or STATIC.");
      out.type = known.value_or(SourceType::attribute);
    }
    auto source = text(row, at, "source", "sourceAttribute");
    auto destination = text(row, at, "destination", "destinationXdmPath");
    if (source) out.source = *std::move(source);
    if (destination) out.destination = *std::move(destination);
  }

  const json::Value& document_;
  std::vector<RowProblem>* unreadable_;
  MappingSet set_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<MappingSet> read_mapping_set(const json::Value& document, std::vector<RowProblem>* unreadable) {
  return Reader(document, unreadable).run();
}

std::string_view wire_name(SourceType type) {
  switch (type) {
    case SourceType::attribute:
      return "ATTRIBUTE";
    case SourceType::expression:
      return "EXPRESSION";
    case SourceType::constant:
      return "STATIC";
  }
  return "";
}

}  // namespace headwater::mapping
