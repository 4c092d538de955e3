// An operator's walk on a server that publishes a git repository and has more inlets and datasets than a page of a list: what is
// refused, gone or not to be read is told on the System page, and no list ends early.
// operator.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { binary, gitRepository } from '../contract/servers.mjs';
import { startWalk } from './walk.mjs';

const inletCount = 103;
const datasetCount = 205;
const lake = { id: 'c604ff05-7f1a-43c0-8e18-33bf874cb11c', version: '1.0' };
const restFlows = '6499120c-0b15-42dc-936e-847ea3c24d72';
const httpApi = { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' };

let repository;
const { page, servers, api, check, takeSteps } = await startWalk({ more: (folder) => {
  mkdirSync(`${folder}/repository`);
  repository = gitRepository(`${folder}/repository`);
  return ['--catalog-git', repository.url, '--catalog-git-interval', '1h'];
} });
const toPage = (name) => page.getByRole('navigation').getByRole('link', { name }).click();
const panel = (name) => page.getByRole('region', { name, exact: true }).first();
const gitRows = page.getByRole('region', { name: 'Sources from git' }).locator('tbody tr');
async function lookAtGit() {
  await page.getByRole('button', { name: 'Look now', exact: true }).click();
  await page.getByText('The repository is looked at.').last().waitFor();
}

/** Published, refused with its reasons, published again, gone; and a repository that cannot be read. */
async function sourcesFromGit() {
  await toPage('System');
  await gitRows.filter({ hasText: 'acme' }).getByText('Published').waitFor({ timeout: 60_000 });
  await check('system-git');

  const spec = `${repository.folder}/Sources/acme/Artifacts/acme-connectionSpec.json`;
  const good = readFileSync(spec, 'utf8');
  assert.ok(good.includes('"method": "GET"'));
  writeFileSync(spec, good.replace('"method": "GET"', '"method": "FETCH"'));
  repository.commit();
  await lookAtGit();
  await gitRows.getByText('Refused').waitFor();
  await gitRows.getByText(/^acme-connectionSpec\.json:\d+$/).first().waitFor();
  await gitRows.getByText('/sourceSpec/attributes/urlParams/method').first().waitFor();
  await check('system-git-refused');

  writeFileSync(spec, good);
  repository.commit();
  await lookAtGit();
  await gitRows.getByText('Published').waitFor();
  assert.equal(await gitRows.locator('.problems').count(), 0);
  renameSync(`${repository.folder}/.git`, `${repository.folder}/away`);
  await lookAtGit();
  await page.getByRole('alert').getByText(/git ls-remote of .* failed/).waitFor();
  await gitRows.getByText('Published').waitFor();
  await check('system-git-unreadable');
  renameSync(`${repository.folder}/away`, `${repository.folder}/.git`);
  rmSync(`${repository.folder}/Sources/acme`, { recursive: true });
  mkdirSync(`${repository.folder}/Sources/other`);
  writeFileSync(`${repository.folder}/Sources/other/notes.txt`, 'no artifacts yet');
  repository.commit();
  await lookAtGit();
  await gitRows.filter({ hasText: 'acme' }).getByText('Gone').waitFor();
  await gitRows.filter({ hasText: 'other' }).getByText('Refused').waitFor();
  assert.equal(await page.getByRole('alert').filter({ hasText: 'ls-remote' }).count(), 0);
  // What is gone from the repository is published as before.
  await gitRows.getByRole('link', { name: 'acme' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.match(new URL(page.url()).pathname, /^\/sources\/[0-9a-f-]{36}/);
}

async function manyInlets() {
  for (let i = 0; i < inletCount; ++i)
    await api('POST', '/connections', { name: `Web ${i}`, connectionSpec: httpApi, auth: { specName: 'Streaming Connection', params: { sourceId: `web-${i}`, dataType: 'raw' } } });
  await toPage('System');
  const rows = panel('Inlets').locator('tbody tr');
  const more = page.getByRole('button', { name: 'Show more inlets', exact: true });
  const shown = async (count) => {
    await rows.nth(count - 1).waitFor();
    assert.equal(await rows.count(), count);
  };
  await more.waitFor();
  await shown(50);
  await check('system-inlets-many');
  await more.focus();
  await page.keyboard.press('Enter');
  await shown(100);
  await more.click();
  await shown(inletCount);
  await more.waitFor({ state: 'detached' });
  const ids = await rows.locator('code').allInnerTexts();
  assert.equal(new Set(ids).size, inletCount, 'each of them once');
}

async function manyDatasets() {
  for (let i = 0; i < datasetCount; ++i) await api('POST', '/dataSets', { name: `dataset_${String(i).padStart(3, '0')}`, description: i === 0 ? 'the oldest' : 'another' }, 'catalog');
  const asked = [];
  page.on('request', (sent) => sent.url().includes('/dataSets?') && asked.push(new URL(sent.url()).searchParams.get('start')));
  await toPage('Datasets');
  await page.getByText(`${datasetCount} of ${datasetCount} datasets`).waitFor();
  assert.deepEqual(asked.slice(0, 3), ['0', '100', '200']);
  const names = await panel('Datasets').locator('tbody tr').getByRole('link').allInnerTexts();
  assert.equal(new Set(names).size, datasetCount, 'each of them once');
  await check('datasets-many');
  await page.getByRole('searchbox', { name: 'Search' }).fill('the oldest');
  await page.getByRole('link', { name: 'dataset_000', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'dataset_000' }).waitFor();
}

/** A flow of the spec that a folder's source is published as; not due for long. */
async function createFlow(spec) {
  const connectionSpec = { id: spec, version: '1.0' };
  const created = async (kind, body) => (await api('POST', `/${kind}`, body)).id;
  const account = await created('connections', { name: 'account', connectionSpec, auth: { specName: 'API Key Authentication', params: { authKey1: 'any' } } });
  const source = await created('sourceConnections', { name: 'orders', baseConnectionId: account, connectionSpec, data: { format: 'json' }, params: {} });
  const [dataset] = await api('POST', '/dataSets', { name: 'orders of git' }, 'catalog');
  const target = await created('targetConnections', { name: 'lake', connectionSpec: lake, params: { dataSetId: dataset.split('/').pop() } });
  await created('flows', { name: 'orders to the lake', flowSpec: { id: restFlows }, sourceConnectionIds: [source], targetConnectionIds: [target], scheduleParams: { startTime: 4_000_000_000, frequency: 'once' } });
}

/** A change that flows do not survive waits until a person has said that it may be. */
async function publishedAllTheSame() {
  const init = (...more) => execFileSync(binary, ['source', 'init', 'orders', '--dir', repository.folder, ...more], { stdio: 'ignore' });
  init('--allow-network', '127.0.0.0/8', '--from-curl', `curl -H 'X-Key: any' '${servers.source}/orders?_start=0&_limit=50'`);
  repository.commit();
  await toPage('System');
  await lookAtGit();
  const row = gitRows.filter({ hasText: 'orders' });
  await row.getByText('Published').waitFor();
  const address = await row.getByRole('link', { name: 'orders' }).getAttribute('href');
  await createFlow(address.split('/').pop());

  const spec = `${repository.folder}/Sources/orders/Artifacts/orders-connectionSpec.json`;
  const before = readFileSync(spec, 'utf8');
  const after = before.replace('"path": "$"', '"path": "$", "overrideWrapperAttribute": "entry"');
  assert.notEqual(after, before);
  writeFileSync(spec, after);
  repository.commit();
  await lookAtGit();
  await row.getByText('Refused').waitFor();
  await row.getByText(/orders to the lake/).first().waitFor();
  const button = row.getByRole('button', { name: 'Publish all the same' });
  await check('system-git-breaking');
  await button.click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Publish orders although flows break?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await row.getByText('Refused').waitFor();
  await button.click();
  await dialog.getByRole('button', { name: 'Publish it' }).click();
  await row.getByText('Published').waitFor();
  await button.waitFor({ state: 'detached' });
}

await takeSteps('operator', { sourcesFromGit, manyInlets, manyDatasets, publishedAllTheSame });
