#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

// The documents of inlets, and what those of their owners tell of them. Source: streaming reference, sections
// 1 to 3. Secrets of signatures are no part of any document: they are credentials of the inlet's id.
namespace headwater::domain {

/// The connection spec whose base connections are inlets.
inline constexpr std::string_view kHttpApiSpec = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
/// Names of an inlet's credentials: what signatures are checked with, and what they were until the rotation.
inline constexpr std::string_view kHmacSecret = "/hmacSecret";
inline constexpr std::string_view kPreviousHmacSecret = "/previousHmacSecret";

/// Where senders post.
struct InletAddress {
  std::string id;  // 64 lower-case hexadecimal digits
  std::string url;
  bool operator==(const InletAddress&) const = default;
};
/// A new one that nobody can guess; `base_url` is what stands before /collection/{id}.
InletAddress new_inlet_address(std::string_view base_url);

/// Whether a base connection's document is of the HTTP API, so that it has an inlet unless it is a draft.
bool is_http_api(const json::Value& connection);
/// The inlet that a base connection of the HTTP API has; nullopt for a draft and for any other connection.
std::optional<InletAddress> inlet_of(const json::Value& connection);
/// auth.params as an HTTP API connection keeps them: what was sent, defaults where something is missing
/// (`name` stands in for the name of the inlet), and the address, whatever was sent in its place. Without an
/// address, of a draft: as they were sent, without one.
json::Value inlet_params(json::Value params, std::string_view name,
                         const std::optional<InletAddress>& address);

/// A new inlet's document, of an HTTP API connection with these auth.params.
json::Value inlet_of_connection(std::string_view connection, const json::Value& params);
/// The inlet's document after its connection's auth.params have changed: `inlet` has no settings of its own
/// but those that the params do not have.
json::Value following_connection(json::Value inlet, const json::Value& params);
/// A new inlet's document, of a flow whose source has no inlet.
json::Value inlet_of_flow(std::string_view flow, std::string_view name, const InletAddress& address);

/// The options of a streaming flow: what was sent, diagnostics switched on unless sent, and where senders
/// post, whatever was sent in its place. An empty `url`, of a draft: as they were sent, without one.
json::Value streaming_options(json::Value options, std::string_view url);

/// What a PATCH has made of an inlet's settings. Errors: invalid_argument, CONNECTOR-1302-400, `where` naming
/// the member.
Result<void> check_inlet_settings(const json::Value& inlet);
/// Whether it takes signed messages only.
bool wants_signatures(const json::Value& inlet);
/// The bool that an HTTP API connection has at auth.params.authenticationRequired.
bool wants_tokens(const json::Value& inlet);

/// What POST .../action?op=rotate asks for.
struct Rotation {
  std::string secret;  // empty: one is to be made
  std::chrono::seconds grace{0};
};
/// Errors: invalid_argument, CONNECTOR-1302-400. Never the secret.
Result<Rotation> read_rotation(const json::Value& body);

}  // namespace headwater::domain
