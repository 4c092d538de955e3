// Completion of JSON by its schema: names of members where a name goes, choices where a value goes.
import { syntaxTree } from '@codemirror/language';
import { startCompletion, type Completion, type CompletionSource } from '@codemirror/autocomplete';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';
import { placeAt, type Place } from './json-place';

const textOf = (state: EditorState, node: SyntaxNode) => state.sliceDoc(node.from, node.to);
const unquoted = (text: string) => text.replace(/^"|"$/g, '');

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

const schemaAt = (schema: any, path: string[]) => path.reduce((found, name) => (name === '[]' ? found?.items : found?.properties?.[name] ?? (typeof found?.additionalProperties === 'object' ? found.additionalProperties : undefined)), schema);

const valueFor = (schema: any): string => {
  if (schema?.enum?.length === 1) return JSON.stringify(schema.enum[0]);
  return { object: '{}', array: '[]', boolean: 'true', integer: '0', number: '0' }[schema?.type as string] ?? '""';
};

/** What the schema says of something, beside the list. */
function explain({ title, description, enum: choices }: any): (() => Node) | undefined {
  const texts = [title, description, choices?.length > 1 && `One of ${choices.join(', ')}.`].filter(Boolean);
  if (!texts.length) return undefined;
  return () => {
    const about = document.createElement('div');
    about.className = 'explained';
    texts.forEach((text, index) => {
      const part = document.createElement(index === 0 && title ? 'strong' : 'p');
      part.textContent = String(text);
      about.append(part);
    });
    return about;
  };
}

/** The place as it is by now: since the list was made, more may have been typed, and quotes closed. */
const placeNow = (view: EditorView, position: number, then: Place): Place => placeAt(view.state.doc.toString(), position) ?? then;

/** Puts a text in place of what is written there, with the commas that it needs; the cursor goes into what is empty. */
function put(view: EditorView, text: string, { from, to, commaAt, followedBy }: Place, isName: boolean) {
  const behind = isName && followedBy === '"' ? ',' : '';
  const comma = commaAt === undefined ? [] : [{ from: commaAt, insert: ',' }];
  const empty = /(""|\{\}|\[\])$/.test(text);
  view.dispatch({
    changes: [...comma, { from, to, insert: text + behind }],
    selection: { anchor: from + comma.length + text.length - (empty ? 1 : 0) },
    userEvent: 'input.complete',
  });
}

function namesAt(own: any, place: Place): Completion[] {
  return Object.entries<any>(own?.properties ?? {}).filter(([name]) => !place.names.has(name)).map(([name, member]) => ({
    label: `"${name}"`, type: 'property', detail: [member.type].flat().join(' '), info: explain(member), boost: own.required?.includes(name) ? 1 : 0,
    apply: (view, _, __, to) => {
      const now = placeNow(view, to, place);
      const isNamed = now.followedBy === ':';
      put(view, isNamed ? `"${name}"` : `"${name}": ${valueFor(member)}`, now, !isNamed);
      if (!isNamed && member.enum?.length > 1) startCompletion(view);
    },
  }));
}

function choicesAt(own: any, place: Place): Completion[] {
  const choices: unknown[] = own?.enum ?? (own?.type === 'boolean' ? [true, false] : []);
  return choices.map((choice) => ({ label: JSON.stringify(choice), type: 'constant', info: explain({ title: own.title, description: own.descriptions?.[String(choice)] ?? own.description }), apply: (view, _, __, to) => put(view, JSON.stringify(choice), placeNow(view, to, place), false) }));
}

export function jsonCompletions(schema: any): CompletionSource {
  return ({ state, pos, explicit }) => {
    const place = placeAt(state.doc.toString(), pos);
    if (!place || (!explicit && place.from === pos)) return null;
    const own = schemaAt(schema, place.path);
    const options = place.wants === 'name' ? namesAt(own, place) : choicesAt(own, place);
    return options.length ? { from: place.from, options, validFor: /^"?[\w$-]*$/ } : null;
  };
}
