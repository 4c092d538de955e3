#pragma once

#include <string_view>

#include "authoring/command_words.h"
#include "authoring/observed_request.h"
#include "base/result.h"

namespace headwater::authoring {

/// Reads a curl command, as a shell or Windows take it (see split_command). Options of curl that say how to
/// reach the host, and not what to ask, are passed over. Errors: invalid_argument, naming the option that
/// cannot be used.
Result<SentRequest> read_curl(std::string_view command, const ShellVariables& variables);

}  // namespace headwater::authoring
