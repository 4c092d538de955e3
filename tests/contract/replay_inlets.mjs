// Inlets: of a base connection and of a streaming flow, from their birth to their end.
import { replayEvents } from './replay_events.mjs';

const base = '/data/foundation/flowservice';
const inlets = '/data/core/edge/inlets';
const httpApi = { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' };
const streamingTemplate = 'e77fd9d2-22a8-11ed-861d-0242ac120002';
const streamingFlowSpec = 'e77fde5a-22a8-11ed-861d-0242ac120002';
const stale = { 'If-Match': '"00000000-0000-0200-0000-000000000000"' };

async function replaySettings(api, id) {
  const path = `${inlets}/${id}`;
  const { etag } = (await api.made('inlets: lookup', 'GET', path, 200)).items[0];
  const slower = [{ op: 'add', path: '/limits', value: { requestsPerSecond: 100 } }];
  const signed = [{ op: 'replace', path: '/authentication', value: 'hmac' }];
  await api.send('inlets: change without If-Match', 'PATCH', path, 400, { body: slower });
  await api.send('inlets: change of a stale version', 'PATCH', path, 412, { body: slower, headers: stale });
  await api.send('inlets: signatures without a secret', 'PATCH', path, 400, { body: signed, headers: { 'If-Match': etag } });
  await api.send('inlets: change', 'PATCH', path, 200, { body: slower, headers: { 'If-Match': etag } });
  const action = `${path}/action`;
  await api.send('inlets: rotate', 'POST', action, 200, { query: { op: 'rotate' } });
  await api.send('inlets: rotate to a secret of the caller', 'POST', action, 200, { query: { op: 'rotate' }, body: { secret: 'correct-horse-battery', graceSeconds: 60 } });
  await api.send('inlets: revoke', 'POST', action, 200, { query: { op: 'REVOKE' } });
  await api.send('inlets: rotate a stale version', 'POST', action, 412, { query: { op: 'rotate' }, headers: stale });
  await api.send('inlets: rotate to a short secret', 'POST', action, 400, { query: { op: 'rotate' }, body: { secret: 'short' } });
  await api.send('inlets: replay of an unknown batch', 'POST', action, 400, { query: { op: 'replay' }, body: { batchId: 'none' } });
  await api.send('inlets: unknown action', 'POST', action, 400, { query: { op: 'dance' } });
  await api.send('inlets: signatures', 'PATCH', path, 200, { body: signed, headers: { 'If-Match': '*' } });
  await api.send('inlets: lookup of a changed one', 'GET', path, 200);
}

async function replayWatching(api, id) {
  await api.send('inlets: counters', 'GET', `${inlets}/${id}/counters`, 200);
  await api.send('inlets: events', 'GET', `${inlets}/${id}/events`, 200);
  await api.send('inlets: events after a number', 'GET', `${inlets}/${id}/events`, 200, { query: { after: '1' } });
  await api.send('inlets: events after no number', 'GET', `${inlets}/${id}/events`, 400, { query: { after: 'now' } });
}

/** A streaming flow has an inlet of its own: {flow, source, inletUrl}. */
async function replayStreamingFlow(api, target) {
  const source = await api.made('sourceConnections: of a streaming source', 'POST', `${base}/sourceConnections`, 201, {
    body: { name: 'Events', connectionSpec: { id: streamingTemplate, version: '1.0' }, data: { format: 'json' } },
  });
  const flow = await api.made('flows: create a streaming one', 'POST', `${base}/flows`, 201, {
    body: { name: 'Events', flowSpec: { id: streamingFlowSpec, version: '1.0' }, sourceConnectionIds: [source.id], targetConnectionIds: [target] },
  });
  const { options } = (await api.made('flows: lookup of a streaming one', 'GET', `${base}/flows/${flow.id}`, 200)).items[0];
  if (!/\/collection\/[0-9a-f]{64}$/.test(options.inletUrl)) throw new Error(`the flow has no inlet: ${JSON.stringify(options)}`);
  await api.send('flows: run a streaming one', 'POST', `${base}/flows/${flow.id}/action`, 400, { query: { op: 'run' } });
  return { flow: flow.id, source: source.id, inletUrl: options.inletUrl };
}

export async function replayInlets(api, { ends }) {
  const connection = await api.made('connections: of the HTTP API', 'POST', `${base}/connections`, 201, {
    body: { name: 'Web', connectionSpec: httpApi, auth: { specName: 'Streaming Connection', params: { sourceId: 'web', dataType: 'raw' } } },
  });
  const { auth } = (await api.made('connections: lookup of an inlet', 'GET', `${base}/connections/${connection.id}`, 200)).items[0];
  const id = auth.params.inletId;
  const streaming = await replayStreamingFlow(api, ends.targetConnections);
  await api.send('inlets: all', 'GET', inlets, 200);
  await api.send('inlets: one page', 'GET', inlets, 200, { query: { limit: '1' } });
  await api.send('inlets: of a connection', 'GET', inlets, 200, { query: { property: `connectionId==${connection.id}` } });
  await api.send('inlets: number', 'GET', inlets, 200, { query: { count: 'true' } });
  await api.send('inlets: wrong token of a page', 'GET', inlets, 400, { query: { continuationToken: 'abc' } });
  await replaySettings(api, id);
  await replayWatching(api, id);
  await replayEvents(api, streaming);
  await api.send('flows: delete a streaming one', 'DELETE', `${base}/flows/${streaming.flow}`, 204);
  await api.send('sourceConnections: delete a streaming one', 'DELETE', `${base}/sourceConnections/${streaming.source}`, 204);
  await api.send('connections: delete one of the HTTP API', 'DELETE', `${base}/connections/${connection.id}`, 204);
  await api.send('inlets: one that went with its connection', 'GET', `${inlets}/${id}`, 404);
}
