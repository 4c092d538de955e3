// Schemas and records as fields: what a source gives, what a dataset takes, and the rows between them.
import { isInteger, isNumber } from './exact';
import { destinationText, every, isPath, sourceText, stepsOf, valueIn, type Step } from './paths';

export interface Field {
  steps: string[];
  path: string; // as a destination has it
  source: string; // as a source has it
  type: string;
  format?: string;
  required?: boolean;
}

export const typeOf = (schema: any): string => {
  const type = [schema?.type].flat().find((one: unknown) => one && one !== 'null');
  return String(type ?? (schema?.properties ? 'object' : 'any'));
};

/** Every member that holds a value; arrays as a whole, and objects that have a member without a name: no path leads there. */
export function fieldsOf(schema: any, within: string[] = [], required = true): Field[] {
  const fields: Field[] = [];
  const needed = new Set<string>(schema?.required ?? []);
  for (const [name, member] of Object.entries<any>(schema?.properties ?? {})) {
    if (name === '') continue;
    const steps = [...within, name];
    const must = required && needed.has(name);
    if (isSpread(member) && steps.length <= 12) fields.push(...fieldsOf(member, steps, must));
    else fields.push({ steps, path: destinationText(steps), source: sourceText(steps), type: typeOf(member), format: member?.format, required: must });
  }
  return fields;
}

const isSpread = (schema: any) => typeOf(schema) === 'object' && Object.keys(schema.properties ?? {}).length > 0 && !hasNameless(schema);

/** Whether a member of the object has an empty name. */
export const hasNameless = (schema: any): boolean => Object.hasOwn(schema?.properties ?? {}, '');

export function valueAt(record: any, path: string): unknown {
  const steps = stepsOf(path);
  return steps && valueIn(record, steps);
}

/** The record's columns for a table: objects are spread, arrays are shown as they are. */
export function tableOf(records: any[], schema?: any): { columns: string[]; rows: unknown[][] } {
  // A record that is no object is a value without a name.
  if (records.some((record) => record !== null && (typeof record !== 'object' || Array.isArray(record)))) return { columns: ['value'], rows: records.map((record) => [record]) };
  const columns: string[][] = schema ? fieldsOf(schema).map(({ steps }) => steps) : [];
  if (columns.length === 0) for (const name of new Set(records.flatMap((record) => Object.keys(record ?? {})))) columns.push([name]);
  return { columns: columns.map((steps) => steps.join('.')), rows: records.map((record) => columns.map((steps) => valueIn(record, steps))) };
}

/** The schema at a place; undefined where it says nothing. */
export function schemaAt(schema: any, steps: Step[]): any {
  return steps.reduce((at, step) => (typeof step !== 'string' ? at?.items : at?.properties && Object.hasOwn(at.properties, step) ? at.properties[step] : undefined), schema);
}

const nullable = (schema: any) => (schema.type ? { ...schema, type: [schema.type, 'null'] } : schema);
/** Whether a number is too large for the column of its type. */
function exceeds(value: unknown, type: string): boolean {
  if (!isNumber(value)) return false;
  const text = String(value);
  if (type !== 'integer') return !Number.isFinite(Number(text));
  return isInteger(text) ? BigInt.asIntN(64, BigInt(text)) !== BigInt(text) : Math.abs(Number(text)) >= 2 ** 63;
}


/**
 * The schema of a column that takes what stood at a place: `schema` says the kinds, `values` are those that were seen. What was
 * mixed or empty can be anything, and a number can be too large for its column: those have no type, so that the dataset keeps
 * them as JSON text. Elements of arrays may be null, which a description of what was seen does not say.
 */
export function settled(schema: any, values: unknown[]): any {
  const type = typeOf(schema);
  if (type === 'object') {
    const names = Object.keys(schema.properties ?? {});
    if (names.length === 0 || hasNameless(schema)) return {};
    const within = values.filter((value) => value && typeof value === 'object');
    return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, settled(schema.properties[name], within.map((value) => valueIn(value, [name])))])) };
  }
  if (type === 'array') return { type: 'array', items: nullable(settled(schema.items ?? {}, values.flatMap((value) => (Array.isArray(value) ? value : [])))) };
  if (type === 'any' || ((type === 'integer' || type === 'number') && values.some((value) => exceeds(value, type)))) return {};
  return schema.format ? { type, format: schema.format } : { type };
}

const isTime = (value: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value));

/** What all of these values are: the server's rules for records (mixed scalars are texts, anything else that is mixed has no type). */
export function schemaOfValues(values: unknown[]): any {
  const seen = values.filter((value) => value !== null && value !== undefined);
  const kinds = new Set(seen.map((value) => (Array.isArray(value) ? 'array' : isNumber(value) ? 'number' : typeof value)));
  if (kinds.size === 0) return {};
  if (kinds.has('object') || kinds.has('array')) {
    if (kinds.size > 1) return {};
    if (kinds.has('array')) return { type: 'array', items: schemaOfValues(seen.flat()) };
    const names = new Set(seen.flatMap((value) => Object.keys(value as object)));
    return { type: 'object', properties: Object.fromEntries([...names].map((name) => [name, schemaOfValues(seen.map((value) => valueIn(value, [name])))])) };
  }
  if (kinds.size > 1) return { type: 'string' };
  if (kinds.has('number')) return { type: seen.every(isInteger) ? 'integer' : 'number' };
  if (kinds.has('boolean')) return { type: 'boolean' };
  return seen.every((value) => isTime(value as string)) ? { type: 'string', format: 'date-time' } : { type: 'string' };
}

export interface Row {
  key: number;
  source: string;
  destination: string;
  stored?: any; // as the API has it, for a row of a mapping set that is edited
  touched?: boolean; // somebody has written it: no proposal replaces it
}

// What a stored row says besides where from and where to.
const kept = ['name', 'description', 'identity', 'primaryIdentity', 'identityGroup', 'namespaceCode'];

export const isFilled = ({ source, destination }: Row) => source.trim() !== '' && destination.trim() !== '';

/** A row as the API takes it: what is only a path is an attribute, everything else an expression; an old source stays what it was. */
export function wireRow({ source, destination, stored }: Row) {
  const own = Object.fromEntries(kept.filter((name) => stored?.[name] !== undefined).map((name) => [name, stored[name]]));
  const sourceType = stored?.source === source ? stored.sourceType : isPath(source.trim()) ? 'ATTRIBUTE' : 'EXPRESSION';
  return { ...own, sourceType, source: stored?.source === source ? source : source.trim(), destination: destination.trim() };
}

/** The rows of a stored mapping set, to be edited. */
export const rowsOf = (set: any): Row[] => (set?.mappings ?? []).map((stored: any, index: number) => ({ key: index + 1, source: stored.source, destination: stored.destination, stored }));

/** One row for each field of the source. */
export const identityRows = (schema: any): Row[] => fieldsOf(schema).map(({ source, path }, index) => ({ key: index + 1, source, destination: path }));

/** The server's proposal, whose sources are bare paths. */
export function proposedRows(mappings: { source: string; destination: string }[]): Row[] {
  return mappings.filter(({ destination }) => destination).map(({ source, destination }, index) => {
    const steps = stepsOf(source);
    return { key: index + 1, source: steps ? sourceText(steps) : source, destination };
  });
}

/** Proposed rows, but for what the touched ones say: these stay, at the place of those that they stand for. */
export function withProposed(rows: Row[], proposed: Row[]): Row[] {
  const own = rows.filter(({ touched }) => touched);
  const others = new Set(own);
  let key = Math.max(0, ...own.map((row) => row.key));
  const all = proposed.flatMap((row) => {
    const instead = own.filter(({ source, destination }) => destination.trim() === row.destination || (source.trim() !== '' && source.trim() === row.source));
    if (!instead.length) return [{ ...row, key: ++key }];
    return instead.filter((one) => others.delete(one));
  });
  return [...all, ...others];
}

// The schema at a place of the one that is being made; what lacks is made on the way.
function placeIn(root: any, steps: Step[]): any {
  return steps.reduce<any>((at, step, index) => {
    const type = typeof step === 'string' ? 'object' : 'array';
    at.type = isElement(steps[index - 1]) ? [type, 'null'] : type;
    if (typeof step !== 'string') return (at.items ??= {});
    at.properties ??= Object.create(null);
    return (at.properties[step] ??= {});
  }, root);
}

const isElement = (step: Step | undefined) => step !== undefined && typeof step !== 'string';
const isWritten = (schema: any) => schema?.type !== undefined;

// Members that rows write below stay beside those of the object that another row copies.
function merge(into: any, schema: any): void {
  if (isWritten(into) && into.properties && schema.properties) for (const [name, member] of Object.entries<any>(schema.properties)) merge((into.properties[name] ??= {}), member);
  else if (!isWritten(into)) Object.assign(into, schema);
}

/** The schema that rows fill: where a source's field goes, its type goes along; an expression has the type of its results. */
export function schemaOfRows(title: string, rows: Row[], source: any, records: any[], results: any[]): any {
  const root: any = { title, type: 'object', properties: Object.create(null) };
  for (const row of rows.filter(isFilled)) {
    const to = stepsOf(row.destination.trim());
    const from = isPath(row.source.trim()) ? stepsOf(row.source.trim()) : undefined;
    if (!to) continue;
    const known = from && schemaAt(source, from);
    const values = known ? records.map((record) => valueIn(record, from)) : results.map((result) => valueIn(result, to));
    const flat = (all: unknown[], depth: number): unknown[] => (depth === 0 ? all : flat(all.flat(), depth - 1));
    const seen = flat(values, (known ? from : to).filter((step) => step === every).length);
    const schema = settled(known ?? schemaOfValues(seen), seen);
    merge(placeIn(root, to), isElement(to.at(-1)) ? nullable(schema) : schema);
  }
  return root;
}
