// Webhooks of the organisation, from their creation to their end. The receiver is a real one; that runs reach it is
// tests/e2e/webhooks_told_test.cc.
import http from 'node:http';

const path = '/data/foundation/flowservice/webhooks';
const stale = { 'If-Match': '"00000000-0000-0200-0000-000000000000"' };

async function receiver(status) {
  const server = http.createServer((request, response) => request.resume().on('end', () => response.writeHead(status).end()));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/runs`, close: () => server.close() };
}

async function replayTests(api, id, status, wanted) {
  const told = await api.made(`webhooks: test with an answer of ${status}`, 'POST', `${path}/${id}/test`, 200);
  if (told.status !== wanted) throw new Error(`a test delivery is told as ${JSON.stringify(told)}`);
}

export async function replayWebhooks(api) {
  const good = await receiver(204);
  const bad = await receiver(503);
  const document = { name: 'Pager', url: good.url, events: ['run.failed', 'run.recovered'], secret: 'correct-horse-battery' };
  const made = await api.made('webhooks: create', 'POST', path, 201, { body: document });
  await api.send('webhooks: create without an address', 'POST', path, 400, { body: {} });
  await api.send('webhooks: create for plain http to anybody', 'POST', path, 400, { body: { url: 'http://203.0.113.7/' } });
  await api.send('webhooks: create with a short secret', 'POST', path, 400, { body: { ...document, secret: 'short' } });
  await replayTests(api, made.id, 204, 'delivered');
  const { items } = await api.made('webhooks: list', 'GET', path, 200);
  if (JSON.stringify(items).includes('battery')) throw new Error('an answer carries the secret');
  const { items: [{ etag }] } = await api.made('webhooks: lookup', 'GET', `${path}/${made.id}`, 200);
  const changed = { url: bad.url, enabled: false };
  await api.send('webhooks: replace a stale version', 'PUT', `${path}/${made.id}`, 412, { body: changed, headers: stale });
  await api.send('webhooks: replace', 'PUT', `${path}/${made.id}`, 200, { body: changed, headers: { 'If-Match': etag } });
  await api.send('webhooks: replace with an unknown event', 'PUT', `${path}/${made.id}`, 400, { body: { ...changed, events: ['run.started'] } });
  await replayTests(api, made.id, 503, 'failed');
  await api.send('webhooks: delete a stale version', 'DELETE', `${path}/${made.id}`, 412, { headers: stale });
  await api.send('webhooks: delete', 'DELETE', `${path}/${made.id}`, 204);
  await api.send('webhooks: lookup of what is gone', 'GET', `${path}/${made.id}`, 404);
  good.close();
  bad.close();
}
