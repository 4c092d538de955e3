#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

// What the settings that callers send have in common: those of inlets and of webhooks.
namespace headwater::domain {

/// The member of that name; nullptr when it is missing or null, which both mean that nothing is asked for.
const json::Value* setting(const json::Value& body, std::string_view name);

/// invalid_argument, CONNECTOR-1302-400; `where` names the member.
Error wrong_setting(std::string where, std::string message);

/// The text of a secret that signatures are made or checked with; one secret may be an inlet's and a
/// webhook's. Errors: as wrong_setting, ending with `otherwise`: what can be sent instead. Never the secret.
Result<std::string> signing_secret(const json::Value& secret, std::string_view otherwise);

}  // namespace headwater::domain
