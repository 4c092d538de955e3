#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "api/internal/call.h"
#include "domain/batch.h"
#include "json/value.h"
#include "lake/uploads.h"

namespace headwater::api {

/// Takes a streamed request body. Holds nothing of the Call that made it. Destroyed before `finish`: the
/// transfer broke off.
class BodyTaker {
 public:
  virtual ~BodyTaker() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<http::Response> finish() = 0;
};

/// Looks at the head of a request; the body has not been read.
using UploadOpener = Result<std::unique_ptr<BodyTaker>> (*)(const Call&);

namespace ingest {
/// The first records of what was uploaded so far; what is no record is passed over.
/// Errors: INGEST-1401-400 (a file that cannot be read), not_found, storage.
Result<std::vector<json::Object>> first_records(const lake::Uploads& uploads,
                                                const domain::InputFormat& format, std::size_t count);
Result<std::unique_ptr<BodyTaker>> put_file(const Call& call);
Result<std::unique_ptr<BodyTaker>> put_part(const Call& call);
}  // namespace ingest

}  // namespace headwater::api
