// What the form shows of a spec's document, and the document as the form changes it: members that it does not show stay as they are.
import { isExact, written } from '../exact';
import { specSchema } from './schema';

type Path = string[];

const isObject = (value: unknown): value is Record<string, any> => value !== null && typeof value === 'object' && !Array.isArray(value) && !isExact(value);

export const at = (document: any, path: Path) => path.reduce((value, name) => value?.[name], document);

/** The document with more members, or others, at a place. What is no object there gives way to one. */
export function put(document: any, path: Path, members: object): any {
  const old = isObject(document) ? document : {};
  const [name, ...rest] = path;
  return name === undefined ? { ...old, ...members } : { ...old, [name]: put(old[name], rest, members) };
}

const replaced = (document: any, path: Path, value: unknown) => put(document, path.slice(0, -1), { [path[path.length - 1] ?? '']: value });

/** Each name once; what stands several times under one is a list, as the engine has it. */
function gathered(pairs: [string, string][]): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0]! : all]));
}

/** The names and values of a text of the old form: name=value&name2=value2, or with commas. */
function pairsOf(text: string, separator: '&' | ','): Record<string, string | string[]> {
  if (separator === '&') return gathered([...new URLSearchParams(text)]);
  return gathered(text.split(',').filter((one) => one.trim()).map((one) => {
    const [name = '', ...value] = one.split('=');
    return [name.trimStart(), value.join('=')];
  }));
}

const attributes = ['sourceSpec', 'attributes'];
const ownHeaders = [...attributes, 'headerParams'];

/** What may be a JSON Schema is an input that a user gives, as the engine sees it (src/domain/source_spec.h). */
const isInputSchema = (value: any) => isObject(value) && (isObject(value.properties) || typeof value.$ref === 'string' || [value.type].flat().some((type) => ['object', 'string', 'array', 'integer', 'number', 'boolean', 'null'].includes(type)));

/** Where the headers stand that are sent. The first of the places that has some counts, as the engine reads it. */
function headersPlace(document: any): Path | undefined {
  const places = [ownHeaders, ['sourceSpec', 'spec', 'properties', 'headerParams'], [...attributes, 'spec', 'properties', 'headerParams'], [...attributes, 'urlParams', 'headerParams']];
  return places.find((path) => (at(document, path) ?? null) !== null && !(path.includes('properties') && isInputSchema(at(document, path))));
}

export function headersOf(document: any): any {
  const place = headersPlace(document);
  const headers = place && at(document, place);
  return typeof headers === 'string' ? pairsOf(headers, ',') : headers;
}

function withHeaders(document: any, headers: any): any {
  const place = headersPlace(document);
  return !place && !Object.keys(headers ?? {}).length ? document : replaced(document, place ?? ownHeaders, headers ?? {});
}

export interface Part {
  title: string;
  path: Path;
  only?: string[];
  /** The member that a text in place of the whole part is. */
  bare?: string;
  /** The headers stand beside the rest of the request, but are shown with it. */
  hasHeaders?: boolean;
}

/** The parts that the form shows, by their place in the document. */
export const parts: Part[] = [
  { title: 'The source', path: [], only: ['name', 'description', 'version'] },
  { title: 'Request', path: [...attributes, 'urlParams'], only: ['host', 'path', 'method', 'queryParams'], hasHeaders: true },
  { title: 'Records', path: [...attributes, 'contentPath'], only: ['path', 'overrideWrapperAttribute'], bare: 'path' },
  { title: 'Paging', path: [...attributes, 'paginationParams'] },
  { title: 'Only what has changed', path: [...attributes, 'scheduleParams'], only: ['scheduleStartParamName', 'scheduleEndParamName', 'scheduleStartParamFormat', 'scheduleEndParamFormat'] },
];

const schemaFor = (path: Path) => path.reduce<any>((schema, name) => schema?.properties?.[name] ?? schema?.items, specSchema);

/** The schema of a part's form. */
export function schemaOf({ path, only, hasHeaders }: Part): { type: 'object'; properties: Record<string, any> } {
  const properties = Object.entries<any>(schemaFor(path).properties).filter(([name]) => !only || only.includes(name));
  return { type: 'object', properties: { ...Object.fromEntries(properties), ...(hasHeaders && { headerParams: schemaFor(ownHeaders) }) } };
}

function whole(document: any, { path, bare }: Part): Record<string, any> {
  const value = at(document, path);
  if (bare && typeof value === 'string') return { [bare]: value };
  return isObject(value) ? value : {};
}

/** What a part's form shows. */
export function valueOf(document: any, part: Part): Record<string, any> {
  const { properties } = schemaOf(part);
  const value = Object.fromEntries(Object.entries(whole(document, part)).filter(([name]) => Object.hasOwn(properties, name)));
  if (typeof value.queryParams === 'string') value.queryParams = pairsOf(value.queryParams, '&');
  if (part.hasHeaders) delete value.headerParams;
  const headers = part.hasHeaders ? headersOf(document) : undefined;
  return headers === undefined ? value : { ...value, headerParams: headers };
}

/** The document after a part's form has changed to this. */
export function withValue(document: any, part: Part, value: Record<string, any>): any {
  const shown = valueOf(document, part);
  const changed = Object.entries(value).filter(([name, one]) => written(one) !== written(shown[name]));
  const { headerParams, ...rest } = Object.fromEntries(changed);
  const next = Object.keys(rest).length ? put(document, part.path, { ...whole(document, part), ...rest }) : document;
  return changed.some(([name]) => name === 'headerParams') ? withHeaders(next, headerParams) : next;
}

const uiPath = [...attributes, 'uiAttributes'];

/** The catalog's texts of a document; each is {text}, or {key} where it was published from a folder, or the text itself. */
export function shownAs(document: any): { label: string; category: string } {
  const { label, category } = at(document, uiPath) ?? {};
  return { label: typeof label === 'string' ? label : label?.text ?? '', category: typeof category === 'string' ? category : category?.text ?? category?.key ?? '' };
}

export const withLabel = (document: any, text: string) => put(document, [...uiPath, 'label'], { text });
export const withCategory = (document: any, name: string) => put(document, [...uiPath, 'category'], at(document, [...uiPath, 'category'])?.text === undefined && at(document, [...uiPath, 'category'])?.key !== undefined ? { key: name } : { text: name });
