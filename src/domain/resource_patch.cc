#include "domain/resource_patch.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "json/pointer.h"

namespace headwater::domain {
namespace {

using json::Array;
using json::Value;

constexpr std::size_t kOperationsMax = 1000;  // each may copy the document

Error wrong(std::string_view code, std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), code};
}

Result<void> check_path(std::string_view path, PatchRoots roots, const std::string& where) {
  const auto pointer = json::Pointer::parse(path);
  if (!pointer || pointer->is_root())
    return wrong("FLOW-1455-400", where, "The path must be a JSON pointer to a member, such as \"/name\".");
  const std::string& root = pointer->tokens().front();
  if (root == "connectionSpec")
    return wrong("FLOW-1414-400", where,
                 "The connection spec of a connection cannot change: create another one.");
  if (std::find(roots.begin(), roots.end(), root) == roots.end()) {
    std::string allowed;
    for (const std::string_view name : roots) allowed += (allowed.empty() ? "/" : ", /") + std::string(name);
    return wrong("CONNECTOR-1365-400", where,
                 "The path \"" + std::string(path) + "\" cannot be patched; these can: " + allowed + ".");
  }
  return {};
}

Result<void> check_operation(const Value& operation, PatchRoots roots, const std::string& where) {
  if (!operation.is_object())
    return wrong("FLOW-1455-400", where, "A patch operation must be an object with op, path and value.");
  const Value* op = operation.find("op");
  const Value* path = operation.find("path");
  if (op == nullptr || op->if_string() == nullptr)
    return wrong("FLOW-1455-400", where + "/op", "A patch operation needs op: add, replace or remove.");
  const std::string name = lower(*op->if_string());
  if (name != "add" && name != "replace" && name != "remove")
    return wrong("FLOW-1434-400", where + "/op",
                 "The operation \"" + *op->if_string() + "\" is not supported: use add, replace or remove.");
  if (path == nullptr || path->if_string() == nullptr)
    return wrong("FLOW-1455-400", where + "/path", "A patch operation needs a path.");
  if (name != "remove" && operation.find("value") == nullptr)
    return wrong("FLOW-1455-400", where + "/value", "The operation " + name + " needs a value.");
  return check_path(*path->if_string(), roots, where + "/path");
}

}  // namespace

Result<json::Patch> read_resource_patch(const Value& body, PatchRoots roots) {
  const Array operations = body.is_array() ? *body.if_array() : Array{body};
  if (operations.size() > kOperationsMax)
    return wrong("CONNECTOR-1302-400", "", "A patch takes at most 1000 operations.");
  if (operations.empty()) return wrong("FLOW-1405-400", "", "The patch holds no operation.");
  for (std::size_t index = 0; index < operations.size(); ++index)
    TRY(check_operation(operations[index], roots, "/" + std::to_string(index)));
  return json::Patch::read(Value(operations));
}

}  // namespace headwater::domain
