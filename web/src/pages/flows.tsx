import { useState } from 'react';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { SearchField } from '@adobe/react-spectrum/SearchField';
import { Link } from 'wouter';
import { where } from '../api';
import { counts, errorsOf, isStream, scheduleText, startedAt, statusOf, useLastRuns } from '../flows';
import { ago, exactTime, number } from '../format';
import { countText, useList } from '../lists';
import { Empty, Failure, Loading, Page, State, Table } from '../parts/parts';

const states = [
  { key: 'all', name: 'All states' },
  { key: 'enabled', name: 'Enabled' },
  { key: 'disabled', name: 'Disabled' },
  { key: 'draft', name: 'Draft' },
  { key: 'failing', name: 'Last run failed' },
];

const fits = (flow: any, state: string) => state === 'all' || (state === 'failing' ? flow.lastRunDetails?.state === 'failed' : flow.state === state);
// What the server is asked for: it knows all flows, whatever is loaded here.
const wanted = (state: string) => (state === 'all' ? '' : `&${where(state === 'failing' ? 'lastRunDetails.state==failed' : `state==${state}`)}`);

export default function Flows() {
  const [search, setSearch] = useState('');
  const [state, setState] = useState('all');
  const sought = search.toLowerCase().trim();
  const flows = useList('flows', `/flows?orderby=-updatedAt${wanted(state)}`, sought !== '');
  const all = flows.items;
  const shown = all.filter((flow) => fits(flow, state) && `${flow.name} ${flow.description ?? ''} ${flow.id}`.toLowerCase().includes(sought));
  const last = useLastRuns(shown);
  return (
    <Page title="Dataflows" about="What is fetched, from where, and how the last run went.">
      {flows.error ? <Failure error={flows.error} retry={flows.refetch} /> : !flows.loaded ? <Loading what="Loading dataflows" /> : all.length === 0 && state === 'all' ? (
        <Empty title="No dataflows yet" action={<Link href="/">Go to the sources catalog</Link>}>Choose a source there and set it up; its dataflow appears here.</Empty>
      ) : (
        <>
          <div className="filters">
            <SearchField label="Search" value={search} onChange={setSearch} width="100%" maxWidth="size-4600" />
            <Picker label="State" items={states} selectedKey={state} onSelectionChange={(key) => setState(String(key))}>{({ key, name }) => <Item key={key}>{name}</Item>}</Picker>
            <p className="count" role="status">{countText(shown.length, flows, 'dataflows')}</p>
          </div>
          {shown.length === 0 ? flows.loading || flows.isOfAnother ? <Loading what="Searching" /> : <Empty title="No dataflow fits">Search for another word, or look at all states.</Empty> : (
            <Table label="Dataflows" what="dataflows" rows={shown} total={sought ? undefined : flows.total} more={flows} keyOf={(flow) => flow.id} columns={[
              { name: 'Name', of: (flow) => <Link href={`/flows/${flow.id}`}>{flow.name || flow.id}</Link> },
              { name: 'State', of: (flow) => <State state={flow.state} /> },
              { name: 'Schedule', of: (flow) => scheduleText(flow) },
              { name: 'Last run', of: (flow) => { const run = last(flow); return run ? <State state={statusOf(run)} /> : <span className="quiet">{isStream(flow) ? 'no events yet' : 'none yet'}</span>; } },
              { name: 'When', of: (flow) => { const run = last(flow); return run ? <time title={exactTime(startedAt(run))}>{ago(startedAt(run))}</time> : ''; } },
              { name: 'Written', number: true, of: (flow) => { const run = last(flow); return run ? number(counts(run).outputRecordCount) : ''; } },
              { name: 'Failed', number: true, of: (flow) => { const run = last(flow); return run ? <span title={errorsOf(run)[0]?.message}>{run.metrics?.recordSummary ? number(counts(run).failedRecordCount ?? 0) : '–'}</span> : ''; } },
            ]} />
          )}
        </>
      )}
    </Page>
  );
}
