#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace headwater {

/// An identifier that cannot be mistaken for another resource's. Opaque text, compared exactly.
template <class Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

using ConnectionSpecId = Id<struct ConnectionSpecTag>;
using FlowSpecId = Id<struct FlowSpecTag>;
using ConnectionId = Id<struct ConnectionTag>;
using SourceConnectionId = Id<struct SourceConnectionTag>;
using TargetConnectionId = Id<struct TargetConnectionTag>;
using FlowId = Id<struct FlowTag>;
using RunId = Id<struct RunTag>;
using MappingSetId = Id<struct MappingSetTag>;
using SchemaId = Id<struct SchemaTag>;
using DatasetId = Id<struct DatasetTag>;
using BatchId = Id<struct BatchTag>;
using OrgId = Id<struct OrgTag>;
using SandboxId = Id<struct SandboxTag>;
using ClientId = Id<struct ClientTag>;
using Etag = Id<struct EtagTag>;

}  // namespace headwater

template <class Tag>
struct std::hash<headwater::Id<Tag>> {
  std::size_t operator()(const headwater::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
