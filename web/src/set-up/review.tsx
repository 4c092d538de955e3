// The last step: what was chosen, and its creation.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, one } from '../api';
import { datasetName, useDatasets } from '../datasets';
import { written } from '../exact';
import { exactTime } from '../format';
import { navigate, nothingLost } from '../parts/leaving';
import { Empty, Facts, Failure } from '../parts/parts';
import { isFilled } from '../records';
import { asksForChanges, isStreaming, type ConnectionSpec } from '../specs';
import { create, purposeOf, type Draft } from './draft';
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

function whyEnded(error: unknown, left: Made[]): string {
  // "Nothing was changed" is true of the one call only.
  if (error instanceof ApiError && error.status === 401) return 'Your session ended before everything was made.';
  const told = error === undefined ? '' : (error as Error).message;
  const flow = left.find(({ what }) => what === 'dataflow');
  if (flow?.perhaps) return `${told} Whether the dataflow was created is not known.`.trim();
  return told || (flow ? 'The dataflow is there.' : 'The dataflow was not created.');
}

/** Why it ended, and what is there of it all the same. `same`: of the settings that are shown. */
function Ended({ error, left, same }: { error: unknown; left: Made[]; same: boolean }) {
  if (left.length === 0) return <Failure error={error} />;
  const flow = left.some(({ what }) => what === 'dataflow');
  return (
    <div className="failure" role="alert">
      <strong>{whyEnded(error, left)}</strong>
      {error instanceof ApiError && error.problems.length > 0 && <ul>{error.problems.map((one, index) => <li key={index}><code>{one.pointer}</code> {one.reason} {one.hint}</li>)}</ul>}
      <p>{same ? 'This was made and is left. Trying again goes on with it:' : flow ? 'This was made with the settings before and is left. A dataflow that is there is removed only when you say so:' : 'This was made with the settings before and is left. It is removed before the dataflow is created:'}</p>
      <ul aria-label="What was left">
        {left.map(({ what, name, href, perhaps }) => <li key={what}>{perhaps ? 'perhaps the' : 'the'} {what} {href && !perhaps ? <a href={href} target="_blank" rel="noreferrer">{name}</a> : <q>{name}</q>}{perhaps && ', of which no answer came'}</li>)}
      </ul>
    </div>
  );
}

/** Tells what became of a creation while one looks at something else. */
function tellElsewhere(name: string, end: { id?: string; error?: unknown; left?: Made[] }) {
  if (end.id !== undefined) {
    ToastQueue.positive(`The dataflow ${name} is created.`, { actionLabel: 'Show it', onAction: () => navigate(`/flows/${end.id}`), shouldCloseOnAction: true });
    return;
  }
  const left = (end.left ?? []).map((one) => `${one.perhaps ? 'perhaps the' : 'the'} ${one.what} ${one.name}`).join(', ');
  ToastQueue.negative(`Creating the dataflow ${name} has ended: ${whyEnded(end.error, end.left ?? [])}${left && ` This was made and is left: ${left}.`}`);
}

/** All that was chosen, to be looked at once more. `isOpen`: whether the set-up is still there, at whichever step. */
export function Review({ spec, draft, flowSpec, making, isOpen }: { spec: ConnectionSpec; draft: Draft; flowSpec: any; making: Making; isOpen(): boolean }) {
  const queries = useQueryClient();
  const { going, error, left } = useSyncExternalStore(making.watch, () => making.progress);
  const [removed, setRemoved] = useState(false);
  const told = useRef<HTMLParagraphElement>(null);
  const purpose = useMemo(() => purposeOf(spec, draft, flowSpec), [spec, draft, flowSpec]);
  const same = making.isFor(purpose);
  const params: Fact[] = isStreaming(spec) ? [] : hasNoForm(spec) ? [['Params', <code key="params">{written(masked(draft.params))}</code>]] : inputsOf(spec.sourceSpec?.spec, draft.params).map(({ name, value }) => [name, value]);
  const account = useAccount(spec, draft.account);
  const datasets = useDatasets();
  const chosen = datasets.data?.find(({ id }) => id === draft.dataset.id);
  const dataset = chosen ? datasetName(chosen) : draft.dataset.id;
  // The button that was pressed is gone by then.
  useEffect(() => {
    if (removed) told.current?.focus();
  }, [removed]);
  const submit = async () => {
    if (making.progress.going) return;
    setRemoved(false);
    try {
      const id = await create(spec, draft, flowSpec, making);
      void queries.invalidateQueries();
      if (!isOpen()) return tellElsewhere(draft.name, { id });
      nothingLost();
      navigate(`/flows/${id}`);
    } catch (refused) {
      if (!making.isWatched()) tellElsewhere(draft.name, { error: refused, left: making.left() });
    }
  };
  const remove = async () => {
    if (making.progress.going) return;
    await making.remove().then(() => setRemoved(true), () => undefined); // `progress` tells
    void queries.invalidateQueries();
  };
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
      {((error !== undefined && same) || left.length > 0) && <Ended error={error} left={left} same={same} />}
      {removed && <p role="status" tabIndex={-1} ref={told}>What was left is removed.</p>}
      {flowSpec === null ? (
        <Empty title="No dataflow takes this source yet">
          Its connection spec is registered, but no flow spec names it. Add <code>{spec.id}</code> to <code>sourceConnectionSpecIds</code> of a flow spec such as RestStorageToAEP (<code>headwater flow-specs</code>), then create the dataflow.
        </Empty>
      ) : (
        <div className="row">
          <Button variant="accent" isPending={going === 'create'} isDisabled={going === 'remove'} onPress={() => void submit()}>{left.length && same ? 'Try again' : 'Create the dataflow'}</Button>
          {left.length > 0 && <Button variant="secondary" isPending={going === 'remove'} onPress={() => void remove()}>Remove what was left</Button>}
        </div>
      )}
    </div>
  );
}
