#include "authoring/source_editing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authoring/draft.h"
#include "authoring/source_lint.h"
#include "base/crypto.h"
#include "base/output_file.h"
#include "json/pointer.h"
#include "json/utf8.h"

namespace headwater::authoring {
namespace {

namespace fs = std::filesystem;
using json::Array;
using json::Object;
using json::Value;

// More than any spec that a person reads; the server's own limit of a body lies above the sum.
constexpr std::uint64_t kTextBytesMax = 2U << 20;

// One file as it is; with a problem when it is there and cannot be edited.
struct Text {
  std::optional<std::string> text;
  std::string etag, problem;
};

std::string tag_of(std::string_view text) { return crypto::hex(crypto::sha256(text)).substr(0, 32); }

// A link would lead out of the folder.
Text read_plainly(const fs::path& path) {
  Text out;
  std::error_code failed;
  const auto status = fs::symlink_status(path, failed);
  if (status.type() == fs::file_type::not_found) return out;
  out.etag = "-";  // of nothing that can be saved over
  if (failed || status.type() != fs::file_type::regular) {
    out.problem = "It is no regular file.";
    return out;
  }
  auto text = read_file(path, kTextBytesMax);
  if (!text) {
    out.problem = text.error().message;
  } else if (!json::is_utf8(*text)) {
    out.problem = "It is no UTF-8 text.";
  } else {
    out.etag = tag_of(*text);
    out.text = *std::move(text);
  }
  return out;
}

Result<Value> read_document(const fs::path& path) {
  const auto text = TRY(read_file(path, kTextBytesMax));
  auto document = json::parse(text);
  if (document) return document;
  Error error = std::move(document).error();
  error.message = path.string() + ": " + error.message;
  return error;
}

// A file of the author's beside the source's; what is wrong with it is told, for it may be put right.
void add_document(Object& out, Array& problems, std::string_view member, const fs::path& path) {
  if (path.empty()) return;
  auto document = read_document(path);
  if (document)
    out.set(member, *std::move(document));
  else
    problems.emplace_back(document.error().message);
}

struct Change {
  std::string_view part;
  std::string text, etag;
};

Result<Change> read_change(std::string_view part, const Value& wanted) {
  const std::string where = "/files/" + json::escape_pointer_token(part);
  const auto* known = std::find(std::begin(kArtifactParts), std::end(kArtifactParts), part);
  if (known == std::end(kArtifactParts))
    return Error{ErrorKind::invalid_argument,
                 "A source has no such file: category.txt, description.txt, label.txt, icon.svg and "
                 "connectionSpec.json are its files.",
                 where};
  const Value* text = wanted.find("text");
  if (text == nullptr || !text->is_string())
    return Error{ErrorKind::invalid_argument, "text is required: what the file shall say.", where};
  const Value* etag = wanted.find("etag");
  if (etag == nullptr || !etag->is_string())
    return Error{ErrorKind::invalid_argument,
                 "etag is required: that of the text which was edited, \"\" for a new file.", where};
  if (text->if_string()->size() > kTextBytesMax)
    return Error{ErrorKind::too_large, "A file of a source may have 2 MB.", where};
  return Change{*known, *text->if_string(), *etag->if_string()};
}

Result<std::vector<Change>> read_changes(const Value& body) {
  const Value* files = body.find("files");
  if (files == nullptr || !files->is_object())
    return Error{ErrorKind::invalid_argument, "files is required: an object of names, texts and etags.",
                 "/files"};
  std::vector<Change> out;
  for (const auto& [part, wanted] : *files->if_object()) out.push_back(TRY(read_change(part, wanted)));
  return out;
}

}  // namespace

SourceEditing::SourceEditing(SourcePlace place, fs::path account, fs::path params)
    : place_(std::move(place)), account_(std::move(account)), params_(std::move(params)) {}

Result<Value> SourceEditing::read() const {
  Object files;
  for (const auto part : kArtifactParts) {
    const auto path = place_.file(part);
    auto now = read_plainly(path);
    Object file{{"path", path.filename().string()}, {"etag", std::move(now.etag)}};
    if (now.text) file.set("text", *std::move(now.text));
    if (!now.problem.empty()) file.set("problem", std::move(now.problem));
    files.set(part, std::move(file));
  }
  Object out{{"name", place_.name}, {"folder", place_.artifacts.string()}, {"files", std::move(files)}};
  if (const Value findings = findings_json(lint_source(place_));
      const Value* list = findings.find("findings"))
    out.set("findings", *list);
  Array problems;
  add_document(out, problems, "auth", account_);
  add_document(out, problems, "params", params_);
  out.set("problems", std::move(problems));
  return Value(std::move(out));
}

Result<Value> SourceEditing::write(const Value& body) {
  const auto changes = TRY(read_changes(body));
  const std::lock_guard lock(writing_);
  Error stale{ErrorKind::stale_etag, "", "/files"};
  for (const auto& change : changes) {
    const auto path = place_.file(change.part);
    const auto now = read_plainly(path);
    if (now.etag == change.etag && now.problem.empty()) continue;
    const std::string name = path.filename().string();
    stale.message += (stale.message.empty() ? "" : ", ") + name;
    stale.problems.push_back(
        {"/files/" + json::escape_pointer_token(change.part),
         now.problem.empty() ? "The file was changed, made or deleted meanwhile." : now.problem,
         "Look at what it says now, then save again."});
  }
  if (!stale.problems.empty()) {
    stale.message =
        "Nothing was saved, for the disk has something else than was edited: " + stale.message + ".";
    return stale;
  }
  for (const auto& change : changes) {
    const auto path = place_.file(change.part);
    TRY(write_output_file(path, change.text));
  }
  return read();
}

Result<void> SourceEditing::keep_tokens(const Value& auth, const Value& changed) {
  if (account_.empty() || !changed.is_object()) return {};
  const std::lock_guard lock(writing_);
  auto document = TRY(read_document(account_));
  Value* kept = document.find("params");
  if (kept == nullptr || !kept->is_object()) kept = &document;
  const Value* used = auth.find("params");
  if (kept->if_object() == nullptr || used == nullptr) return {};
  for (const auto& [name, value] : *changed.if_object()) {
    const Value* before = kept->find(name);
    const Value* sent = used->find(name);
    if ((before == nullptr) != (sent == nullptr) || (before != nullptr && *before != *sent)) return {};
  }
  put_tokens(document, changed);
  return write_output_file(account_, document.dump(2) + "\n", 0600);
}

}  // namespace headwater::authoring
