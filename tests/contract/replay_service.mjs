// What needs no token, queries and sandboxes.
const management = '/data/foundation/sandbox-management';

async function replayTokens(api, { client: client_id, secret: client_secret }) {
  const form = (fields) => ({ text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded', headers: { Authorization: null } });
  const client = { grant_type: 'client_credentials', client_id, client_secret };
  await api.send('tokens: create', 'POST', '/ims/token/v3', 200, form(client));
  await api.send('tokens: wrong secret', 'POST', '/ims/token/v3', 401, form({ ...client, client_secret: 'wrong' }));
  await api.send('tokens: no grant', 'POST', '/ims/token/v3', 400, form({}));
}

export async function replayService(api, { dataset }, servers) {
  await replayTokens(api, servers);
  const open = { headers: { Authorization: null, 'x-api-key': null, Accept: null } };
  for (const path of ['/healthz', '/readyz', '/metrics', '/data/foundation/flowservice/openapi.yaml']) await api.send(`service: ${path}`, 'GET', path, 200, open);
  await api.send('docs: page', 'GET', '/docs', 200, open);
  const { headers } = await api.send('docs: file', 'GET', '/docs/swagger-ui.css', 200, open);
  const more = (name, value) => ({ headers: { ...open.headers, [name]: value } });
  await api.send('docs: file that is there', 'GET', '/docs/swagger-ui.css', 304, more('If-None-Match', headers.get('etag')));
  await api.send('docs: file without gzip', 'GET', '/docs/swagger-ui.css', 406, more('Accept-Encoding', 'identity'));
  await api.send('docs: file that is not there', 'GET', '/docs/nothing.css', 404, open);
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
