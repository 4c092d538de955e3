#pragma once

#include <string>
#include <utility>

namespace headwater {

/// A credential. Nothing prints, logs or encodes it; whoever needs the text says so with `reveal`.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace headwater
