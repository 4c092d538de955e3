#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/server.h"
#include "identity/identity.h"
#include "inlet/inlet.h"

namespace headwater::inlet {

/// The code of errors about signatures; those about tokens have another, or none.
inline constexpr std::string_view kBadSignature = "bad-signature";

/// Whether who sent the request may send to the inlet. `body` is the bytes as they came, before any decoding.
/// Errors: unauthorized (no or no valid token or signature), forbidden (a token of another organisation).
/// Source: sections 10 and 11.
Result<void> check_sender(const Inlet& inlet, const http::Request& request, identity::Identity& identity,
                          TimePoint now);

/// Whether `signature` (hexadecimal in either case, or Base64; "sha256=" in front is passed over) is the
/// HMAC-SHA-256 of `signed_bytes` under `secret`. Takes the same time whatever differs.
bool is_signature(std::string_view signature, std::string_view signed_bytes, const Secret& secret);

}  // namespace headwater::inlet
