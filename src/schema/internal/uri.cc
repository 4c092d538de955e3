#include "schema/internal/uri.h"

#include <utility>

namespace headwater::schema {
namespace {

std::string remove_dot_segments(std::string_view in) {
  std::string out;
  const auto drop_last = [&out] {
    const auto slash = out.rfind('/');
    out.erase(slash == std::string::npos ? 0 : slash);
  };
  while (!in.empty()) {
    if (in.starts_with("../")) {
      in.remove_prefix(3);
    } else if (in.starts_with("./") || in.starts_with("/./")) {
      in.remove_prefix(2);
    } else if (in == "/.") {
      in = "/";
    } else if (in.starts_with("/../")) {
      in.remove_prefix(3);
      drop_last();
    } else if (in == "/..") {
      in = "/";
      drop_last();
    } else if (in == "." || in == "..") {
      in = {};
    } else {
      const auto end = in.find('/', 1);
      out.append(in.substr(0, end));
      in = end == std::string_view::npos ? std::string_view{} : in.substr(end);
    }
  }
  return out;
}

std::string merge_paths(const UriReference& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const auto slash = base.path.rfind('/');
  if (slash == std::string_view::npos) return std::string(path);
  return std::string(base.path.substr(0, slash + 1)) + std::string(path);
}

std::string compose(std::optional<std::string_view> scheme, std::optional<std::string_view> authority,
                    std::string_view path, std::optional<std::string_view> query,
                    std::optional<std::string_view> fragment) {
  std::string out;
  if (scheme) out.append(*scheme).append(":");
  if (authority) out.append("//").append(*authority);
  out.append(path);
  if (query) out.append("?").append(*query);
  if (fragment) out.append("#").append(*fragment);
  return out;
}

}  // namespace

UriReference::UriReference(std::string_view text) {
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && colon > 0 && text.find('/') > colon) {
    scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    const auto end = text.find('/', 2);
    authority = text.substr(2, end == std::string_view::npos ? end : end - 2);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  }
  path = text;
}

std::string resolve_uri(std::string_view base_text, std::string_view reference_text) {
  const UriReference base(base_text);
  const UriReference ref(reference_text);
  if (ref.scheme)
    return compose(ref.scheme, ref.authority, remove_dot_segments(ref.path), ref.query, ref.fragment);
  if (ref.authority)
    return compose(base.scheme, ref.authority, remove_dot_segments(ref.path), ref.query, ref.fragment);
  if (ref.path.empty())
    return compose(base.scheme, base.authority, base.path, ref.query ? ref.query : base.query, ref.fragment);
  const auto path =
      remove_dot_segments(ref.path.starts_with('/') ? std::string(ref.path) : merge_paths(base, ref.path));
  return compose(base.scheme, base.authority, path, ref.query, ref.fragment);
}

std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri) {
  const auto hash = uri.find('#');
  if (hash == std::string_view::npos) return {uri, {}};
  return {uri.substr(0, hash), uri.substr(hash + 1)};
}

}  // namespace headwater::schema
