// The walk of one who fills in the forms of sources of every kind: whatever a schema asks for can be given, is told when it is
// missing, can be taken back, and is sent as it was given, and nothing else is.
// forms.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { openDoor, sourceSpec, startWalk } from './walk.mjs';

const door = await openDoor((_, answer) => answer.writeHead(200, { 'Content-Type': 'application/json' }).end('[{"id":1}]'));
const { page, servers, button, api, take, check, takeSteps } = await startWalk({ doors: [door] });
const group = (name) => page.getByRole('group', { name, exact: true });
const field = (name) => page.getByRole('textbox', { name, exact: true });
const choose = async (name, option) => {
  await page.getByRole('button', { name }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
  await page.getByRole('listbox').waitFor({ state: 'detached' });
};

/** Registers a source that asks for what the schema says, and opens its set-up. */
async function open(name, spec) {
  const { id } = await api('POST', '/connectionSpecs', sourceSpec(name, door.address, '/', { spec: { type: 'object', ...spec } }));
  await take(id);
  await page.goto(`${servers.headwater}/sources/${id}`);
  await button('Next').waitFor();
}

/** What the source is asked with. */
async function sent() {
  const [asked] = await Promise.all([page.waitForRequest(/\/explore/), button('Next').click()]);
  await page.getByRole('region', { name: 'First records' }).waitFor();
  return JSON.parse(Buffer.from(new URL(asked.url()).searchParams.get('sourceParams'), 'base64').toString());
}

/** An optional choice is nobody's but the user's, and can be taken back. */
async function choices() {
  const oneOf = [{ const: 'x', title: 'The X' }, { const: 'y', title: 'The Y' }];
  const properties = { typed: { type: 'string', title: 'Typed', oneOf }, bare: { title: 'Bare', oneOf }, word: { title: 'Word', enum: ['a', 'b'] }, fixed: { title: 'Fixed', const: 'only' } };
  await open('choices', { properties });
  for (const name of ['Typed', 'Bare', 'Word', 'Fixed']) await page.getByRole('button', { name: new RegExp(name) }).waitFor();
  await check('forms-choices');
  assert.deepEqual(await sent(), {});
  await open('choices taken back', { properties });
  await choose(/Bare/, 'The Y');
  await choose(/Word/, 'b');
  await choose(/Word/, '(none)');
  assert.deepEqual(await sent(), { bare: 'y' });
}

/** Which of several objects is meant is nobody's choice but the user's, within another one and in a list, too; and can be taken back. */
async function choicesOfObjects() {
  const kind = (name) => ({ title: `By ${name}`, type: 'object', required: ['kind', name], properties: { kind: { const: name, title: 'Kind' }, [name]: { type: 'string' } } });
  const which = { title: 'Which', oneOf: [kind('key'), kind('token')] };
  const properties = { list: { type: 'array', title: 'List', items: which }, in: { type: 'object', title: 'Within', properties: { deep: { ...which, title: 'Deep' } } } };
  const given = ({ in: within, ...others }) => JSON.parse(JSON.stringify({ ...others, ...(within && Object.keys(within).length && { in: within }) }));
  await open('choices of objects', { properties: { which, in: properties.in } });
  await check('forms-choices-of-objects');
  assert.deepEqual(given(await sent()), {});
  await open('chosen objects', { properties: { which, in: properties.in } });
  await choose(/Which/, 'By token');
  await field('Token').fill('x');
  await choose(/Deep/, 'By key');
  await field('Key').fill('y');
  assert.deepEqual(given(await sent()), { which: { kind: 'token', token: 'x' }, in: { deep: { kind: 'key', key: 'y' } } });
  await open('objects taken back', { properties: { which } });
  await choose(/Which/, 'By token');
  await field('Token').fill('x');
  await choose(/Which/, '(none)');
  await field('Token').waitFor({ state: 'detached' });
  assert.deepEqual(given(await sent()), {});
  await open('a list of objects', { properties: { list: properties.list } });
  await group('List').getByRole('button', { name: 'Add' }).click();
  await choose(/Which/, 'By token');
  await field('Token').fill('z');
  assert.deepEqual(given(await sent()), { list: [{ kind: 'token', token: 'z' }] });
}

/** A condition of conditions is chosen as deep as one goes. */
async function choiceOfItself() {
  const kind = (title, name, properties) => ({ title, type: 'object', required: ['kind'], properties: { kind: { const: name, title: 'Kind' }, ...properties } });
  const condition = { $ref: '#/definitions/node', title: 'Condition' };
  const node = { oneOf: [kind('All of', 'and', { all: { type: 'array', title: 'Parts', items: { type: 'object', title: 'Part', properties: { condition: { ...condition, title: 'Inner' } } } } }), kind('A field', 'leaf', { field: { type: 'string', title: 'Field' } })] };
  await open('conditions', { definitions: { node }, properties: { a: condition } });
  await choose(/Condition/, 'All of');
  await group('Parts').getByRole('button', { name: 'Add' }).click();
  await choose(/Inner/, 'A field');
  await field('Field').fill('x');
  await check('forms-choice-of-itself');
  assert.deepEqual(await sent(), { a: { kind: 'and', all: [{ condition: { kind: 'leaf', field: 'x' } }] } });
}

/** Of many choices any number is one. */
async function severalChoices() {
  const kinds = { type: 'array', title: 'Kinds', description: 'Which kinds of orders', uniqueItems: true, minItems: 1, items: { type: 'string', enum: ['new', 'paid', 'sent'] } };
  await open('several', { required: ['kinds'], properties: { kinds } });
  await button('Next').click();
  await page.getByText('This needs 1 or more.').waitFor();
  await check('forms-several');
  for (const name of ['sent', 'new']) await page.getByRole('checkbox', { name }).click();
  assert.deepEqual(await sent(), { kinds: ['new', 'sent'] });
}

/** Whatever hinders the next step is told at its field. */
async function everyRefusal() {
  await open('refusals', {
    required: ['flag', 'sure', 'x'],
    properties: {
      flag: { type: 'boolean', title: 'Flag' }, sure: { type: 'boolean', title: 'Sure', const: true },
      least: { type: 'integer', title: 'Least', exclusiveMinimum: 0 }, fives: { type: 'integer', title: 'Fives', multipleOf: 5 },
      words: { type: 'array', title: 'Words', uniqueItems: true, items: { type: 'string', pattern: '^a' } },
    },
  });
  await field('Least').fill('0');
  await field('Fives').fill('7');
  for (const _ of [1, 2]) await group('Words').getByRole('button', { name: 'Add' }).click();
  for (const index of [0, 1]) await group('Words').getByRole('textbox').nth(index).fill('b');
  await button('Next').click();
  for (const text of ['This must be more than 0.', 'This must be a multiple of 5.', 'This must look like ^a.', 'No two of these may be the same.', '“x”: This is required.']) await page.getByText(text, { exact: true }).first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-invalid')), 'true', 'the first field at fault has the focus');
  await check('forms-refusals');
  // What is not ticked is a no.
  await open('a no', { required: ['flag'], properties: { flag: { type: 'boolean', title: 'Flag' } } });
  assert.deepEqual(await sent(), { flag: false });
}

/** One of two members, and files and colours with a label. */
async function oneOfTwo() {
  await open('one of two', { properties: { a: { type: 'string', title: 'By name' }, b: { type: 'string', title: 'By number' }, file: { type: 'string', format: 'data-url', title: 'File' }, colour: { type: 'string', format: 'color', title: 'Colour' }, any: { title: 'Anything' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] });
  await button('Next').click();
  await page.getByText('One of these is needed').waitFor();
  assert.equal(await page.getByText('Unsupported').count(), 0);
  await check('forms-one-of-two');
  await field('By name').fill('x');
  await field('Colour').fill('#112233');
  await field('Anything').fill('thing');
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hi') });
  await page.getByText('A file is chosen.').waitFor();
  assert.deepEqual(await sent(), { a: 'x', colour: '#112233', any: 'thing', file: 'data:text/plain;base64,aGk=' });
}

/** Members that the schema does not name are added, named, renamed while one types, and removed. */
async function furtherMembers() {
  await open('members', { properties: { extra: { type: 'object', title: 'Extra headers', description: 'Sent with every request', additionalProperties: { type: 'string' } } } });
  await page.getByText('Sent with every request').waitFor();
  const add = () => group('Extra headers').getByRole('button', { name: 'Add to Extra headers' }).click();
  const put = async (index, name, value) => {
    await field('Name').nth(index).pressSequentially(name);
    await field('Value').nth(index).pressSequentially(value);
  };
  await add();
  await put(0, 'X-One', '1');
  await add();
  await put(1, 'X-One', '2');
  await page.getByText('This name is there already.').waitFor();
  await check('forms-members');
  await field('Name').nth(1).fill('X-Two');
  await add();
  await put(2, 'constructor', '3');
  await button('Remove X-One').click();
  await page.waitForFunction(() => document.activeElement.value === 'X-Two');
  await field('Value').first().fill('two');
  assert.deepEqual(await sent(), { extra: { 'X-Two': 'two', constructor: '3' } });
}

/** Who removes an element goes on with the next one, or with the button that adds. */
async function removedElements() {
  await open('elements', { properties: { tags: { type: 'array', title: 'Tags', description: 'One word each', items: { type: 'string' } } } });
  await page.getByText('One word each').waitFor();
  for (const index of [0, 1, 2]) {
    await group('Tags').getByRole('button', { name: 'Add' }).click();
    await group('Tags').getByRole('textbox').nth(index).fill(`t${index}`);
  }
  await button('Remove Tags 2').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.value === 't2');
  await button('Remove Tags 2').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent === 'Add');
  assert.deepEqual(await sent(), { tags: ['t0'] });
}

await takeSteps('forms', { choices, choicesOfObjects, choiceOfItself, severalChoices, everyRefusal, oneOfTwo, furtherMembers, removedElements });
