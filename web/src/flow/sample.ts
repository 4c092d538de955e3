// The event that examples post: the one that the dataflow was set up with, as long as the browser's tab remembers it, or one with
// what its mapping takes, or its dataset.
import { catalog, conversion, get, one } from '../api';
import { schemaOf } from '../datasets';
import { written } from '../exact';
import { mappingOf } from '../flows';
import { namesIn } from '../names';
import { every, isPath, stepsOf, type Step } from '../paths';
import { fieldsOf, schemaAt, typeOf } from '../records';

const key = (flow: string) => `headwater.sample.${flow}`;
const most = 4000;
const first = '{"email":"ada@example.test"}';

/** `event`: JSON text. */
export function rememberSample(flow: string, event: string): void {
  if (event.length > most) return;
  try {
    sessionStorage.setItem(key(flow), event);
  } catch {
    // Without storage the examples post another event.
  }
}

export function rememberedSample(flow: string): string | undefined {
  try {
    return sessionStorage.getItem(key(flow)) ?? undefined;
  } catch {
    return undefined;
  }
}

const values: Record<string, unknown> = { integer: 1, number: 1.5, boolean: true, object: {} };
const texts: Record<string, string> = { 'date-time': '2024-03-05T09:07:03Z', date: '2024-03-05', email: 'ada@example.test', uri: 'https://example.test/' };

function valueFor(schema: any, name: string): unknown {
  const type = typeOf(schema);
  if (type === 'array') return [valueFor(schema.items, name)];
  if (schema?.enum?.length) return schema.enum[0];
  return values[type] ?? texts[schema?.format] ?? (/e?mail/i.test(name) ? texts.email : 'text');
}

// Elements far behind, and names that are no members of an object of JavaScript, are left to the reader.
const isPlain = (step: Step) => step === every || (typeof step === 'number' ? step < 5 : step !== '__proto__');

function put(into: any, [step, ...rest]: Step[], value: unknown): void {
  const at = step === every ? 0 : (step as string | number);
  if (Array.isArray(into)) while (into.length < Number(at)) into.push(null);
  if (rest.length === 0) into[at] ??= value;
  else {
    into[at] ??= typeof rest[0] === 'string' ? {} : [];
    if (typeof into[at] === 'object') put(into[at], rest, value);
  }
}

/** An event with all that rows take, of the types of where it goes. `rows`: undefined: it goes where it says. */
export function eventFor(rows: { source: string; destination: string }[] | undefined, schema: any): any {
  const event = {};
  const taken = rows
    ? rows.flatMap(({ source, destination }) => namesIn(source).map((steps) => ({ steps, to: isPath(source.trim()) ? stepsOf(destination) : undefined })))
    : fieldsOf(schema).map(({ steps }) => ({ steps: steps as Step[], to: steps as Step[] }));
  // What lies deeper first: an object that is taken as a whole is made of what is taken of it.
  for (const { steps, to } of taken.sort((one, other) => other.steps.length - one.steps.length))
    if (steps.every(isPlain)) put(event, steps, valueFor(to && schemaAt(schema, to), String(steps.at(-1))));
  return event;
}

/** Such an event of a dataflow, as JSON text. */
export async function exampleOf(flow: any): Promise<string> {
  const mapping = mappingOf(flow);
  const [set, target] = await Promise.all([
    mapping && get(`${conversion}/mappingSets/${mapping.id}${mapping.version === undefined ? '' : `?version=${mapping.version}`}`),
    one(`/targetConnections/${flow.targetConnectionIds[0]}`),
  ]);
  const dataset = target.params?.dataSetId;
  const schemaId = (await get<Record<string, any>>(`${catalog}/dataSets/${dataset}`))[dataset]?.schemaRef?.id;
  const event = eventFor(set?.mappings, schemaId ? await schemaOf(schemaId) : {});
  return Object.keys(event).length ? written(event) : first;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export const curlOf = (url: string, event: string) => `curl -H 'Content-Type: application/json' \\
  -d ${quoted(event)} ${url}`;

export const hmacOf = (url: string, event: string) => `SECRET=$(cat secret.txt)
EVENT=${quoted(event)}
SIGNATURE=$(printf %s "$EVENT" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)
curl -H 'Content-Type: application/json' \\
  -H "x-hmac-sha256: $SIGNATURE" -d "$EVENT" ${url}`;
