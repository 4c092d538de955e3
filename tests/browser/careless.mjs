// The walk of one who makes mistakes, and whose sources have odd values: what the application does with a refused account, numbers
// that JavaScript cannot hold, forms that are left empty, specs that are none, and steps that are taken twice.
// careless.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as away from './away.mjs';
import { openDoor, sourceSpec, startWalk } from './walk.mjs';

const digits = '0.123456789012345678901234567890';
const long = 200_000;

// A shop that says what it is told to.
const shop = { authorization: '', delay: 0, down: false, asked: [] };
const answers = {
  '/refusing': [401, '{"error":"bad credentials"}'],
  '/numbers': [200, `[{"id":9007199254740993,"most":9223372036854775807,"price":1.10,"share":${digits},"within":{"id":-9007199254740993,"list":[9007199254740993]}},{"id":2,"most":1,"price":2.50,"share":0.5,"within":{"id":1,"list":[]}}]`],
  '/long': [200, JSON.stringify([{ id: 1, text: 'x'.repeat(long) }])],
};
const door = await openDoor(async (request, answer) => {
  const { pathname, searchParams } = new URL(request.url, 'http://shop');
  shop.asked.push(request.url);
  if (request.headers.authorization) shop.authorization = request.headers.authorization;
  await new Promise((next) => setTimeout(next, shop.delay));
  if (shop.down) return answer.destroy();
  const [status, text] = answers[pathname] ?? [200, JSON.stringify([{ id: 1, asked: request.url, kind: searchParams.get('kind') }])];
  answer.writeHead(status, { 'Content-Type': 'application/json' }).end(Number(searchParams.get('page') ?? 1) > 1 ? '[]' : text);
});
const { page, servers, button, heading, api, take, type, check, takeSteps } = await startWalk({ doors: [door] });
const field = (name) => page.getByRole('textbox', { name, exact: true });
const next = () => button('Next').click();
const toStep = (name) => page.getByRole('list', { name: 'Steps' }).getByRole('button', { name }).click();

const paged = { paginationParams: { type: 'PAGE', limitName: 'limit', limitValue: '100', pageParamName: 'page', initialPageIndex: 1 } };

/** Registers a source, and returns the address of its set-up. The spec's text may be changed before it is sent. */
async function publish(name, path, more, edit = (text) => text) {
  const { id } = await api('POST', '/connectionSpecs', edit(JSON.stringify(sourceSpec(name, door.address, path, { ...more, attributes: paged }))));
  await take(id);
  return `${servers.headwater}/sources/${id}`;
}

const basic = [{ name: 'Password', type: 'BasicAuthentication', spec: { type: 'object', required: ['username', 'password'], properties: { username: { type: 'string' }, password: { type: 'string', format: 'password' } } } }];

/** A source that answers 401 has not accepted the account, whatever the status of the test is. */
async function refusedAccount() {
  await page.goto(await publish('refusing', '/refusing', { authSpec: basic }));
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await button('Save and test').click();
  await page.getByRole('alert').getByText(/The source does not accept the account\..*401/).waitFor();
  await heading('Which account?').waitFor();
  await check('careless-refused');
  const { items } = await api('GET', '/connections');
  assert.equal(items.length, 0, 'a refused account is not kept');
  const [spec] = (await api('GET', '/connectionSpecs?property=name==refusing')).items;
  await api('POST', '/connections', { name: 'old account', auth: { specName: 'Password', params: { username: 'ada', password: 'wrong' } }, connectionSpec: { id: spec.id, version: '1.0' } });
  await page.goto(`${servers.headwater}/accounts`);
  await button('Test old account').click();
  await page.getByRole('alert').getByText(/The source does not accept the account\..*401/).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  // Whoever deletes it with the keyboard goes on from the page, not from nowhere.
  await button('Delete').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).press('Enter');
  await heading('No accounts yet').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'content');
}

/** A password that was changed at the source is entered; what is left empty stays what it was. */
async function changedAccount() {
  const authSpec = [{ ...basic[0], spec: { ...basic[0].spec, properties: { ...basic[0].spec.properties, second: { type: 'string', format: 'password', title: 'Second' } } } }];
  await publish('changing', '/plain', { authSpec });
  const [spec] = (await api('GET', '/connectionSpecs?property=name==changing')).items;
  const { id } = await api('POST', '/connections', { name: 'account to change', auth: { specName: 'Password', params: { username: 'ada', password: 'before', second: 'stays' } }, connectionSpec: { id: spec.id, version: '1.0' } });
  await page.goto(`${servers.headwater}/accounts`);
  await button('Edit account to change').click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Username').inputValue(), 'ada');
  assert.equal(await dialog.getByLabel('Password').inputValue(), '');
  await dialog.getByText('Leave it empty to keep the stored one.').first().waitFor();
  await check('careless-account');
  await dialog.getByLabel('Name of the account').fill('changed account');
  await dialog.getByLabel('Password').fill('after');
  shop.authorization = '';
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved: the source accepts changed account.').waitFor();
  assert.equal(shop.authorization, `Basic ${Buffer.from('ada:after').toString('base64')}`);
  const [stored] = (await api('GET', `/connections/${id}`)).items;
  assert.deepEqual([stored.name, stored.auth.params], ['changed account', { username: 'ada', password: '********', second: '********' }]);
}

/** Integers beyond 2^53 and decimals are shown, asked for, calculated and downloaded as they are written. */
async function exactNumbers() {
  const spec = { type: 'object', properties: { since: { type: 'integer', title: 'Since', default: 0 } } };
  await page.goto(await publish('numbers', '/numbers', { spec, queryParams: { since: '${since}' } }, (text) => text.replace('"default":0', '"default":9007199254740993')));
  await page.waitForFunction(() => document.querySelector('input[inputmode=decimal]')?.value === '9007199254740993');
  await next();
  const first = page.getByRole('region', { name: 'First records' });
  for (const text of ['9007199254740993', '9223372036854775807', '-9007199254740993', '[9007199254740993]']) await first.getByRole('cell', { name: text, exact: true }).waitFor();
  assert.ok(shop.asked.some((one) => one.includes('since=9007199254740993')), 'a default is sent as it is written');
  await toStep('Source');
  await page.getByLabel('Since').fill('9223372036854775806');
  await next();
  await first.getByRole('cell', { name: '9007199254740993', exact: true }).waitFor();
  assert.ok(shop.asked.some((one) => one.includes('since=9223372036854775806')), 'a typed number is sent as it is typed');
  await next();
  await page.getByLabel('Name of the dataset').fill('numbers');
  await next();
  await page.locator('.mapping .value', { hasText: /^9007199254740993$/ }).waitFor();
  await button('Edit most').click();
  await type('Source field or expression', 'most - 1');
  await page.getByText('Result: 9223372036854775806').waitFor();
  await type('Source field or expression', 'most');
  await button('Done').click();
  await next();
  await next();
  await button('Create the dataflow').click();
  await page.getByRole('row', { name: /Success/ }).waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'numbers', exact: true }).last().click();
  await page.getByRole('cell', { name: '9223372036854775807', exact: true }).waitFor();
  await type('SQL', 'SELECT id, most, 1.10::DECIMAL(9,2) AS price, (sum(most) OVER ())::DECIMAL(38,0) AS total FROM numbers ORDER BY id DESC LIMIT 1');
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByRole('cell', { name: '9007199254740993', exact: true }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), button('Download CSV').click()]);
  assert.equal(readFileSync(await download.path(), 'utf8'), 'id,most,price,total\r\n9007199254740993,9223372036854775807,1.10,9223372036854775808\r\n');
}

/** An element that was added and left empty, and none where one is needed: told at the place. */
async function emptyElements() {
  const spec = { type: 'object', required: ['tags'], properties: { tags: { type: 'array', title: 'Tags', items: { type: 'string' } }, kinds: { type: 'array', title: 'Kinds', minItems: 1, items: { type: 'string' } } } };
  await page.goto(await publish('lists', '/lists', { spec }));
  await page.getByRole('group', { name: 'Tags' }).getByRole('button', { name: 'Add' }).click();
  await next();
  await page.getByRole('group', { name: 'Tags' }).getByText('This is required.').waitFor();
  await page.getByRole('group', { name: 'Kinds' }).getByText('This is required.').waitFor();
  await check('careless-lists');
  await page.getByRole('button', { name: 'Remove Kinds 1' }).click();
  await page.getByRole('group', { name: 'Kinds' }).getByText('This needs 1 or more.').waitFor();
  await page.getByRole('group', { name: 'Kinds' }).getByRole('button', { name: 'Add' }).click();
  for (const name of ['Tags', 'Kinds']) await page.getByRole('group', { name }).getByRole('textbox').fill('one');
  await next();
  await page.getByRole('region', { name: 'First records' }).waitFor();
}

/** Members that every object has are inputs like any other. */
async function inheritedNames() {
  const names = ['constructor', 'hasOwnProperty', 'valueOf', 'toString'];
  const properties = Object.fromEntries([...names, 'plain'].map((name) => [name, { type: 'string', title: `The ${name}` }]));
  const own = { type: 'object', properties, required: ['valueOf'] };
  await page.goto(await publish('inherited', '/inherited', { spec: own, queryParams: { plain: '${plain}' } }, (text) => text.replace('"properties":{"constructor"', '"properties":{"__proto__":{"type":"string","title":"The proto"},"constructor"')));
  await page.getByLabel('The proto').fill('p');
  await page.getByLabel('The constructor').fill('c');
  await page.getByLabel('The plain').fill('x');
  await next();
  await page.getByText('This is required.').waitFor();
  await page.getByLabel('The valueOf').fill('v');
  const [asked] = await Promise.all([page.waitForRequest(/explore/), next()]);
  const params = Buffer.from(new URL(asked.url()).searchParams.get('sourceParams'), 'base64').toString();
  for (const text of ['"__proto__":"p"', '"constructor":"c"', '"plain":"x"', '"valueOf":"v"']) assert.ok(params.includes(text), `${text} in ${params}`);
}

/** While a spec is typed it is often none yet: the page stands, and goes on when it is one again. */
async function unfinishedSpecs() {
  await page.goto(`${servers.headwater}/builder`);
  const editor = page.getByRole('textbox', { name: 'Connection spec' });
  await editor.waitFor();
  for (const text of [
    '{"sourceSpec":{"spec":{"properties":{"a":null}}}}', '{"authSpec":[null]}', '{"authSpec":null,"sourceSpec":null}', '{"sourceSpec":{"attributes":null,"spec":null}}',
    '{"sourceSpec":{"spec":{"properties":{"a":{"$ref":"#/nope"}}}}}', '{"sourceSpec":{"spec":{"properties":{"a":{"type":"object","properties":{"b":null}}},"required":[null]}}}',
    '{"sourceSpec":{"spec":{"properties":{"a":{"type":"array","items":null},"b":{"oneOf":[null]},"c":{"enum":[]},"d":{"pattern":"["},"e":5}}}}',
    '{"sourceSpec":{"spec":{"properties":{"a":{"$ref":"#"}}}}}', '{"sourceSpec":{"spec":{"definitions":{"n":{"properties":{"m":{"$ref":"#/definitions/n"}}}},"properties":{"a":{"$ref":"#/definitions/n"}}}}}',
    '{"name":{"a":1},"authSpec":[{"name":"x","spec":null},{"spec":{}}],"sourceSpec":{"attributes":{"urlParams":[null],"paginationParams":"x"}}}',
  ]) {
    await type('Connection spec', text);
    await page.waitForTimeout(500);
    await page.getByRole('heading', { name: 'Form' }).waitFor();
    assert.equal((await editor.innerText()).replace(/\s/g, ''), text, 'what was typed is kept');
  }
  await type('Connection spec', '{"sourceSpec":{"spec":{"properties":{"a":{"type":"string","title":"Mended"}}}}}');
  await page.getByLabel('Mended').waitFor();
}

/** A wide result is typed beside without waiting, and a long value is shortened; a query can be given up. */
async function largeResults() {
  const { id: schemaId } = await api('POST', '/tenant/schemas', { title: 'Wide', type: 'object', properties: { id: { type: 'integer' } } }, 'schemaregistry').then((one) => ({ id: one.$id }));
  const [path] = await api('POST', '/dataSets', { name: 'wide', schemaRef: { id: schemaId, contentType: 'application/vnd.adobe.xed-full+json;version=1' } }, 'catalog');
  await page.goto(`${servers.headwater}/datasets/${path.split('/').pop()}`);
  const typing = async () => {
    const start = Date.now();
    await page.getByRole('textbox', { name: 'SQL' }).click();
    await page.keyboard.type('abc');
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    return Date.now() - start;
  };
  await type('SQL', '');
  const alone = await typing();
  const columns = Array.from({ length: 300 }, (_, i) => `range AS c${i}`).join(', ');
  await type('SQL', `SELECT ${columns} FROM range(500)`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: 'Result' });
  await result.waitFor();
  assert.ok((await result.locator('td').count()) <= 6000, 'as many cells as a browser draws at once');
  await page.getByText('20 of 500 rows are shown.').waitFor();
  const beside = await typing();
  assert.ok(beside < 600 + 3 * alone, `three letters took ${beside} ms beside the result, and ${alone} ms without`);
  await button('Show 20 more').click();
  await page.getByText('40 of 500 rows are shown.').waitFor();
  await type('SQL', `SELECT repeat('x', ${long}) AS text`);
  await page.keyboard.press('Control+Enter');
  const more = button('Show all 200,000 characters');
  await more.waitFor();
  assert.ok((await result.innerText()).length < 1000);
  await check('careless-long');
  await more.click();
  assert.ok((await result.innerText()).length > long);
  await type('SQL', 'SELECT count(*) FROM range(3000000) AS a, range(3000000) AS b WHERE a.range * b.range % 7 = 3');
  await page.keyboard.press('Control+Enter');
  await button('Cancel').click();
  await page.getByText('Cancelled: the query was stopped').waitFor();
  await button('Run query').waitFor();
}

/** A field says what it wants: a choice its title, a time its form. */
async function toldFields() {
  const either = [{ title: 'By name', type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }, { title: 'By id', type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }];
  const spec = { type: 'object', properties: { which: { title: 'Which orders', oneOf: either }, someKind: { anyOf: either }, since: { type: 'string', format: 'date-time', title: 'Since' }, day: { type: 'string', format: 'date', title: 'Day' } } };
  await page.goto(await publish('told', '/told', { spec }));
  await page.getByRole('button', { name: /Which orders/ }).waitFor();
  await page.getByRole('button', { name: /Some kind/ }).waitFor();
  await page.getByText('For example 2024-03-05T09:07:03Z').waitFor();
  await page.getByText('For example 2024-03-05', { exact: true }).waitFor();
  await check('careless-told');
}

const shared = { page, servers, api, publish, shop, button, heading, type, check };
const steps = {
  refusedAccount, changedAccount, exactNumbers, emptyElements, inheritedNames, unfinishedSpecs, toldFields,
  ...Object.fromEntries(Object.entries(away).map(([name, step]) => [name, () => step(shared)])), largeResults,
};

await takeSteps('careless', steps, { expected: /status of (400|401|403|502|504)|ERR_INTERNET_DISCONNECTED/ });
