import { useEffect } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call, flowservice, one } from '../api';
import { counts, errorsOf, isRunning, startedAt, statusOf, tookMs } from '../flows';
import { duration, number, plural } from '../format';
import { Act, said } from './confirm';
import { Failure, State } from './parts';

/** What a run that was started here has done so far, by its own counts, and what came of it. Nobody knows how many pages a source has. */
export function RunProgress({ id, show }: { id: string; show(): void }) {
  const queries = useQueryClient();
  const { data: run, error, refetch } = useQuery({ queryKey: ['run', id], queryFn: () => one(`/runs/${id}`), refetchInterval: ({ state }) => (state.data && !isRunning(state.data) ? false : 1000) });
  const ended = run !== undefined && !isRunning(run);
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: ['runs'] });
  }, [ended, queries]);
  if (error && !run) return <Failure error={error} retry={refetch} />;
  const waits = !run || statusOf(run) === 'scheduled';
  const copied = run?.activities?.[0];
  const pages = copied?.statusSummary?.extensions?.pages ?? 0;
  const read = copied?.recordSummary?.inputRecordCount ?? 0;
  const { outputRecordCount: written, failedRecordCount: failed } = counts(run);
  const refusal = errorsOf(run)[0];
  const stopped = refusal?.code === 'CANCELLED';
  const stop = () => said(async () => {
    await call('POST', `${flowservice}/runs/${id}/action?op=cancel`);
    await refetch();
  }, 'The run is being stopped.');
  return (
    <div className="progress" role="group" aria-label="Progress of the fetch">
      {ended ? (
        <div className="row between">
          <span role="status" className="grow">
            {stopped ? <>Stopped after {plural(pages, 'page')}. Nothing of it was added to the dataset.</>
              : statusOf(run) === 'failed' ? <><State state="failed" /> {refusal?.message}</>
              : <><State state={statusOf(run)} /> {plural(pages, 'page')} read, {plural(written ?? 0, 'record')} written{failed ? `, ${number(failed)} rejected` : ''}, in {duration(tookMs(run))}.</>}
          </span>
          <Button variant="secondary" onPress={show}>Show the run</Button>
        </div>
      ) : (
        <>
          <div className="moving" role="progressbar" aria-label="Fetching" />
          <div className="row between">
            <span role="status" className="grow">{waits ? 'Waits for its turn.' : <>Running for {duration(Date.now() - startedAt(run))}: {plural(pages, 'page')} and {plural(read, 'record')} so far.</>}</span>
            <Act variant="secondary" act={stop}>Stop</Act>
          </div>
        </>
      )}
    </div>
  );
}
