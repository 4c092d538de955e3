// What was put into a source's form, to be shown: names as the form has them, secrets as stars.
import { cell } from '../format';

const stars = '********';
// A document without a form says nowhere what is secret: names tell.
const secretName = /passw|passphrase|secret|token|credential|authorization|api[-_ ]?key|private[-_ ]?key/i;

/** The same document with stars where a secret may stand. */
export function masked(value: any, name = ''): any {
  if (Array.isArray(value)) return value.map((one) => masked(one, name));
  if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, masked(one, member)]));
  return typeof value === 'string' && value !== '' && secretName.test(name) ? stars : value;
}

export interface Input {
  name: string;
  value: string;
}

function target(root: any, schema: any): any {
  const reference = schema?.$ref;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema;
  return reference.slice(2).split('/').reduce((at, step) => at?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], root);
}

/** Every place of the schema that speaks of the member; a choice may speak of it in several. */
function membersOf(root: any, schema: any, name: string, depth = 0): any[] {
  const own = target(root, schema);
  if (!own || typeof own !== 'object' || depth > 8) return [];
  const here = own.properties && Object.hasOwn(own.properties, name) ? [target(root, own.properties[name])] : [];
  const further = own.additionalProperties && typeof own.additionalProperties === 'object' && here.length === 0 ? [target(root, own.additionalProperties)] : [];
  const dependent = Object.values(own.dependencies ?? {}).filter((one) => !Array.isArray(one));
  const choices = [own.oneOf, own.anyOf, own.allOf, [own.then, own.else], dependent].flatMap((some: any) => (Array.isArray(some) ? some : [])).filter(Boolean);
  return [...here, ...further, ...choices.flatMap((one: any) => membersOf(root, one, name, depth + 1))];
}

function leaves(root: any, schemas: any[], value: any, name: string, out: Input[], depth: number): void {
  if (value === undefined || value === null || value === '' || depth > 12) return;
  if (schemas.some((one) => one?.format === 'password')) out.push({ name, value: stars });
  else if (Array.isArray(value)) {
    const items = schemas.map((one) => target(root, one?.items)).filter(Boolean);
    if (value.every((one) => one === null || typeof one !== 'object')) out.push({ name, value: items.some((one) => one.format === 'password') ? stars : value.map(cell).join(', ') });
    else value.forEach((one, index) => leaves(root, items, one, `${name} ${index + 1}`, out, depth + 1));
  } else if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [member, one] of Object.entries(value)) {
      const known = schemas.flatMap((schema) => membersOf(root, schema, member)).filter(Boolean);
      const title = known.find((schema) => typeof schema.title === 'string' && schema.title)?.title ?? member;
      leaves(root, known, known.length ? one : masked(one, member), name ? `${name}, ${title}` : title, out, depth + 1);
    }
  } else out.push({ name, value: cell(value) });
}

/** The inputs of a form one by one; what is empty is left out. */
export function inputsOf(schema: any, value: any): Input[] {
  const out: Input[] = [];
  leaves(schema, [schema], value ?? {}, '', out, 0);
  return out;
}
