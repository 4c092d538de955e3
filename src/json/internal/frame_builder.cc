#include "json/internal/frame_builder.h"

#include "json/record.h"

namespace headwater::json::internal {

void FrameBuilder::keep(std::size_t level, std::string_view name, std::string_view name_text,
                        std::string_view value_text) {
  Level& here = levels_[level];
  const auto [place, is_new] = here.places.emplace(name, here.members.size());
  if (is_new) here.members.push_back({std::string(name), {}, false});
  KeptMember& member = here.members[place->second];
  member.text.assign(name_text);
  member.text += ':';
  append_minified(member.text, value_text);
  member.is_null = value_text == "null";
}

void FrameBuilder::drop(std::string_view name) {
  if (dropped_names_.emplace(name).second) dropped_.emplace_back(name);
}

bool FrameBuilder::enter(std::size_t level, std::string_view name_text) {
  Level& here = levels_[level];
  if (here.entered) return false;
  here.entered = true;
  here.split = here.members.size();
  here.path_name = name_text;
  return true;
}

void FrameBuilder::write(ArrayCutter::Frame& frame) const {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const Level& level = levels_[i];
    const bool innermost = i + 1 == levels_.size();
    std::string after;
    frame.before += '{';
    for (std::size_t m = 0; m < level.members.size(); ++m) {
      const KeptMember& member = level.members[m];
      if (m < level.split) {
        frame.before += member.text;
        frame.before += ',';
      } else {
        after += ',';
        after += member.text;
      }
      if (innermost) frame.kept.push_back(member.name);
      if (member.is_null) frame.has_null_sibling = true;
    }
    if (!innermost) {
      frame.before += level.path_name;
      frame.before += ':';
    }
    after += '}';
    frame.after.insert(0, after);
  }
}

}  // namespace headwater::json::internal
