// What is wrong with rows before the server is asked: halves, and destinations that cannot stand beside each other.
import { isPath, stepsOf, type Step } from './paths';
import { schemaAt, typeOf, type Field, type Row } from './records';

const isBelow = (inner: Step[], outer: Step[]) => inner.length > outer.length && outer.every((step, index) => step === inner[index]);

/** An object is copied first and members are written over it; anything else has no members. */
const isObject = (row: Row, to: Step[], schema: any, targets?: Field[]) => {
  if (targets) return targets.some(({ steps, type }) => isBelow(steps, to) || (type === 'object' && steps.join('.') === to.join('.')));
  const from = isPath(row.source.trim()) ? stepsOf(row.source.trim()) : undefined;
  const known = from && schemaAt(schema, from);
  return known !== undefined && typeOf(known) === 'object' && Object.keys(known.properties ?? {}).length > 0;
};

/** Problems of rows by key. `schema` is the source's; `targets` are the fields of a dataset that is there. */
export function rowProblems(rows: Row[], schema: any, targets?: Field[]): Map<number, string> {
  const problems = new Map<number, string>();
  const placed = rows.map((row) => ({ row, to: stepsOf(row.destination.trim()) }));
  for (const { row, to } of placed) {
    if (!row.destination.trim()) problems.set(row.key, 'Say which field of the dataset it goes to, or remove the row.');
    else if (!row.source.trim()) problems.set(row.key, 'Give it a field of the source or an expression, or remove the row.');
    else if (to) {
      const outer = placed.find((other) => other.row !== row && other.to && isBelow(to, other.to) && !isObject(other.row, other.to, schema, targets));
      if (outer) problems.set(row.key, `Another row fills ${outer.row.destination.trim()} with a value that has no members, so this cannot be one of them.`);
    }
  }
  return problems;
}
