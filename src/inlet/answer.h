#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/server.h"
#include "inlet/inlet.h"

namespace headwater::inlet {

/// What the answers of one request have in common.
struct Receipt {
  std::string_view inlet;        // as the path names it
  std::string_view org;          // empty while the inlet is not known
  std::string_view transaction;  // "1700000000123:2153:240"
  std::int64_t received_ms = 0;
};

/// 200 of a single message. `validated`: it was asked to be, and is valid. Source: section 6.
http::Response accepted(const Receipt& receipt, bool validated);

/// The outcome of one message of a batch; an empty reason is a success.
struct Outcome {
  int status = 200;
  std::string reason;
};
/// 207, whatever the outcomes are; `receipt.transaction` is the batch's id.
http::Response batch_accepted(const Receipt& receipt, const std::vector<Outcome>& outcomes);

/// "inletId: [..] imsOrgId: [..] reason"
std::string told(const Receipt& receipt, std::string_view reason);

/// The answer to a request that is not taken, with Retry-After where the error says so. Unauthorized and
/// forbidden have the authorisation problem's shape, all else the inlet's. Source: section 9.
http::Response problem(const Receipt& receipt, const Error& error);
/// The same for a status that is no error of ours: 413 of the server, 405.
http::Response problem(const Receipt& receipt, int status, std::string_view reason);
/// 400 with the violations of a synchronous validation, already in the wire's form. Source: section 7.
http::Response invalid(const Receipt& receipt, std::string_view violations);

}  // namespace headwater::inlet
