#include "authoring/svg_check.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace headwater::authoring {
namespace {

constexpr std::string_view kSvgNamespace = "http://www.w3.org/2000/svg";
constexpr char kSeparator = ' ';  // between namespace and name, as the parser gives them
constexpr std::size_t kProblemsMax = 20;

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

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;  // "java script:" is one word to some
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// url(...) of anything but a part of this document.
bool fetches(std::string_view text) {
  const std::string plain = lower(text);
  if (plain.find("@import") != std::string::npos || plain.find("javascript:") != std::string::npos ||
      plain.find("expression(") != std::string::npos || plain.find('\\') != std::string::npos)
    return true;
  for (auto at = plain.find("url("); at != std::string::npos; at = plain.find("url(", at + 1)) {
    auto begin = at + 4;
    if (begin < plain.size() && (plain[begin] == '"' || plain[begin] == '\'')) ++begin;
    if (begin >= plain.size() || plain[begin] != '#') return true;
  }
  return false;
}

class SvgReader {
 public:
  std::vector<SvgProblem> read(std::string_view text) {
    parser_.reset(XML_ParserCreateNS(nullptr, kSeparator));
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
    return std::move(problems_);
  }

 private:
  static SvgReader& self(void* data) { return *static_cast<SvgReader*>(data); }
  static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    self(data).start(name, attributes);
  }
  static void on_end(void* data, const XML_Char* /*name*/) { self(data).end(); }
  static void on_text(void* data, const XML_Char* text, int length) {
    if (self(data).in_style_) self(data).style_.append(text, static_cast<std::size_t>(length));
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
    in_style_ = local == "style";
    bool has_box = false;
    bool has_width = false;
    bool has_height = false;
    for (; *attributes != nullptr; attributes += 2) {
      attribute(attributes[0], attributes[1]);
      const std::string_view each(attributes[0]);
      has_box = has_box || each == "viewBox";
      has_width = has_width || each == "width";
      has_height = has_height || each == "height";
    }
    if (depth_ == 1 && !has_box && !(has_width && has_height))
      add("icon/size", "The icon has neither a viewBox nor width and height.",
          "Write viewBox=\"0 0 48 48\".");
  }

  void attribute(std::string_view name, std::string_view value) {
    const auto cut = name.rfind(kSeparator);
    const std::string local = lower(cut == std::string_view::npos ? name : name.substr(cut + 1));
    if (local.starts_with("on")) {
      add("icon/script", "The attribute " + local + " runs a script.", "Remove it.");
    } else if (local == "href" || local == "src") {
      if (!value.starts_with('#'))
        add("icon/external", "The icon refers to something outside of itself with " + local + ".",
            "Put it into the icon, and refer to it as \"#id\".");
    } else if (fetches(value)) {
      add("icon/external", "The attribute " + local + " fetches something or runs a script.",
          "Refer to parts of the icon only: url(#id).");
    }
  }

  void end() {
    --depth_;
    if (in_style_ && fetches(style_))
      add("icon/external", "The icon's style fetches something.", "Use colours and url(#id) only.");
    in_style_ = false;
    style_.clear();
  }

  struct Free {
    void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
  };
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::vector<SvgProblem> problems_;
  std::string style_;
  int depth_ = 0;
  bool in_style_ = false;
  bool stopped_ = false;
};

}  // namespace

std::vector<SvgProblem> check_svg(std::string_view text) {
  if (text.size() > kIconBytesMax)
    return {{1, "icon/bytes",
             "The icon has " + std::to_string(text.size()) + " bytes; at most " +
                 std::to_string(kIconBytesMax) + " are taken.",
             "Simplify its paths, or leave out embedded pictures."}};
  return SvgReader().read(text);
}

}  // namespace headwater::authoring
