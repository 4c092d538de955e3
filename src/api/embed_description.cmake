# Joins the parts of specs/openapi into one OpenAPI document and writes it to OUTPUT (YAML) and SOURCE (C++). FOLDER holds
# the parts: each is a YAML document of its own, which here only moves to the right.
function(append_part file indent)
  file(READ ${file} part)
  string(REPLACE "\n" "\n${indent}" part "\n${part}")
  string(REPLACE "\n${indent}\n" "\n\n" part "${part}")
  string(STRIP "${part}" part)
  set(text "${text}${indent}${part}\n" PARENT_SCOPE)
endfunction()

set(text "")
append_part(${FOLDER}/headwater.yaml "")
string(APPEND text "paths:\n")
file(GLOB paths ${FOLDER}/paths/*.yaml)
foreach(file ${paths})
  append_part(${file} "  ")
endforeach()
string(APPEND text "components:\n  securitySchemes:\n")
append_part(${FOLDER}/security.yaml "    ")
foreach(kind headers parameters responses)
  string(APPEND text "  ${kind}:\n")
  append_part(${FOLDER}/${kind}.yaml "    ")
endforeach()
string(APPEND text "  schemas:\n")
file(GLOB schemas ${FOLDER}/schemas/*.yaml)
foreach(file ${schemas})
  append_part(${file} "    ")
endforeach()

file(WRITE ${OUTPUT} "${text}")
file(WRITE ${SOURCE} "#include \"api/internal/description.h\"

namespace headwater::api {

std::string_view description() { return R\"YAML(${text})YAML\"; }

}  // namespace headwater::api
")
