// embed.mjs DIST OUTPUT: writes the built application into one C++ source file, compressed once, here, instead of for every
// browser. Ends with an error when it has outgrown budget.json.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const [dist, output] = process.argv.slice(2);
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', woff2: 'font/woff2' };
const budget = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'));

const page = readFileSync(`${dist}/index.html`);
const files = readdirSync(`${dist}/assets`).sort().map((name) => ({ name, encoding: 'gzip', bytes: gzipSync(readFileSync(`${dist}/assets/${name}`), { level: 9 }) }));

const kilobytes = (some) => Math.ceil(some.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024);
const checks = [
  ['first', 'What the page loads at once', files.filter(({ name }) => page.includes(name))],
  ['all', 'The application', files],
  ...files.map((file) => ['chunk', file.name, [file]]),
];
for (const [limit, what, some] of checks) {
  if (kilobytes(some) <= budget[limit]) continue;
  console.error(`web: ${what} has ${kilobytes(some)} KB after gzip, more than the ${budget[limit]} of web/budget.json ("${limit}"). Split it, or change the budget with a reason.`);
  process.exit(1);
}
console.log(`web: ${kilobytes(checks[0][2])} KB at once (budget ${budget.first}), ${kilobytes(files)} KB in all (budget ${budget.all})`);

// The page stays as it is: each answer puts a nonce in.
const entries = [{ name: 'index.html', encoding: '', bytes: page }, ...files].map(({ name, encoding, bytes }) => {
  const type = types[name.split('.').pop()];
  if (!type) throw new Error(`web: ${name} has no content type in embed.mjs`);
  const text = bytes.toString('hex').replace(/../g, '\\x$&');
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return `    {"${name}", "${type}", "${encoding}", {"${text}", ${bytes.length}}, "\\"${etag}\\""},\n`;
});
writeFileSync(output, `#include "api/internal/web_app.h"

namespace headwater::api {
namespace {

constexpr EmbeddedFile kFiles[] = {
${entries.join('')}};

}  // namespace

std::span<const EmbeddedFile> web_app_files() { return kFiles; }

}  // namespace headwater::api
`);
