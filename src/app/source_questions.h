#pragma once

#include <cstddef>
#include <stop_token>

#include "api/services.h"
#include "engine/run/source_access.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::app {

/// How the API asks sources. Each question waits on one of the API's worker threads, for as long as a source
/// likes: so half of them ask at once at most, one organisation's never being all of these, and each for a
/// minute at most; the others get rate_limited, and one that takes longer gets timeout. What is given
/// outlives what is returned; `stop` ends all. Tokens of a stored account are kept in the store.
api::SourceQuestions source_questions(run::SourceAccess& access, store::Store& store,
                                      store::Credentials& credentials, std::size_t worker_threads,
                                      std::stop_token stop);

}  // namespace headwater::app
