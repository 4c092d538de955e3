// An author's walk with `headwater source dev`: a folder made by `source init`, edited in the builder and in another editor at once.
// source_dev.mjs [FOLDER]: where the pictures go.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binary, root, until } from '../contract/servers.mjs';
import { launch, openWalk } from './walk.mjs';

const [pictures] = process.argv.slice(2);
const secret = 'open-sesame-7';
const folder = mkdtempSync(join(tmpdir(), 'headwater-dev-'));
const artifacts = `${folder}/Sources/orders/Artifacts`;
const file = (part) => `${artifacts}/orders-${part}`;
const read = (part) => readFileSync(file(part), 'utf8');

// A shop that wants a password, and is so careless as to say it again.
const asked = [];
const shop = http.createServer((request, answer) => {
  asked.push(request.url);
  const { searchParams } = new URL(request.url, 'http://shop');
  const known = request.headers['x-api-key'] === secret;
  const from = Number(searchParams.get('offset') ?? 0);
  const orders = Array.from({ length: 7 }, (_, i) => ({ id: from + i + 1, customer: ['Ada', 'Grace', 'Zoë'][i % 3], total: 1.5 * i }));
  answer.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
  answer.end(JSON.stringify(known ? { count: 7, calledWith: secret, orders: from ? [] : orders } : { error: 'who are you?' }));
});
await new Promise((done) => shop.listen(0, '127.0.0.1', done));
const host = `http://127.0.0.1:${shop.address().port}`;

function environment() {
  mkdirSync(`${folder}/tmp`);
  return { ...process.env, TMPDIR: `${folder}/tmp`, HEADWATER_ALLOW_NETWORK: '127.0.0.0/8' };
}

const env = environment();
// Not waited for by blocking: the shop answers from this very program.
await promisify(execFile)(binary, ['source', 'init', 'orders', '--from-curl', `curl -H 'X-Api-Key: ${secret}' '${host}/orders?limit=100&offset=0'`, '--dir', folder], { env });
const methods = JSON.parse(read('connectionSpec.json')).authSpec;
const [field] = Object.entries(methods[0].spec.properties).find(([, { format }]) => format === 'password');
writeFileSync(`${folder}/account.json`, JSON.stringify({ specName: methods[0].name, params: { [field]: secret } }), { mode: 0o600 });
const dev = spawn(binary, ['source', 'dev', folder, '--auth', `${folder}/account.json`, '--no-open'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const ended = new Promise((done) => dev.on('exit', done));
let printed = '';
dev.stdout.on('data', (chunk) => (printed += chunk));

const browser = await launch();
let walk;
try {
  const link = await until('the link', () => /(http:\S+#\S+)/.exec(printed)?.[1]);
  walk = await openWalk(browser, new URL(link).origin, pictures);
  const { page, problems, check } = walk;
  const button = (name) => page.getByRole('button', { name, exact: true });
  const editor = page.getByRole('textbox', { name: 'Connection spec' });

  // The link leads into the folder.
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: 'Source orders' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/builder/folder');
  assert.ok(!page.url().includes('#'), 'the code leaves the address');
  await editor.waitFor();
  assert.equal(await page.getByLabel('Label', { exact: true }).inputValue(), read('label.txt').trim());
  assert.ok(await button('Saved').isDisabled(), 'nothing is to be saved');

  // From the catalog a link leads back.
  await page.getByRole('link', { name: 'Sources', exact: true }).click();
  await page.getByRole('link', { name: 'Source orders' }).click();
  await editor.waitFor();
  assert.equal(new URL(page.url()).pathname, '/builder/folder');

  // Edited here: the text stays as it is written, byte for byte, and the source is called.
  const before = read('connectionSpec.json');
  const mine = before.trimEnd().replace('{', '{\n\n     "madeBy"   :  "an author",');
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(mine);
  asked.length = 0;
  await button('Save').click();
  await button('Saved').waitFor();
  assert.equal(read('connectionSpec.json'), mine);
  await page.getByRole('cell', { name: 'Zoë' }).first().waitFor();
  assert.equal(asked.length, 1, 'one page was asked for');
  const raw = await page.getByRole('region', { name: 'The page as it came' }).innerText();
  assert.match(raw, /"orders":\[\{"id":1,/);
  assert.match(raw, /"calledWith":"\*\*\*"/, 'what the account says is masked where the source says it again');
  assert.ok(!(await page.locator('body').innerText()).includes(secret));
  await page.getByText('The records are the 7 elements of $.orders.').waitFor();
  await check('source-dev');

  // A small text, saved from the keyboard.
  await page.getByLabel('Label', { exact: true }).fill('Orders of the shop');
  await page.keyboard.press('Control+s');
  await until('the label on the disk', () => read('label.txt') === 'Orders of the shop\n');

  // Edited by another editor: shown, and the source is called anew.
  await button('Saved').waitFor();
  asked.length = 0;
  writeFileSync(file('connectionSpec.json'), mine.replace('an author', 'another editor'));
  await editor.getByText('another editor').waitFor();
  await until('the call after it', () => asked.length > 0);
  assert.ok(await button('Saved').isDisabled());

  // Edited by both: nothing is lost without being asked.
  await page.getByLabel('Label', { exact: true }).fill('Mine');
  writeFileSync(file('label.txt'), 'Theirs\n');
  await page.getByText('orders-label.txt was changed on the disk').waitFor();
  assert.ok(await button('Save').isDisabled());
  await check('source-dev-conflict');
  await button('Keep mine').click();
  await button('Save').click();
  await until('mine on the disk', () => read('label.txt') === 'Mine\n');
  await button('Saved').waitFor();

  // A broken text can be saved; what is wrong with it is told.
  writeFileSync(file('category.txt'), 'Shops\n');
  await page.getByText('"Shops" is no category').waitFor();

  assert.deepEqual(problems, []);
  dev.kill('SIGINT');
  assert.equal(await ended, 0);
  assert.deepEqual(readdirSync(env.TMPDIR), [], 'nothing of the server is left');
  assert.deepEqual(readdirSync(artifacts).sort(), ['category.txt', 'connectionSpec.json', 'description.txt', 'icon.svg', 'label.txt'].map((part) => `orders-${part}`), 'nothing else is in the folder');
  console.log('walked: source dev, edited here, edited there, edited by both');
} catch (error) {
  await walk?.fail('source-dev-failure');
  throw error;
} finally {
  await browser.close();
  shop.close();
  shop.closeAllConnections();
  if (dev.exitCode === null) dev.kill('SIGTERM');
  await ended;
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
