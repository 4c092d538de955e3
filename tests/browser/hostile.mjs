// The walk of one whose session, server and answers end in the middle of what he does, who clicks twice, goes back and reloads, works
// in two tabs, and gives things names that are long, are markup or are written from the right.
// hostile.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { until } from '../contract/servers.mjs';
import { batchFlowSpec, openDoor, sourceSpec, startWalk } from './walk.mjs';

const shop = await openDoor(({ url }, answer) => answer.writeHead(200, { 'Content-Type': 'application/json' }).end(url.startsWith('/none') ? '[]' : '[{"id":1,"name":"Ada"},{"id":2,"name":"Grace"}]'));
const { page, servers, button, heading, api, take, type, check, takeSteps } = await startWalk({ doors: [shop] });
const next = () => button('Next').click();
const steps = page.getByRole('list', { name: 'Steps' });
const toStep = (name) => steps.getByRole('button', { name }).click();

async function publish(name, more, path = '/') {
  const { id } = await api('POST', '/connectionSpecs', sourceSpec(name, shop.address, path, more));
  await take(id);
  return `${servers.headwater}/sources/${id}`;
}

const countOf = async (path, service) => {
  const found = await api('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100`, undefined, service);
  return (found.items ?? found.data ?? Object.keys(found)).length;
};
/** How many there are of all that a set-up makes. */
async function counts() {
  const kinds = ['/connections', '/sourceConnections', '/targetConnections', '/flows'];
  return Promise.all([...kinds.map((kind) => countOf(kind)), countOf('/dataSets', 'catalog'), countOf('/mappingSets', 'conversion')]);
}
const plus = (before, more) => before.map((count, index) => count + more[index]);

async function toReview(address, dataset) {
  await page.goto(address);
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await next();
  await page.getByLabel('Name of the dataset').fill(dataset);
  for (let step = 0; step < 3; step++) await next();
  await heading('Everything right?').waitFor();
}

/** The session ends while a dataflow is made: what is left is told, gone on with, or removed; nothing is made twice. */
async function endedInTheMiddle() {
  const address = await publish('middle');
  const before = await counts();
  await toReview(address, 'middle_one');
  const endAt = async (path) => {
    await page.route(path, async (route) => {
      const asked = route.request();
      if (asked.method() !== 'POST') return route.fallback();
      await page.context().clearCookies();
      const { cookie: _, ...headers } = asked.headers();
      const answer = await fetch(asked.url(), { method: 'POST', headers, body: asked.postData() });
      await route.fulfill({ status: answer.status, contentType: 'application/json', body: await answer.text() });
    });
    await button('Create the dataflow').click();
    await heading('Your session has ended').waitFor();
    await page.unroute(path);
    await page.getByLabel('Or paste the link here').fill(servers.login());
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Your session ended before everything was made.').waitFor();
  };
  await endAt('**/sourceConnections');
  const left = page.getByRole('list', { name: 'What was left' });
  assert.deepEqual((await left.getByRole('listitem').allInnerTexts()).map((one) => one.split(' ').slice(0, 2).join(' ')), ['the account', 'the mapping', 'the dataset', 'the schema']);
  assert.match(await left.getByRole('link', { name: 'middle_one' }).getAttribute('href'), /^\/datasets\/\w+/);
  assert.equal(await page.getByText('Nothing was changed').count(), 0);
  await check('hostile-left');
  await button('Try again').click();
  await heading('History').or(heading('No runs yet')).or(page.getByRole('region', { name: 'Runs' })).first().waitFor();
  assert.deepEqual(await counts(), plus(before, [1, 1, 1, 1, 1, 1]), 'nothing is made twice');
  await toReview(address, 'middle_two');
  await endAt('**/flows');
  // What is told is true of the settings that are shown.
  await toStep('Dataset');
  await page.getByLabel('Name of the dataset').fill('middle_changed');
  for (let step = 0; step < 3; step++) await next();
  await page.getByText('It is removed before the dataflow is created:').waitFor();
  assert.equal(await button('Try again').count(), 0);
  await check('hostile-left-changed');
  await button('Remove what was left').click();
  await page.getByText('What was left is removed.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'What was left is removed.', 'the keyboard goes on there');
  assert.deepEqual(await counts(), plus(before, [1, 1, 1, 1, 1, 1]), 'all of it is removed');
  await button('Create the dataflow').click();
  await page.getByRole('heading', { level: 1, name: 'middle', exact: true }).waitFor();
}

/** A creation goes on whatever one looks at meanwhile, is begun once, and tells its end. */
async function elsewhereMeanwhile() {
  const address = await publish('meanwhile');
  await toReview(address, 'meanwhile');
  const before = await counts();
  let go;
  const hold = () => page.route('**/sourceConnections', (route) => (route.request().method() === 'POST' ? (go = () => route.continue()) : route.fallback()));
  await hold();
  await button('Create the dataflow').click();
  await until('the creation to go on', () => go !== undefined);
  await toStep('Schedule');
  await toStep(/Review/);
  const create = page.getByRole('button', { name: /Create the dataflow/ });
  assert.equal(await create.getAttribute('aria-disabled'), 'true', 'it still goes on');
  assert.equal(await page.getByRole('list', { name: 'What was left' }).count(), 0);
  await toStep('Dataset');
  go();
  await page.getByRole('heading', { level: 1, name: 'meanwhile', exact: true }).waitFor();
  assert.deepEqual(await counts(), plus(before, [1, 1, 1, 1, 1, 1]));
  // One who has left is told, and goes to it.
  const leave = async (dataset) => {
    await toReview(address, dataset);
    go = undefined;
    await button('Create the dataflow').click();
    await until('the creation to go on', () => go !== undefined);
    await page.getByRole('navigation').getByRole('link', { name: 'Datasets' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { level: 1, name: 'Datasets' }).waitFor();
  };
  await leave('meanwhile_two');
  go();
  await page.getByText('The dataflow meanwhile is created.').waitFor();
  await check('hostile-told-elsewhere');
  await button('Show it').click();
  await page.getByRole('heading', { level: 1, name: 'meanwhile', exact: true }).waitFor();
  assert.deepEqual(await counts(), plus(before, [1, 2, 2, 2, 2, 2]));
  await page.unroute('**/sourceConnections');
  await page.route('**/sourceConnections', (route) => (route.request().method() === 'POST' ? (go = () => route.abort()) : route.fallback()));
  await leave('meanwhile_three');
  go();
  await page.getByText(/Creating the dataflow meanwhile has ended: Headwater does not answer this.*This was made and is left: perhaps the source connection/).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.unroute('**/sourceConnections');
}

/** A source that has nothing yet: nobody is asked what looks alike, and its rows are made by hand. */
async function nothingToCompare() {
  await page.goto(await publish('nothing', {}, '/none'));
  await next();
  await next();
  await page.getByRole('radio', { name: 'One that is there' }).click();
  await page.getByRole('button', { name: /Existing dataset/ }).click();
  await page.getByRole('option', { name: 'middle_one' }).click();
  await next();
  await page.getByText('There were no records to compare').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await check('hostile-no-records');
}

/** A proposal that fails is told and asked for again; one that comes late writes over nothing. */
async function lateProposals() {
  const schema = await api('POST', '/tenant/schemas', { title: 'Late', type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } }, 'schemaregistry');
  await api('POST', '/dataSets', { name: 'late', schemaRef: { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
  await page.goto(await publish('late'));
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await next();
  await page.getByRole('radio', { name: 'One that is there' }).click();
  await page.getByRole('button', { name: /Existing dataset/ }).click();
  await page.getByRole('option', { name: 'late' }).click();
  await page.route('**/mappingSets/suggestion', (route) => route.abort());
  await next();
  await page.getByRole('alert').getByText('Headwater does not answer this').waitFor();
  assert.equal(await page.getByText('No field of the source looks like').count(), 0, 'a failure is no proposal');
  await check('hostile-no-proposal');
  // A row that is written while the proposal is on its way.
  await page.unroute('**/mappingSets/suggestion');
  let answer;
  await page.route('**/mappingSets/suggestion', (route) => (answer = () => route.continue()));
  await button('Add a field').click();
  await button('Try again').click();
  await until('the proposal to be asked for', () => answer !== undefined);
  await page.getByLabel('Field of the dataset').fill('name');
  await page.getByRole('textbox', { name: 'Source field or expression' }).click();
  await page.keyboard.insertText('upper(name)');
  await page.getByText('Result: "ADA"').waitFor();
  answer();
  await button('Edit id').waitFor();
  await page.unroute('**/mappingSets/suggestion');
  assert.deepEqual(await page.locator('.mapping .from').allInnerTexts(), ['id', 'upper(name)']);
  await page.getByText('Result: "ADA"').waitFor();
}

const away = page.getByText('Headwater does not answer. What you see may be old');

/**
 * Of a dataflow whose source does not answer, what was edited stays when it is asked again; saving waits for nobody. One address
 * that fails is no server that is away: who stands on "Try again" stays there, and nothing is asked by itself.
 */
async function previewAgain() {
  const { items: [flow] } = await api('GET', '/flows?property=name==middle&limit=1');
  let fails = true;
  let tried = 0;
  await page.route('**/explore*', (route) => (fails ? void tried++ || route.abort() : route.continue()));
  await page.goto(`${servers.headwater}/flows/${flow.id}/mapping`);
  await page.getByRole('alert').getByText('Headwater does not answer this').waitFor();
  await button('Remove name').click();
  await button('Try again').focus();
  const before = tried;
  await page.waitForResponse(/\/session$/, { timeout: 40_000 }); // whatever the answer to it would set off has begun
  await page.waitForTimeout(500);
  assert.deepEqual([tried, await away.count(), await page.evaluate(() => document.activeElement.textContent)], [before, 0, 'Try again']);
  fails = false;
  await button('Try again').click();
  await page.locator('.mapping .value', { hasText: /^1$/ }).waitFor();
  assert.equal(await button('Remove name').count(), 0, 'the row stays removed');
  await page.unroute('**/explore*');
  let asked = 0;
  await page.route('**/explore*', (route) => void asked++ || route.abort());
  await button('Save the mapping').click();
  await page.getByRole('heading', { level: 1, name: 'middle', exact: true }).waitFor();
  assert.equal(asked, 0, 'the source is not asked again');
  await page.unroute('**/explore*');
}

/** Until what stands at the addresses was asked for in vain as often as it is: once, and three times more. */
async function givenUp(addresses) {
  let failed = 0;
  await page.waitForEvent('requestfailed', { predicate: (asked) => addresses.test(asked.url()) && ++failed === 4, timeout: 60_000 });
  await page.waitForTimeout(300); // it is drawn
}

/** Of a list that cannot be asked for again nothing goes away while the server is away, nor what was typed below it. */
async function stoppedList() {
  await page.goto(`${servers.headwater}/datasets`);
  await page.getByRole('link', { name: 'middle_one', exact: true }).waitFor();
  await type('SQL', 'SELECT 6 * 7 AS answer');
  await servers.halt();
  await givenUp(/\/catalog\/dataSets\?/);
  await away.waitFor();
  assert.equal(await page.getByRole('link', { name: 'middle_one', exact: true }).count(), 1);
  assert.match(await page.getByRole('textbox', { name: 'SQL' }).innerText(), /6 \* 7/);
  await check('hostile-away-list');
  await servers.resume();
  await away.waitFor({ state: 'detached' });
}

/** The server goes away and comes back: it is told, what was typed stays, and what one sees is asked for again. */
async function stoppedServer() {
  const { items: [flow] } = await api('GET', '/flows?property=name==middle&limit=1');
  await page.goto(`${servers.headwater}/datasets`);
  await page.getByRole('link', { name: 'middle_one', exact: true }).click();
  await page.getByRole('cell', { name: 'Ada' }).first().waitFor();
  const sql = page.getByRole('textbox', { name: 'SQL' });
  await type('SQL', 'SELECT 6 * 7 AS answer');
  await servers.halt();
  const over = Promise.all([givenUp(/\/preview$/), givenUp(/\/catalog\/batches/)]);
  await button('Run query').click();
  await page.getByRole('alert').getByText('Headwater does not answer.').waitFor();
  await away.waitFor();
  await check('hostile-away');
  await over;
  assert.match(await sql.innerText(), /6 \* 7/);
  await page.getByRole('cell', { name: 'Ada' }).first().waitFor();
  // A page that was not there yet is there when it can be.
  await page.getByRole('navigation').getByRole('link', { name: 'Accounts' }).click();
  await servers.resume();
  await away.waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'Accounts' }).getByText('middle').first().waitFor();
  await page.goto(`${servers.headwater}/flows/${flow.id}`);
  await page.getByRole('region', { name: 'Runs' }).waitFor();
}

/** A second click before the first is done does nothing. */
async function doubleClicks() {
  const address = await publish('twice');
  await toReview(address, 'twice');
  const before = await counts();
  await button('Create the dataflow').dblclick();
  await page.getByRole('heading', { level: 1, name: 'twice', exact: true }).waitFor();
  assert.deepEqual(await counts(), plus(before, [1, 1, 1, 1, 1, 1]));
  await page.getByRole('row', { name: /Success/ }).waitFor({ timeout: 60_000 });
  const runs = () => page.getByRole('region', { name: 'Runs' }).locator('tbody tr').count();
  assert.equal(await runs(), 1);
  await button('Run now').dblclick();
  await page.getByText('A run was started.').waitFor();
  await until('the second run', async () => (await runs()) === 2);
  await page.waitForTimeout(2500); // it would be shown by now
  assert.equal(await runs(), 2);
  await button('Delete').dblclick();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Dataflows' }).waitFor();
  await page.waitForTimeout(500);
  assert.deepEqual((await page.getByRole('alert').allInnerTexts()).filter((told) => !told.includes('A run was started.')), []);
  assert.deepEqual(await counts(), plus(before, [1, 0, 0, 0, 1, 0]));
}

/** Back and Forward go from step to step, ask before they leave, and a reload begins anew; of two tabs the later one is told. */
async function backAndForward() {
  await publish('backwards');
  await page.goto(servers.headwater);
  await page.getByRole('link', { name: 'backwards' }).click();
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await next();
  await page.getByLabel('Name of the dataset').fill('typed');
  await page.goBack();
  await heading('Is this what you expect?').waitFor();
  await page.goBack();
  await heading('What shall be fetched?').waitFor();
  await page.goForward();
  await page.goForward();
  assert.equal(await page.getByLabel('Name of the dataset').inputValue(), 'typed');
  for (const _ of [1, 2]) await page.goBack();
  await heading('What shall be fetched?').waitFor();
  await page.goBack();
  await page.getByRole('alertdialog', { name: 'Leave this page?' }).getByRole('button', { name: 'Stay' }).click();
  // Whoever has stayed goes back to the step that was shown.
  await toStep('Preview');
  await toStep('Dataset');
  await page.evaluate(() => history.go(-3));
  await page.getByRole('alertdialog', { name: 'Leave this page?' }).getByRole('button', { name: 'Stay' }).click();
  await toStep('Preview');
  await page.goBack();
  await page.getByLabel('Name of the dataset').waitFor();
  await toStep('Source');
  await next();
  await heading('Is this what you expect?').waitFor();
  await page.reload();
  await heading('What shall be fetched?').waitFor();
  // A jump is one entry of the history, however many steps it passes.
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await next();
  for (const _ of [1, 2]) await page.goBack();
  await heading('What shall be fetched?').waitFor();
  await toStep('Dataset');
  await page.getByLabel('Name of the dataset').waitFor();
  await page.reload();
  await heading('What shall be fetched?').waitFor();
  await page.waitForTimeout(300);
  await heading('What shall be fetched?').waitFor();
  await page.goBack();
  await page.getByRole('alertdialog').or(heading('Sources catalog')).first().waitFor();
}

/** Credentials that one writes stay when somebody else makes an account of the source meanwhile. */
async function typedAccount() {
  const authSpec = [{ name: 'Password', type: 'BasicAuthentication', spec: { type: 'object', required: ['username', 'password'], properties: { username: { type: 'string' }, password: { type: 'string', format: 'password' } } } }];
  const address = await publish('locked', { authSpec });
  await page.goto(address);
  await page.getByLabel('Username').fill('precious');
  await api('POST', '/connections', { name: 'theirs', auth: { specName: 'Password', params: { username: 'a', password: 'b' } }, connectionSpec: { id: address.split('/').pop(), version: '1.0' } });
  await page.waitForTimeout(2500); // what is known is old by then
  const asked = page.waitForResponse(/\/connections\?/);
  await page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
  await asked;
  await page.getByRole('radio', { name: 'A new one' }).waitFor();
  assert.equal(await page.getByLabel('Username').inputValue(), 'precious');
}

/** Of two tabs that edit the rows of one dataflow the later one is told, and keeps what it has. */
async function twoTabs() {
  const { items: [flow] } = await api('GET', '/flows?property=name==middle&limit=1');
  const mine = `${servers.headwater}/flows/${flow.id}/mapping`;
  await page.goto(mine);
  await button('Edit id').waitFor();
  const other = await page.context().newPage();
  await other.goto(mine);
  await other.getByRole('button', { name: 'Edit id', exact: true }).click();
  await other.getByLabel('Field of the dataset').fill('theirs');
  await other.getByRole('button', { name: 'Save the mapping' }).waitFor();
  await other.getByRole('button', { name: 'Remove theirs' }).click();
  await other.getByRole('button', { name: 'Add a field' }).click();
  await other.getByLabel('Field of the dataset').fill('id');
  await other.getByRole('textbox', { name: 'Source field or expression' }).click();
  await other.keyboard.insertText('id + 1');
  await other.getByText('Result: 2').waitFor();
  await other.getByRole('button', { name: 'Save the mapping' }).click();
  await other.getByRole('heading', { level: 1, name: 'middle', exact: true }).waitFor();
  await other.close();
  await button('Edit id').click();
  await type('Source field or expression', 'id + 5');
  await page.getByText('Result: 6').waitFor();
  await button('Save the mapping').click();
  await page.getByRole('alert').getByText('Somebody else has changed').waitFor();
  await page.getByText('Result: 6').waitFor();
}

const odd = { long: `${'A name that does not end '.repeat(5)}${'x'.repeat(110)}`, markup: `<img src=x onerror="document.title='run'">&amp;"'`, right: '(2024) طلبات المتجر — قديم' };

/** Names that are long, are markup, or are written from the right are names on every page, at any width and at twice the size. */
async function oddNames() {
  const pages = new Map([['sources', '/'], ['flows', '/flows'], ['accounts', '/accounts'], ['datasets', '/datasets']]);
  for (const [kind, name] of Object.entries(odd)) {
    const { id: spec } = await api('POST', '/connectionSpecs', sourceSpec(name, shop.address, '/'));
    await take(spec);
    const connectionSpec = { id: spec, version: '1.0' };
    const { id: account } = await api('POST', '/connections', { name, auth: null, connectionSpec });
    const { $id } = await api('POST', '/tenant/schemas', { title: name, type: 'object', properties: { id: { type: 'integer' }, [name.slice(0, 60)]: { type: 'string' } } }, 'schemaregistry');
    const [path] = await api('POST', '/dataSets', { name, description: name, schemaRef: { id: $id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
    const dataset = path.split('/').pop();
    const { id: source } = await api('POST', '/sourceConnections', { name, baseConnectionId: account, connectionSpec, data: { format: 'json' }, params: {} });
    const { id: target } = await api('POST', '/targetConnections', { name, connectionSpec: { id: 'c604ff05-7f1a-43c0-8e18-33bf874cb11c', version: '1.0' }, params: { dataSetId: dataset } });
    const { id: flow } = await api('POST', '/flows', { name, description: name, flowSpec: { id: batchFlowSpec, version: '1.0' }, sourceConnectionIds: [source], targetConnectionIds: [target], scheduleParams: { startTime: 4_000_000_000, frequency: 'once' } });
    pages.set(`set-up-${kind}`, `/sources/${spec}`).set(`flow-${kind}`, `/flows/${flow}`).set(`mapping-${kind}`, `/flows/${flow}/mapping`).set(`dataset-${kind}`, `/datasets/${dataset}`);
  }
  for (const [name, path] of pages) {
    await page.goto(`${servers.headwater}${path}`);
    await page.locator('h1').waitFor();
    await page.waitForLoadState('networkidle');
    await check(`hostile-names-${name}`);
    assert.equal(await page.locator('img[src=x]').count(), 0, `${name} runs a name`);
    await page.setViewportSize({ width: 640, height: 450 }); // 1280 at twice the size
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 640, `${name} is too wide at twice the size`);
    await page.setViewportSize({ width: 1440, height: 900 });
  }
  await page.goto(`${servers.headwater}/flows`);
  await page.getByRole('link', { name: odd.markup, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: odd.markup, exact: true }).waitFor();
  await button('Delete').click();
  await page.getByRole('alertdialog').getByText(`Delete ${odd.markup}?`).waitFor();
  await check('hostile-names-delete');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
}

await takeSteps('hostile', { endedInTheMiddle, elsewhereMeanwhile, nothingToCompare, lateProposals, previewAgain, stoppedList, stoppedServer, doubleClicks, backAndForward, twoTabs, typedAccount, oddNames }, { expected: /status of (401|403|412)|ERR_FAILED|ERR_CONNECTION_REFUSED/ });
