// The rows of mapping_bench as one JSONata expression each (direct.jsonata, mixed.jsonata): JSON.parse, evaluate,
// JSON.stringify for every record. Arguments and output as Jexl.java's.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import jsonata from 'jsonata';

const rounds = 5;
const warmRounds = 1; // 50,000 records: the compiler is long done
const sampleStep = 97; // as in mapping_bench

function compiled(name) {
  const expression = jsonata(readFileSync(new URL(`${name}.jsonata`, import.meta.url), 'utf8'));
  for (const kind of ['md5', 'sha256'])
    expression.registerFunction(kind, text => createHash(kind).update(text).digest('hex'), '<s:s>');
  return async line => JSON.stringify(await expression.evaluate(JSON.parse(line)));
}

// CPU time of all threads of the process.
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function best(map, lines) {
  let seconds = Infinity;
  for (let round = -warmRounds; round < rounds; ++round) {
    const begin = cpuSeconds();
    for (const line of lines) await map(line);
    if (round >= 0) seconds = Math.min(seconds, cpuSeconds() - begin);
  }
  return lines.length / seconds;
}

const [folder, name] = process.argv.slice(2);
const lines = readFileSync(`${folder}/records.ndjson`, 'utf8').trimEnd().split('\n');
const map = compiled(name);
console.log((await best(map, lines)).toFixed(0));
let sample = '';
for (let at = 0; at < lines.length; at += sampleStep) sample += `${await map(lines[at])}\n`;
writeFileSync(`${folder}/${name}.jsonata.ndjson`, sample);
