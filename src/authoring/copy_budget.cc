#include "authoring/copy_budget.h"

namespace headwater::authoring {

bool CopyBudget::take(const json::Value& value) {
  if (!exceeded_) weigh(value);
  return !exceeded_;
}

void CopyBudget::spend(std::size_t bytes) {
  exceeded_ = bytes > left_;
  left_ -= exceeded_ ? left_ : bytes;
}

void CopyBudget::weigh(const json::Value& value) {
  if (exceeded_) return;
  const auto* text = value.if_string();
  const auto* number = value.if_number();
  spend(sizeof value + (text != nullptr ? text->size() : number != nullptr ? number->text.size() : 0));
  if (const auto* list = value.if_array())
    for (const auto& each : *list) {
      if (exceeded_) return;
      weigh(each);
    }
  if (const auto* members = value.if_object())
    for (const auto& [name, member] : *members) {
      if (exceeded_) return;
      spend(sizeof(std::string) + name.size());
      weigh(member);
    }
}

}  // namespace headwater::authoring
