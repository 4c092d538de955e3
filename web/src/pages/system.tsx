import { useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { flowservice, get, isLost, listWhere, pages, post, text } from '../api';
import { ago, bytes, duration, exactTime, number, time } from '../format';
import { Confirmed, said } from '../parts/confirm';
import { Empty, Facts, Failure, Loading, Page, Panel, State, Table } from '../parts/parts';
import { useSession } from '../session';
import { Access } from '../system/access';
import { Webhooks } from '../system/webhooks';

const every = 5000;

/** Counters at a moment, and how fast they have grown since the moment before. */
interface Reading {
  at: number;
  values: Map<string, number>;
  rates?: Map<string, number>; // per second; none before the second reading
}

function reading(queries: QueryClient, key: unknown[], values: Map<string, number>): Reading {
  const at = Date.now();
  const before = queries.getQueryData<Reading>(key);
  const seconds = before ? (at - before.at) / 1000 : 0;
  if (!before || seconds < 1) return { at, values, rates: before?.rates };
  // A server that was started anew counts from nothing.
  return { at, values, rates: new Map([...values].map(([name, value]) => [name, Math.max(0, value - (before.values.get(name) ?? 0)) / seconds])) };
}

/** Prometheus samples: each with its labels, and the sum over them under the bare name. */
function samples(exposition: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of exposition.split('\n')) {
    const [, name, labels, value] = /^([a-zA-Z_:][\w:]*)(\{.*\})? ([\d.eE+-]+)/.exec(line) ?? [];
    if (!name) continue;
    found.set(name, (found.get(name) ?? 0) + Number(value));
    if (labels) found.set(name + labels, Number(value));
  }
  return found;
}

const worded = (name: string) => {
  const words = name.replace(/^headwater_/, '').replace(/_(total|bytes|seconds|count|sum)\b/g, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const rate = (value: number | undefined) => (value === undefined ? '…' : `${value === 0 ? '0' : value < 10 ? value.toFixed(1) : number(Math.round(value))} a second`);

function Work({ metrics }: { metrics: Reading }) {
  const queued = useQuery({ queryKey: ['queued'], queryFn: async () => (await get<{ count: number }>(`${flowservice}/runs?property=metrics.statusSummary.status==scheduled&count=true`)).count, refetchInterval: every });
  const of = (name: string) => metrics.values.get(`headwater_${name}`) ?? 0;
  const growth = (name: string) => rate(metrics.rates && (metrics.rates.get(`headwater_${name}`) ?? 0));
  const ended = [...metrics.values].flatMap(([name, value]) => {
    const status = /^headwater_runs_total\{.*status="(\w+)"/.exec(name)?.[1];
    return status ? [<span key={status}><State state={status} /> {number(value)} </span>] : [];
  });
  const behind = of('inlet_lag_events');
  return (
    <>
      <Panel title="Queues" about="What has begun and what waits.">
        <Facts facts={[
          ['Runs in progress', number(of('runs_active'))],
          ['Runs that wait, this sandbox', queued.error ? '–' : number(queued.data)],
          ['Runs that ended, since the start', ended.length ? ended : 'none'],
          ['Events that wait for the lake', number(behind)],
          ['The oldest of them', behind ? duration(of('inlet_lag_seconds') * 1000) : '–'],
          ['Journal on disk', bytes(of('inlet_journal_bytes'))],
        ]} />
      </Panel>
      <Panel title="Rates" about="The mean between the last two readings.">
        <Facts facts={[
          ['Events taken by inlets', growth('inlet_events_total')],
          ['Refused or quarantined', growth('inlet_refused_total')],
          ['Records read from sources', growth('source_records_total')],
          ['Pages read from sources', growth('source_pages_total')],
          ['HTTP requests answered', growth('http_requests_total')],
        ]} />
      </Panel>
    </>
  );
}

interface InletState {
  id: string;
  inlet: any;
  counters: any;
}

const sumOf = (counters: any, name: string) => Object.values<any>(counters.flows ?? {}).reduce((sum, flow) => sum + (flow[name] ?? 0), 0);
const inletsAtOnce = 50;

function Inlets() {
  const queries = useQueryClient();
  const [most, setMost] = useState(inletsAtOnce);
  // Counters are asked for one by one: only of those that are shown.
  const inlets = useQuery({
    queryKey: ['inletCounters', most], refetchInterval: every, placeholderData: (before) => before,
    queryFn: async () => {
      const known = await pages<any>('/data/core/edge/inlets', most + 1);
      const items = known.slice(0, most);
      const all = await Promise.all(items.map(async (inlet): Promise<InletState> => ({ id: inlet.id, inlet, counters: await get(`/data/core/edge/inlets/${inlet.id}/counters`) })));
      const accepted = new Map(all.map(({ id, counters }) => [id, counters.accepted as number]));
      queries.setQueryData(['inletReading'], reading(queries, ['inletReading'], accepted));
      return { all, more: known.length > most };
    },
  });
  const named = [...new Set((inlets.data?.all ?? []).flatMap(({ counters }) => Object.keys(counters.flows ?? {})))].sort();
  const flows = useQuery({ queryKey: ['flows', 'names', named], enabled: named.length > 0, placeholderData: (before) => before, queryFn: () => listWhere('flows', 'id', named, 'name') });
  const names = new Map((flows.data ?? []).map((flow) => [flow.id, flow.name || flow.id]));
  const rates = queries.getQueryData<Reading>(['inletReading'])?.rates;
  return (
    <Panel title="Inlets" about="Of this sandbox, as this server has counted since its start.">
      {isLost(inlets) ? <Failure error={inlets.error} retry={inlets.refetch} /> : !inlets.data ? <Loading /> : inlets.data.all.length === 0 ? (
        <Empty title="No inlets yet" action={<Link href="/">Go to the sources catalog</Link>}>A streaming source, such as Generic streaming, gets one when it is set up.</Empty>
      ) : (
        <Table label="All inlets" rows={inlets.data.all} keyOf={({ id }) => id} columns={[
          { name: 'Dataflow', of: ({ id, counters }) => { const own = Object.keys(counters.flows ?? {}); return own.length ? own.map((flow) => <Link key={flow} href={`/flows/${flow}`}>{names.get(flow) ?? flow} </Link>) : <code className="clip">{id}</code>; } },
          { name: 'Rate', number: true, of: ({ id }) => rate(rates?.get(id)) },
          { name: 'Taken', number: true, of: ({ counters }) => number(counters.accepted) },
          { name: 'In the dataset', number: true, of: ({ counters }) => number(sumOf(counters, 'written')) },
          { name: 'Quarantined', number: true, of: ({ counters }) => number(sumOf(counters, 'quarantined')) },
          { name: 'Refused', number: true, of: ({ counters }) => number(Object.entries<number>(counters.rejected ?? {}).reduce((sum, [why, count]) => (why === 'quarantined' ? sum : sum + count), 0)) },
          { name: 'Last event', of: ({ counters }) => <time title={exactTime(counters.lastReceivedAt)}>{ago(counters.lastReceivedAt)}</time> },
          { name: 'Waits for', of: ({ counters }) => { const reasons = Object.values<any>(counters.flows ?? {}).map((flow) => flow.waitsFor).filter(Boolean); return reasons.length ? <span className="problem">{reasons.join(' ')}</span> : ''; } },
        ]} />
      )}
      {inlets.data?.more && <div><Button variant="secondary" onPress={() => setMost(most + inletsAtOnce)}>Show more inlets</Button></div>}
    </Panel>
  );
}

interface Source {
  name: string;
  outcome: 'published' | 'refused' | 'failed' | 'gone';
  commit: string;
  at: number;
  specId?: string;
  message?: string;
  breaksFlows?: boolean;
  findings: { severity: string; file: string; line: number; pointer: string; message: string }[];
}

interface Repository {
  repository?: string;
  branch?: string;
  commit?: string;
  checkedAt?: number;
  error?: { message: string; at: number };
  sources: Source[];
}

const repositoryAddress = '/headwater/source-repository';

/** What a source is not published for: the review's errors, or what the server said. */
function Reasons({ source: { message, findings, outcome } }: { source: Source }) {
  if (outcome === 'published') return null;
  const errors = findings.filter(({ severity }) => severity === 'error');
  return (
    <>
      {message}
      {errors.length > 0 && <ul className="problems">{errors.map(({ file, line, pointer, message: why }, index) => <li key={index} className="error"><code>{file.split('/').pop()}:{line}</code> {pointer && <code>{pointer}</code>} {why}</li>)}</ul>}
    </>
  );
}

/** The git repository that the server publishes; most servers have none, and then there is nothing here. */
function Repositories() {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: [repositoryAddress], queryFn: () => get<Repository>(repositoryAddress), retry: false,
    refetchInterval: ({ state }) => (state.data?.repository ? every : false),
  });
  if (!data?.repository) return null;
  const check = async (body?: { breaking: { name: string; commit: string }[] }) => {
    await post(repositoryAddress, body);
    setTimeout(() => void queries.invalidateQueries({ queryKey: [repositoryAddress] }), 1500);
  };
  const look = () => said(check, 'The repository is looked at.');
  return (
    <Panel title="Sources from git" about={<>Branch {data.branch} of <code>{data.repository}</code>{data.checkedAt && <>, looked at <time title={exactTime(data.checkedAt)}>{ago(data.checkedAt)}</time></>}</>} actions={<Button variant="secondary" onPress={() => void look()}>Look now</Button>}>
      {data.error && <Failure error={new Error(data.error.message)} />}
      {data.sources.length === 0 ? <p className="quiet">Nothing of it is known yet.</p> : (
        <Table label="All sources from git" rows={data.sources} keyOf={({ name }) => name} columns={[
          { name: 'Source', of: ({ name, specId }) => (specId ? <Link href={`/sources/${specId}`}>{name}</Link> : name) },
          { name: 'State', of: ({ outcome }) => <State state={outcome} /> },
          { name: 'Commit', of: ({ commit }) => <code>{commit.slice(0, 10)}</code> },
          { name: 'Since', of: ({ at }) => <time title={exactTime(at)}>{ago(at)}</time> },
          { name: 'Why not', of: (source) => (
            <>
              <Reasons source={source} />
              {source.breaksFlows && (
                <Confirmed label="Publish all the same" title={`Publish ${source.name} although flows break?`} confirm="Publish it" act={() => check({ breaking: [{ name: source.name, commit: source.commit }] })}>
                  The dataflows that are named get the new spec with their next run, and may fail. A new version of the spec leaves them as they are.
                </Confirmed>
              )}
            </>
          ) },
        ]} />
      )}
    </Panel>
  );
}

export default function System() {
  const { session } = useSession();
  const queries = useQueryClient();
  const ready = useQuery({ queryKey: ['ready'], queryFn: async () => JSON.parse(await text('/readyz')).status as string, refetchInterval: every, retry: false });
  const metrics = useQuery({ queryKey: ['metrics'], queryFn: async () => reading(queries, ['metrics'], samples(await text('/metrics'))), refetchInterval: every, retry: false });
  const own = [...(metrics.data?.values ?? [])].filter(([name]) => /^headwater_\w+$/.test(name) && !/_(bucket|seconds_count)$/.test(name));
  return (
    <Page title="System" about="How this server is doing, asked every five seconds.">
      <Panel title="Health">
        <Facts facts={[
          ['Server', <State key="s" state={metrics.error ? 'silent' : metrics.data ? 'healthy' : 'pending'} />],
          ['Metadata store', <State key="m" state={ready.error ? 'silent' : ready.data ? 'healthy' : 'pending'} />],
          ['Last answer', metrics.data ? new Date(metrics.data.at).toLocaleTimeString('en-GB') : '–'],
          ['Your session ends', time(session.expiresAt)],
        ]} />
      </Panel>
      {metrics.error ? <Failure error={metrics.error} retry={metrics.refetch} /> : !metrics.data ? <Loading /> : <Work metrics={metrics.data} />}
      <Inlets />
      <Repositories />
      <Webhooks />
      <Access />
      {metrics.data && (
        <Panel title="Numbers since the start" about={<>All of them with their labels: <a href="/metrics">/metrics</a>, for Prometheus.</>}>
          <Facts facts={own.map(([name, value]) => [worded(name), /bytes/.test(name) ? bytes(value) : /seconds_sum|_seconds$/.test(name) ? duration(value * 1000) : number(Math.round(value * 100) / 100)])} />
        </Panel>
      )}
    </Page>
  );
}
