// Where there is more than a list shows at once: more dataflows than a look at all of them takes, a run that failed long ago, a
// dataset that hundreds write to, an account that hundreds use, a dataflow with many runs.
// many.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { until } from '../contract/servers.mjs';
import { batchFlowSpec, openDoor, sourceSpec, startWalk } from './walk.mjs';

const lake = { id: 'c604ff05-7f1a-43c0-8e18-33bf874cb11c', version: '1.0' };
const flowCount = 510;
const runCount = 104;

const door = await openDoor((request, answer) => {
  const { searchParams } = new URL(request.url, 'http://shop');
  answer.writeHead(searchParams.get('kind') === 'bad' ? 403 : 200, { 'Content-Type': 'application/json' }).end(searchParams.get('page') === '1' ? '[{"id":1,"name":"Ada"}]' : '[]');
});
const { page, servers, button, api, take, check, takeSteps } = await startWalk({ doors: [door] });
const created = async (path, body) => (await api('POST', path, body)).id;

/** Several requests at once, as many as a client would have open. */
async function times(count, act) {
  let next = 0;
  await Promise.all(Array.from({ length: 6 }, async () => {
    while (next < count) await act(next++);
  }));
}

const shop = sourceSpec('shop', door.address, '/', {
  spec: { type: 'object', properties: { kind: { type: 'string' } } }, queryParams: { kind: '${kind}' },
  attributes: { paginationParams: { type: 'PAGE', limitName: 'limit', limitValue: '100', pageParamName: 'page', initialPageIndex: 1 } },
});

/** Two that share a mapping set and one that fails, all older than hundreds of others; the last of these is busy. */
async function build() {
  const spec = { id: await created('/connectionSpecs', shop), version: '1.0' };
  await take(spec.id);
  const schema = await api('POST', '/tenant/schemas', { title: 'Gathered', type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } }, 'schemaregistry');
  const schemaRef = { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
  const [path] = await api('POST', '/dataSets', { name: 'gathered', schemaRef }, 'catalog');
  const dataset = path.split('/').pop();
  const mappings = ['id', 'name'].map((name) => ({ sourceType: 'ATTRIBUTE', source: name, destination: name }));
  const { id: mappingId } = await api('POST', '/mappingSets', { name: 'shared', outputSchema: { schemaRef }, mappings }, 'conversion');
  const account = await created('/connections', { name: 'The account', auth: null, connectionSpec: spec });
  const flow = async (name, kind = 'good', params = { mappingId, mappingVersion: 0 }) => {
    const source = await created('/sourceConnections', { name, baseConnectionId: account, connectionSpec: spec, data: { format: 'json' }, params: { kind } });
    const target = await created('/targetConnections', { name, connectionSpec: lake, params: { dataSetId: dataset } });
    const transformations = params && [{ name: 'Mapping', params }];
    return created('/flows', { name, flowSpec: { id: batchFlowSpec }, sourceConnectionIds: [source], targetConnectionIds: [target], transformations, scheduleParams: { startTime: 4_000_000_000, frequency: 'once' } });
  };
  const twin = await flow('Old twin', 'good', { mappingId });
  const failing = await flow('Failing', 'bad');
  const edited = await flow('Edited');
  const run = (id) => api('POST', `/flows/${id}/action?op=run`);
  const ended = (id, state) => until(`${id} to be ${state}`, async () => (await api('GET', `/flows/${id}`)).items[0].lastRunDetails?.state === state);
  await run(failing);
  await ended(failing, 'failed');
  await times(flowCount - 4, (index) => flow(`flow ${index}`, 'good', undefined));
  const busy = await flow('Busy', 'good', undefined);
  for (let count = 0; count < runCount; count++) await until('a run to be taken', () => run(busy));
  await ended(busy, 'success');
  return { dataset, twin, edited, busy, mappingId };
}

const toPage = (name) => page.getByRole('navigation').getByRole('link', { name }).click();
const rows = (name) => page.getByRole('region', { name, exact: true }).locator('tbody tr');
const shown = async (name, count) => {
  await rows(name).nth(count - 1).waitFor();
  assert.equal(await rows(name).count(), count);
};

async function manyFlows() {
  await toPage('Dataflows');
  await page.getByText(`500 of ${flowCount} dataflows`, { exact: true }).waitFor();
  await page.getByText(`500 of ${flowCount} dataflows are shown.`).waitFor();
  await check('many-flows');
  await button('Show more dataflows').focus();
  await page.keyboard.press('Enter');
  await shown('Dataflows', flowCount);
  await button('Show more dataflows').waitFor({ state: 'detached' });
  // What is searched for need not be loaded.
  await page.reload();
  await shown('Dataflows', 500);
  await page.getByRole('searchbox', { name: 'Search' }).fill('old twin');
  await page.getByRole('link', { name: 'Old twin' }).waitFor();
  await page.getByText(`1 of ${flowCount} dataflows`).waitFor();
  await page.getByRole('searchbox', { name: 'Search' }).fill('');
  // Nor what failed before a hundred other runs.
  await page.reload();
  await page.getByRole('button', { name: /State/ }).click();
  await page.getByRole('option', { name: 'Last run failed' }).click();
  await rows('Dataflows').filter({ hasText: 'Failing' }).getByText('Failed').waitFor();
  await page.getByText('1 of 1 dataflows').waitFor();
  await check('many-failing');
  await page.getByRole('link', { name: 'Failing' }).click();
  await page.getByText('reads everything; records are added again').waitFor();
  await page.getByRole('region', { name: /^Run of/ }).getByText('Failed').first().waitFor();
  assert.equal(await page.getByText('everything that the source').count(), 0, 'a run that failed did not read everything');
}

async function manyUses({ dataset }) {
  await toPage('Accounts');
  await rows('Accounts').getByText(`${flowCount} sources`).waitFor();
  await page.goto(`${servers.headwater}/datasets/${dataset}`);
  const writers = page.getByText('Written by').locator('..');
  await button(`and ${flowCount - 10} more`).waitFor();
  assert.equal(await writers.getByRole('link').count(), 10);
  await check('many-writers');
  await button(`and ${flowCount - 10} more`).click();
  await writers.getByRole('link', { name: 'Old twin' }).waitFor();
  assert.equal(await writers.getByRole('link').count(), flowCount);
  await shown('All batches', 50);
  await button('Show more batches').click();
  await shown('All batches', 100);
  await button('Show more batches').click();
  await shown('All batches', runCount + 1);
  await button('Show more batches').waitFor({ state: 'detached' });
}

async function manyRuns({ busy }) {
  await page.goto(`${servers.headwater}/flows/${busy}`);
  await shown('Runs', 50);
  await check('many-runs');
  await button('Show more runs').click();
  await shown('Runs', 100);
  await button('Show more runs').click();
  await shown('Runs', runCount);
  await button('Show more runs').waitFor({ state: 'detached' });
}

/** The rows of one dataflow change no other's, however many there are; and they are not lost without a question. */
async function sharedMapping({ twin, edited, mappingId }) {
  const mappingOf = async (id) => (await api('GET', `/flows/${id}`)).items[0].transformations[0].params;
  await page.goto(`${servers.headwater}/flows/${edited}/mapping`);
  const remove = button('Remove name');
  await remove.waitFor();
  await toPage('Accounts'); // nothing was changed: nothing is asked
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
  await page.goBack();
  await remove.click();
  await toPage('Accounts');
  const question = page.getByRole('alertdialog', { name: 'Leave this page?' });
  await question.getByText('The mapping is not saved').waitFor();
  await question.getByRole('button', { name: 'Stay' }).click();
  await button('Save the mapping').click();
  await page.getByText('The mapping is saved.').waitFor();
  assert.notEqual((await mappingOf(edited)).mappingId, mappingId, 'a set of its own');
  assert.deepEqual(await mappingOf(twin), { mappingId });
  assert.equal((await api('GET', `/mappingSets/${mappingId}`, undefined, 'conversion')).mappings.length, 2, 'the twin’s rows are what they were');
}

let made;
const over = (step) => () => step(made);
await takeSteps('many', { built: async () => (made = await build()), manyFlows, manyUses: over(manyUses), manyRuns: over(manyRuns), sharedMapping: over(sharedMapping) });
