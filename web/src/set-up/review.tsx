// The last step: what was chosen, and its creation.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { ApiError, one } from '../api';
import { datasetName, useDatasets } from '../datasets';
import { written } from '../exact';
import { exactTime } from '../format';
import { nothingLost } from '../parts/leaving';
import { Empty, Facts, Failure } from '../parts/parts';
import { isFilled } from '../records';
import { asksForChanges, isStreaming, type ConnectionSpec } from '../specs';
import { create, type Draft } from './draft';
import { inputsOf, masked } from './inputs';
import type { Made, Making } from './making';
import { hasNoForm } from './use-preview';

type Fact = [string, ReactNode];

function useAccount(spec: ConnectionSpec, id: string): string {
  const { data } = useQuery({ queryKey: ['accounts', 'one', id], enabled: id !== '', queryFn: () => one(`/connections/${id}`) });
  return spec.authSpec?.length && id ? data?.name ?? id : '';
}

function scheduleFacts(spec: ConnectionSpec, { schedule, params }: Draft): Fact[] {
  if (isStreaming(spec)) return [['Events', 'as they are sent']];
  const { frequency, interval, backfill, start } = schedule;
  const changes = asksForChanges(spec, params);
  return [
    ['Runs', frequency === 'once' ? 'once' : `every ${interval === 1 ? '' : `${interval} `}${frequency}${interval === 1 ? '' : 's'}`],
    ['First run', start && start > Date.now() ? exactTime(start) : 'as soon as it is created'],
    ...(frequency === 'once' ? [] : !changes ? [['Each run', 'reads everything; records are added again'] as Fact] : [['What is there already', backfill ? 'is fetched (backfill)' : 'is left out'] as Fact]),
  ];
}

/** Why nothing was created, and what is there of it all the same. */
function Ended({ error, left }: { error: unknown; left: Made[] }) {
  if (left.length === 0) return <Failure error={error} />;
  // "Nothing was changed" is true of the one call only.
  const why = error === undefined ? 'The dataflow was not created.' : error instanceof ApiError && error.status === 401 ? 'Your session ended before everything was made.' : (error as Error).message;
  return (
    <div className="failure" role="alert">
      <strong>{why}</strong>
      {error instanceof ApiError && error.problems.length > 0 && <ul>{error.problems.map((one, index) => <li key={index}><code>{one.pointer}</code> {one.reason} {one.hint}</li>)}</ul>}
      <p>This was made and is left. Trying again goes on with it:</p>
      <ul aria-label="What was left">
        {left.map(({ what, name, href, perhaps }) => <li key={what}>{perhaps ? 'perhaps the' : 'the'} {what} {href && !perhaps ? <a href={href} target="_blank" rel="noreferrer">{name}</a> : <q>{name}</q>}{perhaps && ', of which no answer came'}</li>)}
      </ul>
    </div>
  );
}

/** All that was chosen, to be looked at once more. */
export function Review({ spec, draft, flowSpec, making }: { spec: ConnectionSpec; draft: Draft; flowSpec: any; making: Making }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [removed, setRemoved] = useState(false);
  const params: Fact[] = isStreaming(spec) ? [] : hasNoForm(spec) ? [['Params', <code key="params">{written(masked(draft.params))}</code>]] : inputsOf(spec.sourceSpec?.spec, draft.params).map(({ name, value }) => [name, value]);
  const account = useAccount(spec, draft.account);
  const datasets = useDatasets();
  const chosen = datasets.data?.find(({ id }) => id === draft.dataset.id);
  const dataset = chosen ? datasetName(chosen) : draft.dataset.id;
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  const act = async (what: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    setRemoved(false);
    await what().catch(setError);
    setBusy(false);
  };
  const submit = () => act(async () => {
    const id = await create(spec, draft, flowSpec, making);
    void queries.invalidateQueries();
    if (!shown.current) return; // one is elsewhere by now
    nothingLost();
    navigate(`/flows/${id}`);
  });
  const remove = () => act(async () => {
    await making.remove();
    void queries.invalidateQueries();
    if (making.left().length) throw new Error('Not everything could be removed.');
    setRemoved(true);
  });
  const left = busy ? [] : making.left();
  return (
    <div className="stack">
      <Facts facts={[
        ['Dataflow', draft.name],
        ...(draft.description.trim() ? [['Description', draft.description] as Fact] : []),
        ...(account ? [['Account', account] as Fact] : []),
        ['Dataset', draft.dataset.kind === 'new' ? `${draft.dataset.name} (new)` : dataset],
        ['Mapped fields', draft.rows.filter(isFilled).length],
        ...scheduleFacts(spec, draft),
        ['Records that may fail', draft.partial > 0 ? `${draft.partial} %` : 'none'],
        ['Rejected records', draft.diagnostics ? 'are kept for download' : 'are not shown'],
      ]} />
      {params.length > 0 && (
        <section className="stack" aria-label="What is fetched">
          <h3>What is fetched</h3>
          <Facts facts={params} wide />
        </section>
      )}
      {(error !== undefined || left.length > 0) && <Ended error={error} left={left} />}
      {removed && <p role="status">What was left is removed.</p>}
      {flowSpec === null ? (
        <Empty title="No dataflow takes this source yet">
          Its connection spec is registered, but no flow spec names it. Add <code>{spec.id}</code> to <code>sourceConnectionSpecIds</code> of a flow spec such as RestStorageToAEP (<code>headwater flow-specs</code>), then create the dataflow.
        </Empty>
      ) : (
        <div className="row">
          <Button variant="accent" isPending={busy} onPress={() => void submit()}>{left.length ? 'Try again' : 'Create the dataflow'}</Button>
          {left.length > 0 && <Button variant="secondary" onPress={() => void remove()}>Remove what was left</Button>}
        </div>
      )}
    </div>
  );
}
