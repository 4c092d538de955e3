#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace headwater {

/// Holds a T, or the Error that prevented it. Names as in std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  Result()
    requires std::is_void_v<T>
  = default;
  Result(value_type value)
    requires(!std::is_void_v<T>)
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  value_type& operator*() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const value_type& operator*() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  value_type&& operator*() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  value_type* operator->() {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  const value_type* operator->() const {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<value_type, Error> state_;
};

}  // namespace headwater

/// Gives the value of a Result, or returns its Error from the enclosing function. Do not nest, and not
/// in a coroutine; nor behind other members in braces: g++ 12 leaks those when it returns from there.
#define TRY(...)                                           \
  __extension__({                                          \
    auto try_result = (__VA_ARGS__);                       \
    if (!try_result) return std::move(try_result).error(); \
    *std::move(try_result);                                \
  })
