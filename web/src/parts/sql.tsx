import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { call, save } from '../api';
import { datasetName, type Dataset } from '../datasets';
import { csv, duration, number } from '../format';
import { arriving } from './arriving';
import { Failure, Loading, Panel } from './parts';
import { Records } from './records';

const Code = arriving(() => import('../editor/code'));

interface Answer {
  columns: string[];
  rows: unknown[][];
  rowCount: number;
  truncated: boolean;
}

const asked = 10_000;

/** One SELECT over the sandbox's datasets; the server bounds its time, memory and rows. */
export function Sql({ first, datasets, columns = {} }: { first: string; datasets: Dataset[]; columns?: Record<string, string[]> }) {
  const [sql, setSql] = useState(first);
  const [answer, setAnswer] = useState<Answer & { ms: number }>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const tables = useMemo(() => ({ ...Object.fromEntries(datasets.map((one) => [datasetName(one), [] as string[]])), ...columns }), [datasets, columns]);
  const running = useRef<AbortController>();
  useEffect(() => () => running.current?.abort(), []);
  const run = async () => {
    running.current?.abort();
    const mine = (running.current = new AbortController());
    setBusy(true);
    setError(undefined);
    const start = performance.now();
    try {
      const got = await call<Answer>('POST', '/headwater/query', { body: { sql, limit: asked }, exact: true, signal: mine.signal });
      setAnswer({ ...got, columns: got.columns.map((one: any) => one.name ?? one), ms: performance.now() - start });
    } catch (refused) {
      if (running.current !== mine) return; // another one runs
      setError(mine.signal.aborted ? new Error('Cancelled: the query was stopped before it ended.') : refused);
      setAnswer(undefined);
    }
    if (running.current === mine) setBusy(false);
  };
  return (
    <Panel title="SQL" about="Reads this sandbox’s datasets and nothing else: a minute, and ten thousand rows, at most.">
      <Suspense fallback={<Loading />}><Code label="SQL" language="sql" value={sql} onChange={setSql} tables={tables} onRun={() => void run()} lines={6} /></Suspense>
      <div className="row">
        <Button variant="accent" isPending={busy} onPress={() => void run()}>Run query</Button>
        {busy && <Button variant="secondary" onPress={() => running.current?.abort()}>Cancel</Button>}
        {answer && <Button variant="secondary" onPress={() => save(new Blob([csv(answer.columns, answer.rows)], { type: 'text/csv' }), 'headwater.csv')}>Download CSV</Button>}
        <span className="quiet" role="status">{answer ? `${number(answer.rowCount)} ${answer.rowCount === 1 ? 'row' : 'rows'}${answer.truncated ? ', and there are more' : ''} in ${duration(answer.ms)}` : 'Control and Enter runs it.'}</span>
      </div>
      {error !== undefined && <Failure error={error} />}
      {answer && answer.rows.length > 0 && <Records label="Result" columns={answer.columns} rows={answer.rows} />}
      {answer && answer.rows.length === 0 && <p>No rows.</p>}
    </Panel>
  );
}
