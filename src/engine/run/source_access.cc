#include "engine/run/source_access.h"

#include <utility>

namespace headwater::run {

SourceAccess::SourceAccess(http::ClientOptions client, Clock& clock)
    : clock_(clock), credentials_(clock), budgets_(clock) {
  defaults_.client = std::move(client);
}

Result<extract::SourceInputs> SourceAccess::read(const SourceDocuments& source,
                                                 const extract::Window& window) {
  auto inputs = TRY(extract::read_inputs(source.connection_spec, source.auth, source.params, window));
  inputs.auth.connection_key = source.account;
  inputs.auth.persist = source.keep_tokens;
  return inputs;
}

}  // namespace headwater::run
