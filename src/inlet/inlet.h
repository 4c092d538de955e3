#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "domain/resource.h"

namespace headwater::inlet {

class Traffic;

/// What senders post: records in the target's form, in an envelope, or any objects.
enum class DataType : std::uint8_t { xdm, raw };

/// How a sender shows that it may send. Source: streaming reference, sections 10 and 11.
enum class Authentication : std::uint8_t { none, bearer, hmac };

/// A flow that an inlet feeds.
struct FlowRoute {
  FlowId flow;
  DatasetId dataset;
  std::string schema_id;  // the dataset's; empty when it has none
  bool enabled = false;
};

/// An inlet as senders meet it. Immutable: a change of its documents makes another one.
struct Inlet {
  std::string id;  // 64 hexadecimal digits
  domain::Tenant tenant;
  std::string source_id;
  DataType data_type = DataType::raw;
  Authentication authentication = Authentication::none;
  Secret secret;           // of HMAC signatures
  Secret previous_secret;  // accepted until `previous_until`
  TimePoint previous_until{};
  std::chrono::seconds replay_window{0};  // 0: signatures carry no time
  std::optional<double> requests_per_second;
  std::optional<double> messages_per_second;
  std::vector<FlowRoute> flows;
  std::shared_ptr<Traffic> traffic;  // Shared by all versions of this inlet.
};

/// Where a message says that it belongs; empty texts say nothing.
struct Destination {
  std::string_view flow;
  std::string_view dataset;
  std::string_view schema;
};

/// The flow that takes a message: the one it names; otherwise the one whose dataset (and schema) it names;
/// otherwise the only one. Errors: invalid_argument, telling what there is. Source: section 3.
Result<const FlowRoute*> route(const Inlet& inlet, const Destination& destination);

}  // namespace headwater::inlet
