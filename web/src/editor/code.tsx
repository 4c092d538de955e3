// The code editor: expressions of mappings, SQL, JSON. Loaded only by the pages that have one.
import { useEffect, useRef, type MutableRefObject } from 'react';
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyField, historyKeymap, isolateHistory } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { sql, StandardSQL } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState, Prec, StateEffect, type Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder as hint, tooltips } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { placeOf } from './json-schema';

export type Language = 'expression' | 'json' | 'sql';

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'tok-string' },
  { tag: tags.number, class: 'tok-number' },
  { tag: [tags.propertyName, tags.typeName], class: 'tok-name' },
  { tag: tags.comment, class: 'tok-comment' },
]);

const nonce = (document.querySelector('meta[property=csp-nonce]') as HTMLMetaElement | null)?.nonce ?? '';

interface Props {
  label: string;
  value: string;
  onChange(value: string): void;
  language: Language;
  completions?: CompletionSource;
  /** What is wrong with a JSON document, by JSON pointers. */
  problems?: { pointer: string; reason: string; hint?: string; severity: 'error' | 'warning' }[];
  tables?: Record<string, string[]>;
  placeholder?: string;
  onRun?: () => void;
  /** What can be undone, kept while the editor is not shown: a change made elsewhere meanwhile can be undone, too. */
  memory?: MutableRefObject<unknown>;
  lines?: number;
}

const told = StateEffect.define();
const parse = jsonParseLinter();

function languageOf({ language, tables }: Props, problems: () => Props['problems']): Extension {
  const lint = (view: EditorView): Diagnostic[] => {
    const broken = parse(view);
    if (broken.length) return broken;
    return (problems() ?? []).map(({ pointer, reason, hint, severity }) => ({ ...placeOf(view.state, pointer), severity, message: [reason, hint].filter(Boolean).join(' ') }));
  };
  if (language === 'json') return [json(), linter(lint, { delay: 300, needsRefresh: (update) => update.transactions.some(({ effects }) => effects.some((one) => one.is(told))) })];
  if (language === 'sql') return sql({ dialect: StandardSQL, schema: tables ?? {}, upperCaseKeywords: true });
  return [];
}

const stateOf = ({ value, memory }: Props, extensions: Extension) => (memory?.current ? EditorState.fromJSON(memory.current, { extensions }, { history: historyField }) : EditorState.create({ doc: value, extensions }));

/** Tab leaves it, as it leaves any field; Control+Enter runs. */
export default function Code(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const current = useRef(props);
  current.current = props;
  const grammar = useRef(new Compartment());
  const complete: CompletionSource = (context) => current.current.completions?.(context) ?? null;

  useEffect(() => {
    const run = () => {
      current.current.onRun?.();
      return current.current.onRun !== undefined;
    };
    const own = current.current;
    const made = new EditorView({
      parent: place.current!,
      state: stateOf(own, [
        EditorView.cspNonce.of(nonce),
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        history(), bracketMatching(), closeBrackets(),
        own.language === 'expression' || own.completions ? autocompletion({ override: [complete], activateOnTyping: true }) : autocompletion(),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        grammar.current.of(languageOf(own, () => current.current.problems)),
        syntaxHighlighting(colours),
        EditorView.lineWrapping,
        tooltips({ position: 'fixed' }),
        EditorView.contentAttributes.of({ 'aria-label': own.label, spellcheck: 'false', tabindex: '0' }),
        own.placeholder ? hint(own.placeholder) : [],
        EditorView.updateListener.of((update) => update.docChanged && current.current.onChange(update.state.doc.toString())),
      ]),
    });
    view.current = made;
    return () => {
      if (own.memory) own.memory.current = made.state.toJSON({ history: historyField });
      made.destroy();
    };
  }, []);

  useEffect(() => {
    const made = view.current;
    if (made && made.state.doc.toString() !== props.value) made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: props.value }, annotations: isolateHistory.of('full') }); // what others change is undone by itself
  }, [props.value]);

  const tables = JSON.stringify(props.tables ?? {});
  useEffect(() => {
    view.current?.dispatch({ effects: grammar.current.reconfigure(languageOf(current.current, () => current.current.problems)) });
  }, [tables]);

  useEffect(() => {
    view.current?.dispatch({ effects: told.of(null) });
  }, [props.problems]);

  return <div ref={place} className={`code lines-${props.lines ?? 1}`} />;
}
