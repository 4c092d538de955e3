// What a form's fields are told: every problem of a value, as a sentence at the field that can be changed.
import type { ValidationResult } from '@cfworker/json-schema';
import { amountText } from '../exact';
import { outOfForm } from './prepared';

/** A problem of the value at a path. */
export interface Told {
  path: string[];
  keyword: string;
  message: string;
}

type Found = ValidationResult['errors'][number];

const named = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : amountText(value));
const quoted = (name: string) => `“${outOfForm(name)}”`;

const sentences: Record<string, (schema: any) => string> = {
  required: () => 'This is required.',
  type: (schema) => `This must be of the type ${[schema?.type].flat().join(' or ')}.`,
  format: (schema) => `This is no ${schema?.format ?? 'such text'}.`,
  pattern: (schema) => `This must look like ${schema?.pattern}.`,
  enum: () => 'This is none of the choices.',
  const: (schema) => `This must be ${named(schema?.const)}.`,
  minLength: (schema) => `This needs ${schema?.minLength} characters or more.`,
  maxLength: (schema) => `This may have ${schema?.maxLength} characters.`,
  minimum: (schema) => `The least is ${schema?.minimum}.`,
  maximum: (schema) => `The most is ${schema?.maximum}.`,
  exclusiveMinimum: (schema) => `This must be more than ${schema?.exclusiveMinimum}.`,
  exclusiveMaximum: (schema) => `This must be less than ${schema?.exclusiveMaximum}.`,
  multipleOf: (schema) => `This must be a multiple of ${schema?.multipleOf}.`,
  minItems: (schema) => `This needs ${schema?.minItems} or more.`,
  maxItems: (schema) => `This may have ${schema?.maxItems}.`,
  uniqueItems: () => 'No two of these may be the same.',
  contains: () => 'None of these is as one must be.',
  minProperties: (schema) => `This needs ${schema?.minProperties} entries or more.`,
  maxProperties: (schema) => `This may have ${schema?.maxProperties} entries.`,
  false: () => 'This must be left out.',
  not: () => 'This value is not allowed.',
  anyOf: () => 'This fits none of the alternatives.',
  oneOf: () => 'This fits several of the alternatives; it must fit one only.',
};

// These only say that something within failed, which is told itself.
const wrappers = new Set(['properties', 'patternProperties', 'items', 'prefixItems', 'additionalItems', 'unevaluatedItems', '$ref', 'allOf', 'if']);

const stepsOf = (location: string) => location.replace(/^#\/?/, '').split('/').filter(Boolean).map((step) => {
  try {
    return decodeURI(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step.replaceAll('~1', '/').replaceAll('~0', '~');
  }
});

const follow = (root: any, steps: string[]): any => steps.reduce((at, step) => {
  if (step !== '$ref') return at?.[step];
  return typeof at?.$ref === 'string' && at.$ref.startsWith('#') ? follow(root, stepsOf(at.$ref)) : undefined;
}, root);

/** The schema whose keyword failed. */
const schemaOf = (root: any, { keywordLocation }: Found) => follow(root, stepsOf(keywordLocation).slice(0, -1));

/** The name that an error speaks of, where it is a member of the place at fault. */
const nameIn = ({ error }: Found, pattern: RegExp) => pattern.exec(error)?.[1];

const isWithin = (inner: Found, outer: Found) => inner !== outer && inner.keywordLocation.startsWith(`${outer.keywordLocation}/`);

/** Alternatives that only say which members must be there: {"required": ["a"]}, {"required": ["b"]}. */
export const onlyRequires = (schema: any) => schema !== null && typeof schema === 'object' && Array.isArray(schema.required) && Object.keys(schema).every((keyword) => ['required', 'title', 'description', 'type', '$comment'].includes(keyword)) && (schema.type ?? 'object') === 'object';

const choices = (alternatives: any[]) => alternatives.map(({ required }) => required.map(quoted).join(' and ')).join('; or ');

/** What an alternative's errors come to, and which of them are told at their own places. */
function alternatives(root: any, whole: Found, within: Found[]): { message?: string; keep: boolean } {
  const options = schemaOf(root, whole)?.[whole.keyword] ?? [];
  const several = whole.keyword === 'oneOf' && Number(/\((\d+) matches\)/.exec(whole.error)?.[1] ?? 0) > 1;
  if (options.length && options.every(onlyRequires)) return { message: several ? `Only one of these may be given: ${choices(options)}.` : `One of these is needed: ${choices(options)}.`, keep: false };
  if (several) return { message: sentences.oneOf(undefined), keep: false };
  if (within.length === 0 || within.every(({ instanceLocation, keyword }) => instanceLocation === whole.instanceLocation && keyword !== 'required')) return { message: sentences.anyOf(undefined), keep: within.some(({ keyword }) => !['type', 'const', 'enum'].includes(keyword)) };
  return { keep: true };
}

function toldOf(root: any, found: Found): { path: string[]; message: string } {
  const path = stepsOf(found.instanceLocation);
  const schema = schemaOf(root, found);
  if (found.keyword === 'required') {
    const name = nameIn(found, /"(.*)"\.$/s);
    return { path: name === undefined ? path : [...path, name], message: sentences.required(schema) };
  }
  if (found.keyword === 'dependencies' || found.keyword === 'dependentRequired') {
    const [, given, name] = /has "(.*)" but does not have "(.*)"\.$/s.exec(found.error) ?? [];
    return name === undefined ? { path, message: 'What is given here needs more.' } : { path: [...path, name], message: `This is required when ${quoted(given)} is given.` };
  }
  if (found.keyword === 'additionalProperties' || found.keyword === 'unevaluatedProperties') return { path, message: `${quoted(nameIn(found, /^Property "(.*)" does not match/s) ?? '')} is not allowed here.` };
  if (found.keyword === 'propertyNames') return { path, message: `${quoted(nameIn(found, /^Property name "(.*)" does not match/s) ?? '')} is no name that is allowed here.` };
  return { path, message: (sentences[found.keyword] ?? (() => `This is not what the source takes (${found.keyword}).`))(schema) };
}

/** Whether the schema gives the path a field of its own. */
function hasField(root: any, schema: any, [step, ...rest]: string[], depth = 0): boolean {
  if (step === undefined) return true;
  if (schema === null || typeof schema !== 'object' || depth > 40) return false;
  const index = /^\d+$/.test(step) ? Number(step) : undefined;
  const inner = [
    schema.properties && Object.hasOwn(schema.properties, step) ? schema.properties[step] : undefined,
    schema.properties && Object.hasOwn(schema.properties, step) ? undefined : schema.additionalProperties,
    index === undefined ? undefined : Array.isArray(schema.items) ? schema.items[index] ?? schema.additionalItems : schema.items,
  ].filter((one) => one && typeof one === 'object');
  if (inner.some((one) => hasField(root, one, rest, depth + 1))) return true;
  const same = [...['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword] : [])), schema.then, schema.else, ...Object.values(schema.dependencies ?? {}), ...Object.values(schema.dependentSchemas ?? {})];
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#')) same.push(follow(root, stepsOf(schema.$ref)));
  return same.some((one) => !Array.isArray(one) && hasField(root, one, [step, ...rest], depth + 1));
}

/** What has no field is told at the nearest thing around it that has one. */
function placed(root: any, told: Told): Told {
  let { path, message } = told;
  while (path.length && !hasField(root, root, path)) {
    message = `${quoted(path[path.length - 1])}: ${message}`;
    path = path.slice(0, -1);
  }
  return { ...told, path, message };
}

/** The errors of a value as sentences. `data` is the value. */
export function tell(root: any, errors: Found[], data: unknown): Told[] {
  const dropped = new Set<Found>();
  const told: Told[] = [];
  for (const found of errors) {
    const within = errors.filter((one) => isWithin(one, found));
    if (found.keyword === 'propertyNames') within.forEach((one) => dropped.add(one));
    // A member that may not be there at all; what else is wrong with one is told at it.
    if (found.keyword === 'additionalProperties' || found.keyword === 'unevaluatedProperties') {
      const name = nameIn(found, /^Property "(.*)" does not match/s) ?? '';
      const own = errors.filter((one) => one.keyword === 'false' && stepsOf(one.instanceLocation).join('/') === [...stepsOf(found.instanceLocation), name].join('/'));
      if (own.length) own.forEach((one) => dropped.add(one));
      else dropped.add(found);
    }
    if ((found.keyword === 'dependencies' || found.keyword === 'dependentSchemas') && within.length) dropped.add(found);
  }
  for (const found of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const within = errors.filter((one) => isWithin(one, found) && !wrappers.has(one.keyword));
    const { message, keep } = alternatives(root, found, within);
    if (!keep) within.forEach((one) => dropped.add(one));
    if (message && !dropped.has(found)) told.push({ path: stepsOf(found.instanceLocation), keyword: found.keyword, message });
    dropped.add(found);
  }
  for (const found of errors) {
    if (dropped.has(found) || wrappers.has(found.keyword)) continue;
    const one = toldOf(root, found);
    const missing = found.keyword === 'type' && one.path.length > 0 && one.path.reduce((at: any, step) => at?.[step], data) === undefined;
    told.push({ keyword: found.keyword, ...one, ...(missing && { message: sentences.required(undefined) }) });
  }
  // A sentence for whatever nothing is said of: nobody is left before a form that takes no step.
  if (told.length === 0 && errors.length > 0) told.push({ path: [], keyword: errors[0].keyword, message: `This is not what the source takes (${errors[0].keyword}).` });
  return told.map((one) => placed(root, one));
}
