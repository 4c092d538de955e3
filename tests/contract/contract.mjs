// contract.mjs own: every operation of our description, with good and bad input, against that description.
// contract.mjs shared FOLDER: the same calls against the API descriptions in FOLDER/api; what differs on purpose stands in
// differences.json, and nothing else may.
import { readFileSync } from 'node:fs';
import { Recorder, sendCommonMistakes } from './client.mjs';
import { checkCoverage, writeCoverage } from './coverage.mjs';
import { Description } from './description.mjs';
import { replay } from './replay.mjs';
import { withASource, startServers } from './servers.mjs';
import { compareWithShared } from './shared.mjs';

const [mode, folder] = process.argv.slice(2);
if (mode !== 'own' && !(mode === 'shared' && folder)) {
  console.error('usage: contract.mjs own | shared FOLDER');
  process.exit(2);
}

// json-server answers these as pages; one order has no id that the schema takes, and is rejected.
const orders = Array.from({ length: 30 }, (_, i) => ({ id: i + 1, customer: { name: `Customer ${i}` }, total: i + 0.5, placedAt: new Date(Date.UTC(2024, 0, 1, 0, i)).toISOString().replace('.000', '') }));
orders[7].id = 'eight';

/** Problems of the answers by our own description; fills `covered` with what was answered well and badly. */
function checkExchanges(api, description, covered) {
  const problems = new Set();
  for (const { name, method, path, request, answer, wanted } of api.exchanges) {
    const found = description.find(method, path);
    if (!found) {
      problems.add(`${name}: ${method} ${path} is not described`);
      continue;
    }
    covered.get(found.key).add(answer.status < 400 ? 'good' : 'bad');
    for (const error of description.answerErrors(found, answer)) problems.add(`${name}: ${found.key} ${answer.status}: ${error}`);
    if (wanted >= 400) continue;
    for (const error of description.requestErrors(found, request)) problems.add(`${name}: ${found.key}, the request: ${error}`);
  }
  return [...problems];
}

function missing(description, covered) {
  const out = [];
  for (const { key, operation } of description.operations) {
    const states = covered.get(key);
    const canSucceed = Object.keys(operation.responses).some((status) => status < '4');
    if (!states.has('good') && canSucceed) out.push(`${key}: no call succeeded`);
    const canFail = Object.keys(operation.responses).some((status) => status.startsWith('4'));
    if (!states.has('bad') && canFail) out.push(`${key}: no call failed`);
  }
  return out;
}

const servers = await startServers({ orders }, withASource);
let problems = [];
try {
  const api = new Recorder(servers.headwater, servers.token);
  const text = await (await fetch(`${servers.headwater}/data/foundation/flowservice/openapi.yaml`)).text();
  const description = new Description(text, 'openapi.yaml');
  problems.push(...description.formErrors());
  for (const operation of description.operations) await sendCommonMistakes(api, operation);
  await replay(api, servers);
  const covered = new Map(description.operations.map(({ key }) => [key, new Set()]));
  problems.push(...api.unexpected);
  if (process.env.HEADWATER_COVERAGE === 'write') writeCoverage(description, api.exchanges);
  if (mode === 'own') problems.push(...checkExchanges(api, description, covered), ...missing(description, covered), ...checkCoverage(description, api.exchanges));
  else problems.push(...compareWithShared(api.exchanges, folder));
  console.log(`${api.exchanges.length} calls of ${description.operations.length} operations, ${problems.length} problems`);
} catch (error) {
  problems.push(`the replay ended early: ${error.stack}`);
} finally {
  await servers.stop();
}
problems.forEach((problem) => console.log(`- ${problem}`));
process.exit(problems.length === 0 ? 0 : 1);
