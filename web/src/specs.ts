// What a connection spec says to people: label, description, category, icon.
import { useQuery } from '@tanstack/react-query';
import { get, flowservice } from './api';

export interface ConnectionSpec {
  id: string;
  name: string;
  description?: string;
  providerId?: string;
  type?: string;
  version?: string;
  attributes?: any;
  authSpec?: { name: string; type: string; spec?: any }[];
  sourceSpec?: { spec?: any; attributes?: any };
  exploreSpec?: any;
}

export const streamingProvider = '521eee4d-8cbe-4906-bb48-fb6bd4450033';
const lakeSpec = 'c604ff05-7f1a-43c0-8e18-33bf874cb11c';

export const ui = (spec: ConnectionSpec) => ({ ...(spec.attributes?.uiAttributes ?? {}), ...(spec.sourceSpec?.attributes?.uiAttributes ?? {}) });
const words = (value: any): string => (typeof value === 'string' ? value : typeof value?.text === 'string' ? value.text : '');

export const labelOf = (spec: ConnectionSpec) => words(ui(spec).label) || words(spec.attributes?.connectorName) || spec.name;
export const aboutOf = (spec: ConnectionSpec) => words(ui(spec).description) || words(spec.description);
export const isBeta = (spec: ConnectionSpec) => ui(spec).isBeta === true;
export const versionOf = ({ version }: { version?: unknown }): string => (typeof version === 'string' && version ? version : '1.0');
export const isStreaming = (spec: ConnectionSpec) => spec.providerId === streamingProvider || /streaming/i.test(spec.type ?? '');
export const documentationOf = (spec: ConnectionSpec): string | undefined => {
  const link = words(ui(spec).documentationLink) || spec.sourceSpec?.attributes?.documentationLink || spec.attributes?.documentationLink;
  return /^https?:\/\//.test(link ?? '') ? link : undefined;
};

/**
 * Whether runs ask the source for a window of time: its schedule parameters say how, or a time of the window stands somewhere.
 * `params` are the source connection's, which give them where the spec leaves them open. Without, every run reads everything.
 */
export function asksForChanges(spec: ConnectionSpec, params?: any): boolean {
  const attributes = spec.sourceSpec?.attributes ?? {};
  const inputs = [attributes.spec?.properties?.scheduleParams, spec.sourceSpec?.spec?.properties?.scheduleParams];
  const schedule = [attributes.scheduleParams, params?.scheduleParams, ...inputs].find((one) => one?.scheduleStartParamName || one?.scheduleEndParamName || one?.type === 'ADVANCE');
  return schedule !== undefined || /\{(START|END)_TIME\}|\{SCHEDULE_QUERY\}/.test(JSON.stringify([attributes, params ?? null]));
}

const folded = (name: unknown) => String(name ?? '').toLowerCase().replace(/[-_ ]/g, '');

/** The way to sign in that an account names, as the engine finds it: case, blanks and hyphens make no other name. */
export function signInCalled<One extends { name: string }>(ways: One[] | undefined, name: string | undefined): One | undefined {
  if (!name) return ways?.length === 1 ? ways[0] : undefined;
  return ways?.find((one) => one.name === name) ?? ways?.find((one) => folded(one.name) === folded(name));
}

const categories: Record<string, string> = {
  advertising: 'Advertising', analytics: 'Analytics', consentandpreferences: 'Consent and preferences', crm: 'CRM', customersuccess: 'Customer success',
  database: 'Database', ecommerce: 'e-Commerce', marketingautomation: 'Marketing automation', payments: 'Payments', protocols: 'Protocols', streaming: 'Streaming',
  cloudstorage: 'Cloud storage',
};
export function categoryOf(spec: ConnectionSpec): string {
  const category = ui(spec).category;
  const key = words(category) || category?.key || spec.attributes?.category || 'Other';
  return categories[String(key).toLowerCase().replace(/[^a-z]/g, '')] ?? String(key);
}

/** An address for an <img>: of this server or within the page, never elsewhere. */
export function iconOf(spec: ConnectionSpec): string | undefined {
  const icon = ui(spec).icon;
  const text = [words(icon), icon?.url, icon?.svg, icon?.data].find((one) => typeof one === 'string' && one) ?? '';
  if (text.startsWith('<svg')) return `data:image/svg+xml,${encodeURIComponent(text)}`;
  if (text.startsWith('data:image/') || /^\/[^/\\]/.test(text)) return text;
  return undefined;
}

export function letterOf(label: string): { letter: string; hue: number } {
  let hash = 0;
  for (const letter of label) hash = (hash * 31 + letter.codePointAt(0)!) % 360;
  return { letter: ([...label.replace(/[^\p{L}\p{N}]/gu, '')][0] ?? '?').toUpperCase(), hue: Math.floor(hash / 45) };
}

export function useSpecs() {
  return useQuery({
    queryKey: ['connectionSpecs'],
    queryFn: async ({ signal }) => (await get<{ items: ConnectionSpec[] }>(`${flowservice}/connectionSpecs`, signal)).items,
    staleTime: 30_000,
  });
}

export const isSource = (spec: ConnectionSpec) => spec.id !== lakeSpec && (spec.attributes?.isSource !== false || ui(spec).isSource === true) && ui(spec).isSource !== false;
export const lake = lakeSpec;
