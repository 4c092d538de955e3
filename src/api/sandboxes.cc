#include "api/internal/handlers.h"
#include "json/value.h"

namespace headwater::api::sandboxes {

Result<http::Response> list(const Call& call) {
  const auto sandboxes = TRY(call.services.identity.sandboxes(call.caller.org()));
  json::Array items;
  for (const store::Sandbox& sandbox : sandboxes)
    items.emplace_back(json::Object{{"id", sandbox.id.value},
                                    {"name", sandbox.name},
                                    {"title", sandbox.title},
                                    {"state", "active"},
                                    {"type", sandbox.type},
                                    {"isDefault", sandbox.name == "prod"},
                                    {"createdDate", sandbox.created_at_ms}});
  const auto size = static_cast<std::int64_t>(items.size());
  return http::Response::json(200, json::Object{{"sandboxes", std::move(items)},
                                                {"_page", json::Object{{"limit", size}, {"count", size}}}});
}

}  // namespace headwater::api::sandboxes
