#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

#include "base/error.h"
#include "http/server.h"

namespace headwater::api {

/// Which body an error gets: the service's problem object, or the schema registry's (reference section 20 F).
enum class Dialect : std::uint8_t { service, registry };

/// Error codes that stand for a whole body of their own (reference section 20 E).
inline constexpr std::string_view kContentTypeCode = "content-type";

/// The only mapping from an Error to the wire. `collection` names the route's resources ("flows"), for 404s.
/// Gateway errors (codes of digits only) get the gateway's body; all others the problem object merged with
/// the legacy pair: type, title, status, report{detailed-message, request-id, ...}, errorMessage,
/// errorDetails; an unknown spec also the bare `message`.
http::Response problem(const Error& error, const http::Request& request, std::string_view collection = {},
                       Dialect dialect = Dialect::service);

/// The answer when a handler has thrown, which is a bug: its text goes to the log only.
http::Response broken(const std::exception& bug, const http::Request& request);

/// The status of an error: the last part of its code, else what its kind says.
int status_of(const Error& error);

}  // namespace headwater::api
