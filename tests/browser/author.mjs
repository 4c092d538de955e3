// The walk of an author in the builder: two who change the same source.
// author.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { startServers } from '../contract/servers.mjs';
import { launch, openWalk } from './walk.mjs';

const [folder] = process.argv.slice(2);
const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';
const orders = Array.from({ length: 3 }, (_, i) => ({ id: i + 1, total: i }));

const servers = await startServers({ orders, odd: [1, 2, 'x', null] });
const { token } = servers;
const headers = { Authorization: `Bearer ${token.access_token}`, 'x-api-key': token.client_id, 'x-gw-ims-org-id': token.ims_org_id, 'x-sandbox-name': token.sandbox_name, 'Content-Type': 'application/json' };

async function api(method, path, body, service = 'flowservice', more = {}) {
  const answer = await fetch(`${servers.headwater}/data/foundation/${service}${path}`, { method, headers: { ...headers, ...more }, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

const specOf = (name) => ({
  name, type: 'generic-rest', providerId: '0ed90a81-07f4-4586-8190-b40eccef1c5a', version: '1.0', authSpec: [],
  sourceSpec: {
    spec: { type: 'object', properties: {} },
    attributes: {
      uiAttributes: { isSource: true, isPreview: true, category: { text: 'ecommerce' }, label: { text: name }, description: { text: name } },
      urlParams: { host: servers.source, path: '/orders', method: 'GET' }, contentPath: { path: '$' }, paginationParams: { type: 'NONE' },
    },
  },
  exploreSpec: { name: 'Resource', type: 'Resource', requestSpec: {}, responseSpec: {} },
});

/** Registers a source; its id. */
async function publish(name) {
  const { id } = await api('POST', '/connectionSpecs', specOf(name));
  const [flowSpec] = (await api('GET', `/flowSpecs/${batchFlowSpec}`)).items;
  flowSpec.sourceConnectionSpecIds.push(id);
  await api('PUT', `/flowSpecs/${batchFlowSpec}`, flowSpec);
  return id;
}

const stored = async (id) => (await api('GET', `/connectionSpecs/${id}`)).items[0];

const browser = await launch();
const walk = await openWalk(browser, servers.headwater, folder);
const { page, problems, check } = walk;
page.on('dialog', (dialog) => dialog.accept());
const button = (name) => page.getByRole('button', { name, exact: true });
const editor = page.getByRole('textbox', { name: 'Connection spec' });

async function type(text) {
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

const open = async (id) => {
  await page.goto(`${servers.headwater}/builder/${id}`);
  await editor.getByText('"generic-rest"').waitFor();
};

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
  await page.getByText('Published: it stands in the catalog.').waitFor();
  assert.equal((await stored(id)).description, 'mine');
  // One publishes again and again without being in one's own way, and takes what the other has written.
  await type(JSON.stringify({ ...spec, description: 'mine again' }, null, 2));
  await button('Publish the change').click();
  await editor.getByText('"mine again"').waitFor();
  await page.waitForTimeout(300);
  assert.equal((await stored(id)).description, 'mine again');
  await elsewhere('theirs again');
  await type(JSON.stringify({ ...spec, description: 'lost' }, null, 2));
  await button('Publish the change').click();
  await button('Take theirs').click();
  await editor.getByText('"theirs again"').waitFor();
  assert.equal(await told.count(), 0);
}

const steps = { twoAuthors };

try {
  await page.goto(servers.login());
  await page.getByRole('link', { name: 'Dataflows' }).waitFor();
  const only = process.env.STEPS?.split(',');
  for (const [name, step] of Object.entries(steps)) if (!only || only.includes(name)) await step();
  assert.deepEqual(problems.filter((one) => !/status of 412/.test(one)), []);
  console.log(`walked: ${Object.keys(steps).join(', ')}`);
} catch (error) {
  await walk.fail('author-failure');
  throw error;
} finally {
  await browser.close();
  await servers.stop();
}
