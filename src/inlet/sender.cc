#include "inlet/sender.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

namespace headwater::inlet {
namespace {

constexpr std::string_view kSignatureHeader = "x-hmac-sha256";
constexpr std::string_view kTimeHeader = "x-hmac-timestamp";

Error no_token(std::string message) { return Error{ErrorKind::unauthorized, std::move(message)}; }
Error unauthorized(std::string message) {
  return Error{ErrorKind::unauthorized, std::move(message), "", kBadSignature};
}

Result<void> check_bearer(const Inlet& inlet, const http::Request& request, identity::Identity& identity) {
  const auto header = request.header("authorization");
  if (!header || header->empty()) return no_token("Ims service token is empty");
  const auto claims = TRY(identity.check_authorization(*header));
  if (claims.org == inlet.tenant.org) return {};
  return Error{ErrorKind::forbidden, "Ims service token belongs to another organisation"};
}

// The bytes that a sender signs, where its signature carries a time.
Result<std::string> timed_bytes(const Inlet& inlet, const http::Request& request, TimePoint now) {
  const auto text = request.header(kTimeHeader);
  std::int64_t seconds = 0;
  const bool number = text && std::from_chars(text->data(), text->data() + text->size(), seconds).ptr ==
                                  text->data() + text->size();
  if (!number || text->empty())
    return unauthorized("The header x-hmac-timestamp is missing or no number of seconds since 1970");
  const std::int64_t apart = epoch_seconds(now) - seconds;
  if (apart > inlet.replay_window.count() || apart < -inlet.replay_window.count())
    return unauthorized("The time in x-hmac-timestamp is too far from now");
  std::string bytes(*text);
  return bytes.append(".").append(request.body);
}

Result<void> check_signature(const Inlet& inlet, const http::Request& request, TimePoint now) {
  const auto signature = request.header(kSignatureHeader);
  if (!signature || signature->empty()) return unauthorized("The header x-hmac-sha256 is missing");
  const bool timed = inlet.replay_window.count() > 0;
  const std::string with_time = timed ? TRY(timed_bytes(inlet, request, now)) : std::string();
  const std::string_view bytes = timed ? std::string_view(with_time) : std::string_view(request.body);
  if (is_signature(*signature, bytes, inlet.secret)) return {};
  if (now < inlet.previous_until && is_signature(*signature, bytes, inlet.previous_secret)) return {};
  return unauthorized("The signature in x-hmac-sha256 is not that of the body");
}

}  // namespace

bool is_signature(std::string_view signature, std::string_view signed_bytes, const Secret& secret) {
  constexpr std::string_view kPrefix = "sha256=";
  if (secret.empty()) return false;
  if (lower(signature.substr(0, kPrefix.size())) == kPrefix) signature.remove_prefix(kPrefix.size());
  const std::string wanted = crypto::hmac_sha256(secret.reveal(), signed_bytes);
  const std::string wanted_hex = crypto::hex(wanted);
  if (signature.size() == wanted_hex.size()) return crypto::equal_constant_time(lower(signature), wanted_hex);
  const auto raw = crypto::base64_decode(signature);
  return raw && crypto::equal_constant_time(*raw, wanted);
}

Result<void> check_sender(const Inlet& inlet, const http::Request& request, identity::Identity& identity,
                          TimePoint now) {
  switch (inlet.authentication) {
    case Authentication::none:
      return {};
    case Authentication::bearer:
      return check_bearer(inlet, request, identity);
    case Authentication::hmac:
      return check_signature(inlet, request, now);
  }
  return {};
}

}  // namespace headwater::inlet
