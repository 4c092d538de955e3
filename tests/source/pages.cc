#include "pages.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace source {
namespace {

using nlohmann::json;

enum class Style : std::uint8_t { offset, page, pointer, token, all, huge };

/// What one request asks for.
struct Ask {
  Style style = Style::all;
  std::uint64_t low = 0, high = 0;  // the records that exist for it: the window
  std::uint64_t start = 0;          // within the window
  std::uint64_t limit = 0;
  std::uint64_t page = 0;    // counted from 0
  std::uint64_t nonce = 0;   // tells tokens for the same start apart
  std::uint64_t cursor = 0;  // the start that the request's cursor named
  std::string token;         // as sent
  bool has_limit = true;
};

/// What goes around the records.
struct Frame {
  std::string before, after;  // members, with their comma
  Pairs headers;
};

std::string json_text(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Style> style_of(const std::string& path) {
  constexpr std::array<std::pair<std::string_view, Style>, 6> kStyles{{{"/offset", Style::offset},
                                                                       {"/page", Style::page},
                                                                       {"/pointer", Style::pointer},
                                                                       {"/token", Style::token},
                                                                       {"/all", Style::all},
                                                                       {"/huge", Style::huge}}};
  for (const auto& [name, style] : kStyles)
    if (path == name || path.starts_with(std::string(name) + '/')) return style;
  return std::nullopt;
}

// since/until as parameters, or "updated > T updated < T" in the parameter `query`.
void read_window(const Request& request, const Dataset& dataset, Ask& ask) {
  ask.high = std::min(dataset.total(), request.number("n", dataset.total()));
  auto since = request.param("since").value_or("");
  auto until = request.param("until").value_or("");
  if (const auto query = request.param("query")) {
    const auto after = [&query](std::string_view mark) {
      const auto at = query->find(mark);
      return at == std::string::npos ? std::string() : query->substr(at + mark.size(), 20);
    };
    since = after("updated > ");
    until = after("updated < ");
  }
  if (const auto time = read_time(since)) ask.low = std::min(ask.high, dataset.index_at(*time));
  if (const auto time = read_time(until)) ask.high = std::clamp(dataset.index_at(*time), ask.low, ask.high);
}

std::string read_token(const Request& request) {
  if (const auto token = request.param(request.param("token_name").value_or("token"))) return *token;
  if (const auto token = request.header("x-continuation-token"); !token.empty()) return std::string(token);
  if (request.body.empty()) return {};
  const auto body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("token")) return {};
  return body["token"].is_string() ? body["token"].get<std::string>() : body["token"].dump();
}

Ask read_ask(const Request& request, const Dataset& dataset, Style style) {
  Ask ask;
  ask.style = style;
  read_window(request, dataset, ask);
  const auto limit_name = request.param("per_page") ? "per_page" : request.param("count") ? "count" : "limit";
  ask.limit = std::max<std::uint64_t>(1, request.number(limit_name, 100));
  if (style == Style::token && request.method == "POST") {
    const auto body = json::parse(request.body, nullptr, false);
    if (body.is_object() && body.contains("limit") && body["limit"].is_number_unsigned())
      ask.limit = std::max<std::uint64_t>(1, body["limit"].get<std::uint64_t>());
  }
  if (style == Style::offset) {
    ask.start = request.number("offset", 0);
    ask.page = ask.start / ask.limit;
  } else if (style == Style::page) {
    const auto first = request.number("first", 1);
    const auto number = request.number("page", first);
    ask.page = number < first ? 0 : number - first;
    ask.start = ask.page * ask.limit;
  } else if (style == Style::pointer || style == Style::token) {
    ask.token = style == Style::pointer ? request.param("cursor").value_or("") : read_token(request);
    unsigned long long start = 0;
    unsigned long long nonce = 0;
    std::sscanf(ask.token.c_str(), "t-%llu-%llu", &start, &nonce);
    ask.start = start;
    ask.nonce = nonce;
    ask.page = ask.start / ask.limit;
  }
  return ask;
}

std::string token_for(std::uint64_t start, std::uint64_t nonce) {
  return "t-" + std::to_string(start) + "-" + std::to_string(nonce);
}

// The token that the page carries; empty on the last one.
std::string next_token(const Ask& ask, const std::vector<Fault>& faults) {
  for (const auto& fault : faults) {
    if (fault.kind == "same_cursor") return ask.token.empty() ? token_for(ask.start, ask.nonce) : ask.token;
    if (fault.kind == "cursor_loop") {
      const auto back = std::min(ask.page, fault.size_or(1)) * ask.limit;
      return token_for(ask.start - back, 0);
    }
    if (fault.kind == "empty_page") return token_for(ask.start, ask.nonce + 1);
  }
  const auto next = ask.cursor + ask.limit;
  return next < ask.high - ask.low ? token_for(next, 0) : "";
}

Frame make_frame(const Request& request, const Ask& ask, const std::vector<Fault>& faults, std::uint64_t sent,
                 const std::string& origin) {
  auto total = ask.high - ask.low;
  const bool more = ask.start + sent < total;
  for (const auto& fault : faults)
    if (fault.kind == "wrong_total") total = fault.size;
  Frame frame;
  const bool tells_total = !request.flag("no_total");
  if (tells_total && ask.style != Style::pointer && ask.style != Style::token)
    frame.before += "\"total\":" + std::to_string(total) + ",";
  if (request.flag("count_header")) frame.headers.emplace_back("X-Total-Count", std::to_string(total));
  switch (ask.style) {
    case Style::offset:
      frame.before +=
          "\"offset\":" + std::to_string(ask.start) + ",\"limit\":" + std::to_string(ask.limit) + ",";
      if (!request.flag("no_has_more"))
        frame.after += std::string(",\"hasMore\":") + (more ? "true" : "false");
      break;
    case Style::page:
      frame.before += "\"page\":" + std::to_string(ask.page + request.number("first", 1)) + ",";
      if (tells_total) {
        frame.headers.emplace_back("X-Total", std::to_string(total));
        frame.headers.emplace_back("X-Total-Pages", std::to_string((total + ask.limit - 1) / ask.limit));
      }
      break;
    case Style::pointer: {
      const auto token = next_token(ask, faults);
      Pairs query;
      for (const auto& pair : request.query)
        if (pair.first != "cursor") query.push_back(pair);
      query.emplace_back("cursor", token);
      const auto link = request.param("link").value_or("absolute");
      const auto full_path = request.target.substr(0, request.target.find('?'));
      const auto text = link == "query"
                            ? "?" + write_form(query)
                            : (link == "relative" ? "" : origin) + full_path + "?" + write_form(query);
      frame.after += ",\"paging\":{\"next\":" + (token.empty() ? std::string("null") : json_text(text)) + "}";
      break;
    }
    case Style::token: {
      const auto token = next_token(ask, faults);
      frame.after +=
          ",\"meta\":{\"after_cursor\":" + (token.empty() ? std::string("null") : json_text(token)) +
          ",\"has_more\":" + (token.empty() ? "false" : "true") + "}";
      if (!token.empty()) frame.headers.emplace_back("X-Next-Token", token);
      break;
    }
    case Style::all:
    case Style::huge:
      frame.after += ",\"done\":true";
      break;
  }
  return frame;
}

std::string broken_record(const Fault& fault, const Dataset& dataset) {
  auto text = dataset.record(fault.record);
  text.pop_back();
  if (fault.kind == "bad_utf8") return text + ",\"bad\":\"a\xff\xfe\x80z\"}";
  if (fault.kind == "bad_token") return text + ",\"bad\":tru}";
  if (fault.kind == "big_record")
    return text + ",\"bad\":\"" + std::string(fault.size_or(1U << 20), 'x') + "\"}";
  if (fault.kind == "control") return text + ",\"bad\":\"a\nb\"}";
  const auto depth = fault.size_or(2000);
  return text + ",\"bad\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

bool concerns_record(const Fault& fault) {
  return fault.kind == "bad_utf8" || fault.kind == "bad_token" || fault.kind == "deep" ||
         fault.kind == "big_record" || fault.kind == "control";
}

// The records, with broken ones in place of those that faults name.
std::vector<Segment> make_records(std::uint64_t first, std::uint64_t count, std::vector<Fault> faults,
                                  const Dataset& dataset) {
  std::erase_if(faults, [&](const Fault& fault) {
    return !concerns_record(fault) || fault.record < first || fault.record >= first + count;
  });
  std::sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.record < b.record; });
  std::vector<Segment> out;
  const auto add = [&out](std::string text, std::uint64_t from, std::uint64_t many) {
    if (!out.empty()) out.push_back(Segment{",", 0, 0});
    out.push_back(Segment{std::move(text), from, many});
  };
  auto at = first;
  for (const auto& fault : faults) {
    if (fault.record < at) continue;  // one record breaks once
    if (fault.record > at) add("", at, fault.record - at);
    add(broken_record(fault, dataset), 0, 0);
    at = fault.record + 1;
  }
  if (at < first + count) add("", at, first + count - at);
  return out;
}

// A source that filters after paging: every size-th record of the page is left.
std::vector<Segment> filter_records(std::uint64_t first, std::uint64_t count, std::uint64_t each) {
  std::vector<Segment> out;
  for (auto at = first; at < first + count; ++at) {
    if (at % each != 0) continue;
    if (!out.empty()) out.push_back(Segment{",", 0, 0});
    out.push_back(Segment{"", at, 1});
  }
  return out;
}

std::string pretty(std::string_view text) {
  std::string out;
  int depth = 0;
  bool quoted = false;
  const auto line = [&] { out += '\n' + std::string(static_cast<std::size_t>(depth) * 2, ' '); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      out += c;
      if (c == '\\') out += text[++i];
      if (c == '"') quoted = false;
      continue;
    }
    const bool opens = c == '{' || c == '[';
    const bool closes = c == '}' || c == ']';
    if (closes) {
      --depth;
      line();
    }
    out += c;
    if (c == '"') quoted = true;
    if (c == ':') out += ' ';
    if (opens) ++depth;
    if (opens || c == ',') line();
  }
  return out + "\n";
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void dress(const Request& request, const Dataset& dataset, Answer& answer) {
  if (request.flag("pretty")) answer.body = {Segment{pretty(answer.flat(dataset)), 0, 0}};
  if (request.flag("bom")) answer.body.insert(answer.body.begin(), Segment{"\xef\xbb\xbf", 0, 0});
  answer.chunked = request.flag("chunked");
  if (request.flag("gzip") && request.header("accept-encoding").find("gzip") != std::string_view::npos) {
    answer.body = {Segment{gzipped(answer.flat(dataset)), 0, 0}};
    answer.headers.emplace_back("Content-Encoding", "gzip");
  }
}

// The page before, to the byte; only a cursor goes on, so that the run could end.
void repeat_previous(Ask& ask, const std::vector<Fault>& faults) {
  const auto repeats = [](const Fault& fault) { return fault.kind == "repeat_page"; };
  if (ask.page == 0 || std::none_of(faults.begin(), faults.end(), repeats)) return;
  ask.start -= ask.limit;
  --ask.page;
}

// Which records the page gives: [first, first + count), counted within the dataset.
std::pair<std::uint64_t, std::uint64_t> choose_records(Ask& ask, const std::vector<Fault>& faults) {
  auto start = ask.start;
  auto limit = ask.limit;
  for (const auto& fault : faults) {
    if (fault.kind == "cap") limit = std::min(limit, fault.size_or(50));
    if (fault.kind == "overlap") start -= std::min(start, fault.size_or(1));
    if (fault.kind == "hole" && start > 0) start += fault.size_or(1);
    if (fault.kind == "empty_page") limit = 0;
  }
  if (ask.style == Style::page && limit > 0 && limit < ask.limit) start = ask.page * limit;
  const auto window = ask.high - ask.low;
  start = std::min(start, window);
  // A capped page's cursor goes on behind what was sent, and its page count is that of small pages.
  if (ask.style != Style::offset && limit > 0) ask.limit = std::min(ask.limit, limit);
  return {ask.low + start, std::min(limit, window - start)};
}

}  // namespace

std::optional<Answer> answer_page(const Request& request, const Dataset& dataset, Faults& faults,
                                  const std::string& origin) {
  const auto style = style_of(request.path);
  if (!style) return std::nullopt;
  auto ask = read_ask(request, dataset, *style);
  const auto struck = faults.strike(request, ask.page);
  for (const auto& fault : struck)
    if (auto instead = answer_instead(fault, request)) return instead;

  ask.cursor = ask.start;
  repeat_previous(ask, struck);
  auto [first, count] = choose_records(ask, struck);
  if (*style == Style::all) count = ask.high - ask.low;
  if (*style == Style::huge) {
    first = 0;
    const auto wanted = request.number("bytes", 100'000'000);
    count = std::max<std::uint64_t>(1, wanted / (dataset.bytes(0, 1000) / 1000 + 1));
    ask.high = count;
  }
  const auto past = request.number("past", 200);
  if (past != 200 && count == 0 && ask.start > 0)
    return Answer::json(static_cast<int>(past), R"({"error":"no such page"})");

  const auto frame = make_frame(request, ask, struck, count, origin);
  const auto name = json_text(request.param("items").value_or("items"));
  const auto nest = request.param("nest");
  Answer answer;
  answer.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  answer.headers.insert(answer.headers.end(), frame.headers.begin(), frame.headers.end());
  const bool root = request.flag("root");
  const auto open = nest ? "{\"status\":\"ok\"," + json_text(*nest) + ":{" : std::string("{");
  answer.body.push_back(Segment{root ? "[" : open + frame.before + name + ":[", 0, 0});
  auto records = make_records(first, count, struck, dataset);
  for (const auto& fault : struck)
    if (fault.kind == "filter") records = filter_records(first, count, fault.size_or(2));
  std::move(records.begin(), records.end(), std::back_inserter(answer.body));
  answer.body.push_back(Segment{root ? "]" : "]" + frame.after + (nest ? "}}" : "}"), 0, 0});
  dress(request, dataset, answer);
  for (const auto& fault : struck) spoil(fault, answer, dataset);
  return answer;
}

}  // namespace source
