#include "authoring/run_draft.h"

#include "engine/extract/extractor.h"
#include "engine/land/file_landing.h"
#include "engine/map/mapper.h"
#include "engine/shape/shaper.h"

namespace headwater::authoring {

Result<run::RunOutcome> run_draft(run::SourceAccess& access, const run::SourceDocuments& draft,
                                  const RunDraftOptions& options, std::stop_token stop) {
  auto inputs = TRY(run::SourceAccess::read(draft, options.window));
  auto shaper = TRY(shape::Shaper::make(inputs.spec.content, inputs.spec.explode));
  auto extracting = access.defaults();
  extracting.pages_max = options.pages_max;
  auto extractor = TRY(extract::Extractor::make(access.services(), std::move(inputs), extracting));

  // The shaper has parsed every record and writes one a line.
  land::FileOptions file;
  file.to = options.to;
  file.check_records = false;
  file.stop = stop;
  auto landing = TRY(land::make_file_landing(file));
  map::Mapper mapper;
  // A stopped run cannot be resumed: what the landing has neither committed nor discarded ends with it.
  return run::run_source(*extractor, shaper, mapper, *landing, options.run, access.clock(), std::move(stop));
}

}  // namespace headwater::authoring
