#include "authoring/graphql_arguments.h"

#include <algorithm>

#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

bool is_name_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "where: {after: $d}" compares a member.
bool says_filter(std::string_view name) {
  const std::string plain = plain_name(name);
  return plain.find("filter") != std::string::npos || plain.find("where") != std::string::npos ||
         plain.find("query") != std::string::npos;
}

class Arguments {
 public:
  Arguments(std::string_view query, std::string_view wanted) : query_(query), wanted_(wanted) {}

  std::vector<std::string> run() {
    while (at_ < query_.size()) {
      const char c = query_[at_];
      if (is_name_sign(c)) {
        name_ = word();
        is_argument_ = false;
        continue;
      }
      ++at_;
      if (c == '"') skip_text();
      if (c == '#') at_ = std::min(query_.find('\n', at_), query_.size());
      if (c == ':') is_argument_ = !name_.empty();
      if (c == '$') take_variable();
      if (c == '(' || c == '{' || c == '[') open(c);
      if ((c == ')' || c == '}' || c == ']') && !may_page_.empty()) may_page_.pop_back();
    }
    return std::move(out_);
  }

 private:
  std::string_view word() {
    const auto begin = at_;
    while (at_ < query_.size() && is_name_sign(query_[at_])) ++at_;
    return query_.substr(begin, at_ - begin);
  }

  void skip_text() {
    for (; at_ < query_.size() && query_[at_] != '"'; ++at_)
      if (query_[at_] == '\\') ++at_;
    ++at_;
  }

  void open(char sign) {
    const bool holds_paging = is_argument_ && !may_page_.empty() && may_page_.back() && !says_filter(name_);
    may_page_.push_back(sign == '(' || (sign == '{' && holds_paging));
    name_ = {};
    is_argument_ = false;
  }

  void take_variable() {
    const auto variable = word();
    if (is_argument_ && name_ == wanted_ && !may_page_.empty() && may_page_.back())
      out_.emplace_back(variable);
    name_ = {};
    is_argument_ = false;
  }

  std::string_view query_, wanted_;
  std::size_t at_ = 0;
  std::string_view name_;       // the last one
  bool is_argument_ = false;    // a colon stands behind it
  std::vector<bool> may_page_;  // of each bracket that is open: what pages may stand in it
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> variables_of(std::string_view query, std::string_view argument) {
  return Arguments(query, argument).run();
}

}  // namespace headwater::authoring
