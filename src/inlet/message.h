#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inlet/inlet.h"
#include "json/record.h"

namespace headwater::inlet {

/// A message as an inlet takes it. The texts stand in the message's own bytes, or in the reader.
struct Message {
  std::string_view record;  // JSON object: body.xdmEntity of an envelope, or the whole message
  Destination destination;
  bool envelope = false;
};

/// Reads messages one after another. Confined to one thread.
class MessageReader {
 public:
  /// Reads one message of an inlet: an envelope (required where the data type is xdm, taken from all), or any
  /// object. json::RecordParser::kPadding readable bytes must follow the text. What is returned lives until
  /// the next call. Errors: invalid_argument: no JSON (`code` kNoJson), or the wrong shape. Source:
  /// section 5.
  Result<Message> read(std::string_view padded_text, const Inlet& inlet);

 private:
  Result<Message> read_envelope(const json::Record& record, const json::Node& header, const json::Node& body,
                                const Inlet& inlet);
  /// The member's characters; "" when it is no string.
  std::string_view text_at(const json::Record& record, const json::Node& object, std::string_view name,
                           std::string& scratch);

  json::RecordParser parser_;
  std::string org_, flow_, dataset_, schema_, body_schema_;  // texts whose escapes were resolved
};

/// The code of errors about texts that are no JSON.
inline constexpr std::string_view kNoJson = "no-json";

/// The messages of a batch request.
enum class BatchForm : std::uint8_t {
  messages,  // {"messages":[...]}, or a root array: our extension
  lines      // application/x-ndjson: our extension
};

/// Cuts the text of a batch into its messages: JSON texts of elements, or lines that are not blank, unread.
/// kPadding readable bytes must follow the text. Errors: invalid_argument: no JSON, no messages, more than
/// `messages_max`. Source: section 5.4.
Result<std::vector<std::string_view>> cut_batch(json::RecordParser& parser, std::string_view padded_text,
                                                BatchForm form, std::size_t messages_max);

}  // namespace headwater::inlet
