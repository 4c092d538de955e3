// Holds the replay's answers against the API descriptions that stand beside the checkout. A deliberate difference stands in
// differences.json with its reason; one that is not listed is a problem, and so is a listed one that does not happen.
import { readFileSync } from 'node:fs';
import { Description } from './description.mjs';

const SERVICES = {
  'flow-service.yaml': '/data/foundation/flowservice',
  'data-prep.yaml': '/data/foundation/conversion',
  'schema-registry.yaml': '/data/foundation/schemaregistry',
  'catalog.yaml': '/data/foundation/catalog',
  'data-access.yaml': '/data/foundation/export',
  'batch-ingestion.yaml': '/data/foundation/import',
  'streaming-ingestion.yaml': '',
};
// Paths of the last one begin at the root.
const within = (prefix) => (prefix === '' ? '/collection/' : `${prefix}/`);

/** The differences of one service: {description, operation, difference}, each once. */
function differencesOf(file, prefix, exchanges, folder) {
  const description = new Description(readFileSync(`${folder}/api/${file}`, 'utf8'), file);
  const out = new Map();
  const add = (operation, difference, name) => {
    const key = `${file}\t${operation}\t${difference}`;
    if (!out.has(key)) out.set(key, { description: file, operation, difference, name });
  };
  const answered = new Set();
  for (const { name, method, path, answer } of exchanges) {
    if (!path.startsWith(within(prefix))) continue;
    const found = description.find(method, path.slice(prefix.length));
    if (!found) {
      if (answer.status < 400) add(`${method} ${shape(path.slice(prefix.length))}`, 'an operation of ours', name);
      continue;
    }
    if (answer.status < 400) answered.add(found.key);
    for (const error of description.answerErrors(found, answer)) add(found.key, `${answer.status}: ${error}`, name);
  }
  for (const { key } of description.operations) if (!answered.has(key)) add(key, 'never answers well', 'the replay');
  return [...out.values()];
}

// Ids in paths of operations that only we have.
function shape(path) {
  return path.replace(/\/[0-9a-f][0-9a-f-]{7,}(?=\/|$)/g, '/{id}');
}

const matches = (entry, { description, operation, difference }) =>
  entry.description === description &&
  (entry.operation === '*' || [entry.operation].flat().includes(operation)) &&
  [entry.difference].flat().some((text) => (text.endsWith('*') ? difference.startsWith(text.slice(0, -1)) : text === difference));

export function compareWithShared(exchanges, folder) {
  const listed = JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8'));
  const found = Object.entries(SERVICES).flatMap(([file, prefix]) => differencesOf(file, prefix, exchanges, folder));
  const unlisted = found.filter((difference) => !listed.some((entry) => matches(entry, difference)));
  const single = listed.flatMap((entry) => [entry.operation].flat().flatMap((operation) => [entry.difference].flat().map((difference) => ({ ...entry, operation, difference }))));
  const gone = single.filter((entry) => !found.some((difference) => matches(entry, difference)));
  const unreasoned = listed.filter(({ reason }) => !reason);
  return [
    ...unlisted.map(({ description, operation, difference, name }) => `not listed: ${description}, ${operation}: ${difference} (${name})`),
    ...gone.map((entry) => `listed, but does not happen: ${JSON.stringify(entry)}`),
    ...unreasoned.map((entry) => `listed without a reason: ${JSON.stringify(entry)}`),
  ];
}
