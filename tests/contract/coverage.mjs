// docs/api-coverage.md: every operation with the calls of the replay that prove it and the file of its tests in tests/api.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { root } from './servers.mjs';

const file = `${root}/docs/api-coverage.md`;
const row = /^\| `(\w+ [^`]+)` \| ([^|]+) \| ([^|]+) \| `([^`]+)` \|$/;

function rows() {
  return readFileSync(file, 'utf8').split('\n').map((line) => row.exec(line)).filter(Boolean).map(([, key, good, bad, test]) => ({ key, good, bad, test }));
}

/** Calls of each operation that must succeed and that must fail, by the operation's key. */
function callsOf(description, exchanges) {
  const calls = new Map(description.operations.map(({ key }) => [key, { good: new Set(), bad: new Set() }]));
  for (const { name, method, path, wanted } of exchanges) {
    const found = description.find(method, path);
    if (found) calls.get(found.key)[wanted < 400 ? 'good' : 'bad'].add(name.replace(`: ${found.key}`, ''));
  }
  return calls;
}

/** What of the table is not so: operations that it lacks, and calls and files that do not exist. */
export function checkCoverage(description, exchanges) {
  const calls = callsOf(description, exchanges);
  const listed = rows();
  const problems = description.operations.filter(({ key }) => !listed.some((item) => item.key === key)).map(({ key }) => `docs/api-coverage.md lacks ${key}`);
  for (const { key, good, bad, test } of listed) {
    const known = calls.get(key);
    if (!known) problems.push(`docs/api-coverage.md: ${key} is not described`);
    else if (good !== '-' && !known.good.has(good)) problems.push(`docs/api-coverage.md: ${key} has no call "${good}" that succeeds`);
    else if (bad !== '-' && !known.bad.has(bad)) problems.push(`docs/api-coverage.md: ${key} has no call "${bad}" that fails`);
    else if ((good === '-' && known.good.size) || (bad === '-' && known.bad.size)) problems.push(`docs/api-coverage.md: ${key} has calls that it does not name`);
    if (!existsSync(`${root}/${test}`)) problems.push(`docs/api-coverage.md: there is no ${test}`);
  }
  return problems;
}

/** Writes the table anew; kept are the files of tests that it names. */
export function writeCoverage(description, exchanges) {
  const calls = callsOf(description, exchanges);
  const known = new Map(existsSync(file) ? rows().map(({ key, test }) => [key, test]) : []);
  // The last one is the operation's own mistake; the first ones are those that all have in common.
  const table = description.operations.map(({ key, operation }) => {
    const { good, bad } = calls.get(key);
    return { key, tag: operation.tags[0], text: `| \`${key}\` | ${[...good][0] ?? '-'} | ${[...bad].at(-1) ?? '-'} | \`${known.get(key) ?? 'tests/contract/replay.mjs'}\` |` };
  });
  const sections = [...new Set(table.map(({ tag }) => tag))].map((tag) =>
    [`## ${tag}`, '', '| Operation | A call that succeeds | A call that is refused | More tests |', '|---|---|---|---|', ...table.filter((item) => item.tag === tag).map(({ text }) => text), ''].join('\n'),
  );
  const head = `# Every operation and its tests

The calls are those of the replay in \`tests/contract\`, which runs with \`make test\` and fails when an operation is missing here or
a call that is named here does not exist. Each answer is held against our own OpenAPI description (\`specs/openapi\`): status, headers
and body. \`HEADWATER_COVERAGE=write node tests/contract/contract.mjs own\` writes this page anew.
`;
  writeFileSync(file, [head, ...sections].join('\n'));
}
