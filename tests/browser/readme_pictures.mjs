// Makes the README's pictures anew from those that the walk through the application has left: readme_pictures.mjs FROM TO
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [from, to] = process.argv.slice(2);
const pictures = { catalog: 'catalog-light', mapping: 'set-up-mapping-light', flow: 'flow-light', builder: 'builder-light' };
const size = { width: 720, height: 450 };

mkdirSync(to, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: size });
  for (const [name, file] of Object.entries(pictures)) {
    const bytes = readFileSync(`${from}/${file}.png`).toString('base64');
    await page.setContent(`<body style="margin:0"><img style="display:block;width:${size.width}px" src="data:image/png;base64,${bytes}">`);
    await page.locator('img').evaluate((image) => image.decode());
    await page.screenshot({ path: `${to}/${name}.png` });
  }
} finally {
  await browser.close();
}
