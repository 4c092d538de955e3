#pragma once

#include <set>
#include <string>

#include "json/value.h"

namespace headwater::authoring {

/// The names that the placeholders of a document's texts ask for; of `${a.b}` both "a" and "a.b".
std::set<std::string> names_asked_for(const json::Value& value);

}  // namespace headwater::authoring
