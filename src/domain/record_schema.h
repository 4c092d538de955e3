#pragma once

#include "json/value.h"

// What records are held against. A schema of the registry may extend classes and field groups of the vendor's
// that this registry does not carry; `meta:extends` keeps their names. Source: streaming reference,
// section 5.
namespace headwater::domain {

/// The schema's document with the members that records of its classes have: events of a time series need
/// `_id` and `timestamp`. What the document itself says of a member stays.
json::Value record_schema(json::Value document);

/// Whether it extends something of whose members nothing is known: a member that it does not name may be one
/// of them.
bool extends_unknown(const json::Value& document);

}  // namespace headwater::domain
