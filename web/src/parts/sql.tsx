import { lazy, Suspense, useMemo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { post, save } from '../api';
import { datasetName, type Dataset } from '../datasets';
import { csv, duration, number } from '../format';
import { Failure, Loading, Panel, Records } from './parts';

const Code = lazy(() => import('../editor/code'));

interface Answer {
  columns: string[];
  rows: unknown[][];
  rowCount: number;
  truncated: boolean;
}

const shownMost = 500;
const asked = 10_000;

/** One SELECT over the sandbox's datasets; the server bounds its time, memory and rows. */
export function Sql({ first, datasets, columns = {} }: { first: string; datasets: Dataset[]; columns?: Record<string, string[]> }) {
  const [sql, setSql] = useState(first);
  const [answer, setAnswer] = useState<Answer & { ms: number }>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const tables = useMemo(() => ({ ...Object.fromEntries(datasets.map((one) => [datasetName(one), [] as string[]])), ...columns }), [datasets, columns]);
  const run = async () => {
    setBusy(true);
    setError(undefined);
    const start = performance.now();
    try {
      const got = await post<Answer>('/headwater/query', { sql, limit: asked });
      setAnswer({ ...got, columns: got.columns.map((one: any) => one.name ?? one), ms: performance.now() - start });
    } catch (refused) {
      setError(refused);
      setAnswer(undefined);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="SQL" about="Reads this sandbox’s datasets and nothing else: a minute, and ten thousand rows, at most.">
      <Suspense fallback={<Loading />}><Code label="SQL" language="sql" value={sql} onChange={setSql} tables={tables} onRun={() => void run()} lines={6} /></Suspense>
      <div className="row">
        <Button variant="accent" isPending={busy} onPress={() => void run()}>Run query</Button>
        {answer && <Button variant="secondary" onPress={() => save(new Blob([csv(answer.columns, answer.rows)], { type: 'text/csv' }), 'headwater.csv')}>Download CSV</Button>}
        <span className="quiet" role="status">{answer ? `${number(answer.rowCount)} ${answer.rowCount === 1 ? 'row' : 'rows'}${answer.truncated ? ', and there are more' : ''} in ${duration(answer.ms)}${answer.rows.length > shownMost ? `; the first ${shownMost} are shown` : ''}` : 'Control and Enter runs it.'}</span>
      </div>
      {error !== undefined && <Failure error={error} />}
      {answer && answer.rows.length > 0 && <Records label="Result" columns={answer.columns} rows={answer.rows.slice(0, shownMost)} />}
      {answer && answer.rows.length === 0 && <p>No rows.</p>}
    </Panel>
  );
}
