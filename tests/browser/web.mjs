// Walks through the web application of the real binary in Chromium, with json-server as the real source: sign-in, catalog, set-up
// with preview, mapping and schedule, the run, the records, SQL; then a streaming source with real posts, and the builder from a
// broken spec to a published one. Every page is checked
// with axe-core, nothing may go wrong in the console, ask another host, or be wider than a telephone.
// web.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { until } from '../contract/servers.mjs';
import * as more from './system.mjs';
import { openDoor, startWalk } from './walk.mjs';

const root = new URL('../../', import.meta.url);
const orderCount = 250;

const orders = Array.from({ length: orderCount }, (_, i) => ({
  id: i + 1,
  customer: { name: ['Ada Byron', 'Grace Murray', 'Zoë Ångström'][i % 3], vip: i % 7 === 0 },
  placedAt: new Date(Date.UTC(2024, 0, 1, 0, i)).toISOString().replace('.000', ''),
  total: Number((((i * 37) % 9000) / 100 + 1.99).toFixed(2)),
  note: i % 3 === 0 ? null : `order ${i + 1}`,
}));

// One whose total is no number.
const bad = 150;
orders[bad - 1].total = 'unknown';

/** Registers the demo's source, as an author would have done. */
async function publish() {
  const spec = await api('POST', '/connectionSpecs', JSON.parse(readFileSync(new URL('demo/orders-connectionSpec.json', root), 'utf8')));
  await take(spec.id);
  const schema = await api('POST', '/tenant/schemas', { title: 'Strict order', type: 'object', required: ['id', 'total'], properties: { id: { type: 'integer' }, total: { type: 'number' }, placedAt: { type: 'string' } } }, 'schemaregistry');
  await api('POST', '/dataSets', { name: 'strict_orders', schemaRef: { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
}

/** json-server behind a door that is slow, or keeps all but the first page until it opens. */
const shop = { delay: 0, keeps: false, broken: false, address: '' };
const door = await openDoor(async (asked, answer) => {
  await new Promise((next) => setTimeout(next, shop.delay));
  if (shop.broken) return answer.writeHead(403).end();
  while (shop.keeps && !asked.url.includes('_page=1') && !answer.destroyed) await new Promise((next) => setTimeout(next, 100));
  const passed = http.request(`${servers.source}${asked.url}`, { method: asked.method, headers: asked.headers }, (got) => got.pipe(answer.writeHead(got.statusCode, got.headers)));
  passed.on('error', () => answer.destroy()).end();
});
shop.address = door.address;
const { page, servers, problems, button, heading, headers, api, take, check, takeSteps } = await startWalk({ records: { orders }, doors: [door] });

async function signIn() {
  await page.goto(servers.headwater);
  await heading('Sources catalog').waitFor();
  assert.equal(await page.title(), 'Sources catalog');
  assert.match(await page.locator('body').innerText(), /headwater login/);
  await check('sign-in');
  const printed = await until('the printed link', () => /sign in .*: (http\S+)/.exec(servers.printed())?.[1]);
  await page.goto(printed);
  await page.getByRole('link', { name: 'Dataflows' }).waitFor();
  assert.ok(!page.url().includes('#'), 'the code leaves the address');
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);
  // The link is used up: in another browser it says so.
  const other = await page.context().browser().newContext();
  const stranger = await other.newPage();
  await stranger.goto(printed);
  await stranger.getByText('used already').waitFor();
  await other.close();
}

async function chooseSource() {
  await page.getByRole('link', { name: 'Demo orders' }).waitFor();
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  assert.ok(painted < 1000, `first paint after ${painted} ms`);
  await page.getByRole('searchbox', { name: 'Search' }).fill('no such thing');
  await heading('No source fits').waitFor();
  await page.getByRole('searchbox', { name: 'Search' }).fill('small shop');
  assert.equal(await page.locator('.source').count(), 1);
  await page.getByRole('searchbox', { name: 'Search' }).fill('');
  await check('catalog');
  await page.getByRole('link', { name: 'Demo orders' }).click();
}

async function setUp() {
  await heading('What shall be fetched?').waitFor();
  await button('Next').click();
  await page.getByText('This is required.').waitFor();
  await page.getByLabel('Address of the shop').fill(shop.address);
  await check('set-up-source');
  await button('Next').click();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await page.getByRole('cell', { name: 'Grace Murray' }).first().waitFor();
  await check('set-up-preview');
  await button('Next').click();
  await page.getByLabel('Name of the dataset').fill('orders');
  await check('set-up-dataset');
  await button('Next').click();
  await heading('How do the records become').waitFor();
  await button('Edit customer.name').click();
  const editor = page.getByRole('textbox', { name: 'Source field or expression' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('uper(customer.name)');
  await page.getByText('Did you mean upper').first().waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('upp');
  await page.getByRole('option', { name: /^upper/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('upper(customer.name)');
  await page.getByText('Result: "ADA BYRON"').waitFor();
  await check('set-up-mapping');
  await button('Done').click();
  await button('Next').click();
  await heading('Next runs').waitFor();
  await check('set-up-schedule');
  await button('Next').click();
  await check('set-up-review');
  await button('Create the dataflow').click();
}

async function watchTheRun() {
  await heading('Demo orders').waitFor();
  // Without reloading.
  await page.getByRole('row', { name: /Success/ }).filter({ hasText: String(orderCount) }).waitFor({ timeout: 60_000 });
  // What did not fit is told with its place: it stands on the second page of a hundred.
  await page.getByText(/Page 2, record 50/).waitFor();
  await page.locator('.chart canvas').waitFor();
  await page.getByText('Fetch a range of the past').click();
  await page.getByLabel('Changed from').fill('2024-01-01T01:00');
  await page.getByLabel('until').fill('2024-01-01T01:30');
  await check('flow');
}

async function ask() {
  await page.getByRole('link', { name: 'orders', exact: true }).click();
  await page.getByRole('cell', { name: 'GRACE MURRAY' }).first().waitFor();
  const editor = page.getByRole('textbox', { name: 'SQL' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('SELECT count(*) AS records, sum(total) AS total FROM orders');
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByRole('cell', { name: String(orderCount), exact: true }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), button('Download CSV').click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), new RegExp(`^records,total\\r\\n${orderCount},`));
  const [parquet] = await Promise.all([page.waitForEvent('download'), button('Download Parquet').click()]);
  assert.match(parquet.suggestedFilename(), /^orders-.*\.parquet$/);
  const stored = readFileSync(await parquet.path());
  assert.deepEqual([stored.subarray(0, 4).toString(), stored.subarray(-4).toString()], ['PAR1', 'PAR1']);
  await check('dataset');
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText("SELECT * FROM read_csv('/etc/passwd')");
  await page.keyboard.press('Control+Enter');
  await page.getByRole('alert').waitFor();
}

/** A range of the past: its progress while it goes, its result, and one that is stopped on its way. */
async function fetchRange() {
  await toFlow('Demo orders');
  await page.getByText('Fetch a range of the past').click();
  const fetchFrom = async (from, until) => {
    await page.getByLabel('Changed from').fill(from);
    await page.getByLabel('until').fill(until);
    await button('Fetch').click();
  };
  const progress = page.getByRole('group', { name: 'Progress of the fetch' });
  shop.delay = 1500;
  await fetchFrom('2024-01-01T01:00', '2024-01-01T01:30');
  await progress.getByText(/Running for .* so far/).waitFor();
  await progress.getByText(/^Success 1 page read, 31 records written/).waitFor();
  shop.delay = 2500;
  shop.keeps = true;
  await fetchFrom('2024-01-01T00:00', '2024-01-02T00:00');
  await progress.getByText(/1 page and 100 records so far/).waitFor();
  await check('flow-fetching');
  await page.reload();
  await progress.getByText(/pages? and \d+ records so far/).waitFor();
  await progress.getByRole('button', { name: 'Stop' }).click();
  await progress.getByText(/^Stopped after \d pages?/).waitFor();
  await check('flow-stopped');
  Object.assign(shop, { delay: 0, keeps: false });
  await progress.getByRole('button', { name: 'Show the run' }).click();
  await page.getByText('The run was cancelled').first().waitFor();
  // The range came through the edited mapping, and what was stopped left nothing.
  const sql = 'SELECT count(*), count(*) FILTER (customer.name = lower(customer.name)) FROM orders';
  const answer = await fetch(`${servers.headwater}/headwater/query`, { method: 'POST', headers: headers(), body: JSON.stringify({ sql }) });
  assert.deepEqual((await answer.json()).rows, [[orderCount + 31, 31]]);
}

const toFlow = async (name) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Dataflows' }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
};

async function writeExpression(text) {
  await page.getByRole('textbox', { name: 'Source field or expression' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** The mapping of a dataflow that is there: a version of its own, pinned; a broken row is told and not saved. */
async function editMapping() {
  await toFlow('Demo orders');
  await page.getByText('version 0').waitFor();
  await page.getByRole('link', { name: 'Edit mapping' }).click();
  await button('Edit customer.name').click();
  await writeExpression('uper(customer.name)');
  await page.getByText('1 row has a problem').waitFor();
  assert.ok(await button('Save the mapping').isDisabled());
  await writeExpression('lower(customer.name)');
  await page.getByText('Result: "ada byron"').waitFor();
  await check('flow-mapping');
  await button('Done').click();
  await button('Save the mapping').click();
  await page.getByText('version 1').waitFor();
  // Where another dataflow uses the set, this one gets its own, and the other keeps what it has.
  const { items: [own] } = await api('GET', '/flows?property=name==Demo orders');
  const { flowSpec, sourceConnectionIds, targetConnectionIds, transformations } = own;
  const twin = await api('POST', '/flows', { name: 'Twin', flowSpec, sourceConnectionIds, targetConnectionIds, transformations, scheduleParams: { startTime: 4_000_000_000, frequency: 'once' } });
  await page.getByRole('link', { name: 'Edit mapping' }).click();
  await button('Save the mapping').click();
  await page.getByText('version 0').waitFor();
  const mappingOf = async (id) => (await api('GET', `/flows/${id}`)).items[0].transformations[0].params;
  assert.notEqual((await mappingOf(own.id)).mappingId, transformations[0].params.mappingId);
  assert.deepEqual(await mappingOf(twin.id), transformations[0].params);
  // One without gets one: the rows are proposed.
  await toFlow('Strict orders');
  const { items: [flow] } = await api('GET', '/flows?property=name==Strict orders');
  await api('PATCH', `/flows/${flow.id}`, [{ op: 'remove', path: '/transformations' }], 'flowservice', { 'If-Match': flow.etag });
  await page.getByRole('link', { name: 'Add a mapping' }).click({ timeout: 30_000 });
  await button('Edit total').waitFor();
  await check('flow-mapping-proposed');
  await button('Save the mapping').click();
  await page.getByRole('link', { name: 'Edit mapping' }).waitFor();
  const { items: [mapped] } = await api('GET', `/flows/${flow.id}`);
  const [{ params }] = mapped.transformations;
  assert.equal(params.mappingVersion, 0);
  assert.notEqual(params.mappingId, flow.transformations[0].params.mappingId);
}

/** Several files are listed; a dataset without records says who could bring some. */
async function files() {
  await page.getByRole('navigation').getByRole('link', { name: 'Datasets' }).click();
  await page.getByRole('link', { name: 'orders', exact: true }).click();
  const listed = page.getByRole('region', { name: 'Files' }).locator('tbody tr');
  await listed.nth(1).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), listed.nth(1).getByRole('button').click()]);
  assert.equal(readFileSync(await download.path()).subarray(0, 4).toString(), 'PAR1');
  await check('dataset-files');
  const [empty] = await api('POST', '/dataSets', { name: 'nothing_yet', schemaRef: (await api('GET', '/dataSets?name=strict_orders', undefined, 'catalog').then(Object.values))[0].schemaRef }, 'catalog');
  await page.goto(`${servers.headwater}/datasets/${empty.split('/').pop()}`);
  await page.getByText('No dataflow writes here').waitFor();
  await check('dataset-empty');
  await page.getByRole('link', { name: '← Datasets' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('no such thing');
  await heading('No dataset fits').waitFor();
}

/** Into a dataset that is there: rows are proposed, and what its schema refuses is set aside with its place. */
async function setUpStrictly() {
  await page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('link', { name: 'Demo orders' }).click();
  await page.getByLabel('Address of the shop').fill(servers.source);
  await button('Next').click();
  await page.getByRole('cell', { name: 'Grace Murray' }).first().waitFor();
  await button('Next').click();
  await page.getByRole('radio', { name: 'One that is there' }).click();
  await page.getByRole('button', { name: /Existing dataset/ }).click();
  await page.getByRole('option', { name: 'strict_orders' }).click();
  await page.getByLabel('Name of the dataflow').fill('Strict orders');
  await button('Next').click();
  await button('Edit total').waitFor();
  await check('set-up-suggested');
  await button('Next').click();
  await button('Next').click();
  await button('Create the dataflow').click();
  const rejected = page.getByRole('region', { name: 'Rejected records' });
  await rejected.waitFor({ timeout: 60_000 });
  assert.match((await rejected.locator('tbody tr').innerText()).replaceAll(/\s+/g, ' '), /^2 50 .*the value cannot become a number/);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.getByText('cannot become a number').count(), 1, 'a rejected record is told once');
  await check('flow-rejected');
  const [rejects] = await Promise.all([page.waitForEvent('download'), button('Download').click()]);
  assert.equal(JSON.parse(JSON.parse(readFileSync(await rejects.path(), 'utf8'))._corrupt_record).id, bad);
}

async function lists() {
  for (const [name, link] of [['flows', 'Dataflows'], ['accounts', 'Accounts'], ['datasets', 'Datasets'], ['system', 'System']]) {
    await page.getByRole('navigation').getByRole('link', { name: link }).click();
    await page.getByRole('heading', { level: 1, name: link }).waitFor();
    await page.waitForLoadState('networkidle');
    await check(name);
  }
}

async function stream() {
  await page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('link', { name: 'Generic streaming' }).click();
  await heading('What do the events look like?').waitFor();
  await check('stream-sample');
  await button('Next').click();
  await page.getByLabel('Name of the dataset').fill('signups');
  await button('Next').click();
  await button('Next').click();
  await button('Create the dataflow').click();
  const address = (await page.locator('code.address').innerText()).trim();
  const answer = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"email":"grace@example.test","name":"Grace","signedUpAt":"2024-03-05T09:07:03Z"}' });
  assert.equal(answer.status, 200, await answer.text());
  await page.getByRole('tab', { name: 'Signed (HMAC)' }).click();
  await page.getByText('openssl dgst').waitFor();
  await check('stream-flow');
  await page.getByRole('link', { name: 'signups', exact: true }).click();
  await page.getByRole('cell', { name: 'grace@example.test' }).waitFor({ timeout: 60_000 });
  // The mapping of a stream is edited on a sample; the next event is mapped with it.
  await page.getByRole('link', { name: 'Generic streaming', exact: true }).click();
  await page.getByRole('link', { name: 'Edit mapping' }).click();
  await button('Next').click();
  await button('Edit name').click();
  await writeExpression('upper(name)');
  await page.getByText('Result: "ADA"').waitFor();
  await button('Done').click();
  await button('Save the mapping').click();
  await page.getByText('version 1').waitFor();
  await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"email":"edsger@example.test","name":"Edsger"}' });
  await page.getByRole('link', { name: 'signups', exact: true }).click();
  await page.getByRole('cell', { name: 'EDSGER', exact: true }).waitFor({ timeout: 60_000 });
}

/** An author: a spec that cannot run is repaired while its problems are told, called, published, and stands in the catalog. */
async function build() {
  await page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('link', { name: 'Build a source' }).click();
  const editor = page.getByRole('textbox', { name: 'Connection spec' });
  await editor.waitFor();
  const spec = JSON.parse(readFileSync(new URL('demo/orders-connectionSpec.json', root), 'utf8'));
  spec.name = 'built-orders';
  spec.sourceSpec.attributes.uiAttributes.label.text = 'Built orders';
  spec.sourceSpec.attributes.paginationParams.type = 'PAGES';
  const type = async (text) => {
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };
  await type(JSON.stringify(spec, null, 2));
  await page.locator('.problems li.error', { hasText: '/sourceSpec/attributes/paginationParams' }).first().waitFor();
  await check('builder-broken');
  spec.sourceSpec.attributes.paginationParams.type = 'PAGE';
  await type(JSON.stringify(spec, null, 2));
  await page.getByLabel('Address of the shop').fill(servers.source);
  await page.getByText(/^GET http/).first().waitFor();
  await button('Call the source').click();
  await page.getByRole('cell', { name: 'Grace Murray' }).first().waitFor();
  assert.match(await page.getByRole('region', { name: 'The page as it came' }).innerText(), /^\[\s*\{\s*"id": 1,/);
  await page.getByText('The records are the 100 elements of $.').waitFor();
  assert.match(await page.locator('pre[aria-label="next page"]').innerText(), /^GET http\S+_page=2/);
  await page.getByLabel('Description').first().fill('Orders, built in the browser');
  await check('builder');
  await button('Publish').click();
  await page.getByText('Published: it stands in the catalog.').waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('link', { name: 'Built orders' }).waitFor();
}

/** What the events of the stream have left in the numbers of the server. */
async function system() {
  await page.getByRole('navigation').getByRole('link', { name: 'System' }).click();
  const row = page.getByRole('region', { name: 'Inlets' }).locator('tbody tr').first();
  await row.getByRole('link', { name: 'Generic streaming' }).waitFor();
  assert.deepEqual((await row.locator('td').allInnerTexts()).slice(2, 6), ['2', '2', '0', '0']);
  // Live: two more come while one looks.
  const { items: [{ inletUrl }] } = await (await fetch(`${servers.headwater}/data/core/edge/inlets`, { headers: headers() })).json();
  for (const name of ['Alan', 'Barbara']) await fetch(inletUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: `${name}@example.test`, name }) });
  await row.locator('td').nth(2).getByText('4', { exact: true }).waitFor();
  await row.getByText(/0\.\d a second/).waitFor();
  await page.getByText('Events that wait for the lake').waitFor();
  await check('system-inlets');
}

/** Another sandbox has nothing of this one; a thing's page becomes its list. */
async function switchSandbox() {
  await api('POST', '/sandboxes', { name: 'dev', title: 'Development', type: 'development' }, 'sandbox-management');
  const { headwater } = servers;
  await page.goto(`${headwater}/datasets`);
  await page.getByRole('link', { name: 'orders', exact: true }).click();
  await page.getByRole('cell', { name: 'GRACE MURRAY' }).first().waitFor();
  const choose = async (name) => {
    await page.getByRole('button', { name: /Sandbox/ }).click();
    await page.getByRole('option', { name, exact: true }).click();
  };
  await choose('dev');
  await heading('No datasets yet').waitFor();
  await check('datasets-empty');
  for (const [link, empty] of [['Dataflows', 'No dataflows yet'], ['Accounts', 'No accounts yet'], ['System', 'No inlets yet']]) {
    await page.getByRole('navigation').getByRole('link', { name: link }).click();
    await heading(empty).waitFor();
    await check(`${link.toLowerCase()}-empty`);
  }
  // Remembered, and back.
  await page.goto(`${headwater}/flows`);
  await heading('No dataflows yet').waitFor();
  await choose('prod');
  await page.getByRole('link', { name: 'Demo orders', exact: true }).waitFor();
}

async function signOut() {
  await button('Appearance and session').click();
  await page.getByRole('menuitemradio', { name: 'Sign out' }).click();
  await heading('Sources catalog').waitFor();
  assert.match(await page.locator('body').innerText(), /headwater login/);
  assert.equal((await page.context().cookies()).length, 0);
}

// What the browser's console tells, too: a 400 of the query, later a 412 of the webhook.
function refused(address) {
  const told = problems.filter((one) => one.includes(address));
  assert.equal(told.length, 1, `one call of ${address} is refused`);
  problems.splice(problems.indexOf(told[0]), 1);
}

const shared = { page, servers, api, check, button, heading, headers, toFlow };
let hook;
const steps = {
  publish, signIn, chooseSource, setUp, watchTheRun,
  ask: () => ask().then(() => refused('/headwater/query')),
  setUpStrictly, editMapping, fetchRange, files, lists, stream, system, switchSandbox,
  webhooks: async () => {
    hook = await more.webhooks(shared);
    refused('/flowservice/webhooks');
  },
  again: () => more.again(shared, hook, shop),
  access: () => more.access(shared), conflict: () => more.conflict(shared), replay: () => more.replay(shared), organisations: () => more.organisations(shared),
  build, signOut,
};

// What is wrong with an expression while it is typed is a 400 of the preview.
await takeSteps('web', steps, { expected: /\/mappingSets\/preview/, signedIn: false });
