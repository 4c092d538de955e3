// Further steps of web.mjs's walk: the System page's webhooks and access, organisations, a mapping that somebody else changes, a
// replay of what a stream has rejected, a run that is started again. `walk` is what web.mjs shares: {page, servers, api, check, button,
// heading, headers, toFlow}.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { binary, until } from '../contract/servers.mjs';

const toSystem = ({ page }) => page.getByRole('navigation').getByRole('link', { name: 'System' }).click();

/** A receiver that notes what it is told and answers with `status`. */
async function receiver() {
  const told = [];
  const state = { status: 204 };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      told.push({ headers: request.headers, body: JSON.parse(body) });
      response.writeHead(state.status).end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { told, state, url: `http://127.0.0.1:${server.address().port}/runs`, close: () => server.close() };
}

/** Added with the keyboard alone, tested, told of a run that fails, edited, deleted. */
export async function webhooks(walk) {
  const { page, check, button, api } = walk;
  const hook = await receiver();
  await toSystem(walk);
  const region = page.getByRole('region', { name: 'Webhooks', exact: true });
  await region.first().getByText('Nobody is told').waitFor();
  await button('Add a webhook').focus();
  await page.keyboard.press('Enter');
  const address = page.getByLabel('Address');
  await address.waitFor();
  assert.ok(await address.evaluate((field) => field === document.activeElement), 'the first field has the focus');
  await page.keyboard.press('Enter');
  await page.getByText('The address that is told').waitFor();
  await page.keyboard.type(hook.url);
  await page.getByLabel('Name', { exact: true }).fill('Pager');
  await page.getByLabel('Secret', { exact: true }).fill('short');
  await button('Add webhook').click();
  await page.getByText('A secret has at least 16 bytes.').waitFor();
  await check('webhook-form');
  await page.getByLabel('Secret', { exact: true }).fill('correct-horse-battery');
  await page.keyboard.press('Enter');
  await button('Send a test to Pager').click();
  await page.getByText('Pager: the test was delivered; the receiver answered 204.').waitFor();
  assert.equal(hook.told[0].body.type, 'webhook.test');
  assert.match(hook.told[0].headers['x-hmac-sha256'], /^sha256=[0-9a-f]{64}$/);
  hook.state.status = 503;
  await button('Send a test to Pager').click();
  await page.getByText('Pager: The receiver answered 503 instead of 2xx.').waitFor();
  await check('webhooks');
  hook.state.status = 200;
  const { items: [stored] } = await api('GET', '/webhooks');
  assert.ok(stored.signed && !JSON.stringify(stored).includes('battery'));
  await button('Edit Pager').click();
  await page.getByText('Leave it empty to keep the one that is set.').waitFor();
  // Somebody else saves meanwhile, and the page has seen it: that is not written over.
  await api('PUT', `/webhooks/${stored.id}`, { url: stored.url, events: stored.events, name: 'Theirs' }, 'flowservice', { 'If-Match': stored.etag });
  await button('Edit Theirs').waitFor();
  await button('Save webhook').click();
  await page.getByRole('alert').getByText('does not match the current version').waitFor();
  await button('Cancel').click();
  await button('Edit Theirs').click();
  await page.getByLabel('Name', { exact: true }).fill('Pager');
  await page.getByRole('checkbox', { name: 'Late runs' }).uncheck();
  await button('Save webhook').click();
  await page.getByRole('cell', { name: 'Failed runs, Recovered runs' }).waitFor();
  return hook;
}

/** A run that fails is told to the webhook, and its window is run again from its page; the success is told, too. */
export async function again(walk, hook, source) {
  const { page, api, button, check, toFlow } = walk;
  const { items: [flow] } = await api('GET', '/flows?property=name==Demo orders');
  const toldOf = (type, run) => hook.told.map(({ body }) => body).find((body) => body.type === type && body.flow.id === flow.id && (!run || body.run.id === run));
  const runs = async () => (await api('GET', `/runs?property=flowId==${flow.id}&orderby=-createdAt&limit=100`)).items;
  const known = new Set((await runs()).map(({ id }) => id));
  source.broken = true;
  await toFlow('Demo orders');
  await button('Run now').click();
  const failed = await until('the run that fails', async () => (await runs()).find(({ id, metrics }) => !known.has(id) && metrics.statusSummary.status === 'failed'));
  assert.equal(failed.trigger, 'demand');
  const told = await until('the failure to be told', () => toldOf('run.failed', failed.id));
  assert.equal(told.run.state, 'failed');
  // The page shows the last run by itself: the one that failed.
  await page.locator('#run', { hasText: failed.id }).getByRole('button', { name: 'Run this window again' }).waitFor();
  await check('flow-failed');
  source.broken = false;
  await page.locator('#run', { hasText: failed.id }).getByRole('button', { name: 'Run this window again' }).click();
  const retried = await until('the run of the same window', async () => (await runs()).find(({ trigger }) => trigger === 'retry'));
  assert.ok(!known.has(retried.id));
  const recovery = await until('the recovery to be told', () => toldOf('run.recovered', retried.id));
  assert.deepEqual([recovery.run.trigger, recovery.run.windowStartTime, recovery.run.windowEndTime], ['retry', told.run.windowStartTime, told.run.windowEndTime]);
  await page.locator('#run', { hasText: retried.id }).getByText('Success').first().waitFor();
  hook.close();
}

/** Who may call: a token that is shown once and works, and another browser that is signed out. */
export async function access(walk) {
  const { page, check, button, servers } = walk;
  const other = await page.context().browser().newContext();
  const elsewhere = await other.newPage();
  await elsewhere.goto(servers.login());
  await elsewhere.getByRole('link', { name: 'Dataflows' }).waitFor();
  await toSystem(walk);
  await page.reload();
  await page.getByText('this browser').waitFor();
  await page.getByRole('cell', { name: servers.token.client_id }).first().waitFor();
  await button('Make a token').click();
  const shown = page.getByLabel('Headers of a request with the token');
  await shown.waitFor();
  const sent = Object.fromEntries((await shown.innerText()).trim().split('\n').map((line) => line.split(': ')));
  const statusWith = async (headers) => (await fetch(`${servers.headwater}/data/foundation/flowservice/flows?limit=1`, { headers })).status;
  assert.equal(await statusWith(sent), 200);
  await check('access');
  // Revoked: neither this one nor those from before are good; a new one is.
  await button('Revoke tokens').first().click();
  await check('access-revoke');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke them' }).click();
  await page.getByRole('region', { name: 'Clients' }).getByText('just now').waitFor();
  assert.equal(await statusWith(sent), 401);
  assert.equal(await statusWith(walk.headers()), 401);
  servers.renew();
  assert.equal(await statusWith(walk.headers()), 200);
  await button('Hide').click();
  assert.equal(await shown.count(), 0);
  await button('End all others').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End them' }).click();
  await page.getByRole('region', { name: 'Sessions' }).locator('tbody tr').nth(1).waitFor({ state: 'detached' });
  await elsewhere.reload();
  await elsewhere.getByText('headwater login').first().waitFor();
  await other.close();
}

/** An organisation and a sandbox that came while one looks are in the switchers without a reload. */
export async function organisations(walk) {
  const { page, api, heading, check, servers } = walk;
  const org = 'ABCDEF0123456789ABCDEF01@AdobeOrg';
  await page.goto(`${servers.headwater}/flows`);
  await page.getByRole('link', { name: 'Demo orders', exact: true }).waitFor();
  // Opening the list asks anew.
  const sandboxes = async (wanted) => {
    await page.getByRole('button', { name: /Sandbox/ }).click();
    await page.getByRole('option', { name: wanted, exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
  };
  await api('POST', '/sandboxes', { name: 'fresh', title: 'Fresh', type: 'development' }, 'sandbox-management');
  await sandboxes('fresh');
  execFileSync(binary, ['token', '--data-dir', servers.data, '--org', org], { stdio: ['ignore', 'ignore', 'inherit'] });
  await sandboxes('fresh');
  await page.getByRole('button', { name: /Organisation/ }).click();
  await page.getByRole('option', { name: org.replace(/@.*/, ''), exact: true }).click();
  await heading('No dataflows yet').waitFor();
  await check('organisation');
  await toSystem(walk);
  await page.getByText('Nobody is told').waitFor();
  await page.getByRole('button', { name: /Organisation/ }).click();
  await page.getByRole('option', { name: 'Headwater', exact: true }).click();
  await page.getByText('Pager').first().waitFor();
}

/** Two people edit one mapping: the second one is told, and nothing of the first is lost. */
export async function conflict(walk) {
  const { page, api, button, check, toFlow } = walk;
  await toFlow('Strict orders');
  await page.getByRole('link', { name: 'Edit mapping' }).click();
  await button('Save the mapping').waitFor();
  const { items: [flow] } = await api('GET', '/flows?property=name==Strict orders');
  const [{ params }] = flow.transformations;
  const set = await api('GET', `/mappingSets/${params.mappingId}`, undefined, 'conversion');
  const { mappings, name, outputSchema } = set;
  const theirs = await api('POST', '/mappingSets', { name, outputSchema, mappings }, 'conversion');
  await api('PATCH', `/flows/${flow.id}`, [{ op: 'replace', path: '/transformations/0/params', value: { ...params, mappingId: theirs.id, mappingVersion: theirs.version ?? 0 } }], 'flowservice', { 'If-Match': flow.etag });
  await button('Save the mapping').click();
  await page.getByRole('alert').getByText('Somebody else has changed').waitFor();
  await check('flow-mapping-conflict');
  const { items: [after] } = await api('GET', `/flows/${flow.id}`);
  assert.equal(after.transformations[0].params.mappingId, theirs.id);
}

/** An event that the dataset refuses is set aside, told on the flow's page, and goes through once more. */
export async function replay(walk) {
  const { page, api, button, check, headers, servers } = walk;
  const schema = await api('POST', '/tenant/schemas', { title: 'Signup', type: 'object', required: ['age'], properties: { email: { type: 'string' }, age: { type: 'integer' } } }, 'schemaregistry');
  const [made] = await api('POST', '/dataSets', { name: 'strict_signups', schemaRef: { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
  const target = await api('POST', '/targetConnections', { name: 'strict', connectionSpec: { id: 'c604ff05-7f1a-43c0-8e18-33bf874cb11c', version: '1.0' }, params: { dataSetId: made.split('/').pop() } });
  const source = await api('POST', '/sourceConnections', { name: 'strict', connectionSpec: { id: 'e77fd9d2-22a8-11ed-861d-0242ac120002', version: '1.0' }, data: { format: 'json' } });
  const rows = (age) => ({ name: 'strict', outputSchema: { schemaRef: { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, mappings: [['email', 'email'], [age, 'age']].map(([source, destination]) => ({ sourceType: source === destination ? 'ATTRIBUTE' : 'EXPRESSION', source, destination })) });
  const set = await api('POST', '/mappingSets', rows('age'), 'conversion');
  const transformations = (mappingVersion) => [{ name: 'Mapping', params: { mappingId: set.id, mappingVersion } }];
  const flow = await api('POST', '/flows', { name: 'Strict signups', transformations: transformations(0), flowSpec: { id: 'e77fde5a-22a8-11ed-861d-0242ac120002', version: '1.0' }, sourceConnectionIds: [source.id], targetConnectionIds: [target.id] });
  const { items: [{ options }] } = await api('GET', `/flows/${flow.id}`);
  const post = (event) => fetch(options.inletUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) });
  assert.equal((await post({ email: 'ada@example.test', age: 'unknown' })).status, 200);
  await page.goto(`${servers.headwater}/flows/${flow.id}`);
  const rejected = page.getByRole('region', { name: 'Rejected records' });
  await rejected.waitFor({ timeout: 60_000 });
  await rejected.getByText('ada@example.test').first().waitFor();
  await check('stream-rejected');
  const counted = async () => (await (await fetch(`${servers.headwater}/data/core/edge/inlets/${options.inletUrl.split('/').pop()}/counters`, { headers: headers() })).json()).flows?.[flow.id] ?? {};
  // Mended and replayed: it is in the dataset, and what is told of the batch is true.
  await api('PUT', `/mappingSets/${set.id}`, rows('iif(age == "unknown", 0, age)'), 'conversion');
  const { items: [{ etag }] } = await api('GET', `/flows/${flow.id}`);
  await api('PATCH', `/flows/${flow.id}`, [{ op: 'replace', path: '/transformations', value: transformations(1) }], 'flowservice', { 'If-Match': etag });
  const batches = page.getByRole('region', { name: 'Batches with rejected events' });
  await batches.getByText('not yet').waitFor();
  await button('Replay').click();
  await page.getByText('The rejected events go through the dataflow once more.').waitFor();
  await button('Replay again').waitFor();
  await until('the event to be written', async () => (await counted()).written > 0);
  await page.getByText('In the dataset').locator('..').getByText('1', { exact: true }).waitFor();
  await page.waitForTimeout(3000); // the page has asked for the run again
  await rejected.getByText('ada@example.test').first().waitFor();
  await batches.getByText(/just now|ago/).last().waitFor();
  assert.equal(await page.getByText('error diagnostics are off').count(), 0);
  assert.equal(await batches.locator('tbody tr').count(), 1);
  await check('stream-replayed');
}
