// Arguments: a folder and the names of sets. Fails unless NAME.jexl.ndjson and NAME.jsonata.ndjson hold the same JSON
// values as NAME.mapped.ndjson, line by line.
import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';

const [folder, ...names] = process.argv.slice(2);
const values = file => readFileSync(`${folder}/${file}`, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
for (const name of names) {
  const mapped = values(`${name}.mapped.ndjson`);
  for (const other of ['jexl', 'jsonata'])
    deepStrictEqual(values(`${name}.${other}.ndjson`), mapped, `${name}: ${other} and headwater differ`);
  console.log(`${name}: all four wrote the same values, ${mapped.length} records compared`);
}
