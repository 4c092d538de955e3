#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "http/client.h"
#include "json/value.h"

namespace headwater::authoring {

/// A request as somebody sent it, credentials and all: what a curl command or a HAR file holds.
struct SentRequest {
  std::string method = "GET";
  std::string url;
  http::Headers headers;
  std::string body;
  std::string user;  // of Basic authentication, given beside the headers
  Secret password;
  bool has_user = false;
  std::vector<std::string> notes;
};

/// A credential of a request: where it goes, and its value when it is known.
struct ObservedCredential {
  enum class Place : std::uint8_t {
    basic,
    bearer,              // a token that stands for itself
    user_token,          // OAuth 2 with a user: expires
    client_credentials,  // OAuth 2 without one
    header,
    query,
    body,
    path,
    text  // within a text of the request, which refers to its input
  };
  Place place = Place::header;
  std::string name;    // of the header, query parameter or body member; in a path or a text that of its input
  std::string scheme;  // what stands before the key in an Authorization header, "Token "
  std::string user;    // basic
  std::string description;
  std::string token_url;  // user_token, client_credentials
  bool is_open = false;   // the value is a documentation's placeholder
  bool is_login = false;  // header, query, body: the user's name beside a password, no secret itself
  Secret value;           // without the scheme; empty when only its place is known
};

/// Something that whoever sets the source up has to say.
struct ObservedInput {
  std::string name, title, description;
  std::string type = "string";
  bool required = true;
  std::string given;              // the value that was seen; empty when none was
  json::Value standard, choices;  // its default and its enum, where they are described; else null
};

struct ObservedParameter {
  std::string name, value;
  std::string format;     // "date-time", "date", "epoch", "epochMillis", "integer" (no time), or empty
  bool optional = false;  // described, but not sent unless paging or the window needs it
  bool in_body = false;   // a member of the body; only optional ones stand here
};

/// One request of an API, whoever described it, taken apart: what is always sent, what differs from user to
/// user, and what is secret. Nothing but `credentials` holds a secret.
struct ObservedRequest {
  std::string method = "GET";
  std::string host;  // scheme and authority
  std::string path;  // inputs as ${name}
  std::vector<ObservedParameter> query;
  http::Headers headers;
  json::Value body;  // of a POST: an object or a text; null without one
  std::vector<ObservedCredential> credentials;
  std::vector<ObservedInput> inputs;
  std::string label, description;  // what the API calls it; often empty
  json::Value answer;              // a page of its answer, when one is known; else null
  http::Headers answer_headers;
  bool has_placeholders = false;   // of a documentation, without their values: it cannot be sent
  std::vector<std::string> notes;  // what was left out or guessed, for a person
};

/// Takes a sent request apart: finds the credentials and the ids in its path. Headers that belong to a
/// browser or to the transport are left out. Errors: invalid_argument (the URL, the method).
Result<ObservedRequest> observe(SentRequest sent);

/// The request to be sent as it was seen, credentials included.
Result<http::ClientRequest> replayed(const ObservedRequest& request);

/// "stores" -> "store", "companies" -> "company", "addresses" -> "address"
std::string singular_of(std::string_view plural);

}  // namespace headwater::authoring
