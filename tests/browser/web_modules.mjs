// The web application's modules, for tests without a browser.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../web/', import.meta.url));
const require = createRequire(`${root}package.json`);
const { buildSync } = require('esbuild');

/** Modules of the application, as one, with what they import. */
export async function load(...names) {
  const contents = names.map((name) => `export * from './${name}';`).join('\n');
  const { outputFiles: [{ text }] } = buildSync({ stdin: { contents, resolveDir: `${root}src` }, bundle: true, format: 'esm', target: 'es2022', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

/** A package that the application uses. */
export const installed = (name) => require(name);
