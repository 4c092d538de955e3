# Writes the JSON files of specs/ into one source file: OUTPUT, from CONNECTION and FLOW (lists of files).
set(entries "")
foreach(kind connection flow)
  string(TOUPPER ${kind} list_name)
  foreach(file ${${list_name}})
    file(READ ${file} text)
    get_filename_component(name ${file} NAME_WE)
    string(APPEND entries "    {domain::ResourceKind::${kind}_spec, \"${name}\", R\"SPEC(${text})SPEC\"},\n")
  endforeach()
endforeach()
file(WRITE ${OUTPUT} "#include \"api/shipped_specs.h\"

namespace headwater::api {
namespace {

constexpr ShippedSpec kShipped[] = {
${entries}};

}  // namespace

std::span<const ShippedSpec> shipped_specs() { return kShipped; }

}  // namespace headwater::api
")
