// What every walk does: a page of Chromium whose console, addresses, contrast and width are watched.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

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
