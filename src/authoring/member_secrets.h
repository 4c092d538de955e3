#pragma once

#include <string>
#include <string_view>

#include "authoring/secret_scan.h"
#include "json/value.h"

namespace headwater::authoring {

/// What a member of a document is, by its name and by its value: a text or a number. Truths, nulls and what
/// counts ("max_token": 4096) are no credentials.
Secrecy secrecy_of_member(std::string_view name, const json::Value& value);

/// The same of a list's element: what "apiKeys" holds are keys. "tokens" may be the words of a text, "appIds"
/// and "userKeys" those of records: none is one, but for what its value alone gives away.
Secrecy secrecy_of_element(std::string_view list, const json::Value& value);

/// A text or a number as a form, or an account, has it.
std::string sent_text(const json::Value& scalar);

}  // namespace headwater::authoring
