// The walk of an author in the builder: two who change the same source, a change that breaks dataflows, what is
// offered while one types, the two views of the document.
// author.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { until } from '../contract/servers.mjs';
import { batchFlowSpec, sourceSpec, startWalk } from './walk.mjs';

const streamingFlowSpec = 'e77fde5a-22a8-11ed-861d-0242ac120002';
const lake = 'c604ff05-7f1a-43c0-8e18-33bf874cb11c';
const [folder] = process.argv.slice(2);
const orders = Array.from({ length: 3 }, (_, i) => ({ id: i + 1, total: i }));

const { page, servers, button, api, take, type: typeInto, check, takeSteps } = await startWalk({ records: { orders, odd: [1, 2, 'x', null] } });
const editor = page.getByRole('textbox', { name: 'Connection spec' });
const type = (text) => typeInto('Connection spec', text);
const specOf = (name) => sourceSpec(name, servers.source, '/orders');

/** Registers a source; its id. */
async function publish(name) {
  const { id } = await api('POST', '/connectionSpecs', specOf(name));
  await take(id);
  return id;
}

const stored = async (id) => (await api('GET', `/connectionSpecs/${id}`)).items[0];

const open = async (id) => {
  await page.goto(`${servers.headwater}/builder/${id}`);
  await editor.getByText('"generic-rest"').waitFor();
};

const confirmed = () => page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();

/** Another author has published meanwhile: that is told, both versions can be looked at, and nothing is written over unasked. */
async function twoAuthors() {
  const id = await publish('shared');
  const spec = specOf('shared');
  const elsewhere = (description) => api('PUT', `/connectionSpecs/${id}`, { ...spec, description });
  await open(id);
  await elsewhere('theirs');
  await type(JSON.stringify({ ...spec, description: 'mine' }, null, 2));
  await button('Publish the change').click();
  const told = page.getByRole('alert').filter({ hasText: 'Somebody else has changed this source' });
  await told.waitFor();
  assert.equal((await stored(id)).description, 'theirs');
  await editor.getByText('"mine"').waitFor();
  assert.ok(await button('Publish the change').isDisabled());
  await button('Look at theirs').click();
  assert.match(await page.getByRole('region', { name: 'Their version' }).innerText(), /"description": "theirs"/);
  await check('author-conflict');
  await button('Keep mine').click();
  await button('Publish the change').click();
  await confirmed();
  await page.getByText('Published: it stands in the catalog.').waitFor();
  assert.equal((await stored(id)).description, 'mine');
  // One publishes again and again without being in one's own way, and takes what the other has written.
  await type(JSON.stringify({ ...spec, description: 'mine again' }, null, 2));
  await button('Publish the change').click();
  await confirmed();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await stored(id)).description, 'mine again');
  await elsewhere('theirs again');
  await type(JSON.stringify({ ...spec, description: 'lost' }, null, 2));
  await button('Publish the change').click();
  await button('Take theirs').click();
  await editor.getByText('"theirs again"').waitFor();
  assert.equal(await told.count(), 0);
}

/** Names of members and choices are offered where they go, with what they mean, and put there with what JSON wants around them. */
async function completion() {
  await page.goto(`${servers.headwater}/builder`);
  await editor.getByText('"generic-rest"').waitFor();
  const offer = (name) => page.locator('.cm-tooltip-autocomplete').getByRole('option', { name });
  await type('');
  await page.keyboard.type('{"na');
  await offer(/^"name"/).waitFor();
  await page.locator('.cm-completionInfo').getByText('Unique among your sources').waitFor();
  if (folder) await page.screenshot({ path: `${folder}/author-completion.png` });
  await page.keyboard.press('Enter');
  await page.keyboard.type('orders');
  assert.equal((await editor.innerText()).trim(), '{"name": "orders"}');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Space');
  await offer(/^"type"/).waitFor();
  assert.equal(await offer(/^"name"/).count(), 0, 'what is there is not offered');
  await page.keyboard.type('ty');
  await page.waitForTimeout(300); // the list takes no key at once
  await page.keyboard.press('Enter');
  await offer(/^"generic-streaming"/).waitFor();
  await page.waitForTimeout(300);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.deepEqual(JSON.parse(await editor.innerText()), { name: 'orders', type: 'generic-streaming' });
}

/** A flow that reads the source, as somebody has set it up. */
async function flowOf(specId, name) {
  const connectionSpec = { id: specId, version: '1.0' };
  const base = await api('POST', '/connections', { name, connectionSpec });
  const source = await api('POST', '/sourceConnections', { name, baseConnectionId: base.id, connectionSpec, data: { format: 'json' }, params: {} });
  const schema = await api('POST', '/tenant/schemas', { title: name, type: 'object', properties: { id: { type: 'integer' } } }, 'schemaregistry');
  const schemaRef = { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
  const [path] = await api('POST', '/dataSets', { name, schemaRef }, 'catalog');
  const target = await api('POST', '/targetConnections', { name, connectionSpec: { id: lake, version: '1.0' }, data: { format: 'parquet_xdm', schema: { id: schema.$id, version: schemaRef.contentType } }, params: { dataSetId: path.split('/').pop() } });
  await api('POST', '/flows', { name, flowSpec: { id: batchFlowSpec, version: '1.0' }, sourceConnectionIds: [source.id], targetConnectionIds: [target.id], transformations: [], scheduleParams: { startTime: 4_000_000_000, frequency: 'once' } });
}

/** Who changes a source in use is shown what changes and whom it breaks, and asked; a name is taken once. */
async function breakingChange() {
  const id = await publish('used');
  await flowOf(id, 'Reader of used');
  await open(id);
  const spec = specOf('used');
  spec.sourceSpec.attributes.contentPath.path = '$.gone';
  await type(JSON.stringify(spec, null, 2));
  await button('Publish the change').click();
  const question = page.getByRole('dialog');
  await question.getByRole('heading', { name: 'This breaks a dataflow' }).waitFor();
  await question.getByRole('listitem').filter({ hasText: 'Reader of used' }).getByText('breaks').waitFor();
  await question.getByText('"$.gone"').waitFor();
  await question.getByText('The content path changes').waitFor();
  await check('author-breaking');
  await question.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await stored(id)).sourceSpec.attributes.contentPath.path, '$');
  await button('Publish the change').click();
  await question.getByRole('button', { name: 'Publish all the same' }).click();
  await page.getByText('Published: it stands in the catalog.').first().waitFor();
  assert.equal((await stored(id)).sourceSpec.attributes.contentPath.path, '$.gone');
  await page.goto(`${servers.headwater}/builder`);
  await type(JSON.stringify(specOf('used'), null, 2));
  await button('Publish').click();
  await page.getByText('There is a source called used already').waitFor();
  assert.equal((await api('GET', '/connectionSpecs?property=name==used')).items.length, 1);
}

const flowSpecHas = async (flowSpec, id) => (await api('GET', `/flowSpecs/${flowSpec}`)).items[0].sourceConnectionSpecIds.includes(id);
const called = async (name) => (await api('GET', `/connectionSpecs?property=name==${name}`)).items;

/** Another version of a source is published beside it, and another of the same name and version is not. */
async function anotherVersion() {
  const id = await publish('versions');
  await flowOf(id, 'Reader of versions');
  await open(id);
  const spec = { ...specOf('versions'), version: '2.0' };
  spec.sourceSpec.attributes.contentPath.path = '$.elsewhere';
  await type(JSON.stringify(spec, null, 2));
  await button('Publish the change').click();
  const question = page.getByRole('dialog');
  await question.getByRole('heading', { name: 'Publish version 2.0 beside 1.0?' }).waitFor();
  assert.equal(await question.getByText('Reader of versions').count(), 0);
  await check('author-version');
  await confirmed();
  await page.getByText('Published: it stands in the catalog.').first().waitFor();
  const [second] = (await called('versions')).filter((one) => one.id !== id);
  assert.deepEqual([second.version, (await stored(id)).version, (await stored(id)).sourceSpec.attributes.contentPath.path], ['2.0', '1.0', '$']);
  assert.ok(await flowSpecHas(batchFlowSpec, second.id));
  await page.waitForURL(`**/builder/${second.id}`);
  await page.goto(`${servers.headwater}/builder`);
  await type(JSON.stringify(spec, null, 2));
  await button('Publish').click();
  await page.getByText('There is a source called versions already, of version 2.0').waitFor();
  assert.equal((await called('versions')).length, 2);
  await page.goto(servers.headwater);
  const cards = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'versions', exact: true }) });
  await cards.first().waitFor();
  assert.deepEqual((await cards.allInnerTexts()).map((text) => /version \S+/.exec(text)?.[0]), ['version 1.0', 'version 2.0']);
}

/** What is stored before the rest fails is told, and the next click goes on with the rest. */
async function halfPublished() {
  const flowSpecs = '**/flowservice/flowSpecs/*';
  const failing = () => page.route(flowSpecs, (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
  const left = page.getByText('It is published, but dataflows cannot use it yet');
  const streaming = { ...specOf('half'), type: 'generic-streaming', providerId: '521eee4d-8cbe-4906-bb48-fb6bd4450033' };
  await page.goto(`${servers.headwater}/builder`);
  await type(JSON.stringify({ ...streaming, sourceSpec: { attributes: { uiAttributes: streaming.sourceSpec.attributes.uiAttributes } } }, null, 2));
  await failing();
  await button('Publish').click();
  await left.waitFor();
  const [{ id }] = await called('half');
  await page.waitForURL(`**/builder/${id}`);
  assert.ok(!(await flowSpecHas(streamingFlowSpec, id)));
  await page.unroute(flowSpecs);
  await editor.getByText('"generic-streaming"').waitFor();
  await button('Publish the change').click();
  await page.getByText('Published: dataflows can use it now.').waitFor();
  assert.ok(await flowSpecHas(streamingFlowSpec, id) && !(await flowSpecHas(batchFlowSpec, id)));
  // A change of one that flows cannot have yet: the etag is that of what was stored.
  const other = (await api('POST', '/connectionSpecs', specOf('unadmitted'))).id;
  await open(other);
  await failing();
  await type(JSON.stringify({ ...specOf('unadmitted'), description: 'changed' }, null, 2));
  await button('Publish the change').click();
  await page.getByRole('dialog').getByText('No dataflow of this organisation uses it.').waitFor();
  await confirmed();
  await until('what is stored', async () => (await stored(other)).description === 'changed');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await left.last().waitFor();
  await page.unroute(flowSpecs);
  await button('Publish the change').click();
  await until('the flow spec', () => flowSpecHas(batchFlowSpec, other));
  assert.equal(await page.getByText('Somebody else has changed').count(), 0);
}

/** One document, two views beside each other: what is written in one stands in the other, and nothing is lost while the code is none. */
async function twoViews() {
  await page.goto(`${servers.headwater}/builder`);
  const spec = specOf('views');
  spec.sourceSpec.attributes.urlParams.queryParams = { lang: 'en' };
  spec.sourceSpec.attributes.headerParams = { 'X-Shop': 'main' };
  await type(JSON.stringify(spec, null, 2));
  const group = (name) => page.getByRole('group', { name, exact: true });
  let tried = {};
  page.on('request', (asked) => asked.url().endsWith('/headwater/drafts/try') && (tried = asked.postDataJSON().connectionSpec));
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some(({ value }) => value === 'lang'));
  await group('Query parameters').getByRole('textbox', { name: 'Value' }).fill('de');
  await group('Headers').getByRole('button', { name: 'Add to Headers' }).click();
  await group('Headers').getByRole('textbox', { name: 'Name' }).last().fill('Accept');
  await group('Headers').getByRole('textbox', { name: 'Value' }).last().fill('application/json');
  await group('In the catalog').getByRole('textbox', { name: 'Label' }).fill('My views');
  await group('In the catalog').getByRole('button', { name: /Category/ }).click();
  await page.getByRole('option', { name: 'payments' }).click();
  await group('How accounts sign in').getByRole('button', { name: /Add a way/ }).click();
  await page.getByRole('option', { name: 'User name and password' }).click();
  await group('What a user fills in').getByRole('textbox', { name: 'Name of another' }).fill('shop');
  await group('What a user fills in').getByRole('button', { name: 'Add it' }).click();
  await group('What a user fills in').getByRole('checkbox', { name: 'shop is required' }).click();
  await group('What a user fills in').getByRole('textbox', { name: 'Title of shop' }).fill('Which shop');
  await page.getByRole('region', { name: 'Try it with' }).getByLabel('Which shop').waitFor();
  await check('author-form');
  const now = await until('the whole document', () => tried?.sourceSpec?.spec?.properties?.shop?.title === 'Which shop' && tried);
  assert.deepEqual(now.sourceSpec.attributes.urlParams.queryParams, { lang: 'de' });
  assert.deepEqual(now.sourceSpec.attributes.headerParams, { 'X-Shop': 'main', Accept: 'application/json' });
  assert.equal(now.sourceSpec.attributes.urlParams.headerParams, undefined);
  assert.deepEqual([now.sourceSpec.attributes.uiAttributes.label, now.sourceSpec.attributes.uiAttributes.category], [{ text: 'My views' }, { text: 'payments' }]);
  assert.deepEqual([now.authSpec[0].type, now.sourceSpec.spec.required, now.sourceSpec.spec.properties], ['BasicAuthentication', ['shop'], { shop: { type: 'string', title: 'Which shop' } }]);
  await type('{"name": ');
  await page.getByText('The code is no JSON object now').waitFor();
  assert.ok(await group('In the catalog').getByRole('textbox', { name: 'Label' }).isDisabled());
  assert.ok(await group('Query parameters').getByRole('textbox', { name: 'Value' }).isDisabled());
  // Where there is no room for both, each has a tab.
  await page.setViewportSize({ width: 1000, height: 900 });
  await page.getByRole('tab', { name: 'Form' }).waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Records that are no objects are shown as what they are. */
async function bareValues() {
  const spec = specOf('odd');
  spec.sourceSpec.attributes.urlParams.path = '/odd';
  await page.goto(`${servers.headwater}/builder`);
  await type(JSON.stringify(spec, null, 2));
  await page.getByText(/^GET http\S+\/odd/).first().waitFor();
  await button('Call the source').click();
  const records = page.getByRole('region', { name: 'First records' });
  await records.getByRole('columnheader', { name: 'value' }).waitFor();
  assert.deepEqual(await records.locator('tbody tr').allInnerTexts(), ['1', '2', 'x', 'null']);
  await page.getByText('No objects: each record is one value').waitFor();
  await check('author-values');
}

await takeSteps('author', { twoAuthors, breakingChange, anotherVersion, halfPublished, completion, twoViews, bareValues }, { expected: /status of 412|net::ERR_FAILED/ });
