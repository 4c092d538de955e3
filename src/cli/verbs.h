#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "cli/resources.h"
#include "cli/upload.h"

namespace headwater::cli {

/// What the command line gave a client verb; a verb reads what its `takes` and shape name.
struct VerbArguments {
  ServerOptions server;
  std::string id, file, text, output, if_match, orderby, fields, since, until, params, to, secret_file;
  std::vector<std::string> query, property;
  UploadArguments upload;
  std::optional<unsigned> limit;
  std::optional<std::int64_t> grace_seconds;
  bool all = false;
  bool draft = false;
  bool validate = false;
};

/// Calls the server and prints its answer. Gives the exit code.
/// Errors: invalid_argument (the command line, a file), and those of ApiClient.
Result<int> execute_verb(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                         ApiClient& client);

}  // namespace headwater::cli
