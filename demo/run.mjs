// The main job, end to end: a real REST server (json-server) with made-up orders, one connection spec, and the calls that any
// client of the Flow Service API makes. --serve goes on serving until Ctrl-C; --check verifies the records and ends.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { resolve } from 'node:path';

const check = process.argv.includes('--check');
if (!check && !process.argv.includes('--serve')) {
  console.error('usage: demo/run --serve | --check');
  process.exit(2);
}

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const binary = process.env.HEADWATER_BINARY ?? `${root}/build/release/headwater`;
const folder = `${root}/build/${check ? 'demo-check' : 'demo'}`;
const dataDir = `${folder}/data`;
const orderCount = 1250;
const batchSpecId = '6499120c-0b15-42dc-936e-847ea3c24d72';
const streamingSpecId = 'e77fd9d2-22a8-11ed-861d-0242ac120002';
const streamingFlowSpecId = 'e77fde5a-22a8-11ed-861d-0242ac120002';
const lakeSpecId = 'c604ff05-7f1a-43c0-8e18-33bf874cb11c';
const children = [];

function order(i) {
  const names = ['Ada Byron', 'Grace Murray', 'Edsger W.', 'Barbara Jane', 'Zoë Ångström'];
  return {
    id: i,
    customer: { name: names[i % names.length], vip: i % 7 === 0 },
    placedAt: new Date(Date.UTC(2024, 0, 1, 0, i)).toISOString().replace('.000', ''),
    total: Number((((i * 37) % 9000) / 100 + 1.99).toFixed(2)),
    lines: [{ sku: `S-${i % 50}`, quantity: (i % 4) + 1 }],
    note: i % 3 === 0 ? null : `order ${i}`,
  };
}

async function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function portIsFree(port) {
  return new Promise((done) => {
    const probe = net.createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

async function until(what, attempt, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = await attempt().catch(() => undefined);
    if (value) return value;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`gave up waiting for ${what}`);
}

function start(command, args, options) {
  const child = spawn(command, args, options);
  children.push(child);
  child.on('exit', (code) => {
    if (!stopping) fail(new Error(`${command} ended with ${code}`));
  });
  return child;
}

let stopping = false;
async function stop(code) {
  if (stopping) return;
  stopping = true;
  await Promise.all(
    children.map(
      (child) =>
        new Promise((done) => {
          if (child.exitCode !== null) return done();
          child.on('exit', done);
          child.kill('SIGTERM');
        }),
    ),
  );
  process.exit(code);
}

function fail(error) {
  console.error(`demo: ${error.message}`);
  return stop(1);
}

async function startSource() {
  const port = await freePort();
  writeFileSync(`${folder}/db.json`, JSON.stringify({ orders: Array.from({ length: orderCount }, (_, i) => order(i + 1)) }));
  start(
    process.execPath,
    [`${root}/tests/servers/node_modules/json-server/lib/cli/bin.js`, '--host', '127.0.0.1', '--port', String(port), '--quiet', `${folder}/db.json`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const url = `http://127.0.0.1:${port}`;
  await until('json-server', async () => (await fetch(`${url}/orders/1`)).ok);
  return url;
}

async function startHeadwater() {
  const listen = !check && (await portIsFree(8080)) ? '127.0.0.1:8080' : '127.0.0.1:0';
  const server = start(binary, ['serve', '--listen', listen, '--data-dir', dataDir, '--allow-network', '127.0.0.0/8', '--log-level', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  server.stdout.on('data', (chunk) => (printed += chunk));
  const url = await until('headwater', async () => /listening on (\S+)/.exec(printed)?.[1]);
  await until('readiness', async () => (await fetch(`${url}/readyz`)).ok);
  const link = await until('the sign-in link', async () => /sign in .*: (http\S+)/.exec(printed)?.[1]);
  return { url, link };
}

function client(url) {
  const token = JSON.parse(execFileSync(binary, ['token', '--data-dir', dataDir, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] }));
  const headers = {
    Authorization: `Bearer ${token.access_token}`,
    'x-api-key': token.client_id,
    'x-gw-ims-org-id': token.ims_org_id,
    'x-sandbox-name': token.sandbox_name,
    'Content-Type': 'application/json',
  };
  return async (method, path, body) => {
    const answer = await fetch(`${url}/data/foundation${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text && JSON.parse(text);
  };
}

// A dataset of its own, and the target connection that leads there.
async function createDataset(call, name, schema) {
  const stored = await call('POST', '/schemaregistry/tenant/schemas', schema);
  const schemaRef = { id: stored.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
  const [path] = await call('POST', '/catalog/dataSets', { name, schemaRef });
  const target = await call('POST', '/flowservice/targetConnections', {
    name: 'Lake',
    connectionSpec: { id: lakeSpecId, version: '1.0' },
    data: { format: 'parquet_xdm', schema: { id: stored.$id, version: schemaRef.contentType } },
    params: { dataSetId: path.split('/').pop() },
  });
  return { schemaRef, target: target.id };
}

// A streaming flow for anybody to try; gives the address that takes its events.
async function createInlet(call) {
  const { target } = await createDataset(call, 'demo_events', {
    title: 'Event',
    type: 'object',
    properties: { name: { type: 'string' }, value: { type: 'number' } },
    required: ['name'],
  });
  const source = await call('POST', '/flowservice/sourceConnections', {
    name: 'Events of the demo',
    connectionSpec: { id: streamingSpecId, version: '1.0' },
    data: { format: 'json' },
  });
  const flow = await call('POST', '/flowservice/flows', {
    name: 'Demo events, as they come',
    flowSpec: { id: streamingFlowSpecId, version: '1.0' },
    sourceConnectionIds: [source.id],
    targetConnectionIds: [target],
  });
  return (await call('GET', `/flowservice/flows/${flow.id}`)).items[0].options.inletUrl;
}

async function createFlow(call, shop) {
  const spec = await call('POST', '/flowservice/connectionSpecs', JSON.parse(readFileSync(`${root}/demo/orders-connectionSpec.json`, 'utf8')));
  const [flowSpec] = (await call('GET', `/flowservice/flowSpecs/${batchSpecId}`)).items;
  flowSpec.sourceConnectionSpecIds.push(spec.id);
  await call('PUT', `/flowservice/flowSpecs/${batchSpecId}`, flowSpec);
  const connectionSpec = { id: spec.id, version: '1.0' };

  const { schemaRef, target } = await createDataset(call, 'demo_orders', {
    title: 'Order',
    type: 'object',
    properties: {
      orderId: { type: 'integer' },
      customer: { type: 'string' },
      vip: { type: 'boolean' },
      placedAt: { type: 'string', format: 'date-time' },
      total: { type: 'number' },
      source: { type: 'string' },
    },
    required: ['orderId'],
  });
  const attribute = (source, destination) => ({ sourceType: 'ATTRIBUTE', source, destination });
  const mapping = await call('POST', '/conversion/mappingSets', {
    name: 'demo orders',
    outputSchema: { schemaRef },
    mappings: [
      attribute('id', 'orderId'),
      attribute('customer.name', 'customer'),
      attribute('customer.vip', 'vip'),
      attribute('placedAt', 'placedAt'),
      attribute('total', 'total'),
      { sourceType: 'STATIC', source: 'demo', destination: 'source' },
    ],
  });

  const account = await call('POST', '/flowservice/connections', { name: 'Demo shop', auth: null, connectionSpec });
  const source = await call('POST', '/flowservice/sourceConnections', {
    name: 'Orders of the demo shop',
    baseConnectionId: account.id,
    connectionSpec,
    data: { format: 'json' },
    params: { shop },
  });
  const flow = await call('POST', '/flowservice/flows', {
    name: 'Demo orders, every hour',
    flowSpec: { id: batchSpecId, version: '1.0' },
    sourceConnectionIds: [source.id],
    targetConnectionIds: [target],
    transformations: [{ name: 'Mapping', params: { mappingId: mapping.id, mappingVersion: 0 } }],
    scheduleParams: { startTime: Math.floor(Date.now() / 1000) - 1, frequency: 'hour', interval: 1, backfill: true },
    options: { errorDiagnosticsEnabled: true, partialIngestionPercent: 5 },
  });
  return flow.id;
}

async function runOf(call, flow) {
  return until('the first run', async () => {
    const { items } = await call('GET', `/flowservice/runs?property=flowId==${flow}`);
    const done = items.find((run) => ['success', 'failed', 'partialSuccess'].includes(run.metrics?.statusSummary?.status));
    return done;
  });
}

function query(sql, output) {
  return execFileSync(binary, ['query', sql, '--data-dir', dataDir, '--output', output], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function verify(run) {
  const got = JSON.parse(query('SELECT count(*) AS n, count(DISTINCT "orderId") AS ids, sum("total") AS total, min("source") AS source FROM demo_orders', 'json'))[0];
  let total = 0;
  for (let i = 1; i <= orderCount; i++) total += order(i).total;
  const problems = [];
  if (run.metrics.statusSummary.status !== 'success') problems.push(`the run ended ${run.metrics.statusSummary.status}`);
  if (run.metrics.recordSummary.outputRecordCount !== orderCount) problems.push(`the run counts ${run.metrics.recordSummary.outputRecordCount} records`);
  if (got.n !== orderCount || got.ids !== orderCount) problems.push(`the dataset holds ${got.n} records with ${got.ids} ids, not ${orderCount}`);
  if (Math.abs(got.total - total) > 0.01) problems.push(`the totals add up to ${got.total}, not ${total}`);
  if (got.source !== 'demo') problems.push(`the constant column holds ${got.source}`);
  const first = JSON.parse(query('SELECT * FROM demo_orders ORDER BY "orderId" LIMIT 1', 'json'))[0];
  const want = order(1);
  if (first.customer !== want.customer.name || first.total !== want.total || first.vip !== want.customer.vip) problems.push(`the first record is ${JSON.stringify(first)}`);
  return problems;
}

async function verifyInlet(inlet) {
  const answer = await fetch(inlet, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"hello","value":1}' });
  if (!answer.ok) return [`the inlet answered ${answer.status}: ${await answer.text()}`];
  const rows = await until('the event in its dataset', async () => {
    const found = JSON.parse(query('SELECT name, value FROM demo_events', 'json'));
    return found.length > 0 && JSON.stringify(found);
  });
  return rows === '[{"name":"hello","value":1}]' ? [] : [`the dataset of events holds ${rows}`];
}

async function main() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const shop = await startSource();
  const { url, link } = await startHeadwater();
  const call = client(url);
  const flow = await createFlow(call, shop);
  const inlet = await createInlet(call);
  const run = await runOf(call, flow);
  const { recordSummary, sizeSummary, statusSummary } = run.metrics;
  console.log(query('SELECT * FROM demo_orders ORDER BY "orderId" LIMIT 5', 'table'));
  console.log(`run ${run.id}: ${statusSummary.status}, ${recordSummary.inputRecordCount} records in, ${recordSummary.outputRecordCount} out, ${recordSummary.failedRecordCount ?? 0} failed, ${sizeSummary.inputBytes} bytes read`);
  for (const error of statusSummary.errors ?? []) console.log(`${error.code}: ${error.message}`);
  if (check) {
    const problems = [...verify(run), ...(await verifyInlet(inlet))];
    problems.forEach((problem) => console.error(`demo: ${problem}`));
    console.log(problems.length === 0 ? 'demo: the records are right' : 'demo: the records are wrong');
    return stop(problems.length === 0 ? 0 : 1);
  }
  console.log(`
serving on ${url} until Ctrl-C
  sign in with a browser, once and within 15 minutes: ${link}
  the shop's address, to set up its orders there: ${shop}
or, for example:
  ${binary} query 'SELECT count(*) FROM demo_orders' --data-dir ${dataDir}
  curl -H 'Content-Type: application/json' -d '{"name":"hello","value":1}' ${inlet}
  ${binary} query 'SELECT * FROM demo_events' --data-dir ${dataDir}      (within seconds)
  ${binary} flows list --server ${url} --data-dir ${dataDir}
  curl -H "Authorization: Bearer $(${binary} token --data-dir ${dataDir})" ... ${url}/data/foundation/flowservice/flows`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));
main().catch(fail);
