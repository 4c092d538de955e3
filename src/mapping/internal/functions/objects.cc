#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/object_calls.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
constexpr std::string_view kCategory = "Hierarchies - Objects";

void add_tests(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "is_empty",
                .category = kCategory,
                .description = "Whether there is nothing in a value.",
                .returns =
                    "true for null and for an object, array or text without content; false for the rest.",
                .return_type = Type::boolean,
                .parameters = {{"value", "what to look into", Type::any}},
                .examples = {{"is_empty([])", "true"},
                             {R"(is_empty({"a":null}))", "false"},
                             {"is_empty([null])", "false"},
                             {R"(is_empty(""))", "true"},
                             {"is_empty(null)", "true"},
                             {"is_empty(0)", "false"},
                             {"is_empty(false)", "false"},
                             {"is_empty({:})", "true"},
                             {"is_empty(o)", "true", R"({"o":{}})"},
                             {"is_empty(missing)", "true"}}},
       .call = &ObjectCalls::is_empty});
  out.push_back(
      {.info = {.name = "contains_key",
                .aliases = {"is_set"},
                .category = kCategory,
                .description = "Whether the record has a place of this path, be its value null.",
                .returns =
                    "true or false. Asked of an attribute instead of a text: whether its value is not null.",
                .return_type = Type::boolean,
                .parameters = {{"path", "a path of the record, as a text", Type::string}},
                .examples = {{R"(contains_key("a.b"))", "true", R"({"a":{"b":1}})"},
                             {R"(contains_key("a.c"))", "false", R"({"a":{"b":1}})"},
                             {R"(contains_key("a.b"))", "true", R"({"a":{"b":null}})"},
                             {R"(contains_key("l[1]"))", "true", R"({"l":[1,2]})"},
                             {R"(contains_key("l[2]"))", "false", R"({"l":[1,2]})"},
                             {R"(contains_key("x.y"))", "true", R"({"x.y":1})"},
                             {R"(is_set("a"))", "true", R"({"a":0})"},
                             {"contains_key(a.b)", "true", R"({"a":{"b":1}})"},
                             {"contains_key(a.b)", "false", R"({"a":{"b":null}})"},
                             {"contains_key(null)", "false"}}},
       .call = &ObjectCalls::contains_key,
       .form = Function::Form::path});
  out.push_back(
      {.info = {.name = "nullify",
                .category = kCategory,
                .description = "An explicit null, for what must not be carried to the target.",
                .returns = "null; it also removes what copying a parent object would have written there.",
                .return_type = Type::any,
                .examples = {{"nullify()", "null"},
                             {R"(iif(code.equals("X"), nullify(), code))", "null", R"({"code":"X"})"},
                             {R"(iif(code.equals("X"), nullify(), code))", R"("Y")", R"({"code":"Y"})"}}},
       .call = &ObjectCalls::nullify});
}

void add_builders(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "arrays_to_objects",
                .aliases = {"arrays_to_object"},
                .category = kCategory,
                .description = "Builds one object from the elements at the same place of several arrays.",
                .returns =
                    "As many objects as the longest array has elements; keys of shorter ones are left out.",
                .return_type = Type::array,
                .parameters = {{"key", "the member's name", Type::string},
                               {"array", "its values, one for each object; a scalar is one", Type::array}},
                .pairs = true,
                .examples =
                    {{R"(arrays_to_objects("n", ["x","y"], "q", [1,2]))",
                      R"([{"n":"x","q":1},{"n":"y","q":2}])"},
                     {R"(arrays_to_object("n", ["x","y"], "q", [1]))", R"([{"n":"x","q":1},{"n":"y"}])"},
                     {R"(arrays_to_objects("n", "x"))", R"([{"n":"x"}])"},
                     {R"(arrays_to_objects("n", names, "v", null))", R"([{"n":"a"}])", R"({"names":["a"]})"},
                     {R"(arrays_to_objects("n", []))", "[]"}}},
       .call = &ObjectCalls::arrays_to_objects});
  out.push_back(
      {.info = {.name = "to_object",
                .category = kCategory,
                .description = "Builds an object from names and values.",
                .returns = "The object; a repeated name keeps its last value.",
                .return_type = Type::object,
                .parameters = {{"key", "the member's name, taken as it is: dots are no path", Type::string},
                               {"value", "its value", Type::any}},
                .pairs = true,
                .examples = {{R"(to_object("id", 5, "tags", ["a"]))", R"({"id":5,"tags":["a"]})"},
                             {R"(to_object("a", 1, "a", 2))", R"({"a":2})"},
                             {R"(to_object("a.b", null))", R"({"a.b":null})"},
                             {R"(to_object("o", o))", R"({"o":{"x":1}})", R"({"o":{"x":1}})"},
                             {R"(to_object(1, "one"))", R"({"1":"one"})"}}},
       .call = &ObjectCalls::to_object});
  out.push_back(
      {.info =
           {.name = "str_to_object",
            .category = kCategory,
            .description =
                "Reads a text of names and values. Both are trimmed, and delimiters are taken as they are.",
            .returns = "An object of texts; fields without the value delimiter are left out.",
            .return_type = Type::object,
            .parameters = {{"input", "the text", Type::string},
                           {"valueDelimiter", "between a name and its value; \":\" when left out",
                            Type::string},
                           {"fieldDelimiter", "between fields; \",\" when left out", Type::string}},
            .optional = 2,
            .examples = {{R"(str_to_object("a=1;b=2", "=", ";"))", R"({"a":"1","b":"2"})"},
                         {R"(str_to_object("a=1;b=2", "=", ";").get("b"))", R"("2")"},
                         {R"(str_to_object("a: 1 , b:x:y, c, d:"))", R"({"a":"1","b":"x:y","d":""})"},
                         {R"(str_to_object(""))", "{}"},
                         {R"(str_to_object(null))", "null"},
                         {R"(str_to_object("a->1||b->2", "->", "||"))", R"({"a":"1","b":"2"})"}}},
       .call = &ObjectCalls::str_to_object,
       .works_on = 0});
}

void add_readers(std::vector<Function>& out) {
  out.push_back({.info = {.name = "get_keys",
                          .category = kCategory,
                          .description = "The names of an object's members.",
                          .returns = "The names, as the object has them in order.",
                          .return_type = Type::array,
                          .parameters = {{"object", "an object or map", Type::object}},
                          .examples = {{R"(get_keys({"b":1,"a":2}))", R"(["b","a"])"},
                                       {"get_keys(o)", R"(["x","y"])", R"({"o":{"x":1,"y":{"z":2}}})"},
                                       {"get_keys({:})", "[]"},
                                       {"get_keys(null)", "null"}}},
                 .call = &ObjectCalls::get_keys,
                 .works_on = 0});
  out.push_back(
      {.info =
           {.name = "get_values",
            .category = kCategory,
            .description = "Reads a text of names and values, as str_to_object does, and picks one.",
            .returns = "The value, trimmed; null when there is none of this name.",
            .return_type = Type::string,
            .parameters = {{"input", "the text", Type::string},
                           {"key", "the name", Type::string},
                           {"valueDelimiter", "between a name and its value; \":\" when empty", Type::string},
                           {"fieldDelimiter", "between fields; \",\" when empty or left out", Type::string}},
            .optional = 1,
            .examples = {{R"(get_values("k1:v1,k2:v2", "k2", ":", ","))", R"("v2")"},
                         {R"(get_values("k1 : v1 , k2 : v2", "k2", null, null))", R"("v2")"},
                         {R"(get_values("k1=v1", "k1", "="))", R"("v1")"},
                         {R"(get_values("k1:v1", "k3", ":", ","))", "null"},
                         {R"(get_values("k1:v1", "k1", "", ""))", R"("v1")"},
                         {R"(get_values(null, "k1", ":", ","))", "null"}}},
       .call = &ObjectCalls::get_values,
       .works_on = 0});
  out.push_back(
      {.info =
           {.name = "map_get_values",
            .category = kCategory,
            .description = "Reads values of a map by their keys.",
            .returns =
                "One key: its value, null when there is none. Several: the values of those that are there.",
            .return_type = Type::any,
            .parameters = {{"map", "an object or map", Type::map},
                           {"key", "a key, or an array of keys", Type::any}},
            .examples = {{R"(map_get_values(m, "k"))", R"("Vx")", R"({"m":{"k":"Vx","n":2}})"},
                         {R"(map_get_values(m, ["k","n"]))", R"(["Vx",2])", R"({"m":{"k":"Vx","n":2}})"},
                         {R"(map_get_values(m, ["k","z","k"]))", R"(["Vx"])", R"({"m":{"k":"Vx","n":2}})"},
                         {R"(map_get_values(m, "z"))", "null", R"({"m":{"k":"Vx"}})"},
                         {"map_get_values(m, 1)", R"("one")", R"({"m":{"1":"one"}})"},
                         {R"(map_get_values(null, "k"))", "null"}}},
       .call = &ObjectCalls::map_get_values,
       .works_on = 0});
  out.push_back(
      {.info = {.name = "map_has_keys",
                .category = kCategory,
                .description = "Whether a map has a key, or at least one of several.",
                .returns = "true or false.",
                .return_type = Type::boolean,
                .parameters = {{"map", "an object or map", Type::map},
                               {"key", "a key, or an array of keys", Type::any}},
                .examples = {{R"(map_has_keys(m, ["zz","n"]))", "true", R"({"m":{"k":"Vx","n":2}})"},
                             {R"(map_has_keys(m, "k"))", "true", R"({"m":{"k":"Vx","n":2}})"},
                             {R"(map_has_keys(m, ["zz"]))", "false", R"({"m":{"k":"Vx","n":2}})"},
                             {R"(map_has_keys(m, []))", "false", R"({"m":{"k":1}})"},
                             {R"(map_has_keys(null, "k"))", "null"}}},
       .call = &ObjectCalls::map_has_keys,
       .works_on = 0});
}

void add_maps(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "add_to_map",
                .category = kCategory,
                .description = "Puts maps together.",
                .returns = "One map; of a repeated key the first value stays. Null maps are left out.",
                .return_type = Type::map,
                .parameters = {{"map1", "a map", Type::map},
                               {"map2", "a map", Type::map},
                               {"map", "more maps", Type::map}},
                .variadic = true,
                .examples = {{R"(add_to_map({"a":1}, {"a":2,"b":3}))", R"({"a":1,"b":3})"},
                             {R"(add_to_map(null, {"a":1}, {"c":2}))", R"({"a":1,"c":2})"},
                             {R"(add_to_map(m, {"z":1}))", R"({"k":{"x":1},"z":1})",
                              R"({"m":{"k":{"x":1}}})"}}},
       .call = &ObjectCalls::add_to_map});
  out.push_back(
      {.info = {.name = "object_to_map",
                .category = kCategory,
                .description =
                    "Makes a map: of keys and values; of an object's members; or of an array of objects, "
                    "each under the value of one of its members.",
                .returns = "The map; null for null. Of a repeated key the last value stays.",
                .return_type = Type::map,
                .parameters = {{"value", "a key, an object, or an array of objects", Type::any},
                               {"more", "its value, and more keys and values; or the member that is the key",
                                Type::any}},
                .variadic = true,
                .examples = {{R"(object_to_map("a", 1, "b", 2))", R"({"a":1,"b":2})"},
                             {"object_to_map(o)", R"({"x":1,"y":"z"})", R"({"o":{"x":1,"y":"z"}})"},
                             {"object_to_map(list, id)", R"({"p":{"id":"p","v":1}})",
                              R"({"list":[{"id":"p","v":1}]})"},
                             {R"(object_to_map(list, "id"))", R"({"7":{"id":7}})",
                              R"({"list":[{"id":7},{"v":2}]})"},
                             {"object_to_map(1, id)", R"({"1":"x"})", R"({"id":"x"})"},
                             {"object_to_map(null)", "null"}}},
       .call = &ObjectCalls::object_to_map,
       .works_on = 0,
       .form = Function::Form::attribute_name});
}

}  // namespace

std::vector<Function> object_functions() {
  std::vector<Function> out;
  add_tests(out);
  add_builders(out);
  add_readers(out);
  add_maps(out);
  return out;
}

std::vector<Function> map_functions() {
  constexpr std::string_view kMaps = "Hierarchies - Map";
  return {
      {.info =
           {.name = "array_to_map",
            .category = kMaps,
            .description = "Makes a map of an array of objects, each under the value of one of its members.",
            .returns =
                "The map; elements without the member are left out, of a repeated key the last one stays.",
            .return_type = Type::map,
            .parameters = {{"objects", "an array of objects", Type::array},
                           {"key", "the name of the member that is the key", Type::string}},
            .examples = {{R"(array_to_map([{"t":"a","v":1}], "t"))", R"({"a":{"t":"a","v":1}})"},
                         {R"(array_to_map([{"t":"a","v":1},{"v":2},{"t":"a","v":3}], "t"))",
                          R"({"a":{"t":"a","v":3}})"},
                         {R"(array_to_map(null, "t"))", "null"},
                         {R"(array_to_map([], "t"))", "{}"}}},
       .call = &ObjectCalls::array_to_map,
       .works_on = 0},
      {.info = {.name = "to_map",
                .category = kMaps,
                .description = "Makes a map of keys and values.",
                .returns = "The map; of a repeated key the last value stays.",
                .return_type = Type::map,
                .parameters = {{"key", "a key; its text form is taken", Type::string},
                               {"value", "its value", Type::any}},
                .pairs = true,
                .examples = {{R"(to_map("a", 1, "b", [2]))", R"({"a":1,"b":[2]})"},
                             {R"(to_map(1, "one", true, "yes"))", R"({"1":"one","true":"yes"})"}}},
       .call = &ObjectCalls::to_map}};
}

}  // namespace headwater::mapping
