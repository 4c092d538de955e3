#include "json/pointer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace headwater::json {
namespace {

/// An array index as RFC 6901 writes it: digits without a leading zero.
std::optional<std::size_t> index_of(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc()) return std::nullopt;
  return index;
}

}  // namespace

Result<Pointer> Pointer::parse(std::string_view text) {
  std::vector<std::string> tokens;
  if (!text.empty() && text.front() != '/')
    return Error{ErrorKind::invalid_argument,
                 "The JSON pointer " + quoted(text) + " must be empty or start with /."};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back() += c;
    } else if (i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
      ++i;
      tokens.back() += text[i] == '0' ? '~' : '/';
    } else {
      return Error{ErrorKind::invalid_argument, "The JSON pointer " + quoted(text) +
                                                    " holds a ~ that is neither ~0 (for ~) nor ~1 (for /)."};
    }
  }
  return Pointer(std::move(tokens));
}

Pointer Pointer::parent() const {
  if (is_root()) return {};
  return Pointer(std::vector<std::string>(tokens_.begin(), tokens_.end() - 1));
}

Pointer Pointer::child(std::string_view token) const {
  std::vector<std::string> tokens = tokens_;
  tokens.emplace_back(token);
  return Pointer(std::move(tokens));
}

bool Pointer::is_prefix_of(const Pointer& other) const {
  return tokens_.size() <= other.tokens_.size() &&
         std::equal(tokens_.begin(), tokens_.end(), other.tokens_.begin());
}

std::string Pointer::text() const {
  std::string text;
  for (const std::string& token : tokens_) text += '/' + escape_pointer_token(token);
  return text;
}

const Value* Pointer::find(const Value& document) const {
  const Value* value = &document;
  for (const std::string& token : tokens_) {
    if (const Array* array = value->if_array()) {
      const auto index = index_of(token);
      value = index && *index < array->size() ? &(*array)[*index] : nullptr;
    } else {
      value = value->find(token);
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

Value* Pointer::find(Value& document) const { return const_cast<Value*>(find(std::as_const(document))); }

std::string escape_pointer_token(std::string_view token) {
  std::string text;
  for (const char c : token) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

}  // namespace headwater::json
