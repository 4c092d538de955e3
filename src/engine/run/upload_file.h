#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "domain/batch.h"
#include "json/value.h"
#include "lake/uploads.h"

namespace headwater::run {

/// Takes the records of an uploaded file in order. With a `problem` the text is no record.
using UploadedRecord = std::function<Result<void>(std::string_view text, std::string_view problem)>;

/// Reads an uploaded file piece by piece into JSON objects. `schema` says what the columns of a CSV file are;
/// null: all texts.
/// Errors: invalid_argument and too_large for what is wrong with the file as a whole; cancelled; storage;
/// what `take` gave.
Result<void> read_uploaded_file(const lake::Uploads& uploads, std::string_view name,
                                const domain::InputFormat& format, const json::Value& schema,
                                const std::stop_token& stop, const UploadedRecord& take);

}  // namespace headwater::run
