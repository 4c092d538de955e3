// The only way to the server: the public API, as any other client calls it, under the session of the browser.
import { readExactly, written } from './exact';

export interface Session {
  signedIn: boolean;
  csrfToken?: string;
  expiresAt?: number;
  organisations?: { id: string; name: string }[];
}

/** What a refused call says; `message` is for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly where = '',
    readonly problems: { pointer: string; reason: string; hint?: string }[] = [],
  ) {
    super(message);
  }
}

// Request Timeout and Too Many Requests: it was asked too late, or too often.
const passing = new Set([408, 429]);

/** Whether an error leaves nothing to show: there was nothing before, or what there was is refused now. A server that is away for a while takes nothing from the page. */
export const isLost = ({ error, data }: { error: unknown; data?: unknown }): boolean =>
  Boolean(error) && (data === undefined || (error instanceof ApiError && error.status >= 400 && error.status < 500 && !passing.has(error.status)));

/** Whose things are shown. Set by the session's page before anything is asked. */
export const scope = { csrf: '', org: '', sandbox: '' };
/** `ended`: the server no longer knows the session; whatever only reads waits until there is one again. */
export const events = { signedOut: () => {}, ended: () => {} };

/** Whether the server answers anything at all, as far as the last call knows. */
export const server = {
  silent: false,
  watchers: new Set<() => void>(),
  tell(silent: boolean) {
    if (this.silent === silent) return;
    this.silent = silent;
    for (const watcher of this.watchers) watcher();
  },
};

const patience = 5000;
let probe: Promise<boolean> | undefined;

/** Whether the server answers whoever only asks for that: what fails at one address, such as an answer that a proxy cuts, is no server that is away. */
function answers(): Promise<boolean> {
  probe ??= fetch('/healthz', { signal: AbortSignal.timeout(patience) }).then(() => true, () => false).finally(() => (probe = undefined));
  return probe;
}

let back: Promise<void> | undefined;
let goOn = () => {};

export function sessionEnded() {
  back ??= new Promise((resolve) => (goOn = resolve));
  events.ended();
}

export function sessionIsBack() {
  goOn();
  back = undefined;
}

const tellsOfNoSession = ({ status, message }: ApiError) => (status === 401 && /session has ended/i.test(message)) || (status === 403 && /^Oauth token is missing/i.test(message));
const tellsOfAnotherSession = ({ status, message }: ApiError) => status === 403 && /x-csrf-token/.test(message);

export const flowservice = '/data/foundation/flowservice';
export const catalog = '/data/foundation/catalog';
export const conversion = '/data/foundation/conversion';
export const registry = '/data/foundation/schemaregistry';

function errorOf(status: number, text: string): ApiError {
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    return new ApiError(status, `The server answered ${status}.`);
  }
  const report = body.report ?? {};
  const problems = (report.problems ?? []) as any[];
  let details: any = body.errorDetails;
  if (typeof details === 'string') {
    try {
      details = JSON.parse(details);
    } catch {
      details = undefined;
    }
  }
  const message = report['detailed-message'] ?? body.errorMessage ?? body.message ?? body.detail ?? body.title ?? `The server answered ${status}.`;
  const list = (Array.isArray(problems) && problems.length ? problems : Array.isArray(details) ? details : []) as any[];
  return new ApiError(status, String(message), String(report.pointer ?? ''), list.filter((one) => one && one.reason));
}

interface CallOptions {
  body?: unknown;
  etag?: string;
  type?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  exact?: boolean; // the answer has values of people's records or documents: their numbers are kept as they are written
}

async function send(method: string, path: string, options: CallOptions = {}, again = false): Promise<Response> {
  const { body, etag, type, headers, signal } = options;
  if (back && method === 'GET' && path !== '/session') await back;
  const sent: Record<string, string> = { ...headers };
  if (scope.org) sent['x-gw-ims-org-id'] ??= scope.org;
  if (scope.sandbox) sent['x-sandbox-name'] = scope.sandbox;
  if (method !== 'GET') sent['x-csrf-token'] = scope.csrf;
  if (etag) sent['If-Match'] = etag;
  if (body !== undefined) sent['Content-Type'] = type ?? 'application/json';
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers: sent, body: body === undefined ? undefined : written(body), credentials: 'same-origin', signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    const isThere = await answers();
    server.tell(!isThere);
    throw new ApiError(0, isThere ? 'Headwater does not answer this: the connection was cut before it could.' : navigator.onLine ? 'Headwater does not answer. Is it running?' : 'There is no network connection.');
  }
  server.tell(false);
  if (answer.ok) return answer;
  const error = errorOf(answer.status, await answer.text());
  if (tellsOfNoSession(error)) {
    sessionEnded();
    if (method === 'GET') return send(method, path, options);
    throw new ApiError(401, 'Your session has ended. Nothing was changed: sign in again, and do it once more.');
  }
  if (!again && tellsOfAnotherSession(error)) {
    // Another tab has signed in anew.
    scope.csrf = (await call<Session>('GET', '/session')).csrfToken ?? '';
    return send(method, path, options, true);
  }
  throw error;
}

/** Calls the API and reads its JSON. Errors: ApiError. */
export async function call<T = any>(method: string, path: string, options?: CallOptions): Promise<T> {
  const answer = await send(method, path, options);
  const text = await answer.text();
  return (text ? (options?.exact ? readExactly(text) : JSON.parse(text)) : undefined) as T;
}

export const get = <T = any>(path: string, signal?: AbortSignal) => call<T>('GET', path, { signal });
export const post = <T = any>(path: string, body: unknown) => call<T>('POST', path, { body });

/** What a file holds, as text. */
export const text = async (path: string) => (await send('GET', path)).text();

const linesWithin = 4_000_000; // characters

/** The first lines of a file, however large it is: no more of it is read. `tooLong`: the next line would be. */
export async function firstLines(path: string, most: number, within = linesWithin): Promise<{ lines: string[]; tooLong: boolean }> {
  const reader = (await send('GET', path)).body!.pipeThrough(new TextDecoderStream()).getReader();
  const lines: string[] = [];
  let rest = '';
  let taken = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      taken += part.value.length;
      const whole = (rest + part.value).split('\n');
      rest = whole.pop()!;
      lines.push(...whole.filter(Boolean));
      if (lines.length >= most) return { lines: lines.slice(0, most), tooLong: false };
      if (taken > within) return { lines, tooLong: true };
    }
    if (rest) lines.push(rest);
    return { lines: lines.slice(0, most), tooLong: false };
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Some items of a list, and the token of what follows; empty: that was all. */
export interface Part<T> {
  items: T[];
  next: string;
}

/** Page after page until there are `most` or more; from the beginning, or from where a part before has ended. */
export async function part<T = any>(path: string, most: number, from = '', signal?: AbortSignal): Promise<Part<T>> {
  const items: T[] = [];
  const joint = path.includes('?') ? '&' : '?';
  let next = from;
  do {
    const page = await get<{ items: T[]; _links?: { next?: { href: string } } }>(`${path}${joint}limit=${Math.min(100, most)}${next && `&continuationToken=${next}`}`, signal);
    items.push(...page.items);
    next = page._links?.next?.href?.split('continuationToken=')[1] ?? '';
  } while (next && items.length < most);
  return { items, next };
}

/** The items of a list of the Flow Service, page after page, up to `most`. */
export const list = <T = any>(path: string, most = 10_000) => pages<T>(flowservice + path, most);

/** The same of any service whose lists have the same form. */
export const pages = async <T = any>(path: string, most: number): Promise<T[]> => (await part<T>(path, most)).items;

/** A condition of a list. */
export const where = (condition: string) => `property=${encodeURIComponent(condition)}`;

/** Every item that has one of the values at the path; a request takes a hundred values. */
export async function listWhere<T = any>(kind: string, path: string, values: string[], members = ''): Promise<T[]> {
  const parts = Array.from({ length: Math.ceil(values.length / 100) }, (_, index) => values.slice(index * 100, index * 100 + 100));
  const found = await Promise.all(parts.map((some) => list<T>(`/${kind}?${where(`${path}==${some.join()}`)}${members && `&property=${members}`}`)));
  return found.flat();
}

export async function one<T = any>(path: string, exact = false): Promise<T> {
  return (await call<{ items: T[] }>('GET', `${flowservice}${path}`, { exact })).items[0];
}

function follow(href: string, name: string) {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}

/**
 * Saves a file of the data access API, however large: the browser writes it to its disk itself. A link carries no headers, so
 * organisation and sandbox stand in its query. Errors: ApiError, for the file is asked for first.
 */
export async function download(path: string, name: string) {
  const stop = new AbortController();
  await send('GET', path, { signal: stop.signal });
  stop.abort();
  const whose = new URLSearchParams({ 'x-gw-ims-org-id': scope.org, 'x-sandbox-name': scope.sandbox });
  follow(`${path}${path.includes('?') ? '&' : '?'}${whose}`, name);
}

export function save(blob: Blob, name: string) {
  const href = URL.createObjectURL(blob);
  follow(href, name);
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

/** UTF-8 text as base64, as sourceParams wants it. */
export function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
