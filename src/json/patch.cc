#include "json/patch.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace headwater::json {
namespace {

// A copy of the document into itself doubles it: without a bound, forty operations fill the memory.
constexpr std::size_t kCopiedValuesMax = 1'000'000;

constexpr std::pair<std::string_view, Patch::Op> kOps[] = {
    {"add", Patch::Op::add},   {"remove", Patch::Op::remove}, {"replace", Patch::Op::replace},
    {"move", Patch::Op::move}, {"copy", Patch::Op::copy},     {"test", Patch::Op::test}};

std::optional<Patch::Op> op_of(std::string_view name) {
  for (const auto& [known, op] : kOps)
    if (equal_ignoring_case(name, known)) return op;
  return std::nullopt;
}

bool takes_value(Patch::Op op) {
  return op == Patch::Op::add || op == Patch::Op::replace || op == Patch::Op::test;
}
bool takes_from(Patch::Op op) { return op == Patch::Op::move || op == Patch::Op::copy; }

/// Reads one operation; what is wrong goes to `problems`.
std::optional<Patch::Operation> read_operation(const Value& entry, const std::string& place,
                                               std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  const auto complain = [&](const std::string& below, std::string reason, std::string hint = {}) {
    problems.push_back({place + below, std::move(reason), std::move(hint)});
  };
  if (!entry.is_object()) {
    complain("", "an operation must be an object", "Write {\"op\":…,\"path\":…}.");
    return std::nullopt;
  }
  Patch::Operation operation{};
  const Value* name = entry.find("op");
  const std::string* name_text = name == nullptr ? nullptr : name->if_string();
  const auto op = name_text == nullptr ? std::nullopt : op_of(*name_text);
  if (!op)
    complain("/op", name == nullptr ? "\"op\" is missing" : "this is no operation of JSON Patch",
             "Use add, remove, replace, move, copy or test.");
  else
    operation.op = *op;
  const auto read_pointer = [&](std::string_view member, Pointer& into) {
    const Value* value = entry.find(member);
    const std::string* text = value == nullptr ? nullptr : value->if_string();
    const std::string below = "/" + std::string(member);
    if (text == nullptr) {
      complain(below, quoted(member) + (value == nullptr ? " is missing" : " must be a string"),
               "Give a JSON pointer such as \"/name\".");
      return;
    }
    auto pointer = Pointer::parse(*text);
    if (pointer)
      into = *std::move(pointer);
    else
      complain(below, pointer.error().message);
  };
  read_pointer("path", operation.path);
  if (op && takes_from(*op)) read_pointer("from", operation.from);
  if (op && takes_value(*op)) {
    if (const Value* value = entry.find("value"))
      operation.value = *value;
    else
      complain("/value", "\"value\" is missing", "Give the value; null is one.");
  }
  if (problems.size() > before) return std::nullopt;
  return operation;
}

Error unusable(std::string reason) { return Error{ErrorKind::invalid_argument, std::move(reason)}; }

Error no_such_place(const Pointer& path) {
  return unusable("There is nothing at " + quoted(path.text()) + " in the document.");
}

/// The position that a token names for an insertion: "-" is the end.
Result<std::size_t> insert_position(const Array& array, const Pointer& path) {
  const std::string& token = path.tokens().back();
  if (token == "-") return array.size();
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool digits = error == std::errc() && end == token.data() + token.size();
  if (!digits || token.front() == '-' || (token.size() > 1 && token.front() == '0'))
    return unusable(quoted(token) + " in " + quoted(path.text()) + " is no array index.");
  if (index > array.size()) {
    return unusable("The index in " + quoted(path.text()) + " is past the end of the array, which has " +
                    std::to_string(array.size()) + " elements.");
  }
  return index;
}

Result<void> add(Value& document, const Pointer& path, Value value) {
  if (path.is_root()) {
    document = std::move(value);
    return {};
  }
  Value* parent = path.parent().find(document);
  if (parent == nullptr) return no_such_place(path.parent());
  if (Object* object = parent->if_object()) {
    object->set(path.tokens().back(), std::move(value));
    return {};
  }
  Array* array = parent->if_array();
  if (array == nullptr)
    return unusable(quoted(path.parent().text()) +
                    " is neither an object nor an array; nothing can be added to it.");
  const std::size_t index = TRY(insert_position(*array, path));
  array->insert(array->begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
  return {};
}

/// Takes the value out. The root leaves null.
Result<Value> take(Value& document, const Pointer& path) {
  Value* value = path.find(document);
  if (value == nullptr) return no_such_place(path);
  Value taken = std::move(*value);
  if (path.is_root()) {
    document = Value();
    return taken;
  }
  Value* parent = path.parent().find(document);
  if (Object* object = parent->if_object()) {
    object->erase(path.tokens().back());
  } else if (Array* array = parent->if_array()) {
    array->erase(array->begin() + (value - array->data()));
  }
  return taken;
}

std::size_t count_values(const Value& value) {
  std::size_t count = 1;
  if (const Array* array = value.if_array())
    for (const Value& element : *array) count += count_values(element);
  if (const Object* object = value.if_object())
    for (const Member& member : *object) count += count_values(member.value);
  return count;
}

Result<void> apply_one(Value& document, const Patch::Operation& operation, std::size_t& copies_left) {
  switch (operation.op) {
    case Patch::Op::add:
      return add(document, operation.path, operation.value);
    case Patch::Op::remove:
      TRY(take(document, operation.path));
      return {};
    case Patch::Op::replace: {
      Value* value = operation.path.find(document);
      if (value == nullptr) return no_such_place(operation.path);
      *value = operation.value;
      return {};
    }
    case Patch::Op::move: {
      if (operation.from == operation.path) {
        if (operation.from.find(document) == nullptr) return no_such_place(operation.from);
        return {};
      }
      if (operation.from.is_prefix_of(operation.path))
        return unusable("A value cannot be moved into itself: " + quoted(operation.from.text()) + " to " +
                        quoted(operation.path.text()) + ".");
      Value value = TRY(take(document, operation.from));
      return add(document, operation.path, std::move(value));
    }
    case Patch::Op::copy: {
      const Value* value = operation.from.find(std::as_const(document));
      if (value == nullptr) return no_such_place(operation.from);
      const std::size_t count = count_values(*value);
      if (count > copies_left)
        return Error{ErrorKind::too_large,
                     "The patch copies more than " + std::to_string(kCopiedValuesMax) + " values."};
      copies_left -= count;
      return add(document, operation.path, Value(*value));
    }
    case Patch::Op::test: {
      const Value* value = operation.path.find(std::as_const(document));
      if (value == nullptr) return no_such_place(operation.path);
      if (*value == operation.value) return {};
      return Error{ErrorKind::conflict, "The value at " + quoted(operation.path.text()) +
                                            " is not the one that the patch tests for."};
    }
  }
  return {};
}

}  // namespace

Result<Patch> Patch::parse(std::string_view text) {
  const Value document = TRY(json::parse(text));
  return read(document);
}

Result<Patch> Patch::read(const Value& document) {
  const Array* entries = document.if_array();
  if (entries == nullptr)
    return Error{ErrorKind::invalid_argument, "A JSON Patch is an array of operations (RFC 6902)."};
  std::vector<Operation> operations;
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < entries->size(); ++i)
    if (auto operation = read_operation((*entries)[i], "/" + std::to_string(i), problems))
      operations.push_back(*std::move(operation));
  if (!problems.empty()) {
    Error error{ErrorKind::invalid_argument, "The JSON Patch is not valid: " + problems.front().reason +
                                                 " at " + problems.front().pointer + "."};
    error.where = problems.front().pointer;
    error.problems = std::move(problems);
    return error;
  }
  return Patch(std::move(operations));
}

Result<Value> Patch::apply(const Value& document) const {
  Value patched = document;
  std::size_t copies_left = kCopiedValuesMax;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    auto outcome = apply_one(patched, operations_[i], copies_left);
    if (outcome) continue;
    Error error = std::move(outcome).error();
    error.where = "/" + std::to_string(i) + "/path";
    return error;
  }
  return patched;
}

std::string_view name_of(Patch::Op op) {
  for (const auto& [name, known] : kOps)
    if (known == op) return name;
  return "";
}

}  // namespace headwater::json
