#pragma once

#include <memory>
#include <string_view>

#include "api/internal/call.h"

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
Result<std::unique_ptr<BodyTaker>> put_file(const Call& call);
Result<std::unique_ptr<BodyTaker>> put_part(const Call& call);
}  // namespace ingest

}  // namespace headwater::api
