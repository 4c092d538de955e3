#pragma once

#include <cstddef>
#include <string_view>

namespace headwater {

/// Where a text's next sign is, asked for from one place after another: what was found is kept, so that a
/// text full of openings that nothing closes is gone through once, and not once for each of them.
class NextFind {
 public:
  NextFind(std::string_view text, std::string_view sign) : text_(text), sign_(sign) {}

  /// The first at `from` or later; npos when there is none. `from` does not go back.
  std::size_t from(std::size_t from) {
    if (known_ == kUnknown || (known_ != std::string_view::npos && known_ < from))
      known_ = text_.find(sign_, from);
    return known_;
  }

 private:
  static constexpr std::size_t kUnknown = std::string_view::npos - 1;
  std::string_view text_, sign_;
  std::size_t known_ = kUnknown;
};

}  // namespace headwater
