// Every operation with good and with bad input, in the order of a source's life.
import { readFileSync } from 'node:fs';
import { replayIngestion } from './replay_ingestion.mjs';
import { replayInlets } from './replay_inlets.mjs';
import { replayRegistry } from './replay_registry.mjs';
import { replayService } from './replay_service.mjs';
import { replayWebhooks } from './replay_webhooks.mjs';
import { root, until } from './servers.mjs';

const base = '/data/foundation/flowservice';
export const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';
const lakeSpec = 'c604ff05-7f1a-43c0-8e18-33bf874cb11c';
const stale = { 'If-Match': '"00000000-0000-0200-0000-000000000000"' };
const rename = [{ op: 'replace', path: '/name', value: 'renamed' }];

/** What a list of the Flow Service is asked. `members` are those of a stored resource. */
async function replayLists(api, collection, id) {
  const path = `${base}/${collection}`;
  await api.send(`${collection}: all`, 'GET', path, 200);
  await api.send(`${collection}: one page`, 'GET', path, 200, { query: { limit: '1' } });
  await api.send(`${collection}: by id`, 'GET', path, 200, { query: { property: `id==${id}` } });
  await api.send(`${collection}: ordered`, 'GET', path, 200, { query: { orderby: '-updatedAt,name', limit: '5' } });
  await api.send(`${collection}: projection`, 'GET', path, 200, { query: { property: 'name' } });
  await api.send(`${collection}: number`, 'GET', path, 200, { query: { count: 'true' } });
  await api.send(`${collection}: limit 0`, 'GET', path, 400, { query: { limit: '0' } });
  await api.send(`${collection}: unknown operator`, 'GET', path, 400, { query: { property: 'name~~x' } });
  await api.send(`${collection}: wrong token of a page`, 'GET', path, 400, { query: { continuationToken: 'abc' } });
  await api.send(`${collection}: lookup`, 'GET', `${path}/${id}`, 200);
}

async function replaySearch(api, collection) {
  const path = `${base}/${collection}/search`;
  await api.send(`${collection}: search without a body`, 'POST', path, 200);
  await api.send(`${collection}: search`, 'POST', path, 200, { body: { queryString: 'name!=nothing', limit: 1, orderby: '-updatedAt' } });
  await api.send(`${collection}: search for a number`, 'POST', path, 200, { body: { count: true } });
  await api.send(`${collection}: search with limit 0`, 'POST', path, 400, { body: { limit: 0 } });
  await api.send(`${collection}: search with a wrong condition`, 'POST', path, 400, { body: { queryString: '==' } });
}

/** PATCH of a resource with If-Match in all its cases. */
async function replayPatch(api, collection, id) {
  const path = `${base}/${collection}/${id}`;
  const { etag } = (await api.made(`${collection}: lookup before a change`, 'GET', path, 200)).items[0];
  await api.send(`${collection}: change without If-Match`, 'PATCH', path, 400, { body: rename });
  await api.send(`${collection}: change of a stale version`, 'PATCH', path, 412, { body: rename, headers: stale });
  await api.send(`${collection}: change without operations`, 'PATCH', path, 400, { body: [], headers: { 'If-Match': etag } });
  await api.send(`${collection}: change of the id`, 'PATCH', path, 400, { body: [{ op: 'replace', path: '/id', value: 'x' }], headers: { 'If-Match': etag } });
  await api.send(`${collection}: change`, 'PATCH', path, 200, { body: rename, headers: { 'If-Match': etag } });
}

async function replaySpecs(api, source) {
  const document = JSON.parse(readFileSync(`${root}/demo/orders-connectionSpec.json`, 'utf8'));
  document.attributes = { isDraftModeSupported: true };
  const path = `${base}/connectionSpecs`;
  await api.send('specs: only check', 'POST', path, 200, { body: document, query: { validate: 'only' } });
  await api.send('specs: no members', 'POST', path, 400, { body: {} });
  const spec = await api.made('specs: create', 'POST', path, 201, { body: document });
  await replayLists(api, 'connectionSpecs', spec.id);
  await api.send('specs: replace', 'PUT', `${path}/${spec.id}`, 200, { body: { ...document, description: 'Replaced' } });
  await api.send('specs: replace a stale version', 'PUT', `${path}/${spec.id}`, 412, { body: document, headers: stale });
  await api.send('specs: replace by nothing', 'PUT', `${path}/${spec.id}`, 400, { body: {} });
  await api.send('specs: explore', 'GET', `${path}/${spec.id}/explore`, 400, { query: { objectType: 'root' } });
  await api.send('specs: configs', 'GET', `${path}/${spec.id}/configs`, 200);

  const flowSpecs = `${base}/flowSpecs`;
  const { items: [shipped] } = await api.made('flow specs: the shipped one', 'GET', `${flowSpecs}/${batchFlowSpec}`, 200);
  const extended = { ...shipped, sourceConnectionSpecIds: [...shipped.sourceConnectionSpecIds, spec.id] };
  await api.made('flow specs: extend', 'PUT', `${flowSpecs}/${batchFlowSpec}`, 200, { body: extended });
  await api.send('flow specs: replace by nothing', 'PUT', `${flowSpecs}/${batchFlowSpec}`, 400, { body: {} });
  await api.send('flow specs: replace a stale version', 'PUT', `${flowSpecs}/${batchFlowSpec}`, 412, { body: extended, headers: stale });
  const { id, etag, ...copy } = { ...extended, name: 'OrdersToLake' };
  const flowSpec = await api.made('flow specs: create', 'POST', flowSpecs, 201, { body: copy });
  await api.send('flow specs: create without a name', 'POST', flowSpecs, 400, { body: {} });
  await replayLists(api, 'flowSpecs', flowSpec.id);
  await replaySearch(api, 'flowSpecs');
  const spare = await api.made('flow specs: create a spare', 'POST', flowSpecs, 201, { body: copy });
  await api.send('flow specs: delete a stale version', 'DELETE', `${flowSpecs}/${spare.id}`, 412, { headers: stale });
  await api.send('flow specs: delete', 'DELETE', `${flowSpecs}/${spare.id}`, 204);
  return { spec: { id: spec.id, version: '1.0' }, flowSpec: flowSpec.id, source };
}

async function replayConnections(api, { spec, source }) {
  const path = `${base}/connections`;
  const document = { name: 'Shop', auth: null, connectionSpec: spec };
  const connection = await api.made('connections: create', 'POST', path, 201, { body: document });
  const once = { headers: { 'Idempotency-Key': 'contract' } };
  const first = await api.made('connections: create under a key', 'POST', path, 201, { body: document, ...once });
  const again = await api.made('connections: create under the same key', 'POST', path, 201, { body: document, ...once });
  if (first.id !== again.id) throw new Error('the same Idempotency-Key made two connections');
  await api.send('connections: another request under the key', 'POST', path, 422, { body: { ...document, name: 'Other' }, ...once });
  await api.send('connections: delete what was made once', 'DELETE', `${path}/${first.id}`, 204);
  await api.send('connections: create for an unknown spec', 'POST', path, 400, { body: { ...document, connectionSpec: { id: 'x' } } });
  await replayLists(api, 'connections', connection.id);
  await replaySearch(api, 'connections');
  await replayPatch(api, 'connections', connection.id);
  const draft = await api.made('connections: draft', 'POST', path, 201, { body: document, query: { mode: 'draft' } });
  await api.send('connections: unknown action', 'POST', `${path}/${draft.id}/action`, 400, { query: { op: 'dance' } });
  await api.send('connections: publish a stale version', 'POST', `${path}/${draft.id}/action`, 412, { query: { op: 'publish' }, headers: stale });
  await api.send('connections: publish', 'POST', `${path}/${draft.id}/action`, 200, { query: { op: 'PUBLISH' } });
  await api.send('connections: test', 'GET', `${path}/${connection.id}/test`, 200);
  await api.send('connections: configs', 'GET', `${path}/${connection.id}/configs`, 200);
  const explore = (params, more) => ({ query: { objectType: 'rest', object: 'json', fileType: 'json', sourceParams: Buffer.from(JSON.stringify(params)).toString('base64'), ...more } });
  await api.send('connections: explore', 'GET', `${path}/${connection.id}/explore`, 200, explore({ shop: source }));
  await api.send('connections: preview', 'GET', `${path}/${connection.id}/explore`, 200, explore({ shop: source }, { preview: 'true' }));
  await api.send('connections: preview of an unreachable source', 'GET', `${path}/${connection.id}/explore`, 502, explore({ shop: 'http://127.0.0.1:9' }));
  await api.send('connections: explore without a type', 'GET', `${path}/${connection.id}/explore`, 400);
  await api.send('connections: explore with broken params', 'GET', `${path}/${connection.id}/explore`, 400, explore({}, { sourceParams: '!' }));
  await api.send('connections: delete a stale version', 'DELETE', `${path}/${draft.id}`, 412, { headers: stale });
  await api.send('connections: delete', 'DELETE', `${path}/${draft.id}`, 204);
  return connection.id;
}

async function replayEnds(api, { spec, source }, connection, dataset, schema) {
  const sourceDocument = { name: 'Orders', baseConnectionId: connection, connectionSpec: spec, data: { format: 'json' }, params: { shop: source } };
  const targetDocument = { name: 'Lake', connectionSpec: { id: lakeSpec, version: '1.0' }, data: { format: 'parquet_xdm', schema: { id: schema, version: '1.0' } }, params: { dataSetId: dataset } };
  const ends = {};
  for (const [collection, document] of Object.entries({ sourceConnections: sourceDocument, targetConnections: targetDocument })) {
    const path = `${base}/${collection}`;
    const made = await api.made(`${collection}: create`, 'POST', path, 201, { body: document });
    await api.send(`${collection}: create without params`, 'POST', path, 400, { body: { ...document, params: {} } });
    await replayLists(api, collection, made.id);
    await replayPatch(api, collection, made.id);
    await api.send(`${collection}: publish what is no draft`, 'POST', `${path}/${made.id}/action`, 400, { query: { op: 'publish' } });
    const draft = await api.made(`${collection}: draft`, 'POST', path, 201, { body: document, query: { mode: 'draft' } });
    await api.send(`${collection}: publish`, 'POST', `${path}/${draft.id}/action`, 200, { query: { op: 'publish' } });
    await api.send(`${collection}: delete`, 'DELETE', `${path}/${draft.id}`, 204);
    await api.send(`${collection}: delete a stale version`, 'DELETE', `${path}/${made.id}`, 412, { headers: stale });
    ends[collection] = made.id;
  }
  return ends;
}

async function runThatEnded(api, flow, before) {
  return until('a run', async () => {
    const { items } = await api.made('runs: of the flow', 'GET', `${base}/runs`, 200, { query: { property: `flowId==${flow}` } });
    return items.find(({ id, state }) => !before.includes(id) && ['success', 'failed', 'partialSuccess'].includes(state));
  });
}

async function replayFlows(api, { flowSpec, ends, mapping }) {
  const path = `${base}/flows`;
  const document = {
    name: 'Orders, once',
    flowSpec: { id: flowSpec, version: '1.0' },
    sourceConnectionIds: [ends.sourceConnections],
    targetConnectionIds: [ends.targetConnections],
    transformations: [{ name: 'Mapping', params: { mappingId: mapping, mappingVersion: 0 } }],
    scheduleParams: { startTime: String(Math.floor(Date.now() / 1000) - 1), frequency: 'once' },
    options: { errorDiagnosticsEnabled: true, partialIngestionPercent: 50 },
  };
  const flow = await api.made('flows: create', 'POST', path, 201, { body: document });
  await api.send('flows: create with a state', 'POST', path, 400, { body: { ...document, state: 'enabled' } });
  await api.send('flows: create for an unknown flow spec', 'POST', path, 400, { body: { ...document, flowSpec: { id: 'x' } } });
  const first = await runThatEnded(api, flow.id, []);
  await replayLists(api, 'flows', flow.id);
  await replaySearch(api, 'flows');
  await replayPatch(api, 'flows', flow.id);
  const draft = await api.made('flows: draft', 'POST', path, 201, { body: document, query: { mode: 'draft' } });
  await api.send('flows: run a draft', 'POST', `${path}/${draft.id}/action`, 400, { query: { op: 'run' } });
  await api.send('flows: delete a stale version', 'DELETE', `${path}/${draft.id}`, 412, { headers: stale });
  await api.send('flows: delete', 'DELETE', `${path}/${draft.id}`, 204);
  await api.send('flows: unknown action', 'POST', `${path}/${flow.id}/action`, 400, { query: { op: 'cancel' } });
  await api.send('flows: disable a stale version', 'POST', `${path}/${flow.id}/action`, 412, { query: { op: 'disable' }, headers: stale });
  await api.send('flows: disable', 'POST', `${path}/${flow.id}/action`, 200, { query: { op: 'disable' } });
  await api.send('flows: enable', 'POST', `${path}/${flow.id}/action`, 200, { query: { op: 'ENABLE' } });
  await api.send('flows: run', 'POST', `${path}/${flow.id}/action`, 200, { query: { op: 'run' }, body: { windowEndTime: Math.floor(Date.now() / 1000) } });
  await runThatEnded(api, flow.id, [first.id]);
  return { flow: flow.id, run: first };
}

async function replayRuns(api, { flow, run }) {
  const path = `${base}/runs`;
  const seconds = Math.floor(Date.now() / 1000);
  await replayLists(api, 'runs', run.id);
  await api.send('runs: create', 'POST', path, 201, { body: { flowId: flow, params: { startTime: String(seconds), windowStartTime: '1600000000', windowEndTime: String(seconds) } } });
  await api.send('runs: create without a flow', 'POST', path, 400, { body: {} });
  await api.send('runs: create with a window that ends first', 'POST', path, 400, { body: { flowId: flow, params: { startTime: seconds, windowStartTime: seconds, windowEndTime: 1 } } });
  await api.send('runs: run again what wrote records', 'POST', `${path}/${run.id}/action`, 400, { query: { op: 're-trigger' } });
  await api.send('runs: cancel what has ended', 'POST', `${path}/${run.id}/action`, 400, { query: { op: 'cancel' } });
  const note = { body: { providerRefId: 'note' } };
  await api.send('runs: note without If-Match', 'PUT', `${path}/${run.id}`, 400, note);
  await api.send('runs: note on a stale version', 'PUT', `${path}/${run.id}`, 412, { ...note, headers: stale });
  await api.send('runs: note on metrics', 'PUT', `${path}/${run.id}`, 400, { body: { metrics: {} }, headers: { 'If-Match': run.etag } });
  await api.send('runs: note', 'PUT', `${path}/${run.id}`, 200, { ...note, headers: { 'If-Match': run.etag } });
}

// A run of a flow whose source is gone fails, and can be run again.
async function replayRetry(api, made, source) {
  const { etag } = (await api.made('sourceConnections: lookup', 'GET', `${base}/sourceConnections/${made.ends.sourceConnections}`, 200)).items[0];
  const gone = [{ op: 'replace', path: '/params/shop', value: `${source}/nothing` }];
  await api.made('sourceConnections: to a source that is gone', 'PATCH', `${base}/sourceConnections/${made.ends.sourceConnections}`, 200, { body: gone, headers: { 'If-Match': etag } });
  const run = await api.made('flows: run without a source', 'POST', `${base}/flows/${made.flow}/action`, 200, { query: { op: 'run' } });
  await until('the failed run', async () => (await api.made('runs: failed', 'GET', `${base}/runs/${run.id}`, 200)).items[0].state === 'failed');
  await api.send('runs: run again', 'POST', `${base}/runs/${run.id}/action`, 200, { query: { op: 'RE_TRIGGER' } });
}

async function replayDeletes(api, { spec, ends, flow, connection, mapping, dataset }) {
  await api.send('connections: delete one in use', 'DELETE', `${base}/connections/${connection}`, 400);
  await api.send('specs: delete one in use', 'DELETE', `${base}/connectionSpecs/${spec.id}`, 400);
  await api.send('mapping sets: delete one in use', 'DELETE', `/data/foundation/conversion/mappingSets/${mapping}`, 400);
  await api.send('datasets: delete one in use', 'DELETE', `/data/foundation/catalog/dataSets/${dataset}`, 400);
  await until('the last runs', async () => {
    const { items } = await api.made('runs: all', 'GET', `${base}/runs`, 200, { query: { limit: '100' } });
    // A streaming flow's run ends with its hour.
    return items.every(({ state, trigger }) => trigger === 'stream' || !['scheduled', 'inProgress'].includes(state));
  });
  await api.send('flows: delete the flow', 'DELETE', `${base}/flows/${flow}`, 204);
  await api.send('sourceConnections: delete the last', 'DELETE', `${base}/sourceConnections/${ends.sourceConnections}`, 204);
  await api.send('targetConnections: delete', 'DELETE', `${base}/targetConnections/${ends.targetConnections}`, 204);
  await api.send('connections: delete the last', 'DELETE', `${base}/connections/${connection}`, 204);
  await api.send('mapping sets: delete', 'DELETE', `/data/foundation/conversion/mappingSets/${mapping}`, 204);
  await api.send('specs: delete', 'DELETE', `${base}/connectionSpecs/${spec.id}`, 204);
}

/** The whole replay. */
export async function replay(api, servers) {
  const specs = await replaySpecs(api, servers.source);
  const connection = await replayConnections(api, specs);
  const registry = await replayRegistry(api);
  const ends = await replayEnds(api, specs, connection, registry.dataset, registry.schema);
  const made = { ...specs, ...registry, connection, ends };
  const ran = await replayFlows(api, made);
  await replayRuns(api, ran);
  await replayInlets(api, made);
  await replayWebhooks(api);
  await replayIngestion(api, { ...made, ...ran });
  await replayRetry(api, { ...made, ...ran }, servers.source);
  await replayDeletes(api, { ...made, ...ran });
  await replayService(api, made, servers);
}
