# Writes INPUT (uap-core's regexes.yaml) without its comment lines into one source file: OUTPUT.
file(READ ${INPUT} text)
string(REGEX REPLACE "\n[ \t]*#[^\n]*" "" text "${text}")
file(WRITE ${OUTPUT} "#include \"mapping/internal/packaged_patterns.h\"

namespace headwater::mapping {

std::string_view packaged_patterns() {
  static constexpr std::string_view kText = R\"YAML(${text})YAML\";
  return kText;
}

}  // namespace headwater::mapping
")
