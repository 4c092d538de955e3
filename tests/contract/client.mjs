// Sends requests and writes down what came back.
const unknownId = '00000000-0000-4000-8000-000000000000';

export class Recorder {
  exchanges = [];
  unexpected = [];

  constructor(url, token) {
    this.url = url;
    this.caller = {
      Authorization: `Bearer ${token.access_token}`,
      'x-api-key': token.client_id,
      'x-gw-ims-org-id': token.ims_org_id,
      'x-sandbox-name': token.sandbox_name,
    };
  }

  /**
   * One request. `wanted` is its status. `body` is sent as JSON, `text` as it is; a header set to null is not sent.
   * Gives the answer: {status, headers, text, json}.
   */
  async send(name, method, path, wanted, { query, body, text, type, headers } = {}) {
    const parameters = new URLSearchParams(query).toString();
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const contentType = type === undefined && sent !== undefined ? 'application/json' : type;
    const all = { Accept: 'application/json', ...this.caller, ...(contentType ? { 'Content-Type': contentType } : {}), ...headers };
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
    // Bytes, so that fetch adds no content type of its own.
    const payload = sent === undefined ? undefined : new TextEncoder().encode(sent);
    const answer = await fetch(this.url + path + (parameters && `?${parameters}`), { method, headers: kept, body: payload });
    const received = { status: answer.status, headers: answer.headers, text: await answer.text(), json: undefined };
    try {
      received.json = JSON.parse(received.text);
    } catch {
      // Not every answer is JSON.
    }
    this.exchanges.push({ name, method, path, wanted, request: { body: sent, type: contentType ?? undefined }, answer: received });
    if (received.status !== wanted) this.unexpected.push(`${name}: ${method} ${path} answered ${received.status}, not ${wanted}: ${received.text.slice(0, 300)}`);
    return received;
  }

  /** A request that must succeed, because others need what it answers. */
  async made(...request) {
    const answer = await this.send(...request);
    if (answer.status !== request[3]) throw new Error(this.unexpected.at(-1));
    return answer.json;
  }
}

/** The path of an operation with an id that nothing has. */
export function pathOfNothing(path) {
  return path.replace(/\{container\}/, 'tenant').replace(/\{[^}]*\}/g, unknownId);
}

/** What is wrong in the same way for every operation: no caller, another one, an unknown id, a body that is no JSON. */
export async function sendCommonMistakes(recorder, operation) {
  const { method, path, key, operation: described } = operation;
  const schema = described.requestBody?.content?.['application/json'];
  const open = described.security?.length === 0;
  const there = pathOfNothing(path);
  const body = described.requestBody?.required ? { body: {} } : {};
  const send = (name, status, more) => recorder.send(`${name}: ${key}`, method, there, status, { ...body, ...more });
  if (open) return;
  await send('no token', 403, { headers: { Authorization: null } });
  await send('no API key', 403, { headers: { 'x-api-key': null } });
  await send('unknown API key', 403, { headers: { 'x-api-key': 'nobody' } });
  await send('wrong token', 401, { headers: { Authorization: 'Bearer abc' } });
  await send('no organisation', 400, { headers: { 'x-gw-ims-org-id': null } });
  await send('wrong organisation', 401, { headers: { 'x-gw-ims-org-id': '00@AdobeOrg' } });
  if (operation.parameters.some(({ name }) => name === 'x-sandbox-name'))
    await send('unknown sandbox', 404, { headers: { 'x-sandbox-name': 'nowhere' } });
  if (path.replace('{container}', '').includes('{')) {
    const valid = { op: 'publish', action: 'ABORT', objectType: 'rest' };
    const query = Object.fromEntries(operation.parameters.filter(({ in: where, required }) => where === 'query' && required).map(({ name }) => [name, path.includes('/runs/') ? 'cancel' : valid[name] ?? 'x']));
    const patch = method === 'PATCH' ? { body: [{ op: 'replace', path: '/name', value: 'x' }] } : {};
    await send('unknown id', 404, { query, headers: { 'If-Match': '"0"' }, ...patch });
  }
  if (!schema || path.includes('{')) return;
  await send('broken JSON', 400, { text: '{"a":' });
  await send('no content type', 400, { text: '{}', type: null });
  await send('a text for an object', 400, { body: 'text' });
}
