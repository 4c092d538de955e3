#include "domain/setting.h"

#include <utility>

namespace headwater::domain {
namespace {

constexpr std::size_t kSecretBytesMin = 16;
constexpr std::size_t kSecretBytesMax = 1024;

}  // namespace

const json::Value* setting(const json::Value& body, std::string_view name) {
  const json::Value* value = body.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Error wrong_setting(std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), "CONNECTOR-1302-400"};
}

Result<std::string> signing_secret(const json::Value& secret, std::string_view otherwise) {
  const std::string* text = secret.if_string();
  if (text != nullptr && text->size() >= kSecretBytesMin && text->size() <= kSecretBytesMax) return *text;
  return wrong_setting("/secret", "secret must be a text of " + std::to_string(kSecretBytesMin) + " to " +
                                      std::to_string(kSecretBytesMax) + " bytes; " + std::string(otherwise));
}

}  // namespace headwater::domain
