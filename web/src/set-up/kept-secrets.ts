// Stored credentials are answered as stars, and stay what they are where stars are sent again.
const stars = '********';

const isObject = (value: unknown): value is Record<string, any> => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Params without what is not shown. */
export function openParams(stored: any): any {
  if (!isObject(stored)) return stored;
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== stars).map(([name, value]) => [name, openParams(value)]));
}

/** What is sent: credentials that were left empty stay the stored ones. */
export function kept(changed: any, stored: any): any {
  if (!isObject(stored)) return changed;
  const own = isObject(changed) ? changed : {};
  const names = [...new Set([...Object.keys(own), ...Object.keys(stored).filter((name) => stored[name] === stars || isObject(stored[name]))])];
  const members = names.map((name) => {
    const value = own[name];
    if (stored[name] === stars) return [name, value === undefined || value === '' ? stars : value];
    return [name, isObject(stored[name]) && (value === undefined || isObject(value)) ? kept(value, stored[name]) : value];
  });
  return Object.fromEntries(members.filter(([name, value]) => value !== undefined && !(isObject(value) && Object.keys(value).length === 0 && own[name as string] === undefined)));
}

/** The schema for changing what is stored: what has a value may be left empty. */
export function schemaToChange(schema: any, stored: any): any {
  if (!isObject(schema) || !isObject(stored)) return schema;
  const properties = Object.fromEntries(Object.entries<any>(schema.properties ?? {}).map(([name, member]) => {
    if (stored[name] !== stars) return [name, schemaToChange(member, stored[name])];
    return [name, { ...member, description: [member?.description, 'Leave it empty to keep the stored one.'].filter(Boolean).join(' ') }];
  }));
  const required = Array.isArray(schema.required) ? schema.required.filter((name: string) => stored[name] !== stars) : undefined;
  return { ...schema, properties, ...(required && { required }) };
}
