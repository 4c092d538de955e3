// Paths of the mapping language: "customer.name", "lines[0].sku", "${First Name}". A backslash takes the character behind it as it is.

/** A member by its name, an element by its number, or every element. */
export type Step = string | number | typeof every;
export const every = Symbol('every');

const indexMax = 9999;

/** The steps of a path; undefined: it is none. */
export function stepsOf(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let at = 0;
  const name = (): boolean => {
    let found = '';
    for (; at < text.length && text[at] !== '.' && text[at] !== '['; at++) {
      if (text[at] === ']') return false;
      if (text[at] === '\\' && ++at === text.length) return false;
      found += text[at];
    }
    steps.push(found);
    return found !== '';
  };
  const wrapped = (): boolean => {
    const start = at + 2;
    for (at = start; at < text.length && text[at] !== '}'; at++) if (text[at] === '\\') at++;
    const inner = at < text.length ? stepsOf(text.slice(start, at)) : undefined;
    at++;
    steps.push(...(inner ?? []));
    return inner !== undefined;
  };
  while (true) {
    if (!(text.startsWith('${', at) ? wrapped() : name())) return undefined;
    while (text[at] === '[') {
      const [all, index] = /^\[(\*|\d+)\]/.exec(text.slice(at)) ?? [];
      if (!all || Number(index) > indexMax) return undefined;
      steps.push(index === '*' ? every : Number(index));
      at += all.length;
    }
    if (at >= text.length) return steps;
    if (text[at++] !== '.') return undefined;
  }
}

const bracket = (step: number | typeof every) => `[${step === every ? '*' : String(step)}]`;
const escaped = (name: string) => name.replace(/[\\.[\]}]/g, '\\$&').replace(/^\$\{/, '\\${');
const joined = (steps: Step[], named: (name: string) => string) => steps.reduce<string>((text, step) => (typeof step === 'string' ? text + (text && '.') + named(step) : text + bracket(step)), '');

/** What is no name when it stands in an expression as it is. */
export const words = new Set(['or', 'and', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'div', 'mod', 'empty', 'size', 'null', 'true', 'false', 'new', 'break', 'var', 'for', 'while', 'continue', 'else', 'if', 'return', 'do', 'function', '_errors']);
const isName = (step: Step) => typeof step !== 'string' || /^[\p{L}_$@][\p{L}\p{Nd}_$]*$/u.test(step);
const isPlain = (step: Step) => isName(step) && !words.has(step as string);

/** As a source has it, and expressions too: names that are no words of the language are wrapped. */
export function sourceText(steps: Step[]): string {
  return steps.every(isPlain) ? joined(steps, (name) => name) : `\${${joined(steps, escaped)}}`;
}

/** As a destination has it; names with blanks around them are wrapped, as fields lose theirs. */
export function destinationText(steps: Step[]): string {
  return joined(steps, (name) => (name.trim() === name ? escaped(name).replaceAll('\\}', '}') : `\${${escaped(name)}}`));
}

/** Whether a source is only a path, and so no calculation: "total-tax", "2024" and "true" are calculations, "${total-tax}" is a path. */
export function isPath(source: string): boolean {
  const steps = stepsOf(source);
  if (!steps || ['true', 'false', 'null'].includes(source)) return false;
  return /^\$\{(\\.|[^\\}])*\}$/s.test(source) || (isName(source.slice(0, 1)) && steps.every(isName));
}

/** The value at a place of a record; every element's, as an array. */
export function valueIn(record: any, steps: Step[]): unknown {
  let at = record;
  for (const [index, step] of steps.entries()) {
    if (at === null || at === undefined || typeof at !== 'object') return undefined;
    if (step === every) return Array.isArray(at) ? at.map((element) => valueIn(element, steps.slice(index + 1))) : undefined;
    at = Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}
