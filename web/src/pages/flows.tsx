import { useMemo, useState } from 'react';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { SearchField } from '@adobe/react-spectrum/SearchField';
import { Link } from 'wouter';
import { counts, errorsOf, isStream, scheduleText, startedAt, statusOf, useFlows, useRuns } from '../flows';
import { ago, exactTime, number } from '../format';
import { Empty, Failure, Loading, Page, State, Table } from '../parts/parts';

const states = [
  { key: 'all', name: 'All states' },
  { key: 'enabled', name: 'Enabled' },
  { key: 'disabled', name: 'Disabled' },
  { key: 'draft', name: 'Draft' },
  { key: 'failing', name: 'Last run failed' },
];

const runsMost = 100;

export default function Flows() {
  const flows = useFlows();
  const runs = useRuns(undefined, runsMost);
  const [search, setSearch] = useState('');
  const [state, setState] = useState('all');
  const last = useMemo(() => {
    const found = new Map<string, any>();
    for (const run of runs.data ?? []) if (!found.has(run.flowId)) found.set(run.flowId, run);
    return found;
  }, [runs.data]);
  // Of flows whose last run is none of these nobody has asked.
  const asked = (runs.data?.length ?? 0) < runsMost;
  const all = flows.data ?? [];
  const shown = all.filter((flow) => {
    const fits = state === 'all' || flow.state === state || (state === 'failing' && statusOf(last.get(flow.id)) === 'failed');
    return fits && `${flow.name} ${flow.description ?? ''} ${flow.id}`.toLowerCase().includes(search.toLowerCase().trim());
  });
  return (
    <Page title="Dataflows" about="What is fetched, from where, and how the last run went.">
      {flows.error ? <Failure error={flows.error} retry={flows.refetch} /> : !flows.data ? <Loading what="Loading dataflows" /> : all.length === 0 ? (
        <Empty title="No dataflows yet" action={<Link href="/">Go to the sources catalog</Link>}>Choose a source there and set it up; its dataflow appears here.</Empty>
      ) : (
        <>
          <div className="filters">
            <SearchField label="Search" value={search} onChange={setSearch} width="100%" maxWidth="size-4600" />
            <Picker label="State" items={states} selectedKey={state} onSelectionChange={(key) => setState(String(key))}>{({ key, name }) => <Item key={key}>{name}</Item>}</Picker>
            <p className="count" role="status">{shown.length} of {all.length} dataflows</p>
          </div>
          {shown.length === 0 ? <Empty title="No dataflow fits">Search for another word, or look at all states.</Empty> : (
            <Table label="Dataflows" rows={shown} keyOf={(flow) => flow.id} columns={[
              { name: 'Name', of: (flow) => <Link href={`/flows/${flow.id}`}>{flow.name || flow.id}</Link> },
              { name: 'State', of: (flow) => <State state={flow.state} /> },
              { name: 'Schedule', of: (flow) => scheduleText(flow) },
              { name: 'Last run', of: (flow) => (last.has(flow.id) ? <State state={statusOf(last.get(flow.id))} /> : <span className="quiet">{!asked ? 'some time ago, or never' : isStream(flow) ? 'no events yet' : 'none yet'}</span>) },
              { name: 'When', of: (flow) => { const run = last.get(flow.id); return run ? <time title={exactTime(startedAt(run))}>{ago(startedAt(run))}</time> : ''; } },
              { name: 'Written', number: true, of: (flow) => (last.has(flow.id) ? number(counts(last.get(flow.id)).outputRecordCount) : '') },
              { name: 'Failed', number: true, of: (flow) => { const run = last.get(flow.id); return run ? <span title={errorsOf(run)[0]?.message}>{number(counts(run).failedRecordCount ?? 0)}</span> : ''; } },
            ]} />
          )}
        </>
      )}
    </Page>
  );
}
