#include <optional>

#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/numbers.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "Analytics";
constexpr std::string_view kCounted = "1";  // the value of an event that names none

// What stands before `mark` leaves `rest` with it; nothing when nothing is left.
std::optional<std::string_view> next_part(std::optional<std::string_view>& rest, char mark) {
  if (!rest) return std::nullopt;
  const auto at = rest->find(mark);
  const auto part = rest->substr(0, at);
  rest = at == std::string_view::npos ? std::nullopt : std::optional(rest->substr(at + 1));
  return part;
}

// "name=value:id"
struct Event {
  Value value = Value::of(kCounted);
  Value id;
};

std::optional<Event> find_event(std::optional<std::string_view> entries, char between,
                                std::string_view name) {
  while (const auto entry = next_part(entries, between)) {
    auto rest = *entry;
    Event out;
    if (const auto at = rest.find(':'); at != std::string_view::npos) {
      const auto id = trim(rest.substr(at + 1));
      if (!id.empty()) out.id = Value::of(id);
      rest = rest.substr(0, at);
    }
    if (const auto at = rest.find('='); at != std::string_view::npos) {
      const auto value = trim(rest.substr(at + 1));
      if (!value.empty()) out.value = Value::of(value);
      rest = rest.substr(0, at);
    }
    if (trim(rest) == name) return out;
  }
  return std::nullopt;
}

Value find_evar(std::optional<std::string_view> entries, std::string_view name) {
  while (const auto entry = next_part(entries, '|')) {
    const auto at = entry->find('=');
    if (trim(entry->substr(0, at)) != name) continue;
    const auto value = at == std::string_view::npos ? std::string_view() : entry->substr(at + 1);
    return value.empty() ? Value() : Value::of(value);
  }
  return {};
}

enum class Position : std::uint8_t { category, name, quantity, price, events, evars };

// Nothing: the product does not reach so far, or nothing stands there.
std::optional<std::string_view> position_of(std::string_view product, Position position) {
  std::optional<std::string_view> rest = product;
  auto part = next_part(rest, ';');
  for (auto left = static_cast<int>(position); left > 0; --left) part = next_part(rest, ';');
  return part && part->empty() ? std::nullopt : part;
}

// One element for each product: what `read` makes of its text at the position.
template <class Read>
Value each_product(Evaluation& run, std::string_view products, Position position, Read read) {
  ArrayBuilder out(run.arena());
  std::optional<std::string_view> rest = products.empty() ? std::nullopt : std::optional(products);
  while (const auto product = next_part(rest, ',')) {
    const auto text = position_of(*product, position);
    out.push_back(text ? read(*text) : Value());
  }
  return out.finish();
}

Value products_at(Evaluation& run, std::string_view function, In values, Position position) {
  Arguments in(run, function, values);
  const auto products = in.text(0, "products");
  if (in.failed()) return in.failure();
  return each_product(run, products, position, [](std::string_view text) { return Value::of(text); });
}

template <class Make>
Value product_events(Evaluation& run, std::string_view function, In values, Make make) {
  Arguments in(run, function, values);
  const auto products = in.text(0, "products");
  const auto name = in.text(1, "event");
  if (in.failed()) return in.failure();
  return each_product(run, products, Position::events, [&](std::string_view events) {
    const auto event = find_event(events, '|', name);
    return event ? make(*event) : Value();
  });
}

Value aa_get_event_id(Evaluation& run, In values) {
  Arguments in(run, "aa_get_event_id", values);
  const auto events = in.text(0, "events");
  const auto name = in.text(1, "event");
  if (in.failed()) return in.failure();
  const auto event = find_event(events, ',', name);
  return event ? event->id : Value();
}

Value aa_get_event_value(Evaluation& run, In values) {
  Arguments in(run, "aa_get_event_value", values);
  const auto events = in.text(0, "events");
  const auto name = in.text(1, "event");
  if (in.failed()) return in.failure();
  const auto event = find_event(events, ',', name);
  if (!event) return {};
  return number_in(event->value.characters()).value_or(event->value);
}

Value aa_get_product_categories(Evaluation& run, In values) {
  return products_at(run, "aa_get_product_categories", values, Position::category);
}
Value aa_get_product_names(Evaluation& run, In values) {
  return products_at(run, "aa_get_product_names", values, Position::name);
}
Value aa_get_product_quantities(Evaluation& run, In values) {
  return products_at(run, "aa_get_product_quantities", values, Position::quantity);
}
Value aa_get_product_prices(Evaluation& run, In values) {
  return products_at(run, "aa_get_product_prices", values, Position::price);
}

Value aa_get_product_event_values(Evaluation& run, In values) {
  return product_events(run, "aa_get_product_event_values", values,
                        [](const Event& event) { return event.value; });
}
Value aa_get_product_event_ids(Evaluation& run, In values) {
  return product_events(run, "aa_get_product_event_ids", values, [](const Event& event) { return event.id; });
}
Value aa_get_product_events(Evaluation& run, In values) {
  return product_events(run, "aa_get_product_events", values, [&run](const Event& event) {
    ObjectBuilder out(run.arena(), 2);
    out.set("id", event.id);
    out.set("value", event.value);
    return out.finish();
  });
}

Value aa_get_product_evars(Evaluation& run, In values) {
  Arguments in(run, "aa_get_product_evars", values);
  const auto products = in.text(0, "products");
  const auto name = in.text(1, "evar");
  if (in.failed()) return in.failure();
  return each_product(run, products, Position::evars,
                      [name](std::string_view evars) { return find_evar(evars, name); });
}

const std::vector<Parameter>& events_parameters() {
  static const std::vector<Parameter> parameters{
      {"events", "an events string: name=value:id, comma-separated; value and id may be missing",
       Type::string},
      {"event", "the event's name", Type::string}};
  return parameters;
}

std::vector<Parameter> products_parameters(std::string_view name, std::string_view description) {
  std::vector<Parameter> out{{"products",
                              "a products string: category;name;quantity;price;events;evars, "
                              "comma-separated; the last ones may be missing",
                              Type::string}};
  if (!name.empty()) out.push_back({name, description, Type::string});
  return out;
}

Function row(std::string_view name, std::string_view description, std::string_view returns, Type type,
             std::vector<Parameter> parameters, std::vector<Example> examples,
             decltype(Function::call) call) {
  return {.info = {.name = name,
                   .category = kCategory,
                   .description = description,
                   .returns = returns,
                   .return_type = type,
                   .parameters = std::move(parameters),
                   .examples = std::move(examples)},
          .call = call,
          .works_on = 0};
}

void add_events(std::vector<Function>& out) {
  out.push_back(row("aa_get_event_id", "Gives the id of an event in an Analytics events string.",
                    "What follows the colon; null when the event or its id is missing.", Type::string,
                    events_parameters(),
                    {{R"(aa_get_event_id("scAdd:a1,event7=3:b2", "event7"))", R"("b2")"},
                     {R"(aa_get_event_id("scAdd:a1,event7=3:b2", "scAdd"))", R"("a1")"},
                     {R"(aa_get_event_id("scAdd,event7=3", "event7"))", "null"},
                     {R"(aa_get_event_id("event71:x", "event7"))", "null"},
                     {R"(aa_get_event_id("", "event7"))", "null"},
                     {R"(aa_get_event_id(null, "event7"))", "null"}},
                    &aa_get_event_id));
  out.push_back(row("aa_get_event_value", "Gives the value of an event in an Analytics events string.",
                    "The value, 1 when the event stands there without one; null when it does not. A text "
                    "where it is no number.",
                    Type::any, events_parameters(),
                    {{R"(aa_get_event_value("scAdd,event7=3", "event7"))", "3"},
                     {R"(aa_get_event_value("scAdd,event7=3", "scAdd"))", "1"},
                     {R"(aa_get_event_value("scAdd:a1, event7 = 2.50:b2", "event7"))", "2.5"},
                     {R"(aa_get_event_value("event7=x", "event7"))", R"("x")"},
                     {R"(aa_get_event_value("scAdd,event7=3", "event8"))", "null"},
                     {R"(aa_get_event_value("scAdd", null))", "null"},
                     {R"(aa_get_event_value(null, "event7"))", "null"}},
                    &aa_get_event_value));
}

void add_positions(std::vector<Function>& out) {
  constexpr std::string_view kReturns = "One text for each product; null where it is missing or empty.";
  const auto add = [&](std::string_view name, std::string_view description, std::vector<Example> examples,
                       decltype(Function::call) call) {
    out.push_back(row(name, description, kReturns, Type::array, products_parameters("", ""),
                      std::move(examples), call));
  };
  add("aa_get_product_categories", "Gives the categories in an Analytics products string.",
      {{R"(aa_get_product_categories("Shoes;Runner;2;80.00,;Cap"))", R"(["Shoes",null])"},
       {R"(aa_get_product_categories(""))", "[]"},
       {R"(aa_get_product_categories(null))", "null"}},
      &aa_get_product_categories);
  add("aa_get_product_names", "Gives the product names in an Analytics products string.",
      {{R"(aa_get_product_names("Shoes;Runner;2;80.00,;Cap"))", R"(["Runner","Cap"])"},
       {R"(aa_get_product_names("Shoes,;Cap;1"))", R"([null,"Cap"])"},
       {R"(aa_get_product_names(null))", "null"}},
      &aa_get_product_names);
  add("aa_get_product_quantities", "Gives the quantities in an Analytics products string.",
      {{R"(aa_get_product_quantities("Shoes;Runner;2;80.00,;Cap"))", R"(["2",null])"},
       {R"(aa_get_product_quantities(";a;;1,;b;3"))", R"([null,"3"])"},
       {R"(aa_get_product_quantities(null))", "null"}},
      &aa_get_product_quantities);
  add("aa_get_product_prices", "Gives the prices in an Analytics products string.",
      {{R"(aa_get_product_prices("Shoes;Runner;2;80.00,;Cap"))", R"(["80.00",null])"},
       {R"(aa_get_product_prices(";a;1;2;event1=5;eVar1=x"))", R"(["2"])"},
       {R"(aa_get_product_prices(null))", "null"}},
      &aa_get_product_prices);
}

void add_product_events(std::vector<Function>& out) {
  out.push_back(
      row("aa_get_product_event_values", "Gives the values of an event in an Analytics products string.",
          "One text for each product, 1 for an event without a value; null for a product without it.",
          Type::array, products_parameters("event", "the event's name"),
          {{R"(aa_get_product_event_values(";a;1;2;event1=5:x|event2,;b;1;2;event2=7,;c", "event2"))",
            R"(["1","7",null])"},
           {R"(aa_get_product_event_values("", "event2"))", "[]"},
           {R"(aa_get_product_event_values(null, "event2"))", "null"}},
          &aa_get_product_event_values));
  out.push_back(
      row("aa_get_product_evars", "Gives the values of an eVar in an Analytics products string.",
          "One text for each product; null for a product without it.", Type::array,
          products_parameters("evar", "the variable's name, as eVar1"),
          {{R"(aa_get_product_evars(";a;1;2;event1;eVar1=red|eVar12=x=y:z,;b;;;;eVar1=", "eVar12"))",
            R"(["x=y:z",null])"},
           {R"(aa_get_product_evars(";a;1;2;event1;eVar1=red,;b;;;;eVar1=", "eVar1"))", R"(["red",null])"},
           {R"(aa_get_product_evars(null, "eVar1"))", "null"}},
          &aa_get_product_evars));
  out.push_back(row("aa_get_product_events",
                    "Gives id and value of an event in an Analytics products string.",
                    "One {id, value} for each product; null for a product without the event.", Type::array,
                    products_parameters("event", "the event's name"),
                    {{R"(aa_get_product_events(";a;1;2;event1=5:x|event2,;b;1;2;event2=7,;c", "event1"))",
                      R"([{"id":"x","value":"5"},null,null])"},
                     {R"(aa_get_product_events(";b;1;2;event2", "event2"))", R"([{"id":null,"value":"1"}])"},
                     {R"(aa_get_product_events(null, "event1"))", "null"}},
                    &aa_get_product_events));
  out.push_back(row("aa_get_product_event_ids", "Gives the ids of an event in an Analytics products string.",
                    "One text for each product; null for a product without the event or without its id.",
                    Type::array, products_parameters("event", "the event's name"),
                    {{R"(aa_get_product_event_ids(";a;1;2;event1=5:x|event2,;b;1;2;event1,;c", "event1"))",
                      R"(["x",null,null])"},
                     {R"(aa_get_product_event_ids(null, "event1"))", "null"}},
                    &aa_get_product_event_ids));
}

}  // namespace

std::vector<Function> analytics_functions() {
  std::vector<Function> out;
  add_events(out);
  add_positions(out);
  add_product_events(out);
  return out;
}

}  // namespace headwater::mapping
