#include <algorithm>

#include "http/internal/message.h"
#include "http/server.h"

namespace headwater::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    if (end + 1 == path.size()) segments.emplace_back();  // "a//": the second one stands for an empty segment
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

constexpr std::size_t kSegmentsMax = 24;  // longer paths are looked up like those of this length

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool equals_decoded(std::string_view literal, std::string_view sent) {
  return sent.find('%') == std::string_view::npos ? literal == sent : literal == percent_decode(sent);
}

bool is_tail(std::string_view segment) { return segment.ends_with("...}"); }

bool fits(const std::vector<std::string>& segments, const std::vector<std::string_view>& sent) {
  const bool tail = !segments.empty() && is_tail(segments.back());
  if (tail ? sent.size() < segments.size() : sent.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_parameter(segments[i]) ? sent[i].empty() : !equals_decoded(segments[i], sent[i])) return false;
  }
  return true;
}

// The sent segments from `first` on, decoded, with the slashes between them.
std::string rest_of(const std::vector<std::string_view>& sent, std::size_t first) {
  std::string rest = percent_decode(sent[first]);
  for (std::size_t i = first + 1; i < sent.size(); ++i) rest += "/" + percent_decode(sent[i]);
  return rest;
}

// The one that is literal where the other has a parameter, the leftmost difference deciding.
bool more_specific(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  return a.size() > b.size();
}

}  // namespace

Router::Route& Router::add_route(Method method, std::string_view pattern) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  for (const auto segment : split(pattern)) route.segments.emplace_back(segment);
  const std::size_t length = route.segments.size();
  const std::size_t longest = length > 0 && is_tail(route.segments.back()) ? kSegmentsMax : length;
  if (by_length_.empty()) by_length_.resize(kSegmentsMax + 1);
  for (std::size_t i = length; i <= longest; ++i) by_length_[i].push_back(routes_.size());
  return routes_.emplace_back(std::move(route));
}

void Router::add(Method method, std::string_view pattern, Handler handler, Thread thread) {
  Route& route = add_route(method, pattern);
  route.handler = std::move(handler);
  route.thread = thread;
}

void Router::add_async(Method method, std::string_view pattern, AsyncHandler handler, AsyncOptions options) {
  Route& route = add_route(method, pattern);
  route.async_handler = std::move(handler);
  route.body_bytes_max = options.body_bytes_max;
  route.refusal = std::move(options.refusal);
}

void Router::add_upload(Method method, std::string_view pattern, std::uint64_t bytes_max,
                        UploadHandler handler) {
  Route& route = add_route(method, pattern);
  route.upload_handler = std::move(handler);
  route.body_bytes_max = bytes_max;
}

void Router::set_not_found(NotFound hook) { not_found_ = std::move(hook); }

void Router::set_refusal(Refusal hook) { refusal_ = std::move(hook); }

Response Router::refusal(int status, std::string_view detail, std::string_view request_id) const {
  return refusal_ ? refusal_(status, detail, request_id) : problem_response(status, detail);
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> out;
  out.reserve(routes_.size());
  for (const Route& route : routes_)
    out.push_back(std::string(method_text(route.method)) + " " + std::string(route.pattern));
  return out;
}

const Router::Route* Router::find(Method method, const std::vector<std::string_view>& sent) const {
  const Route* best = nullptr;
  if (by_length_.empty()) return best;
  for (const std::size_t index : by_length_[std::min(sent.size(), kSegmentsMax)]) {
    const Route& route = routes_[index];
    if (route.method != method || !fits(route.segments, sent)) continue;
    if (best == nullptr || more_specific(route.segments, best->segments)) best = &route;
  }
  return best;
}

std::vector<Method> Router::methods_of(const std::vector<std::string_view>& sent) const {
  std::vector<Method> methods;
  const auto add = [&methods](Method method) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) methods.push_back(method);
  };
  for (const auto& route : routes_) {
    if (!fits(route.segments, sent)) continue;
    add(route.method);
    if (route.method == Method::get) add(Method::head);
  }
  return methods;
}

Router::Match Router::match(Request& request) const {
  const auto sent = split(request.path);
  Match match;
  const Route* best = find(request.method, sent);
  if (best == nullptr && request.method == Method::head) best = find(Method::get, sent);
  request.path_params.clear();
  if (best == nullptr) {
    match.allowed = methods_of(sent);
    const Route* other = match.allowed.empty() ? nullptr : find(match.allowed.front(), sent);
    if (other != nullptr) take_params(*other, sent, request);
    return match;
  }
  match.pattern = best->pattern;
  if (best->handler) match.handler = &best->handler;
  match.thread = best->thread;
  if (best->async_handler) match.async_handler = &best->async_handler;
  if (best->upload_handler) match.upload_handler = &best->upload_handler;
  if (best->refusal) match.refusal = &best->refusal;
  match.body_bytes_max = best->body_bytes_max;
  take_params(*best, sent, request);
  return match;
}

void Router::take_params(const Route& route, const std::vector<std::string_view>& sent, Request& request) {
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const std::string_view segment = route.segments[i];
    if (is_tail(segment))
      request.path_params.emplace_back(segment.substr(1, segment.size() - 5), rest_of(sent, i));
    else if (is_parameter(segment))
      request.path_params.emplace_back(segment.substr(1, segment.size() - 2), percent_decode(sent[i]));
  }
}

Response Router::not_found(const Request& request, const std::vector<Method>& allowed) const {
  const Route* known = allowed.empty() ? nullptr : find(allowed.front(), split(request.path));
  auto response = known != nullptr && known->refusal
                      ? known->refusal(request, 405, "This path does not take that method.")
                  : not_found_      ? not_found_(request, allowed)
                  : allowed.empty() ? problem_response(404, "There is nothing at this path.")
                                    : problem_response(405, "This path does not take that method.");
  if (allowed.empty()) return response;
  const auto names_allow = [](const auto& header) { return header.first == "Allow"; };
  if (std::any_of(response.headers.begin(), response.headers.end(), names_allow)) return response;
  std::string allow;
  for (const auto method : allowed) {
    if (!allow.empty()) allow += ", ";
    allow += method_text(method);
  }
  return std::move(response).with_header("Allow", std::move(allow));
}

}  // namespace headwater::http
