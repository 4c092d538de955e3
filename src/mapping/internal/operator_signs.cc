#include "mapping/internal/operator_signs.h"

namespace headwater::mapping {

using Kind = Syntax::Kind;

const std::vector<OperatorLevel>& operator_levels() {
  static const std::vector<OperatorLevel> all{
      {{{"||", Kind::logical_or}}, true},
      {{{"&&", Kind::logical_and}}, true},
      {{{"|", Kind::bit_or}}, true},
      {{{"^", Kind::bit_xor}}, true},
      {{{"&", Kind::bit_and}}, true},
      {{{"==", Kind::equal}, {"!=", Kind::not_equal}, {"..", Kind::range}}, false},
      {{{"<", Kind::less},
        {"<=", Kind::less_equal},
        {">", Kind::greater},
        {">=", Kind::greater_equal},
        {"=~", Kind::matches},
        {"!~", Kind::matches_not},
        {"=^", Kind::starts},
        {"!^", Kind::starts_not},
        {"=$", Kind::ends},
        {"!$", Kind::ends_not}},
       false},
      {{{"+", Kind::add}, {"-", Kind::subtract}}, true},
      {{{"*", Kind::multiply}, {"/", Kind::divide}, {"%", Kind::modulo}}, true},
  };
  return all;
}

const std::vector<OperatorSign>& prefix_operators() {
  static const std::vector<OperatorSign> all{{"-", Kind::negate},       {"+", Kind::plus},
                                             {"~", Kind::complement},   {"!", Kind::logical_not},
                                             {"empty", Kind::is_empty}, {"size", Kind::size}};
  return all;
}

std::string_view symbol_of(Kind kind) {
  for (const auto& level : operator_levels())
    for (const auto& op : level.operators)
      if (op.kind == kind) return op.sign;
  for (const auto& op : prefix_operators())
    if (op.kind == kind) return op.sign;
  switch (kind) {
    case Kind::if_false:
      return "?:";
    case Kind::if_null:
      return "??";
    default:
      return {};
  }
}

}  // namespace headwater::mapping
