// What every walk begins and ends with: the servers, and a page of Chromium whose console, addresses, contrast and width are watched.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { startServers } from '../contract/servers.mjs';

/** The flow spec that takes REST sources. */
export const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** {page, problems, check(name), fail()}: what goes wrong in the page is in `problems`; `folder` is where the pictures go, if anywhere. */
export async function openWalk(browser, origin, folder) {
  if (folder) mkdirSync(folder, { recursive: true });
  const problems = [];
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && problems.push(`${line.text()} (${line.location().url})`));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (sent) => new URL(sent.url()).origin === origin || /^(data|blob):/.test(sent.url()) || problems.push(`asks ${sent.url()}`));

  /** axe-core over the page in both colours, its picture, and that it fits a telephone. */
  async function check(name) {
    await page.evaluate(() => window.scrollTo(0, 0));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(150);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], rules: { 'landmark-unique': { enabled: true } } }));
      for (const { id, nodes } of violations) problems.push(`${name} (${colorScheme}): ${id}: ${nodes.slice(0, 4).map((node) => `${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
      if (folder) await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
    }
    const desktop = page.viewportSize();
    await page.setViewportSize({ width: 360, height: 760 });
    await page.waitForTimeout(200);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 360) problems.push(`${name}: ${width} pixels wide on a screen of 360`);
    if (folder) await page.screenshot({ path: `${folder}/${name}-360.png`, fullPage: true });
    await page.setViewportSize(desktop);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  }

  /** Tells where it stood. */
  async function fail(name) {
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
    console.error(await page.locator('body').innerText().catch(() => ''));
    problems.forEach((problem) => console.error(problem));
  }
  return { page, problems, check, fail };
}

/** An HTTP server of a walk's own, on loopback: {address, close()}. */
export async function openDoor(answer) {
  const server = http.createServer(answer);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}`, close };
}

/** What a token's headers say now. */
const headersOf = ({ token }) => ({ Authorization: `Bearer ${token.access_token}`, 'x-api-key': token.client_id, 'x-gw-ims-org-id': token.ims_org_id, 'x-sandbox-name': token.sandbox_name, 'Content-Type': 'application/json' });

/**
 * The servers with a page before them, and what every walk does there: `api` is another client meanwhile, `take` has a flow spec
 * take a source, `type` writes into an editor. `doors` are closed with the rest. The folder for pictures is the first argument.
 */
export async function startWalk({ records = { orders: [] }, more, doors = [] } = {}) {
  const servers = await startServers(records, more);
  const browser = await launch();
  const walk = await openWalk(browser, servers.headwater, process.argv[2]);
  const { page, problems } = walk;
  page.on('dialog', (dialog) => dialog.accept().catch(() => undefined));
  const button = (name) => page.getByRole('button', { name, exact: true });
  const headers = () => headersOf(servers);

  /** A text goes as it is written. */
  async function api(method, path, body, service = 'flowservice', further = {}) {
    const answer = await fetch(`${servers.headwater}/data/foundation/${service}${path}`, { method, headers: { ...headers(), ...further }, body: body && (typeof body === 'string' ? body : JSON.stringify(body)) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  async function take(spec) {
    const [flowSpec] = (await api('GET', `/flowSpecs/${batchFlowSpec}`)).items;
    flowSpec.sourceConnectionSpecIds.push(spec);
    await api('PUT', `/flowSpecs/${batchFlowSpec}`, flowSpec);
  }

  async function type(name, text) {
    await page.getByRole('textbox', { name }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  }

  async function signIn() {
    await page.goto(servers.login());
    await page.getByRole('link', { name: 'Dataflows' }).waitFor();
  }

  /**
   * Takes the steps one after the other, all or those that STEPS names, and ends everything. Whatever goes wrong in the page fails
   * them, but for what fits `expected`.
   */
  async function takeSteps(name, steps, { expected, signedIn = true } = {}) {
    try {
      if (signedIn) await signIn();
      const only = process.env.STEPS?.split(',');
      for (const [step, act] of Object.entries(steps)) if (!only || only.includes(step)) await act();
      assert.deepEqual(problems.filter((one) => !expected?.test(one)), []);
      console.log(`walked: ${Object.keys(steps).join(', ')}`);
    } catch (error) {
      await walk.fail(`${name}-failure`);
      throw error;
    } finally {
      await browser.close();
      for (const door of doors) door.close();
      await servers.stop();
    }
  }
  return { ...walk, servers, button, heading: (name) => page.getByRole('heading', { name }), headers, api, take, type, signIn, takeSteps };
}

/** A source of one page, published under its name: what stands at the address's path, asked for with what the schema wants. */
export const sourceSpec = (name, host, path, { spec = { type: 'object', properties: {} }, authSpec = [], queryParams = {}, attributes = {} } = {}) => ({
  name, type: 'generic-rest', providerId: '0ed90a81-07f4-4586-8190-b40eccef1c5a', version: '1.0', authSpec,
  sourceSpec: {
    spec,
    attributes: {
      uiAttributes: { isSource: true, isPreview: true, category: { text: 'ecommerce' }, label: { text: name }, description: { text: name } },
      urlParams: { host, path, method: 'GET', queryParams }, contentPath: { path: '$' }, paginationParams: { type: 'NONE' }, ...attributes,
    },
  },
  exploreSpec: { name: 'Resource', type: 'Resource', requestSpec: {}, responseSpec: {} },
});
