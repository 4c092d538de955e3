// Opens /docs of the real binary in Chromium: every operation is shown, a call that is tried there with a token answers, and
// nothing goes wrong in the console or to another host. docs.mjs PICTURE also keeps a screenshot.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { startServers } from '../contract/servers.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const [picture] = process.argv.slice(2);

/** Fills one scheme of the dialog that "Authorize" opens. */
async function authorize(page, scheme, value) {
  const form = page.locator('.auth-container', { has: page.getByRole('heading', { name: new RegExp(`^${scheme}`) }) });
  await form.locator('input').fill(value);
  await form.locator('button.authorize').click();
}

async function tryListingFlows(page, token) {
  await page.locator('.scheme-container button.authorize').click();
  await authorize(page, 'token', token.access_token);
  await authorize(page, 'apiKey', token.client_id);
  await authorize(page, 'organisation', token.ims_org_id);
  await page.locator('button.btn-done').first().click();
  const operation = page.locator('#operations-Flows-listFlows');
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.try-out__btn').click();
  await operation.locator('tr[data-param-name="x-sandbox-name"] input').fill(token.sandbox_name);
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.url().includes('/flowservice/flows')),
    operation.locator('button.execute').click(),
  ]);
  const answer = await request.response();
  assert.equal(answer.status(), 200, await answer.text());
  assert.equal((await request.allHeaders())['x-sandbox-name'], token.sandbox_name);
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
}

const servers = await startServers({ orders: [] });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  const problems = [];
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && problems.push(line.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (sent) => new URL(sent.url()).origin === servers.headwater || sent.url().startsWith('data:') || problems.push(`asks ${sent.url()}`));
  await page.goto(`${servers.headwater}/docs`);
  await page.locator('.opblock-tag-section').first().waitFor();
  // Sections are closed at first; opening each by its heading shows what it holds. One at a time: of a long page the viewer keeps
  // what is in sight only.
  const operations = page.locator('.opblock');
  let shown = 0;
  for (const id of await page.locator('.opblock-tag').evaluateAll((headings) => headings.map((heading) => heading.id))) {
    const heading = page.locator(`[id="${id}"]`);
    await heading.click();
    await operations.first().waitFor();
    shown += await operations.count();
    await heading.click();
    await operations.first().waitFor({ state: 'detached' });
  }
  const description = await (await fetch(`${servers.headwater}/data/foundation/flowservice/openapi.yaml`)).text();
  const described = description.match(/^ {6}operationId: /gm).length;
  assert.equal(shown, described);
  await page.locator('#operations-tag-Flows').click();
  await tryListingFlows(page, servers.token);
  if (picture) await page.screenshot({ path: picture });
  assert.deepEqual(problems, []);
  console.log(`${described} operations shown`);
} finally {
  await browser.close();
  await servers.stop();
}
