#include "authoring/svg_check.h"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "json/utf8.h"

namespace headwater::authoring {
namespace {

constexpr std::string_view kSvgNamespace = "http://www.w3.org/2000/svg";
constexpr char kSeparator = ' ';  // between namespace and name, as the parser gives them
constexpr std::size_t kProblemsMax = 20;
constexpr int kDepthMax = 200;
constexpr std::uint64_t kDrawnMax = 20'000;  // elements, each time that one is drawn
constexpr std::uint64_t kEndless = 1'000'000'000'000;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// What draws, and nothing that runs, embeds, links or moves.
constexpr std::string_view kElements[] = {"svg",
                                          "g",
                                          "path",
                                          "rect",
                                          "circle",
                                          "ellipse",
                                          "line",
                                          "polyline",
                                          "polygon",
                                          "text",
                                          "tspan",
                                          "textPath",
                                          "defs",
                                          "linearGradient",
                                          "stop",
                                          "clipPath",
                                          "radialGradient",
                                          "mask",
                                          "pattern",
                                          "symbol",
                                          "use",
                                          "title",
                                          "desc",
                                          "style",
                                          "filter",
                                          "marker",
                                          "switch",
                                          "feBlend",
                                          "feFlood",
                                          "feMerge",
                                          "feColorMatrix",
                                          "feMergeNode",
                                          "feOffset",
                                          "feGaussianBlur",
                                          "feComposite",
                                          "feDropShadow",
                                          "feComponentTransfer",
                                          "feFuncA",
                                          "feFuncR",
                                          "feFuncG",
                                          "feFuncB",
                                          "metadata"};

constexpr std::string_view kShapes[] = {"path",     "rect",    "circle", "ellipse", "line",
                                        "polyline", "polygon", "text",   "use"};

// A number at the text's beginning, which it takes off; nullopt when there is none. No "nan", no "inf".
std::optional<double> take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("+-.eE0123456789"), text.size());
  std::string_view word = text.substr(0, end);
  if (word.ends_with('e') || word.ends_with('E')) word.remove_suffix(1);  // the unit "em", "ex"
  const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
  double number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  text.remove_prefix(word.size());
  return number;
}

constexpr double kSizeMax = 100'000;
bool is_size(std::optional<double> number) { return number && *number > 0 && *number <= kSizeMax; }

// "24", "1.5em", "100%"
bool is_length(std::string_view text) {
  constexpr std::string_view kUnits[] = {"", "px", "em", "rem", "ex", "pt", "pc", "mm", "cm", "in", "%"};
  const auto number = take_number(text);
  return is_size(number) && std::find(std::begin(kUnits), std::end(kUnits), text) != std::end(kUnits);
}

// "0 0 48 48", with commas or without
bool is_view_box(std::string_view text) {
  std::vector<double> numbers;
  constexpr std::string_view kBetween = " ,\t\r\n";
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
    if (text.empty()) break;
    const auto number = take_number(text);
    if (!number || std::abs(*number) > kSizeMax) return false;
    numbers.push_back(*number);
  }
  return numbers.size() == 4 && is_size(numbers[2]) && is_size(numbers[3]);
}

// Without case and blanks.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;  // "java script:" is one word to some
    out += ascii_lower(c);
  }
  return out;
}

// url(...) of anything but a part of this document.
bool fetches(std::string_view text) {
  const std::string plain = squeezed(text);
  for (const std::string_view word :
       {"@import", "javascript:", "expression(", "image-set(", "image(", "src(", "cross-fade(", "\\"})
    if (plain.find(word) != std::string::npos) return true;
  for (auto at = plain.find("url("); at != std::string::npos; at = plain.find("url(", at + 1)) {
    auto begin = at + 4;
    if (begin < plain.size() && (plain[begin] == '"' || plain[begin] == '\'')) ++begin;
    if (begin >= plain.size() || plain[begin] != '#') return true;
  }
  return false;
}

// What "#id" and "url(#id)" name. One that nothing closes is the last.
void add_references(std::string_view value, std::vector<std::string>& out) {
  if (value.starts_with('#')) out.emplace_back(value.substr(1));
  for (auto at = value.find("url("); at != std::string_view::npos; at = value.find("url(", at)) {
    const auto begin = value.find('#', at);
    if (begin == std::string_view::npos) return;
    const auto end = value.find_first_of(")\"' \t", begin);
    if (end == std::string_view::npos) return;
    out.emplace_back(value.substr(begin + 1, end - begin - 1));
    at = end;
  }
}

struct FreeParser {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};
// UTF-8 whatever the document declares: the declaration is not published.
std::unique_ptr<XML_ParserStruct, FreeParser> new_parser() {
  return std::unique_ptr<XML_ParserStruct, FreeParser>(XML_ParserCreateNS("UTF-8", kSeparator));
}

class SvgReader {
 public:
  std::vector<SvgProblem> read(std::string_view text) {
    parser_ = new_parser();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &SvgReader::on_start, &SvgReader::on_end);
    XML_SetCharacterDataHandler(parser_.get(), &SvgReader::on_text);
    XML_SetDoctypeDeclHandler(parser_.get(), &SvgReader::on_doctype, nullptr);
    XML_SetProcessingInstructionHandler(parser_.get(), &SvgReader::on_instruction);
    const auto status = XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), 1);
    if (status != XML_STATUS_OK && !stopped_)
      add("icon/well-formed",
          std::string("The icon is no well-formed XML: ") + XML_ErrorString(XML_GetErrorCode(parser_.get())) +
              ".",
          "Export it again as SVG.");
    if (problems_.empty()) count_drawn();
    if (problems_.empty() && !has_drawn_)
      add("icon/empty", "The icon draws nothing.", "Put a shape, a path or a text into it.");
    return std::move(problems_);
  }

 private:
  static SvgReader& self(void* data) { return *static_cast<SvgReader*>(data); }
  static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    self(data).start(name, attributes);
  }
  static void on_end(void* data, const XML_Char* /*name*/) { self(data).end(); }
  static void on_text(void* data, const XML_Char* text, int length) {
    if (self(data).in_style_ > 0) self(data).style_.append(text, static_cast<std::size_t>(length));
  }
  // Entities of a document type could hide anything, and multiply.
  static void on_doctype(void* data, const XML_Char* /*name*/, const XML_Char* /*system*/,
                         const XML_Char* /*public_id*/, int /*has_internal*/) {
    auto& reader = self(data);
    reader.add("icon/doctype", "The icon declares a document type.", "Remove the line <!DOCTYPE ...>.");
    reader.stopped_ = true;
    XML_StopParser(reader.parser_.get(), XML_FALSE);
  }
  static void on_instruction(void* data, const XML_Char* target, const XML_Char* /*text*/) {
    self(data).add("icon/external",
                   std::string("The icon holds the processing instruction <?") + target + "?>.",
                   "Remove it.");
  }

  void add(std::string_view rule, std::string message, std::string hint) {
    if (problems_.size() >= kProblemsMax) return;
    problems_.push_back({static_cast<std::size_t>(XML_GetCurrentLineNumber(parser_.get())), rule,
                         std::move(message), std::move(hint)});
  }

  void start(std::string_view name, const XML_Char** attributes) {
    const auto cut = name.rfind(kSeparator);
    const auto space = cut == std::string_view::npos ? std::string_view() : name.substr(0, cut);
    const auto local = cut == std::string_view::npos ? name : name.substr(cut + 1);
    if (depth_++ == 0 && (local != "svg" || space != kSvgNamespace)) {
      add("icon/svg", "The icon's root is <" + std::string(local) + ">, no <svg> of SVG's namespace.",
          "Write <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\">.");
    } else if (space != kSvgNamespace) {
      add("icon/element", "<" + std::string(local) + "> is no element of SVG.",
          "Save the icon as plain SVG, without an editor's own data.");
    } else if (std::find(std::begin(kElements), std::end(kElements), local) == std::end(kElements)) {
      const bool runs = local == "script" || local == "foreignObject";
      add(runs ? "icon/script" : "icon/element",
          "<" + std::string(local) + "> has no place in an icon" + (runs ? ": it can run scripts." : "."),
          "Draw with shapes, paths and gradients only.");
    }
    if (depth_ > kDepthMax) {
      add("icon/element", "The icon's elements are nested too deeply.", "Simplify it.");
      stopped_ = true;
      XML_StopParser(parser_.get(), XML_FALSE);
      return;
    }
    // A style's text goes on behind an element within it.
    if (in_style_ > 0 || local == "style") ++in_style_;
    parts_.emplace_back();
    if (!open_.empty()) parts_[open_.back()].drawn.push_back(parts_.size() - 1);
    open_.push_back(parts_.size() - 1);
    has_drawn_ = has_drawn_ || std::find(std::begin(kShapes), std::end(kShapes), local) != std::end(kShapes);
    bool has_box = false;
    bool has_width = false;
    bool has_height = false;
    for (; *attributes != nullptr; attributes += 2) {
      attribute(attributes[0], attributes[1]);
      const std::string_view each(attributes[0]);
      has_box = has_box || each == "viewBox";
      has_width = has_width || each == "width";
      has_height = has_height || each == "height";
      if (depth_ == 1) check_size(each, attributes[1]);
    }
    if (depth_ == 1 && !has_box && !(has_width && has_height))
      add("icon/size", "The icon has neither a viewBox nor width and height.",
          "Write viewBox=\"0 0 48 48\".");
  }

  void check_size(std::string_view name, std::string_view value) {
    const bool good = name == "viewBox"                     ? is_view_box(value)
                      : name == "width" || name == "height" ? is_length(value)
                                                            : true;
    if (!good)
      add("icon/size", "The icon's " + std::string(name) + " is no size that can be drawn.",
          name == "viewBox" ? "Write four numbers, viewBox=\"0 0 48 48\", the last two above 0."
                            : "Write a number above 0, at most 100000, or leave it to the viewBox.");
  }

  void attribute(std::string_view name, std::string_view value) {
    const auto cut = name.rfind(kSeparator);
    const std::string local = squeezed(cut == std::string_view::npos ? name : name.substr(cut + 1));
    if (local == "id") ids_.emplace(value, parts_.size() - 1);
    add_references(value, parts_.back().references);
    if (local.starts_with("on")) {
      add("icon/script", "The attribute " + local + " runs a script.", "Remove it.");
    } else if (local == "href" || local == "src" || local == "base") {
      if (!value.starts_with('#') || local == "base")
        add("icon/external", "The icon refers to something outside of itself with " + local + ".",
            "Put it into the icon, and refer to it as \"#id\".");
    } else if (!local.starts_with("aria-") && !local.starts_with("data-") && fetches(value)) {
      add("icon/external", "The attribute " + local + " fetches something or runs a script.",
          "Refer to parts of the icon only: url(#id).");
    }
  }

  void end() {
    --depth_;
    if (!open_.empty()) open_.pop_back();
    if (in_style_ == 0) return;
    --in_style_;
    if (in_style_ > 0) return;
    if (fetches(style_))
      add("icon/external", "The icon's style fetches something.", "Use colours and url(#id) only.");
    style_.clear();
  }

  // Each reference draws what it names once more, and that may hold references in turn.
  void count_drawn() {
    for (auto& part : parts_)
      for (const auto& name : part.references)
        if (const auto found = ids_.find(name); found != ids_.end()) part.drawn.push_back(found->second);
    const auto drawn = drawn_by(0);
    if (drawn <= kDrawnMax) return;
    add("icon/expands",
        drawn > kEndless ? "A part of the icon refers to itself."
                         : "The icon's references multiply: it draws more than " + std::to_string(kDrawnMax) +
                               " elements.",
        "Draw what is needed, without <use> of what uses others in turn.");
  }

  std::uint64_t drawn_by(std::size_t index) {
    Part& part = parts_[index];
    if (part.is_open) return kEndless + 1;
    if (part.count > 0) return part.count;
    part.is_open = true;
    std::uint64_t count = 1;
    for (const auto each : part.drawn) count = std::min(count + drawn_by(each), kEndless + 1);
    part.is_open = false;
    return part.count = count;
  }

  struct Part {
    std::vector<std::string> references;
    std::vector<std::size_t> drawn;  // within it, and by its references
    std::uint64_t count = 0;
    bool is_open = false;
  };

  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  std::vector<SvgProblem> problems_;
  std::vector<Part> parts_;
  std::vector<std::size_t> open_;
  std::map<std::string, std::size_t, std::less<>> ids_;
  std::string style_;
  int depth_ = 0;
  int in_style_ = 0;  // elements that are open, from the <style> on
  bool stopped_ = false;
  bool has_drawn_ = false;  // a shape, somewhere
};

// Where the root element begins, whatever comments hold before it.
struct RootFinder {
  XML_ParserStruct* parser;
  XML_Index at = -1;
};

void on_root(void* data, const XML_Char* /*name*/, const XML_Char** /*attributes*/) {
  auto& finder = *static_cast<RootFinder*>(data);
  finder.at = XML_GetCurrentByteIndex(finder.parser);
  XML_StopParser(finder.parser, XML_FALSE);
}

}  // namespace

std::vector<SvgProblem> check_svg(std::string_view text) {
  if (text.size() > kIconBytesMax)
    return {{1, "icon/bytes",
             "The icon has " + std::to_string(text.size()) + " bytes; at most " +
                 std::to_string(kIconBytesMax) + " are taken.",
             "Simplify its paths, or leave out embedded pictures."}};
  if (!json::is_utf8(text) || text.starts_with(kByteOrderMark))
    return {{1, "icon/well-formed", "The icon is no UTF-8 without a byte order mark.",
             "Save it as UTF-8 without one."}};
  return SvgReader().read(text);
}

std::string bare_svg(std::string_view text) {
  const auto parser = new_parser();
  RootFinder finder{parser.get()};
  XML_SetUserData(parser.get(), &finder);
  XML_SetElementHandler(parser.get(), &on_root, nullptr);
  XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1);
  const auto begin = finder.at < 0 ? 0 : static_cast<std::size_t>(finder.at);
  return std::string(text.substr(std::min(begin, text.size())));
}

}  // namespace headwater::authoring
