// Sets up sources whose records are of every kind, into datasets that are new and that are there, and looks at what is stored.
// set_up.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/servers.mjs';
import { openDoor, startWalk } from './walk.mjs';

const [pictures] = process.argv.slice(2);
const root = new URL('../../', import.meta.url);

/** What the source answers by path. */
const answers = {
  '/names': '[{"id":1,"2024":7,"First Name":"Ada","a[0]":3,"a.b":4,"e-mail":"ada@x.test","":"nobody","size":5,"__proto__":{"a":6},"deep":{"Last Name":"Byron","":8}}]',
  '/shapes': '[{"id":1,"m":[[1,2],[3,[4]]],"v":1,"f":[null,"x"],"big":18446744073709551615},{"id":2,"m":[],"v":{"a":[1]},"f":[null],"n":null},{"id":3,"v":[1],"big":1},{"id":4,"v":"text"}]',
  '/people': '[{"customer":{"name":"Ada"},"note":"x"}]',
};
const source = await openDoor((asked, answer) => {
  const { pathname, searchParams } = new URL(asked.url, 'http://source');
  answer.writeHead(200, { 'Content-Type': 'application/json' }).end(searchParams.get('_page') === '1' ? answers[pathname] : '[]');
});
const { page, servers, button, headers, api, take, check, takeSteps } = await startWalk({ doors: [source] });
const next = () => button('Next').click();

async function rowsOf(sql) {
  const answer = await fetch(`${servers.headwater}/headwater/query`, { method: 'POST', headers: headers(), body: JSON.stringify({ sql }) });
  return (await answer.json()).rows;
}

/** Publishes the source at a path of ours and opens its set-up, behind its preview. It cannot be asked for changes. */
async function openSetUp(path, label = `source of ${path}`) {
  const spec = JSON.parse(readFileSync(new URL('demo/orders-connectionSpec.json', root), 'utf8'));
  spec.name = label;
  spec.sourceSpec.attributes.uiAttributes.label.text = spec.name;
  spec.sourceSpec.attributes.urlParams.path = path;
  delete spec.sourceSpec.attributes.scheduleParams;
  const { id } = await api('POST', '/connectionSpecs', spec);
  await take(id);
  await page.goto(`${servers.headwater}/sources/${id}`);
  await page.getByLabel('Address of the shop').fill(source.address);
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
  await page.getByLabel('Name of the dataset').fill(' odd "names" ');
  await next();
  await page.getByText('a member whose name is empty').waitFor();
  await page.getByText('${First Name}').waitFor();
  await check('set-up-names');
  await createNow();
  assert.deepEqual(await rowsOf('SELECT id, "2024", "First Name", "a[0]", "a.b", "e-mail", size, "__proto__".a, deep FROM "odd ""names"""'), [[1, 7, 'Ada', 3, 4, 'ada@x.test', 5, 6, { 'Last Name': 'Byron', '': 8 }]]);
  // The dataset's page asks for it by its name.
  await page.getByRole('link', { name: 'odd "names"' }).click();
  await button('Run query').click();
  await page.getByRole('region', { name: 'Result' }).getByRole('cell', { name: '1', exact: true }).waitFor();
}

/** Nested and mixed arrays, members of several kinds, null elements and numbers that are too large: nothing of it is lost. */
async function allShapes() {
  await openSetUp('/shapes');
  // SQL would take it for the one that is there.
  await page.getByLabel('Name of the dataset').fill('ODD "Names"');
  await page.getByText('There is a dataset odd "names" already, and SQL').waitFor();
  assert.ok(await button('Next').isDisabled());
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

const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText ?? document.activeElement?.tagName);
const press = async (name) => {
  await button(name).focus();
  await page.keyboard.press('Enter');
};

/** With the keyboard alone one stays where one is; a list of completions is one that can be read, and its explanation too. */
async function rowsByKeyboard() {
  await openSetUp('/people');
  await page.getByLabel('Name of the dataset').fill('people_by_keyboard');
  await next();
  await press('Remove customer.name');
  await until('the next row to have the focus', async () => (await focused()) === 'Remove note');
  await page.keyboard.press('Enter');
  await until('the way on to have the focus', async () => (await focused()) === 'Add a field');
  await page.getByText('Nothing is mapped').waitFor();
  assert.ok(await button('Next').isDisabled());
  await check('set-up-no-rows');
  await page.keyboard.press('Enter');
  await until('the new row to have the focus', () => page.evaluate(() => document.activeElement?.closest('.editor') !== null));
  const editor = page.getByRole('textbox', { name: 'Source field or expression' });
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('con');
    await page.locator('.cm-completionInfo').waitFor();
    await page.waitForTimeout(300);
    if (pictures) await page.screenshot({ path: `${pictures}/set-up-completions-${width}.png` });
    const seen = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.cm-tooltip-autocomplete li')].map((one) => one.getBoundingClientRect());
      const info = document.querySelector('.cm-completionInfo');
      const { x, y, width, height } = info.getBoundingClientRect();
      const { height: line } = document.querySelector('.cm-tooltip-autocomplete .cm-completionLabel').getBoundingClientRect();
      return {
        heights: boxes.map((one) => one.height < 2 * line), apart: boxes.every((one, index) => index === 0 || one.top >= boxes[index - 1].bottom - 1),
        beside: !boxes.some((one) => one.bottom > y + 1 && one.top < y + height - 1 && one.right > x + 1 && one.left < x + width - 1),
        onTop: info.contains(document.elementFromPoint(x + width / 2, y + height / 2)), inside: x >= 0 && x + width <= window.innerWidth,
      };
    });
    assert.deepEqual({ ...seen, heights: seen.heights.every(Boolean) }, { heights: true, apart: true, beside: true, onTop: true, inside: true }, `${width} pixels wide`);
    await page.keyboard.press('Escape');
  }
  // What no record has is told, and does not hinder.
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('nosuchfield');
  await page.getByText('No record of the preview has nosuchfield').first().waitFor();
  await page.getByLabel('Field of the dataset').fill('name');
  await check('set-up-unknown-field');
  await press('Done');
  await until('the row to have the focus', async () => (await focused()) === 'Edit name');
  await page.setViewportSize({ width: 360, height: 760 });
  await until('the row to be right', () => button('Next').isEnabled());
  await next();
  await page.getByRole('heading', { name: 'Next runs' }).waitFor();
  const { left, right } = await page.locator('.steps .now').evaluate((one) => one.getBoundingClientRect().toJSON());
  assert.ok(left >= 0 && right <= 360, `the current step is in sight: ${left} to ${right}`);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** A source that cannot be asked for changes: nobody promises that, and it runs once unless told otherwise. */
async function everythingEachTime() {
  await next();
  await page.getByText('It reads everything there is.').waitFor();
  await page.getByRole('button', { name: /Run every/ }).click();
  await page.getByRole('option', { name: 'Weeks' }).click();
  await page.getByText('Every run reads everything').waitFor();
  assert.equal(await page.getByText('backfill').count(), 0);
  await page.getByRole('textbox', { name: 'How many' }).fill('1000000');
  await page.keyboard.press('Tab');
  assert.equal(await page.getByRole('textbox', { name: 'How many' }).inputValue(), '52');
  await page.getByRole('radio', { name: 'At a time of your choice' }).click();
  const runs = page.locator('ol.runs li');
  const first = page.getByLabel(/^First run at, .+ time/);
  await first.fill('2020-01-01T09:00');
  assert.equal(await runs.first().innerText(), 'As soon as it is created');
  await first.fill('2090-01-01T09:00');
  assert.match(await runs.first().innerText(), /2090 at 09:00/);
  await check('set-up-everything');
  await first.fill('2020-01-01T09:00');
  await next();
  await button('Create the dataflow').click();
  await page.getByRole('row', { name: /Success/ }).waitFor({ timeout: 60_000 });
  await page.getByText('reads everything; records are added again').waitFor();
  await page.getByText('It read everything that the source had.').waitFor();
  assert.equal(await page.getByText('Fetch a range of the past').count(), 0);
  await check('flow-everything');
}

/** A dataset none of whose fields looks like one of the source: its fields are shown, to be filled. */
async function nothingAlike() {
  const schema = await api('POST', '/tenant/schemas', { title: 'Weather', type: 'object', properties: { pressure: { type: 'number' }, 'Wind Speed': { type: 'string' } } }, 'schemaregistry');
  await api('POST', '/dataSets', { name: 'weather', schemaRef: { id: schema.$id, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
  await openSetUp('/people', 'Donaudampfschifffahrtsgesellschaft'.repeat(3));
  await page.getByRole('radio', { name: 'One that is there' }).click();
  await page.getByRole('button', { name: /Existing dataset/ }).click();
  await page.getByRole('option', { name: 'weather' }).click();
  await next();
  await page.getByText('No field of the source looks like').waitFor();
  assert.ok(await button('Next').isDisabled());
  await check('set-up-nothing-alike');
  await button('Fill Wind Speed').click();
  await page.getByRole('button', { name: /Take a field of the source/ }).click();
  await page.getByRole('option', { name: 'customer.name' }).click();
  await until('the row to be right', () => button('Next').isEnabled());
  await check('set-up-filled');
  // What is reviewed is all that was chosen.
  await next();
  await next();
  const fact = (name) => page.locator('.facts div', { has: page.getByText(name, { exact: true }) }).locator('dd').innerText();
  assert.equal(await fact('Dataset'), 'weather');
  assert.equal(await fact('First run'), 'as soon as it is created');
  assert.equal(await fact('Address of the shop'), source.address);
  await check('set-up-reviewed');
  await page.getByRole('list', { name: 'Steps' }).getByRole('button', { name: 'Mapping' }).click();
  await createNow();
  await check('flow-long-name');
  assert.deepEqual(await rowsOf('SELECT "Wind Speed" FROM weather'), [['Ada']]);
}

/** A look at a source that needs no credentials leaves no account; a dataflow makes one. */
async function accounts(looked, flows) {
  const { items } = await api('GET', '/connections?limit=100');
  assert.equal(items.filter(({ connectionSpec }) => connectionSpec.id === looked).length, 0);
  assert.equal(items.length, flows);
}

/** The examples of an inlet post the event that it was set up with; a secret that is made here signs it. */
async function signedStream() {
  await page.goto(servers.headwater);
  await page.getByRole('link', { name: /^Donau/ }).waitFor();
  await check('catalog-long-name');
  await page.getByRole('link', { name: 'Generic streaming' }).click();
  await page.getByLabel('Sample event').fill('{"name": "O\u2019Brien\u0027s"}');
  await next();
  await page.getByLabel('Name of the dataset').fill('events');
  await next();
  await next();
  await button('Create the dataflow').click();
  const example = page.getByLabel('Post an event with curl', { exact: true });
  await example.getByText(`'{"name":"O’Brien'\\''s"}'`).waitFor();
  execFileSync('bash', ['-c', `${await example.innerText()} -sSf`]);
  await page.getByText('Last event').locator('..').getByText(/just now|ago/).waitFor();
  await page.getByRole('tab', { name: 'Signed (HMAC)' }).click();
  assert.ok(await button('Require signatures').isDisabled());
  await button('Make a secret').click();
  const secret = await page.getByLabel('The secret', { exact: true }).innerText();
  assert.match(secret, /^[0-9a-f]{32,}$/);
  await button('Require signatures').click();
  await page.getByText('must sign', { exact: true }).waitFor();
  await check('stream-signed');
  const address = await page.locator('code.address').first().innerText();
  const unsigned = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"x"}' });
  assert.equal(unsigned.status, 401);
  const folder = mkdtempSync(join(tmpdir(), 'headwater-secret-'));
  writeFileSync(join(folder, 'secret.txt'), secret);
  const signed = await page.getByLabel('Post a signed event', { exact: true }).innerText();
  execFileSync('bash', ['-c', `${signed} -sSf`], { cwd: folder });
  rmSync(folder, { recursive: true });
  await page.reload();
  await page.getByRole('tab', { name: 'Signed (HMAC)' }).click();
  await button('Make another secret').waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
  // A tab that does not know the event shows one with what the mapping takes.
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByLabel('Post an event with curl', { exact: true }).getByText(`'{"name":"text"}'`).waitFor();
  await until('both events to be stored', async () => JSON.stringify(await rowsOf('SELECT name FROM events')) === JSON.stringify([["O’Brien's"], ["O’Brien's"]]));
}

await takeSteps('set-up', {
  oddNames, allShapes, conflicts, everythingEachTime, rowsByKeyboard, nothingAlike,
  accounts: async () => accounts(await openSetUp('/people'), 4), signedStream,
});
