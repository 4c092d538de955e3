#include "faults.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

namespace source {
namespace {

using nlohmann::json;

std::string http_date(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

Fault read_fault(const json& object) {
  Fault fault;
  fault.kind = object.at("kind").get<std::string>();
  fault.path = object.value("path", "");
  if (object.contains("page")) fault.page = object["page"].get<std::uint64_t>();
  fault.at = object.value("at", std::uint64_t{0});
  fault.times = object.value("times", UINT64_MAX);
  fault.size = object.value("size", std::uint64_t{0});
  fault.record = object.value("record", std::uint64_t{0});
  fault.seconds = object.value("seconds", 0.0);
  fault.status = object.value("status", 0);
  fault.to = object.value("to", "");
  return fault;
}

// "kind:page=2:times=1"
Fault read_fault_text(std::string_view text) {
  json object = json::object();
  for (bool first = true; !text.empty(); first = false) {
    const auto end = std::min(text.find(':'), text.size());
    const auto part = text.substr(0, end);
    const auto equals = part.find('=');
    if (first) {
      object["kind"] = part;
    } else if (equals != std::string_view::npos) {
      const auto name = std::string(part.substr(0, equals));
      const auto value = std::string(part.substr(equals + 1));
      if (name == "path" || name == "to")
        object[name] = value;
      else if (name == "seconds")
        object[name] = std::strtod(value.c_str(), nullptr);
      else
        object[name] = std::strtoull(value.c_str(), nullptr, 10);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return read_fault(object);
}

Answer redirect(const Fault& fault, const Request& request) {
  // The parameter itself goes, so that a redirect to the same server ends.
  Pairs query;
  for (const auto& pair : request.query)
    if (pair.first != "fault") query.push_back(pair);
  auto target = request.path + (query.empty() ? "" : "?" + write_form(query));
  if (fault.kind == "redirect_other") {
    auto host = fault.to.empty() ? std::string("localhost") : fault.to;
    const auto own = request.header("host");
    const auto colon = own.rfind(':');
    if (host.find(':') == std::string::npos && colon != std::string_view::npos) host += own.substr(colon);
    target = "http://" + host + target;
  } else if (!fault.to.empty()) {
    target = fault.to;
  }
  auto answer = Answer::text(fault.status > 0 ? fault.status : 302, "text/plain", "moved\n");
  answer.headers.emplace_back("Location", target);
  return answer;
}

}  // namespace

bool Faults::add(const std::string& text) {
  const auto parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return false;
  try {
    const std::lock_guard lock(mutex_);
    if (parsed.is_array()) {
      for (const auto& one : parsed) posted_.push_back({read_fault(one)});
    } else {
      posted_.push_back({read_fault(parsed)});
    }
  } catch (const json::exception&) {
    return false;
  }
  return true;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  posted_.clear();
  from_query_.clear();
}

bool Faults::strikes(Posted& posted, const Request& request, std::uint64_t page) {
  const auto& fault = posted.fault;
  if (!fault.path.empty() && !request.path.ends_with(fault.path)) return false;
  if (fault.page && *fault.page != page) return false;
  if (++posted.seen < fault.at || posted.done >= fault.times) return false;
  ++posted.done;
  return true;
}

std::vector<Fault> Faults::strike(const Request& request, std::uint64_t page) {
  std::vector<Fault> out;
  const std::lock_guard lock(mutex_);
  for (auto& posted : posted_)
    if (strikes(posted, request, page)) out.push_back(posted.fault);
  for (const auto& [name, value] : request.query) {
    if (name != "fault") continue;
    auto [at, fresh] = from_query_.try_emplace(request.path + ' ' + value);
    if (fresh) at->second.fault = read_fault_text(value);
    if (strikes(at->second, request, page)) out.push_back(at->second.fault);
  }
  return out;
}

std::optional<Answer> answer_instead(const Fault& fault, const Request& request) {
  if (fault.kind == "429" || fault.kind == "429_date" || fault.kind == "status") {
    const auto status = fault.status > 0 ? fault.status : fault.kind == "status" ? 503 : 429;
    auto answer = Answer::json(status, R"({"error":"not now"})");
    if (fault.kind == "429_date")
      answer.headers.emplace_back("Retry-After",
                                  http_date(std::time(nullptr) + static_cast<std::time_t>(fault.seconds)));
    else if (fault.kind == "429" || fault.seconds > 0)
      answer.headers.emplace_back(
          "Retry-After", fault.to.empty() ? std::to_string(static_cast<long>(fault.seconds)) : fault.to);
    return answer;
  }
  if (fault.kind == "html")
    return Answer::text(200, "text/html; charset=utf-8",
                        "<!DOCTYPE html><html><body>Please sign in</body></html>\n");
  if (fault.kind == "text") return Answer::text(200, "application/json", "this is not JSON\n");
  if (fault.kind == "empty_body") return Answer::text(200, "application/json", "");
  if (fault.kind == "204") return Answer{204, {}, {}, false, Ending::complete, 0, {}};
  if (fault.kind == "401") {
    auto answer = Answer::json(401, R"({"error":"invalid_token"})");
    answer.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return answer;
  }
  if (fault.kind == "redirect" || fault.kind == "redirect_other") return redirect(fault, request);
  if (fault.kind == "drop") {
    Answer answer;
    answer.status = 0;  // nothing at all: the connection is closed
    return answer;
  }
  return std::nullopt;
}

void spoil(const Fault& fault, Answer& answer, const Dataset& dataset) {
  const auto set = [&](Ending ending) {
    answer.ending = ending;
    answer.cut_at = fault.size_or(std::max<std::uint64_t>(1, answer.bytes(dataset) / 2));
    answer.pause = std::chrono::milliseconds(static_cast<std::int64_t>(fault.seconds * 1000));
  };
  if (fault.kind == "truncate") set(Ending::truncated);
  if (fault.kind == "chunk_cut") set(Ending::chunk_cut);
  if (fault.kind == "reset") set(Ending::reset);
  if (fault.kind == "drip") set(Ending::drip);
  if (fault.kind == "endless") set(Ending::endless);
  if (fault.kind == "content_type") {
    for (auto& [name, value] : answer.headers)
      if (name == "Content-Type") value = fault.to.empty() ? "text/plain" : fault.to;
  }
}

}  // namespace source
