// Which members of a record an expression speaks of.
import { isPath, stepsOf, words, type Step } from './paths';
import { typeOf } from './records';

const tokens = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\$\{(?:\\.|[^\\}])*\}|(?<![\p{L}\p{Nd}_$@.])[\p{L}_$@][\p{L}\p{Nd}_$]*(?:\.[\p{L}_$@][\p{L}\p{Nd}_$]*|\[(?:\*|\d+)\])*(?:\s*\()?/gsu;

/** The paths in a source: itself, where it is one, or what an expression names outside of its texts and calls. */
export function namesIn(source: string): Step[][] {
  const text = source.trim();
  const parameters = new Set([...text.matchAll(/([\p{L}\p{Nd}_$@]+)\s*\)?\s*->/gu)].map(([, name]) => name));
  const found = isPath(text) ? [text] : [...text.matchAll(tokens)].map(([token]) => token).filter((token) => !/^["']|\($/.test(token) && !words.has(token));
  return found.map(stepsOf).filter((steps) => steps !== undefined && !parameters.has(steps[0] as string)) as Step[][];
}

/** Whether records of the schema have no such member; false where the schema does not say which there are. */
export function lacks(schema: any, steps: Step[]): boolean {
  let at = schema;
  for (const step of steps) {
    if (typeof step !== 'string') {
      if (typeOf(at) !== 'array') return false;
      at = at.items;
    } else {
      const members = typeOf(at) === 'object' ? at.properties : undefined;
      if (!members || Object.keys(members).length === 0) return false;
      if (!Object.hasOwn(members, step)) return true;
      at = members[step];
    }
  }
  return false;
}
