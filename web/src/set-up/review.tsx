// The last step: what was chosen, and its creation.
import { useState, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { one } from '../api';
import { datasetName, useDatasets } from '../datasets';
import { written } from '../exact';
import { exactTime } from '../format';
import { nothingLost } from '../parts/leaving';
import { Empty, Facts, Failure } from '../parts/parts';
import { isFilled } from '../records';
import { asksForChanges, isStreaming, type ConnectionSpec } from '../specs';
import { create, type Draft } from './draft';
import { inputsOf, masked } from './inputs';
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

/** All that was chosen, to be looked at once more. */
export function Review({ spec, draft, flowSpec }: { spec: ConnectionSpec; draft: Draft; flowSpec: any }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const params: Fact[] = isStreaming(spec) ? [] : hasNoForm(spec) ? [['Params', <code key="params">{written(masked(draft.params))}</code>]] : inputsOf(spec.sourceSpec?.spec, draft.params).map(({ name, value }) => [name, value]);
  const account = useAccount(spec, draft.account);
  const datasets = useDatasets();
  const chosen = datasets.data?.find(({ id }) => id === draft.dataset.id);
  const dataset = chosen ? datasetName(chosen) : draft.dataset.id;
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const id = await create(spec, draft, flowSpec);
      await queries.invalidateQueries();
      nothingLost();
      navigate(`/flows/${id}`);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
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
      {error !== undefined && <Failure error={error} />}
      {flowSpec === null ? (
        <Empty title="No dataflow takes this source yet">
          Its connection spec is registered, but no flow spec names it. Add <code>{spec.id}</code> to <code>sourceConnectionSpecIds</code> of a flow spec such as RestStorageToAEP (<code>headwater flow-specs</code>), then create the dataflow.
        </Empty>
      ) : (
        <div><Button variant="accent" isPending={busy} onPress={() => void submit()}>Create the dataflow</Button></div>
      )}
    </div>
  );
}
