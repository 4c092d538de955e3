#include "inlet/message.h"

#include <algorithm>

namespace headwater::inlet {
namespace {

using json::Kind;
using json::Node;
using json::Record;

constexpr std::string_view kSchemaType = "application/vnd.adobe.xed";

Error wrong(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

Error no_json(const Error& error) {
  return Error{ErrorKind::invalid_argument, "Message is no JSON: " + error.message, "", kNoJson};
}

// The text ends as senders know it.
Error unknown_format(std::string_view why) {
  return wrong("(" + std::string(why) + ") Message has unknown xdm format");
}

const Node* object_at(const Record& record, const Node& object, std::string_view name) {
  const Node* found = record.find(object, name);
  return found != nullptr && found->kind == Kind::object ? found : nullptr;
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

Result<std::vector<std::string_view>> cut_lines(std::string_view text, std::size_t messages_max) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(line)) continue;
    out.push_back(line);
    if (out.size() > messages_max)
      return wrong("The batch has more than " + std::to_string(messages_max) + " messages.");
  }
  if (out.empty()) return wrong("The batch has no messages.");
  return out;
}

}  // namespace

std::string_view MessageReader::text_at(const Record& record, const Node& object, std::string_view name,
                                        std::string& scratch) {
  const Node* found = record.find(object, name);
  if (found == nullptr || found->kind != Kind::string) return {};
  return record.characters(*found, scratch);
}

Result<Message> MessageReader::read(std::string_view padded_text, const Inlet& inlet) {
  const auto parsed = parser_.parse(padded_text);
  if (!parsed) return no_json(parsed.error());
  const Record& record = *parsed;
  const Node& root = record.root();
  if (root.kind != Kind::object) return wrong("Message must be a JSON object.");
  const Node* header = object_at(record, root, "header");
  const Node* body = object_at(record, root, "body");
  const bool entity = body != nullptr && object_at(record, *body, "xdmEntity") != nullptr;
  // What a raw record calls its header is not ours unless it says where it belongs.
  const bool envelope = header != nullptr && entity &&
                        (inlet.data_type == DataType::xdm || record.find(*header, "flowId") != nullptr ||
                         record.find(*header, "schemaRef") != nullptr);
  if (envelope) return read_envelope(record, *header, *body, inlet);
  if (inlet.data_type == DataType::raw) return Message{record.raw(root), {}, false};
  return unknown_format("header and body.xdmEntity must be objects");
}

Result<Message> MessageReader::read_envelope(const Record& record, const Node& header, const Node& body,
                                             const Inlet& inlet) {
  Message message;
  message.envelope = true;
  const Node& entity = *record.find(body, "xdmEntity");
  message.record = record.raw(entity);
  if (const Node* org = record.find(header, "imsOrgId"); org != nullptr && org->kind != Kind::null) {
    if (text_at(record, header, "imsOrgId", org_) != inlet.tenant.org.value)
      return wrong("Message has an absent or wrong ims org in the header");
  }
  const Node* flow = record.find(header, "flowId");
  if (flow != nullptr && flow->kind != Kind::string && flow->kind != Kind::null)
    return wrong("Message has a header.flowId that is no text");
  message.destination.flow = text_at(record, header, "flowId", flow_);
  message.destination.dataset = text_at(record, header, "datasetId", dataset_);
  const Node* schema = object_at(record, header, "schemaRef");
  if (schema != nullptr) message.destination.schema = text_at(record, *schema, "id", schema_);
  if (inlet.data_type == DataType::raw) return message;
  std::string content_type;
  if (message.destination.schema.empty() ||
      !text_at(record, *schema, "contentType", content_type).starts_with(kSchemaType))
    return unknown_format("header.schemaRef needs id and a contentType of application/vnd.adobe.xed");
  const Node* meta = object_at(record, body, "xdmMeta");
  const Node* inner = meta == nullptr ? nullptr : object_at(record, *meta, "schemaRef");
  if (inner != nullptr && text_at(record, *inner, "id", body_schema_) != message.destination.schema)
    return unknown_format("body.xdmMeta.schemaRef.id is not header.schemaRef.id");
  return message;
}

Result<std::vector<std::string_view>> cut_batch(json::RecordParser& parser, std::string_view padded_text,
                                                BatchForm form, std::size_t messages_max) {
  if (form == BatchForm::lines) return cut_lines(padded_text, messages_max);
  const auto parsed = parser.parse(padded_text);
  if (!parsed) return no_json(parsed.error());
  const Record& record = *parsed;
  const Node* list = &record.root();
  if (list->kind == Kind::object) list = record.find(*list, "messages");
  if (list == nullptr || list->kind != Kind::array)
    return wrong("The batch must be an object with an array \"messages\".");
  std::vector<std::string_view> out;
  const Node* const end = record.nodes + list->next;
  for (const Node* element = list + 1; element < end; element = record.nodes + element->next) {
    out.push_back(record.raw(*element));
    if (out.size() > messages_max)
      return wrong("The batch has more than " + std::to_string(messages_max) + " messages.");
  }
  if (out.empty()) return wrong("The batch has no messages.");
  return out;
}

}  // namespace headwater::inlet
