#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/source_spec.h"

namespace headwater::domain {

/// Reads the execution attributes wherever one of the three generations of documents keeps them
/// (REST-source reference, section 2), and collects problems on its way. For one reading.
class SpecReader {
 public:
  SpecReader(const json::Value& spec, const json::Value* params, std::vector<Problem>& problems);
  SourceSpec read();

  /// A value and where it stands; nullptr and where it should stand.
  struct Found {
    const json::Value* value = nullptr;
    std::string pointer;
    bool from_user = false;
  };
  Found find(std::string_view name) const;

 private:
  Found find_plain(std::string_view name) const;
  UrlParams url();
  std::vector<std::pair<std::string, std::string>> headers();
  void check_header_name(const std::string& name, const std::string& pointer);
  json::Value body();
  std::optional<EntityPath> entity_path(std::string_view name);
  void read_names(EntityPath& path, const std::string& pointer);
  Paging paging();
  void read_paging_members(const json::Value& block, const std::string& pointer, Paging& paging);
  void check_paging_headers(const Paging& paging, const std::string& pointer);
  void read_end_page(const json::Value& block, const std::string& pointer, Paging& paging);
  ParameterPlace parameter_place(const json::Value& block, const std::string& pointer);
  std::optional<EndCondition> end_condition(const json::Value& paging, const std::string& pointer);
  ScheduleParams schedule();
  std::vector<std::string> record_key();

  std::string text(const json::Value& object, std::string_view name, const std::string& pointer);
  std::optional<std::int64_t> whole_number(const json::Value& object, std::string_view name,
                                           const std::string& pointer, std::int64_t least);
  std::vector<std::pair<std::string, std::string>> pairs(const json::Value& value, const std::string& pointer,
                                                         std::string_view old_separators);
  std::vector<std::string> member_path(const json::Value& object, std::string_view name,
                                       const std::string& pointer);
  std::optional<std::vector<std::string>> names(const json::Value& object, std::string_view name,
                                                const std::string& pointer);
  static std::optional<PagingType> paging_type(std::string_view name);
  void require(bool holds, std::string pointer, std::string reason, std::string hint);
  void error(std::string pointer, std::string reason, std::string hint);

  const json::Value& spec_;
  const json::Value* params_;
  std::vector<Problem>& problems_;
};

}  // namespace headwater::domain
