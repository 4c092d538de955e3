// What needs no token, queries, drafts and sandboxes.
import { readFileSync } from 'node:fs';
import { root, until } from './servers.mjs';

const management = '/data/foundation/sandbox-management';

async function replayTokens(api, { client: client_id, secret: client_secret }) {
  const form = (fields) => ({ text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded', headers: { Authorization: null } });
  const client = { grant_type: 'client_credentials', client_id, client_secret };
  await api.send('tokens: create', 'POST', '/ims/token/v3', 200, form(client));
  await api.send('tokens: wrong secret', 'POST', '/ims/token/v3', 401, form({ ...client, client_secret: 'wrong' }));
  await api.send('tokens: no grant', 'POST', '/ims/token/v3', 400, form({}));
}

// Who may call, which browsers are signed in, and a token made in one: for sessions only.
async function replayAccess(api, more, { Cookie, csrf }, renew) {
  const change = { Cookie, 'x-csrf-token': csrf };
  const token = { headers: { 'x-gw-ims-org-id': api.caller['x-gw-ims-org-id'] } };
  const { json: { sessions } } = await api.send('access: of the organisation', 'GET', '/session/access', 200, more({ Cookie }));
  await api.send('access: under a token', 'GET', '/session/access', 403, token);
  await api.send('access: token', 'POST', '/session/token', 201, { ...more(change), body: { lifetimeSeconds: 300 } });
  await api.send('access: token for a year', 'POST', '/session/token', 400, { ...more(change), body: { lifetimeSeconds: 31_536_000 } });
  await api.send('access: token without the CSRF token', 'POST', '/session/token', 403, { ...more({ Cookie }), body: {} });
  await api.send('access: revoke the tokens of an unknown client', 'DELETE', '/session/clients/nobody/tokens', 404, more(change));
  const own = `/session/clients/${api.caller['x-api-key']}/tokens`;
  await api.send('access: revoke the tokens of a client', 'DELETE', own, 204, more(change));
  await api.send('access: a revoked token', 'GET', '/data/foundation/flowservice/flows', 401);
  api.caller.Authorization = `Bearer ${renew().access_token}`;
  await api.send('access: revoke without the CSRF token', 'DELETE', own, 403, more({ Cookie }));
  const other = sessions.find(({ own }) => !own);
  await api.send('access: end another session', 'DELETE', `/session/others/${other.id}`, 204, more(change));
  await api.send('access: end one that has ended', 'DELETE', `/session/others/${other.id}`, 404, more(change));
  await api.send('access: end all others', 'DELETE', '/session/others', 200, more(change));
  await api.send('access: end all others without the CSRF token', 'DELETE', '/session/others', 403, more({ Cookie }));
}

// The browser's side: the page, and a session from its link to its end.
async function replayBrowser(api, open, { login, renew }) {
  const { text } = await api.send('web: page', 'GET', '/', 200, open);
  const asset = /\/assets\/[\w.-]+\.js/.exec(text)[0];
  const { headers } = await api.send('web: file', 'GET', asset, 200, open);
  const more = (some) => ({ headers: { ...open.headers, 'x-gw-ims-org-id': null, 'x-sandbox-name': null, ...some } });
  await api.send('web: file that is there', 'GET', asset, 304, more({ 'If-None-Match': headers.get('etag') }));
  await api.send('web: file without gzip', 'GET', asset, 200, more({ 'Accept-Encoding': 'identity' }));
  await api.send('web: file that is not there', 'GET', '/assets/nothing.js', 404, open);
  const code = login().split('#')[1];
  await api.send('session: none', 'GET', '/session', 200, more());
  await api.send('session: sign in', 'POST', '/session', 201, { ...more(), body: { code } });
  const again = await api.send('session: sign in again with the code', 'POST', '/session', 401, { ...more(), body: { code } });
  if (again.text.includes(code)) throw new Error('the refusal repeats the code');
  const other = await fetch(`${api.url}/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ code: login().split('#')[1] }) });
  const { csrfToken } = await other.json();
  const Cookie = other.headers.get('set-cookie').split(';')[0];
  await api.send('session: of another site', 'GET', '/session', 403, more({ Cookie, 'Sec-Fetch-Site': 'cross-site' }));
  await api.send('session: signed in', 'GET', '/session', 200, more({ Cookie }));
  await replayAccess(api, more, { Cookie, csrf: csrfToken }, renew);
  await api.send('session: sign out without the token', 'DELETE', '/session', 403, more({ Cookie }));
  await api.send('session: sign out', 'DELETE', '/session', 204, more({ Cookie, 'x-csrf-token': csrfToken }));
}

export async function replayService(api, { dataset }, servers) {
  await replayTokens(api, servers);
  const open = { headers: { Authorization: null, 'x-api-key': null, Accept: null } };
  for (const path of ['/healthz', '/readyz', '/metrics', '/data/foundation/flowservice/openapi.yaml']) await api.send(`service: ${path}`, 'GET', path, 200, open);
  await api.send('docs: page', 'GET', '/docs', 200, open);
  const { headers } = await api.send('docs: file', 'GET', '/docs/swagger-ui.css', 200, open);
  const more = (name, value) => ({ headers: { ...open.headers, [name]: value } });
  await api.send('docs: file that is there', 'GET', '/docs/swagger-ui.css', 304, more('If-None-Match', headers.get('etag')));
  await api.send('docs: file without gzip', 'GET', '/docs/swagger-ui.css', 200, more('Accept-Encoding', 'identity'));
  await api.send('docs: file that is not there', 'GET', '/docs/nothing.css', 404, open);
  await replayBrowser(api, open, servers);
  const spec = JSON.parse(readFileSync(`${root}/demo/orders-connectionSpec.json`, 'utf8'));
  const draft = { connectionSpec: spec, auth: null, params: { shop: servers.source } };
  await api.send('drafts: try', 'POST', '/headwater/drafts/try', 200, { body: draft });
  await api.send('drafts: preview', 'POST', '/headwater/drafts/try', 200, { body: { ...draft, preview: true } });
  await api.send('drafts: source that is not there', 'POST', '/headwater/drafts/try', 502, { body: { ...draft, params: { shop: 'http://127.0.0.1:9' }, preview: true } });
  await api.send('drafts: spec with errors', 'POST', '/headwater/drafts/try', 200, { body: { connectionSpec: {} } });
  await api.send('drafts: preview of a spec with errors', 'POST', '/headwater/drafts/try', 400, { body: { connectionSpec: {}, preview: true } });
  await api.send('drafts: no spec', 'POST', '/headwater/drafts/try', 400, { body: {} });
  const { json: { items: [stored] } } = await api.send('connection specs: one to compare with', 'GET', '/data/foundation/flowservice/connectionSpecs', 200);
  await api.send('drafts: compare', 'POST', '/headwater/drafts/compare', 200, { body: { id: stored.id, connectionSpec: spec } });
  await api.send('drafts: compare with what is not there', 'POST', '/headwater/drafts/compare', 404, { body: { id: '0f5b2d5e-0000-4000-8000-000000000000', connectionSpec: spec } });
  await api.send('drafts: compare nothing', 'POST', '/headwater/drafts/compare', 400, { body: { id: stored.id } });
  const folder = '/headwater/source-folder';
  const { json: { files } } = await api.send('source folder: read', 'GET', folder, 200);
  const label = { text: 'Acme, saved\n', etag: files['label.txt'].etag };
  await api.send('source folder: save', 'PUT', folder, 200, { body: { files: { 'label.txt': label } } });
  await api.send('source folder: save no file of it', 'PUT', folder, 400, { body: { files: { 'x.txt': label } } });
  await api.send('source folder: save what changed meanwhile', 'PUT', folder, 412, { body: { files: { 'label.txt': label } } });
  const repository = '/headwater/source-repository';
  await api.send('source repository: look at once', 'POST', repository, 202);
  await api.send('source repository: of what breaks flows, too', 'POST', repository, 202, { body: { breaking: [{ name: 'acme', commit: 'none' }] } });
  await api.send('source repository: breaking without a commit', 'POST', repository, 400, { body: { breaking: [{ name: 'acme' }] } });
  await until('its source is published', async () => (await (await fetch(`${servers.headwater}${repository}`, { headers: api.caller })).json()).sources.some(({ outcome }) => outcome === 'published'));
  await api.send('source repository: what became of its sources', 'GET', repository, 200);
  await api.send('query: count', 'POST', '/headwater/query', 200, { body: { sql: `SELECT count(*) AS n FROM "${dataset}"` } });
  await api.send('query: rows', 'POST', '/headwater/query', 200, { body: { sql: `SELECT * FROM "${dataset}"`, limit: 2 } });
  await api.send('query: no SQL', 'POST', '/headwater/query', 400, { body: {} });
  await api.send('query: wrong SQL', 'POST', '/headwater/query', 400, { body: { sql: 'SELEKT' } });
  await api.send('query: wrong limit', 'POST', '/headwater/query', 400, { body: { sql: 'SELECT 1', limit: 0 } });
  await api.send('sandboxes: list', 'GET', `${management}/sandboxes`, 200);
  await api.send('sandboxes: create', 'POST', `${management}/sandboxes`, 201, { body: { name: 'contract', title: 'Contract', type: 'development' } });
  await api.send('sandboxes: create without a name', 'POST', `${management}/sandboxes`, 400, { body: {} });
  await api.send('sandboxes: create one that is there', 'POST', `${management}/sandboxes`, 409, { body: { name: 'prod' } });
  await api.send('sandboxes: lookup', 'GET', `${management}/sandboxes/contract`, 200);
  await api.send('sandboxes: delete', 'DELETE', `${management}/sandboxes/contract`, 200);
  await api.send('sandboxes: delete the default', 'DELETE', `${management}/sandboxes/prod`, 400);
  await api.send('sandboxes: of the caller', 'GET', `${management}/`, 200);
}
