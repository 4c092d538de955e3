#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace headwater::cli {

/// The secret in a file, or with "-" on standard input; the end of its last line is no part of it. Secrets
/// are never arguments: those can be read by everybody on the machine.
/// Errors: invalid_argument (nothing in it); not_found; storage.
Result<Secret> read_secret(const std::string& file);

}  // namespace headwater::cli
