// Completion of JSON by its schema: names of members where a name goes, choices where a value goes.
import { syntaxTree } from '@codemirror/language';
import type { Completion, CompletionSource } from '@codemirror/autocomplete';
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';

const textOf = (state: EditorState, node: SyntaxNode) => state.sliceDoc(node.from, node.to);
const unquoted = (text: string) => text.replace(/^"|"$/g, '');

/** The names from the document's root to a node; an array's elements are "[]". */
function pathOf(state: EditorState, node: SyntaxNode): string[] {
  const path: string[] = [];
  for (let at: SyntaxNode | null = node; at; at = at.parent) {
    if (at.name === 'Property' && at.firstChild) path.unshift(unquoted(textOf(state, at.firstChild)));
    if (at.parent?.name === 'Array') path.unshift('[]');
  }
  return path;
}

/** Where a JSON pointer leads to in the text; as far as the document goes. */
export function placeOf(state: EditorState, pointer: string): { from: number; to: number } {
  let at: SyntaxNode | null = syntaxTree(state).topNode.firstChild;
  let named: SyntaxNode | null = at;
  for (const step of pointer.split('/').slice(1).map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (at?.name === 'Object') {
      const property: SyntaxNode | undefined = at.getChildren('Property').find((one) => one.firstChild && unquoted(textOf(state, one.firstChild)) === step);
      if (!property) break;
      named = property.firstChild;
      at = property.lastChild;
    } else if (at?.name === 'Array') {
      const values: SyntaxNode[] = [];
      for (let child = at.firstChild; child; child = child.nextSibling) if (/^(Object|Array|String|Number|True|False|Null)$/.test(child.name)) values.push(child);
      if (!values[Number(step)]) break;
      at = named = values[Number(step)];
    } else break;
  }
  const shown = at && !['Object', 'Array'].includes(at.name) ? at : named;
  if (!shown) return { from: 0, to: 0 };
  return { from: shown.from, to: ['Object', 'Array', 'JsonText'].includes(shown.name) ? shown.from + 1 : shown.to };
}

const schemaAt = (schema: any, path: string[]) => path.reduce((found, name) => (name === '[]' ? found?.items : found?.properties?.[name]), schema);

const valueFor = (schema: any): string => {
  if (schema?.enum?.length === 1) return JSON.stringify(schema.enum[0]);
  return { object: '{}', array: '[]', boolean: 'true', integer: '0', number: '0' }[schema?.type as string] ?? '""';
};

export function jsonCompletions(schema: any): CompletionSource {
  return (context) => {
    const { state, pos } = context;
    const word = context.matchBefore(/"?[\w$-]*"?/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const before = syntaxTree(state).resolveInner(pos, -1);
    const isName = before.name === 'PropertyName' || before.name === 'Object' || before.name === '{' || before.name === ',' || (before.name === '⚠' && before.parent?.name === 'Object');
    if (isName) {
      let holder: SyntaxNode | null = before;
      while (holder && holder.name !== 'Object') holder = holder.parent;
      if (!holder) return null;
      const own = schemaAt(schema, pathOf(state, holder));
      const there = new Set(holder.getChildren('Property').map((property) => unquoted(textOf(state, property.firstChild!))));
      const current = unquoted(word.text);
      const options: Completion[] = Object.entries<any>(own?.properties ?? {}).filter(([name]) => name === current || !there.has(name)).map(([name, member]) => ({
        label: `"${name}"`, type: 'property', detail: [member.type].flat().join(' '), info: member.description ?? member.title, boost: own.required?.includes(name) ? 1 : 0,
        apply: before.name === 'PropertyName' ? `"${name}"` : `"${name}": ${valueFor(member)}`,
      }));
      return options.length ? { from: word.from, options, validFor: /^"?[\w$-]*"?$/ } : null;
    }
    const property = before.name === 'Property' ? before : before.parent?.name === 'Property' ? before.parent : null;
    if (!property) return null;
    const own = schemaAt(schema, pathOf(state, property));
    const choices = own?.enum ?? (own?.type === 'boolean' ? [true, false] : []);
    const options = choices.map((choice: unknown) => ({ label: JSON.stringify(choice), type: 'constant' }));
    return options.length ? { from: word.from, options, validFor: /^"?[\w$-]*"?$/ } : null;
  };
}
