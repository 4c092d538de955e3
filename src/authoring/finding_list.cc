#include "authoring/finding_list.h"

#include <utility>

namespace headwater::authoring {
namespace {

// At the end of a character.
void cut(std::string& text) {
  if (text.size() <= FindingList::kTextBytesMax) return;
  std::size_t end = FindingList::kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  text += "...";
}

}  // namespace

std::string short_pointer(std::string_view pointer) {
  while (pointer.size() > FindingList::kTextBytesMax)
    pointer = pointer.substr(0, pointer.rfind('/', FindingList::kTextBytesMax));
  return std::string(pointer);
}

void FindingList::add(Finding finding) {
  if (is_full(finding.severity)) return;
  ++(finding.severity == Severity::error ? errors_ : warnings_);
  cut(finding.message);
  cut(finding.hint);
  finding.pointer = short_pointer(finding.pointer);
  all_.push_back(std::move(finding));
}

}  // namespace headwater::authoring
