#include "schema/keywords.h"

namespace headwater::schema {

std::string_view word(Keyword keyword) {
  switch (keyword) {
    case Keyword::type:
      return "type";
    case Keyword::enumeration:
      return "enum";
    case Keyword::constant:
      return "const";
    case Keyword::multiple_of:
      return "multipleOf";
    case Keyword::maximum:
      return "maximum";
    case Keyword::exclusive_maximum:
      return "exclusiveMaximum";
    case Keyword::minimum:
      return "minimum";
    case Keyword::exclusive_minimum:
      return "exclusiveMinimum";
    case Keyword::max_length:
      return "maxLength";
    case Keyword::min_length:
      return "minLength";
    case Keyword::pattern:
      return "pattern";
    case Keyword::additional_items:
      return "additionalItems";
    case Keyword::max_items:
      return "maxItems";
    case Keyword::min_items:
      return "minItems";
    case Keyword::unique_items:
      return "uniqueItems";
    case Keyword::contains:
      return "contains";
    case Keyword::max_properties:
      return "maxProperties";
    case Keyword::min_properties:
      return "minProperties";
    case Keyword::required:
      return "required";
    case Keyword::additional_properties:
      return "additionalProperties";
    case Keyword::dependencies:
      return "dependencies";
    case Keyword::property_names:
      return "propertyNames";
    case Keyword::any_of:
      return "anyOf";
    case Keyword::one_of:
      return "oneOf";
    case Keyword::negation:
      return "not";
    case Keyword::format:
      return "format";
    case Keyword::false_schema:
      return "false";
    case Keyword::limit:
      return "limit";
  }
  return "";
}

}  // namespace headwater::schema
