// Sets up sources whose records are of every kind, into datasets that are new and that are there, and looks at what is stored.
// set_up.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { startServers, until } from '../contract/servers.mjs';
import { launch, openWalk } from './walk.mjs';

const [pictures] = process.argv.slice(2);
const root = new URL('../../', import.meta.url);
const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';

/** What the source answers by path. */
const answers = {
  '/names': '[{"id":1,"2024":7,"First Name":"Ada","a[0]":3,"a.b":4,"e-mail":"ada@x.test","":"nobody","size":5,"__proto__":{"a":6},"deep":{"Last Name":"Byron","":8}}]',
  '/shapes': '[{"id":1,"m":[[1,2],[3,[4]]],"v":1,"f":[null,"x"],"big":18446744073709551615},{"id":2,"m":[],"v":{"a":[1]},"f":[null],"n":null},{"id":3,"v":[1],"big":1},{"id":4,"v":"text"}]',
  '/people': '[{"customer":{"name":"Ada"},"note":"x"}]',
};
const source = http.createServer((asked, answer) => {
  const { pathname, searchParams } = new URL(asked.url, 'http://source');
  answer.writeHead(200, { 'Content-Type': 'application/json' }).end(searchParams.get('_page') === '1' ? answers[pathname] : '[]');
}).listen(0, '127.0.0.1');

const servers = await startServers({ orders: [] });
const { token } = servers;
const headers = { Authorization: `Bearer ${token.access_token}`, 'x-api-key': token.client_id, 'x-gw-ims-org-id': token.ims_org_id, 'x-sandbox-name': token.sandbox_name, 'Content-Type': 'application/json' };
const browser = await launch();
const walk = await openWalk(browser, servers.headwater, pictures);
const { page, problems, check } = walk;
const button = (name) => page.getByRole('button', { name, exact: true });
const next = () => button('Next').click();

async function api(method, path, body, service = 'flowservice') {
  const answer = await fetch(`${servers.headwater}/data/foundation/${service}${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

async function rowsOf(sql) {
  const answer = await fetch(`${servers.headwater}/headwater/query`, { method: 'POST', headers, body: JSON.stringify({ sql }) });
  return (await answer.json()).rows;
}

/** Publishes the source at a path of ours and opens its set-up. */
async function openSetUp(path) {
  const spec = JSON.parse(readFileSync(new URL('demo/orders-connectionSpec.json', root), 'utf8'));
  spec.name = `source of ${path}`;
  spec.sourceSpec.attributes.uiAttributes.label.text = spec.name;
  spec.sourceSpec.attributes.urlParams.path = path;
  const { id } = await api('POST', '/connectionSpecs', spec);
  const [flowSpec] = (await api('GET', `/flowSpecs/${batchFlowSpec}`)).items;
  flowSpec.sourceConnectionSpecIds.push(id);
  await api('PUT', `/flowSpecs/${batchFlowSpec}`, flowSpec);
  await page.goto(`${servers.headwater}/sources/${id}`);
  await page.getByLabel('Address of the shop').fill(`http://127.0.0.1:${source.address().port}`);
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await next();
  return id;
}

async function createNow() {
  await next();
  await next();
  await button('Create the dataflow').click();
  await page.getByRole('row', { name: /Success|Failed|Partly/ }).first().waitFor({ timeout: 60_000 });
}

/** Names that are no words of the mapping language: each field has its own value. */
async function oddNames() {
  await openSetUp('/names');
  await page.getByLabel('Name of the dataset').fill('names');
  await next();
  await page.getByText('a member whose name is empty').waitFor();
  await page.getByText('${First Name}').waitFor();
  await check('set-up-names');
  await createNow();
  assert.deepEqual(await rowsOf('SELECT id, "2024", "First Name", "a[0]", "a.b", "e-mail", size, "__proto__".a, deep FROM names'), [[1, 7, 'Ada', 3, 4, 'ada@x.test', 5, 6, { 'Last Name': 'Byron', '': 8 }]]);
}

/** Nested and mixed arrays, members of several kinds, null elements and numbers that are too large: nothing of it is lost. */
async function allShapes() {
  await openSetUp('/shapes');
  await page.getByLabel('Name of the dataset').fill('shapes');
  await next();
  await page.getByText('Of v, n the first page shows no value, or values of several kinds').waitFor();
  await check('set-up-shapes');
  await createNow();
  const stored = await rowsOf('SELECT id, m::VARCHAR, v::VARCHAR, f::VARCHAR, big::VARCHAR FROM shapes ORDER BY id');
  assert.deepEqual(stored, [[1, '[[1,2],[3,[4]]]', '1', '[NULL, x]', '18446744073709551615'], [2, '[]', '{"a":[1]}', '[NULL]', null], [3, null, '[1]', null, '1'], [4, null, '"text"', null, null]]);
  assert.equal(await page.getByText('MAPPER-3700').count(), 0);
}

/** Rows that go nowhere, and two that cannot stand beside each other, are told and keep the step. */
async function conflicts() {
  await openSetUp('/people');
  await page.getByLabel('Name of the dataset').fill('people');
  await next();
  await button('Edit note').click();
  const destination = page.getByLabel('Field of the dataset');
  await destination.fill('customer.name.x');
  await page.getByText('Another row fills customer.name').waitFor();
  assert.ok(await button('Next').isDisabled());
  await check('set-up-conflict');
  await destination.fill('');
  await page.getByText('Say which field of the dataset it goes to').waitFor();
  assert.ok(await button('Next').isDisabled());
  await destination.fill('remark');
  await until('the rows to be right', () => button('Next').isEnabled());
}

try {
  await page.goto(servers.login());
  await page.getByRole('link', { name: 'Dataflows' }).waitFor();
  await oddNames();
  await allShapes();
  await conflicts();
  assert.deepEqual(problems, []);
  console.log('walked: odd names, all shapes, conflicts');
} catch (error) {
  await walk.fail('set-up-failure');
  throw error;
} finally {
  await browser.close();
  source.close();
  await servers.stop();
}
