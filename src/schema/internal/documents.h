#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/record.h"
#include "json/value.h"

namespace headwater::schema {

/// The two forms of an instance behind one face: what the evaluator needs of a value.
struct ValueDocument {
  using Handle = const json::Value*;

  static json::Kind kind(Handle h) { return h->kind(); }
  static bool boolean(Handle h) { return *h->if_boolean(); }
  static std::string_view number(Handle h) { return h->if_number()->text; }
  static std::string_view characters(Handle h, std::string&) { return *h->if_string(); }

  /// Calls `visit(name, with_name, value)` for each member until it returns false; `with_name(f)` calls `f`
  /// with a handle of the name as a string.
  template <class Visit>
  static bool each_member(Handle h, std::string&, Visit visit) {
    for (const auto& member : *h->if_object()) {
      const auto with_name = [&member](auto use) {
        const json::Value name(member.name);
        return use(&name);
      };
      if (!visit(std::string_view(member.name), with_name, &member.value)) return false;
    }
    return true;
  }
  template <class Visit>
  static bool each_element(Handle h, Visit visit) {
    for (const auto& element : *h->if_array())
      if (!visit(&element)) return false;
    return true;
  }
};

struct RecordDocument {
  using Handle = const json::Node*;
  const json::Record& record;

  static json::Kind kind(Handle h) { return h->kind; }
  bool boolean(Handle h) const { return record.text[h->begin] == 't'; }
  std::string_view number(Handle h) const { return record.raw(*h); }
  std::string_view characters(Handle h, std::string& scratch) const { return record.characters(*h, scratch); }

  template <class Visit>
  bool each_member(Handle h, std::string& scratch, Visit visit) const {
    for (auto i = index(h) + 1; i < h->next;) {
      const Handle name = record.nodes + i;
      const Handle value = name + 1;
      const auto with_name = [name](auto use) { return use(name); };
      const auto text = name->escaped ? record.characters(*name, scratch) : record.inner(*name);
      if (!visit(text, with_name, value)) return false;
      i = value->next;
    }
    return true;
  }
  template <class Visit>
  bool each_element(Handle h, Visit visit) const {
    for (auto i = index(h) + 1; i < h->next; i = record.nodes[i].next)
      if (!visit(record.nodes + i)) return false;
    return true;
  }

 private:
  std::uint32_t index(Handle h) const { return static_cast<std::uint32_t>(h - record.nodes); }
};

}  // namespace headwater::schema
