#pragma once

#include <string_view>

namespace headwater::schema {

/// RFC 1123 host name; labels that start with "xn--" must be valid punycode of a valid label.
bool is_hostname(std::string_view text);
/// RFC 5890 host name with U-labels or A-labels, checked by the rules of RFC 5892 and 5893. Categories come
/// from Unicode's general categories, so characters that IDNA forbids for NFKC instability alone may pass.
bool is_idn_hostname(std::string_view text);

}  // namespace headwater::schema
