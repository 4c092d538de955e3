import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ActionButton } from '@adobe/react-spectrum/ActionButton';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { TextField } from '@adobe/react-spectrum/TextField';
import { useQuery } from '@tanstack/react-query';
import { ApiError, call, conversion } from '../api';
import { completionsOf, useFunctions } from '../editor/expressions';
import { written } from '../exact';
import { cell, plural } from '../format';
import { rowProblems } from '../mapping-check';
import { lacks, namesIn } from '../names';
import { arriving } from '../parts/arriving';
import { sourceText } from '../paths';
import { fieldsOf, isFilled, hasNameless, valueAt, wireRow, type Field, type Row } from '../records';
import { Failure, Loading } from '../parts/parts';
import { useLater } from '../parts/later';
import type { Suggestion } from './suggestion';

const Code = arriving(() => import('../editor/code'));

export interface Tried {
  data: any; // the record as it would land
  problems: Map<number, string>; // by row key
}

/** Tries the rows on one record; rows that cannot be read are named and the others tried without them. */
export async function tryRows(rows: Row[], record: any, signal?: AbortSignal): Promise<Tried> {
  const problems = new Map<number, string>();
  let sent = rows.filter(isFilled);
  for (let attempt = 0; attempt < 5 && sent.length; attempt++) {
    try {
      const answer = await call<{ data: any; errors: { destination: string; exception: string }[] | null }>('POST', `${conversion}/mappingSets/preview`, { body: { mappingSet: { mappings: sent.map(wireRow) }, data: record }, exact: true });
      signal?.throwIfAborted();
      for (const { destination, exception } of answer.errors ?? []) {
        const row = sent.find((one) => one.destination.trim() === destination);
        if (row) problems.set(row.key, exception);
      }
      return { data: answer.data, problems };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const bad = new Set<number>();
      for (const { pointer, reason, hint } of error.problems) {
        const index = Number(/mappings\/(\d+)/.exec(pointer)?.[1] ?? -1);
        if (!sent[index]) continue;
        bad.add(index);
        problems.set(sent[index].key, [reason, hint].filter(Boolean).join(' '));
      }
      if (!bad.size) throw error;
      sent = sent.filter((_, index) => !bad.has(index));
    }
  }
  return { data: {}, problems };
}

export function useTried(rows: Row[], record: any) {
  const late = useLater(rows, 250);
  return useQuery({ queryKey: ['tried', late, record], queryFn: ({ signal }) => tryRows(late, record, signal), placeholderData: (before) => before, enabled: record !== undefined, retry: false, gcTime: 0 });
}

function RowEditor({ row, fields, schema, targets, record, change, close }: { row: Row; fields: Field[]; schema: any; targets?: Field[]; record: any; change(row: Row): void; close(): void }) {
  const functions = useFunctions();
  const completions = useMemo(() => completionsOf(fields, functions.data ?? []), [fields, functions.data]);
  const source = useLater(row.source, 200);
  const { data } = useQuery({ queryKey: ['tried-one', source, record], queryFn: () => tryRows([{ ...row, key: 0, source, destination: 'result' }], record), enabled: source.trim() !== '' && record !== undefined, placeholderData: (before) => before, retry: false, gcTime: 0 });
  const box = useRef<HTMLDivElement>(null);
  // A row that is new is where one goes on: to it, and to its first question.
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
    if (row.source === '') (box.current?.querySelector('button') ?? box.current)?.focus();
  }, []); // eslint-disable-line
  const problem = data?.problems.get(0);
  const unknown = unknownOf(source, schema);
  const wanted = targets?.find(({ path }) => path === row.destination);
  return (
    <div className="editor" ref={box} tabIndex={-1} role="group" aria-label={`Row of ${row.destination || 'a new field'}`}>
      {row.source === '' && fields.length > 0 && (
        <Picker label="Take a field of the source" items={fields} selectedKey={null} onSelectionChange={(key) => change({ ...row, source: String(key) })} width="100%">
          {(field) => <Item key={field.source}>{field.source}</Item>}
        </Picker>
      )}
      <div className="stack">
        <span className="label" id={`source-${row.key}`}>Source field or expression</span>
        <Suspense fallback={<Loading what="Loading the editor" />}>
          <Code label="Source field or expression" language="expression" value={row.source} completions={completions} placeholder='upper(name), or "a constant"' onChange={(text) => change({ ...row, source: text })} onRun={close} lines={3} />
        </Suspense>
        <p className={problem ? 'result problem' : 'result'} role="status">
          {problem ? problem : data ? <>Result: <code>{written(valueAt(data.data, 'result') ?? null)}</code></> : 'Control and space shows fields and functions.'}
        </p>
        {!problem && unknown && <p className="note">{unknown}</p>}
      </div>
      <TextField label="Field of the dataset" value={row.destination} onChange={(text) => change({ ...row, destination: text })} width="100%"
        description={wanted ? `${wanted.type}${wanted.format ? `, ${wanted.format}` : ''}${wanted.required ? ', required' : ''}` : undefined}
        validationState={targets && row.destination && !wanted ? 'invalid' : undefined} errorMessage="The dataset’s schema has no such field." />
      <div className="row"><Button variant="primary" onPress={close}>Done</Button></div>
    </div>
  );
}

/** What none of the records that were looked at has: it may come later, or be mistyped. */
function unknownOf(source: string, schema: any): string | undefined {
  const missing = namesIn(source).filter((steps) => lacks(schema, steps)).map(sourceText);
  return missing.length ? `No record of the preview has ${missing.join(', ')}. Is it written right?` : undefined;
}

const focusSoon = (id: string) => requestAnimationFrame(() => document.getElementById(id)?.focus());

export function MappingStep({ rows, schema, record, targets, suggestion, change, next, action = 'Next', busy = false }: { rows: Row[]; schema: any; record: any; targets?: Field[]; suggestion?: Suggestion; change(rows: Row[]): void; next(): void; action?: string; busy?: boolean }) {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [open, setOpen] = useState<number>();
  const tried = useTried(rows, record);
  const missing = (targets ?? []).filter((field) => field.required && !rows.some((row) => row.destination.trim() === field.path && row.source.trim()));
  const problems = new Map([...(tried.data?.problems ?? []), ...rowProblems(rows, schema, targets)].filter(([key]) => rows.some((row) => row.key === key)));
  const bad = problems.size;
  const untyped = targets ? [] : fields.filter(({ type, source }) => (type === 'any' || type === 'object') && rows.some((row) => row.source.trim() === source));
  const filled = new Set(rows.map((row) => row.destination.trim()));
  const unfilled = (targets ?? []).filter(({ path, required }) => !required && !filled.has(path));
  const put = (row: Row) => change(rows.map((one) => (one.key === row.key ? { ...row, touched: true } : one)));
  // The keyboard goes on at the next row, or at the last one.
  const remove = (row: Row) => {
    const at = rows.indexOf(row);
    const next = rows[at + 1] ?? rows[at - 1];
    change(rows.filter((one) => one !== row));
    focusSoon(next ? `remove-${next.key}` : 'add-row');
  };
  const add = (destination = '') => {
    const key = Math.max(0, ...rows.map((row) => row.key)) + 1;
    change([...rows, { key, source: '', destination, touched: true }]);
    setOpen(key);
  };
  return (
    <div className="stack">
      <p className="about">Each field of the dataset gets a source field, or an expression of functions. {record !== undefined && 'The value on the right is the first record’s.'}</p>
      {hasNameless(schema) && <p className="note">The records have a member whose name is empty. No row can address it: it is left out.</p>}
      {untyped.length > 0 && <p className="note">Of {untyped.slice(0, 6).map(({ path }, index) => <span key={path}>{index > 0 && ', '}<code>{path}</code></span>)}{untyped.length > 6 && ` and ${untyped.length - 6} more`} the first page shows no value, or values of several kinds: the dataset keeps what comes as JSON text.</p>}
      {suggestion?.error !== undefined && (
        <div className="stack">
          <Failure error={suggestion.error} retry={suggestion.retry} />
          <p className="quiet">Which fields look alike is not known. Rows can be made by hand; those that you write stay when it is tried again.</p>
        </div>
      )}
      {suggestion?.waits && <p className="quiet" role="status">Comparing the fields…</p>}
      {targets && rows.length === 0 && !suggestion?.waits && suggestion?.error === undefined && (suggestion?.blind
        ? <p className="quiet">There were no records to compare: which fields look alike is not known. Choose below which of the dataset’s fields to fill.</p>
        : <p className="note">No field of the source looks like one of the dataset’s. Choose below which of its fields to fill.</p>)}
      {rows.length > 0 && <ul className="mapping" aria-label="Mapping">
        {rows.map((row) => {
          const problem = problems.get(row.key);
          const unknown = unknownOf(row.source, schema);
          const value = tried.data ? valueAt(tried.data.data, row.destination.trim()) : undefined;
          return (
            <li key={row.key} className={problem ? 'bad' : undefined}>
              <code className="from">{row.source || '(nothing)'}</code>
              <span aria-hidden="true" className="arrow">→</span>
              <code className="to">{row.destination || '(nowhere)'}</code>
              <span className={problem ? 'value problem' : unknown ? 'value unknown' : 'value'}>{problem ?? unknown ?? cell(value)}</span>
              <span className="tools">
                <ActionButton isQuiet id={`edit-${row.key}`} aria-expanded={open === row.key} aria-label={`Edit ${row.destination || 'the new row'}`} onPress={() => setOpen(open === row.key ? undefined : row.key)}>Edit</ActionButton>
                <ActionButton isQuiet id={`remove-${row.key}`} aria-label={`Remove ${row.destination || 'the new row'}`} onPress={() => remove(row)}>Remove</ActionButton>
              </span>
              {open === row.key && <RowEditor row={row} fields={fields} schema={schema} targets={targets} record={record} change={put} close={() => {
                setOpen(undefined);
                focusSoon(`edit-${row.key}`);
              }} />}
            </li>
          );
        })}
      </ul>}
      {missing.length > 0 && (
        <div className="failure" role="alert">
          <strong>The dataset requires {missing.length === 1 ? 'a field' : 'fields'} that nothing fills:</strong>
          <div className="row">{missing.map(({ path }) => <Button key={path} variant="secondary" onPress={() => add(path)}>Fill {path}</Button>)}</div>
        </div>
      )}
      {unfilled.length > 0 && (
        <details open={rows.length === 0}>
          <summary>{plural(unfilled.length, 'field')} of the dataset that nothing fills</summary>
          <ul className="unfilled scrolls" tabIndex={0} aria-label="Fields that nothing fills">
            {unfilled.map(({ path, type, format }) => <li key={path}><span><code>{path}</code> <span className="quiet">{type}{format && `, ${format}`}</span></span><ActionButton aria-label={`Fill ${path}`} onPress={() => add(path)}>Fill</ActionButton></li>)}
          </ul>
        </details>
      )}
      <div className="row">
        <Button variant="accent" isPending={busy} isDisabled={rows.length === 0 || missing.length > 0 || bad > 0} onPress={next}>{action}</Button>
        <Button variant="secondary" id="add-row" onPress={() => add()}>Add a field</Button>
        {rows.length === 0 && <span className="quiet" role="status">Nothing is mapped: a record would be empty. Add a field first.</span>}
        {bad > 0 && <span className="quiet">{bad} {bad === 1 ? 'row has a problem' : 'rows have problems'}: edit or remove {bad === 1 ? 'it' : 'them'}.</span>}
      </div>
    </div>
  );
}
