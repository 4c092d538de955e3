// Anybody's schema and values as the form's library can take them, and back: it fails on subschemas that are none and on
// references to nowhere, takes members named like those of every object for there when they are not, and knows no exact numbers.
import { exact, isDecimal, isExact, simple, written } from '../exact';

// An invisible letter at the end makes "constructor" a name like any other.
const mark = '\u2060';
const inherited = (name: string) => name in Object.prototype;
const inForm = (name: string) => (inherited(name) ? name + mark : name);
export const outOfForm = (name: string) => (name.endsWith(mark) && inherited(name.slice(0, -1)) ? name.slice(0, -1) : name);

const isObject = (value: unknown): value is Record<string, any> => value !== null && typeof value === 'object' && !Array.isArray(value) && !isExact(value);
const mapped = (value: object, each: (member: any, name: string) => any, named: (name: string) => string) => Object.fromEntries(Object.entries(value).map(([name, member]) => [named(name), each(member, name)]));

/** A value for the form. */
export function valueInForm(value: any): any {
  if (isExact(value)) return simple(value);
  if (Array.isArray(value)) return value.map(valueInForm);
  return isObject(value) ? mapped(value, valueInForm, inForm) : value;
}

/** What the form holds, as it is sent. */
export function valueOutOfForm(value: any): any {
  if (typeof value === 'bigint' || isDecimal(value)) return exact(value);
  if (Array.isArray(value)) return value.map(valueOutOfForm);
  return isObject(value) ? mapped(value, valueOutOfForm, outOfForm) : value;
}

const values = new Set(['default', 'const', 'examples', 'example']);
const maps = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']);
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const single = new Set(['additionalProperties', 'additionalItems', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']);

/** The schema that a reference leads to. */
function target(root: any, reference: unknown): any {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) return undefined;
  let at = root;
  for (const step of reference.split('/').slice(1).map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return isObject(at) ? at : undefined;
}

/** The references of what a form shows at once: elements of arrays come one by one. */
function referencesIn(schema: any): string[] {
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === '$ref') return typeof value === 'string' ? [value] : [];
    if (keyword === 'definitions' || keyword === '$defs') return [];
    if (maps.has(keyword) && isObject(value)) return Object.values(value).flatMap(referencesIn);
    if (lists.has(keyword) && Array.isArray(value)) return value.flatMap(referencesIn);
    return single.has(keyword) ? referencesIn(value) : [];
  });
}

/** A form of a schema that contains itself would have no end. */
function isEndless(root: any, reference: string): boolean {
  const seen = new Set<string>();
  const next = [reference];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    for (const found of referencesIn(target(root, at))) {
      if (found === reference) return true;
      if (seen.has(found)) continue;
      seen.add(found);
      next.push(found);
    }
  }
  return false;
}

function member(root: any, keyword: string, value: any): any {
  if (values.has(keyword)) return valueInForm(value);
  if (keyword === 'enum') return Array.isArray(value) && value.length ? value.map(valueInForm) : undefined;
  if (maps.has(keyword)) return isObject(value) ? mapped(value, (each) => sound(root, each), inForm) : undefined;
  if (lists.has(keyword)) return Array.isArray(value) && value.length ? value.map((each) => sound(root, each)) : undefined;
  if (single.has(keyword)) return typeof value === 'boolean' ? value : sound(root, value);
  if (keyword === 'items') return Array.isArray(value) ? value.map((each) => sound(root, each)) : typeof value === 'boolean' ? value : sound(root, value);
  if (keyword === 'required') return Array.isArray(value) ? value.filter((name) => typeof name === 'string').map(inForm) : undefined;
  if (keyword === 'dependencies') return isObject(value) ? mapped(value, (each) => (Array.isArray(each) ? each.map((name) => inForm(String(name))) : sound(root, each)), inForm) : undefined;
  if (keyword === 'type') return typeof value === 'string' || (Array.isArray(value) && value.length && value.every((each) => typeof each === 'string')) ? value : undefined;
  if (keyword === 'title' || keyword === 'description') return typeof value === 'string' ? value : undefined;
  if (keyword === '$ref') return target(root, value) && !isEndless(root, value) ? value : undefined;
  return isExact(value) ? Number(value.toString()) : value ?? undefined;
}

function sound(root: any, schema: any): any {
  if (!isObject(schema)) return schema === false ? false : {};
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, member(root, keyword, value)]).filter(([, value]) => value !== undefined));
}

/** A schema for the form and its validator: what is no schema in it says nothing. */
export const schemaInForm = (schema: any): any => {
  const { $schema: _, ...rest } = sound(schema, schema ?? {});
  return { type: 'object', ...rest };
};

// What the form shows of a schema, which may be less than what its values are checked by.

const isConstant = (schema: any) => isObject(schema) && 'const' in schema;
const typeOfConstant = (value: any) => (value === null ? 'null' : Array.isArray(value) ? 'array' : isDecimal(value) ? 'number' : typeof value === 'bigint' ? 'integer' : typeof value);
const alternativesOf = (schema: any): any[] | undefined => schema.oneOf ?? schema.anyOf;

/** The type that a schema without one speaks of; a text where it says nothing. */
function impliedType(schema: any): string | string[] | undefined {
  if (schema.type || schema.$ref || schema.enum || schema.allOf || schema.if || 'const' in schema) return schema.type;
  const alternatives = alternativesOf(schema);
  if (alternatives?.every(isConstant)) {
    const types = [...new Set(alternatives.map((one) => typeOfConstant(one.const)))];
    return types.length === 1 ? types[0] : types;
  }
  if (schema.properties || schema.additionalProperties || schema.patternProperties || schema.required) return 'object';
  if (alternatives) return undefined;
  if (schema.items || schema.minItems !== undefined || schema.maxItems !== undefined) return 'array';
  if (['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some((keyword) => keyword in schema)) return 'number';
  return 'string';
}

interface Where {
  root: any;
  /** Choices that are referred to and need not be made, by what refers to them: for each the form has one definition more. */
  choices: Map<string, { name: string; schema?: any }>;
  required: boolean;
  /** Others refer to it, and say whether it is required. */
  shared?: boolean;
  /** A member of an alternative: what tells it from the others stands there. */
  chosen?: boolean;
  /** An alternative itself. */
  alternative?: boolean;
}

/** A constant is filled in where it has to be, and can be chosen where it may be; a box that is not ticked means no where an answer is required. */
function filledIn(schema: any, { required, chosen }: Where): any {
  if ('default' in schema) return schema;
  if ('const' in schema) {
    // Of an alternative that is chosen after none rjsf empties what has a "const".
    if (required && !chosen) return { type: typeOfConstant(schema.const), ...schema, default: schema.const };
    return { ...omitted(schema, 'const'), enum: [schema.const], type: schema.type ?? typeOfConstant(schema.const), ...(chosen && { default: schema.const }) };
  }
  return required && schema.type === 'boolean' && !schema.enum && !alternativesOf(schema) ? { ...schema, default: false } : schema;
}

function members({ root, choices }: Where, schema: any, chosen: boolean | undefined): any {
  const needed = new Set<string>(schema.required ?? []);
  return mapped(schema.properties, (each, name) => shown(each, { root, choices, required: needed.has(name), chosen }), (name) => name);
}

const resolved = (root: any, schema: any): any => (isObject(schema) && schema.$ref ? { ...resolved(root, target(root, schema.$ref) ?? {}), ...omitted(schema, '$ref') } : schema);
const omitted = (schema: any, ...keywords: string[]) => Object.fromEntries(Object.entries<any>(schema).filter(([keyword]) => !keywords.includes(keyword)));
const isOfObjects = (root: any, schema: any) => {
  const own = resolved(root, schema);
  return isObject(own) && (own.type === 'object' || own.properties !== undefined || own.allOf !== undefined);
};
/** Whether one of several objects is asked for: which of them, the form has to be told. */
function isChoice(root: any, schema: any): boolean {
  const own = resolved(root, schema);
  const alternatives = isObject(own) ? alternativesOf(own) : undefined;
  return alternatives !== undefined && !('default' in own) && !alternatives.every(isConstant) && !alternatives.every(onlyConditions) && alternatives.some((one) => isOfObjects(root, one));
}

/** Nothing is chosen: rjsf would take the first alternative, with whatever tells it from the others. */
const none = { title: '(none)', type: 'null' };

/** A choice that need not be made; what all alternatives have in common goes with each of them. */
function withNone(root: any, given: any): any {
  const { properties, required, type, definitions: _1, $defs: _2, ...own } = resolved(root, given);
  const keyword = own.oneOf ? 'oneOf' : 'anyOf';
  const common = (each: any) => {
    if (!properties && !required) return each.type || each.$ref || !type ? each : { type, ...each };
    const one = resolved(root, each);
    return { ...(type && { type }), ...one, properties: { ...properties, ...one.properties }, required: [...new Set([...(required ?? []), ...(one.required ?? [])])] };
  };
  return { ...own, [keyword]: [none, ...own[keyword].map(common)] };
}

/** A choice that need not be made, written out where it stands; once for all who refer to it, for it may lead back to itself. */
function optionalChoice(given: any, where: Where): any {
  const { root, choices } = where;
  const choice = (one: any) => shown(withNone(root, one), { ...where, required: true });
  if (!given.$ref) return choice(given);
  const { title, description, ...meant } = given;
  const key = `${where.chosen ?? false} ${written(meant)}`;
  let known = choices.get(key);
  if (!known) {
    let name = `choice${choices.size + 1}`;
    while (Object.hasOwn(root.definitions ?? {}, name)) name += '_';
    known = { name };
    choices.set(key, known);
    known.schema = choice(meant);
  }
  return { ...(title && { title }), ...(description && { description }), $ref: `#/definitions/${known.name}` };
}

function shown(given: any, where: Where): any {
  if (!isObject(given)) return given === true ? { type: 'string' } : given;
  if (given === none) return given;
  const { root, choices } = where;
  if (!where.required && !where.shared && !where.alternative && isChoice(root, given)) return optionalChoice(given, where);
  const schema: any = filledIn({ ...given, ...(impliedType(given) && { type: impliedType(given) }) }, where);
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const alternatives = schema[keyword];
    if (!alternatives) continue;
    // Which of several members are needed is no question to ask: it is told when it is not so.
    if (alternatives.every(onlyConditions)) delete schema[keyword];
    else if (!alternatives.every(isConstant)) schema[keyword] = alternatives.map((each: any) => shown(each, { root, choices, required: where.required, alternative: true }));
  }
  const chosen = where.chosen || where.alternative;
  const withMembers = (each: any) => (isObject(each) && each.properties ? { ...each, properties: members(where, each, chosen) } : each);
  if (schema.allOf) schema.allOf = schema.allOf.map(withMembers);
  for (const keyword of ['then', 'else'] as const) if (keyword in schema) schema[keyword] = withMembers(schema[keyword]);
  for (const keyword of ['definitions', '$defs'] as const) if (schema[keyword]) schema[keyword] = mapped(schema[keyword], (each) => shown(each, { root, choices, required: false, chosen: true, shared: true }), (name) => name);
  if (schema.properties) schema.properties = members(where, schema, chosen);
  if (isObject(schema.additionalProperties)) schema.additionalProperties = shown(schema.additionalProperties, { root, choices, required: true });
  else if (schema.additionalProperties === true) {
    if (schema.properties && Object.keys(schema.properties).length) delete schema.additionalProperties;
    else schema.additionalProperties = { type: 'string' };
  }
  if (schema.type === 'array') {
    // As many as there have to be are there from the beginning, with the first alternative each: none of an array that need not be.
    if (!where.required && isChoice(root, schema.items)) delete schema.minItems;
    const each = { root, choices, required: true };
    schema.items = Array.isArray(schema.items) ? schema.items.map((one: any) => shown(one, each)) : shown(schema.items ?? {}, each);
  }
  return schema;
}

const conditions = new Set(['required', 'not', 'minProperties', 'maxProperties', 'dependencies', 'dependentRequired', 'title', 'description', 'type', '$comment']);
const onlyConditions = (schema: any) => isObject(schema) && schema.type !== 'null' && Object.keys(schema).every((keyword) => conditions.has(keyword)) && !('type' in schema && Object.keys(schema).length === 1) && Object.keys(schema).some((keyword) => !['title', 'description', 'type', '$comment'].includes(keyword));

/** What the form shows of a schema of `schemaInForm`. */
export function shownInForm(schema: any): any {
  const choices: Where['choices'] = new Map();
  const form = shown(schema, { root: schema, choices, required: true });
  return choices.size ? { ...form, definitions: { ...form.definitions, ...Object.fromEntries([...choices.values()].map(({ name, schema: own }) => [name, own])) } } : form;
}
