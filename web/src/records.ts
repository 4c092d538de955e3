// Schemas and records as paths: "customer.name".

export interface Field {
  path: string;
  type: string;
  format?: string;
  required?: boolean;
}

export const typeOf = (schema: any): string => {
  const type = [schema?.type].flat().find((one: unknown) => one && one !== 'null');
  return String(type ?? (schema?.properties ? 'object' : 'any'));
};

/** Every member that holds a value; arrays as a whole. */
export function fieldsOf(schema: any, prefix = '', required = true, depth = 0): Field[] {
  const fields: Field[] = [];
  const needed = new Set<string>(schema?.required ?? []);
  for (const [name, member] of Object.entries<any>(schema?.properties ?? {})) {
    const path = prefix + (/^[A-Za-z_$@][\w$@-]*$/.test(name) ? name : name.replace(/\./g, '\\.'));
    const must = required && needed.has(name);
    if (typeOf(member) === 'object' && member.properties && depth < 12) fields.push(...fieldsOf(member, `${path}.`, must, depth + 1));
    else fields.push({ path, type: typeOf(member), format: member?.format, required: must });
  }
  return fields;
}

export function valueAt(record: any, path: string): unknown {
  return path.split(/(?<!\\)\./).reduce((at, step) => (at === null || at === undefined ? undefined : at[step.replace(/\\\./g, '.')]), record);
}

/** The record's columns for a table: objects are spread, arrays are shown as they are. */
export function tableOf(records: any[], schema?: any): { columns: string[]; rows: unknown[][] } {
  const columns: string[] = schema ? fieldsOf(schema).map(({ path }) => path) : [];
  if (columns.length === 0) for (const record of records) for (const name of Object.keys(record ?? {})) if (!columns.includes(name)) columns.push(name);
  return { columns, rows: records.map((record) => columns.map((path) => valueAt(record, path))) };
}

/** The member of a schema at a path, without what only a description of one page can say. */
export function schemaAt(schema: any, path: string): any {
  return path.split('.').reduce((at, step) => at?.properties?.[step.replace(/\\/g, '')], schema);
}

// What was empty on the page that was looked at can be anything: texts take it.
export function settled(schema: any): any {
  const type = typeOf(schema);
  if (type === 'object' && schema?.properties) return { type: 'object', properties: Object.fromEntries(Object.entries<any>(schema.properties).map(([name, member]) => [name, settled(member)])) };
  if (type === 'array') return { type: 'array', items: settled(schema.items ?? {}) };
  if (type === 'any' || type === 'object') return { type: 'string' };
  return schema?.format ? { type, format: schema.format } : { type };
}

export function schemaOfValue(value: unknown): any {
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value)) ? { type: 'string', format: 'date-time' } : { type: 'string' };
  if (Array.isArray(value)) return { type: 'array', items: value.length ? schemaOfValue(value[0]) : {} };
  if (value && typeof value === 'object') return { type: 'object', properties: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, schemaOfValue(member)])) };
  return {};
}

export interface Row {
  key: number;
  source: string;
  destination: string;
  stored?: any; // as the API has it, for a row of a mapping set that is edited
}

const isPath = (source: string) => /^[A-Za-z_$@][\w$@-]*(\.[A-Za-z_$@][\w$@-]*|\[\*\]|\[\d+\])*$/.test(source);

// What a stored row says besides where from and where to.
const kept = ['name', 'description', 'identity', 'primaryIdentity', 'identityGroup', 'namespaceCode'];

/** A row as the API takes it: what is only a path is an attribute, everything else an expression; an old source stays what it was. */
export function wireRow({ source, destination, stored }: Row) {
  const own = Object.fromEntries(kept.filter((name) => stored?.[name] !== undefined).map((name) => [name, stored[name]]));
  const sourceType = stored?.source === source ? stored.sourceType : isPath(source.trim()) ? 'ATTRIBUTE' : 'EXPRESSION';
  return { ...own, sourceType, source: stored?.source === source ? source : source.trim(), destination: destination.trim() };
}

/** The rows of a stored mapping set, to be edited. */
export const rowsOf = (set: any): Row[] => (set?.mappings ?? []).map((stored: any, index: number) => ({ key: index + 1, source: stored.source, destination: stored.destination, stored }));

/** The schema that rows fill: where a source's field goes, its type goes along; an expression has the type of its result. */
export function schemaOfRows(title: string, rows: Row[], source: any, results: any): any {
  const root: any = { title, type: 'object', properties: {} };
  for (const row of rows) {
    const steps = row.destination.trim().split('.').filter(Boolean);
    if (!steps.length || !row.source.trim()) continue;
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = (at.properties[step] ??= { type: 'object', properties: {} });
      next.properties ??= {};
      at = next;
    }
    const known = isPath(row.source.trim()) ? schemaAt(source, row.source.trim()) : undefined;
    at.properties[steps.at(-1)!] = settled(known ?? schemaOfValue(valueAt(results, row.destination.trim())));
  }
  return root;
}
