// Events that senders post to an inlet of a streaming flow, in every form that is taken and some that are not.
import { createHmac } from 'node:crypto';
import { until } from './servers.mjs';

const nobody = { Authorization: null, 'x-api-key': null, 'x-gw-ims-org-id': null, 'x-sandbox-name': null };
const order = (orderId, more) => ({ orderId, customer: 'Ada', total: 1.5, ...more });
const older = '/data/foundation/import';
const unknown = '0'.repeat(64);

async function replaySingle(api, id) {
  const send = (name, status, more) => api.send(`events: ${name}`, 'POST', `/collection/${id}`, status, { ...more, headers: { ...nobody, ...more.headers } });
  await send('one', 200, { body: order(1) });
  await send('one for a flow that is not there', 400, { body: order(1), headers: { 'x-adobe-flow-id': 'nothing' } });
  await send('one that is valid', 200, { body: order(2), query: { syncValidation: 'True' } });
  await send('one that is invalid', 400, { body: order('three', { color: 'red' }), query: { syncValidation: 'true' } });
  await send('no JSON', 400, { text: '{"orderId":' });
  await send('an array', 400, { body: [order(1)] });
  await send('a form', 400, { text: 'orderId=1', type: 'application/x-www-form-urlencoded' });
  await send('Smile', 415, { text: ':)\n', type: 'application/x-jackson-smile' });
  await send('one that is too large', 413, { body: order(1, { customer: 'x'.repeat((1 << 20) + 1) }) });
  await api.send('events: to no inlet', 'POST', `/collection/${unknown}`, 404, { body: order(1), headers: nobody });
  await api.send('events: by the older path', 'POST', `${older}/collection/${id}`, 200, { body: order(4), headers: nobody });
  await api.send('events: by the older path to no inlet', 'POST', `${older}/collection/${unknown}`, 404, { body: order(1), headers: nobody });
}

async function replayBatches(api, id) {
  const send = (name, status, more) => api.send(`events: ${name}`, 'POST', `/collection/batch/${id}`, status, { ...more, headers: nobody });
  await send('several', 207, { body: { messages: [order(5), 'no object', order(6)] } });
  await send('an array of several', 207, { body: [order(7), order(8)] });
  await send('several lines', 207, { text: `${JSON.stringify(order(9))}\n${JSON.stringify(order(10))}\n`, type: 'application/x-ndjson' });
  await send('none', 400, { body: { messages: [] } });
  await send('several without messages', 400, { body: {} });
  await api.send('events: several to no inlet', 'POST', `/collection/batch/${unknown}`, 404, { body: [order(1)], headers: nobody });
  await api.send('events: several by the older path', 'POST', `${older}/collection/batch/${id}`, 207, { body: [order(11)], headers: nobody });
  await api.send('events: none by the older path', 'POST', `${older}/collection/batch/${id}`, 400, { body: [], headers: nobody });
}

// Who may send, and how much: changes the inlet.
async function replaySenders(api, id) {
  const inlet = `/data/core/edge/inlets/${id}`;
  const set = (path, value) => api.made('inlets: change of who may send', 'PATCH', inlet, 200, { body: [{ op: 'add', path, value }], headers: { 'If-Match': '*' } });
  const body = order(12);
  const send = (name, status, headers) => api.send(`events: ${name}`, 'POST', `/collection/${id}`, status, { body, headers: { ...nobody, ...headers } });
  await set('/authentication', 'bearer');
  await send('without a token', 401);
  await send('with a token', 200, { Authorization: api.caller.Authorization });
  const { secret } = await api.made('inlets: rotate before signatures', 'POST', `${inlet}/action`, 200, { query: { op: 'rotate' } });
  await set('/authentication', 'hmac');
  await send('without a signature', 401);
  await send('with a signature', 200, { 'x-hmac-sha256': createHmac('sha256', secret).update(JSON.stringify(body)).digest('hex') });
  await set('/authentication', 'none');
  await set('/limits', { requestsPerSecond: 0.001 });
  await send('as many as are allowed', 200);
  await send('too many', 429);
  await set('/limits', null);
}

/** What has come in is a run of the flow, which is nobody's to act on. */
async function replaySlice(api, flow) {
  const runs = '/data/foundation/flowservice/runs';
  const run = await until('the events in the lake', async () => {
    const { items } = await api.made('runs: of a streaming flow', 'GET', runs, 200, { query: { property: `flowId==${flow}` } });
    return items.find(({ metrics }) => metrics.recordSummary.inputRecordCount > 0);
  });
  await api.send('runs: lookup of a streaming flow', 'GET', `${runs}/${run.id}`, 200);
  for (const op of ['cancel', 're-trigger']) await api.send(`runs: ${op} one of a streaming flow`, 'POST', `${runs}/${run.id}/action`, 400, { query: { op } });
}

export async function replayEvents(api, { flow, inletUrl }) {
  const id = inletUrl.split('/').pop();
  await replaySingle(api, id);
  await replayBatches(api, id);
  await replaySenders(api, id);
  await replaySlice(api, flow);
}
