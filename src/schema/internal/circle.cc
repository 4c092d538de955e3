#include "schema/internal/circle.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace headwater::schema {

std::optional<Index> find_circle(const std::vector<std::vector<Index>>& steps) {
  enum class Mark : std::uint8_t { fresh, open, done };
  std::vector<Mark> marks(steps.size(), Mark::fresh);
  std::vector<std::pair<Index, std::size_t>> stack;  // the way here, and each one's next step
  for (Index start = 0; start < steps.size(); ++start) {
    if (marks[start] != Mark::fresh) continue;
    stack.emplace_back(start, 0);
    marks[start] = Mark::open;
    while (!stack.empty()) {
      const auto at = stack.back().first;
      if (stack.back().second == steps[at].size()) {
        marks[at] = Mark::done;
        stack.pop_back();
        continue;
      }
      const auto next = steps[at][stack.back().second++];
      if (marks[next] == Mark::open) return at;
      if (marks[next] == Mark::fresh) {
        marks[next] = Mark::open;
        stack.emplace_back(next, 0);
      }
    }
  }
  return std::nullopt;
}

}  // namespace headwater::schema
