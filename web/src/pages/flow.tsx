import { Suspense, useEffect, useMemo, useState } from 'react';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call, catalog, conversion, download, flowservice, get, isLost, one, post } from '../api';
import { counts, errorsOf, isRunning, isStream, mappingOf, scheduleText, startedAt, statusOf, tookMs, useFlow, useRuns } from '../flows';
import { ago, bytes, duration, exactTime, number, time } from '../format';
import { Inlet } from '../flow/inlet';
import { arriving } from '../parts/arriving';
import { Act, Confirmed, said } from '../parts/confirm';
import { RunProgress } from '../parts/run-progress';
import { Empty, Facts, Failure, Loading, Page, Panel, State, Table } from '../parts/parts';
import { batchOf, isOfValues, problemsOf, rejectedFile, untold, useRejected, type RejectedBatch } from '../rejects';
import { isOwnReason, removed } from '../set-up/making';
import { zone } from '../set-up/times';
import { asksForChanges, type ConnectionSpec } from '../specs';

const Chart = arriving(() => import('../parts/chart'));

/** An activity of a run as a bar on the run's own time. */
function Activities({ run }: { run: any }) {
  const start = startedAt(run);
  const end = run.metrics?.durationSummary?.completedAtUTC || Date.now();
  const whole = Math.max(1, end - start);
  const rejected = useRejected(run);
  return (
    <div className="stack">
      {(run.activities ?? []).map((activity: any) => {
        const from = activity.durationSummary?.startedAtUTC || start;
        const to = activity.durationSummary?.completedAtUTC || end;
        const record = activity.recordSummary ?? {};
        const extra = activity.statusSummary?.extensions ?? {};
        const errors = untold(problemsOf(activity), rejected.data?.records ?? []);
        return (
          <div key={activity.id} className="activity">
            <div className="row between"><strong>{activity.name}</strong><State state={activity.statusSummary?.status} /><span className="quiet">{duration(to - from)}</span></div>
            <svg className="fall" width="100%" height="8" role="img" aria-label={`Took ${duration(to - from)}, ${duration(from - start)} after the run began`}>
              <rect width="100%" height="8" rx="4" className="ground" />
              <rect x={`${Math.min(99, (100 * (from - start)) / whole)}%`} width={`${Math.max(1, (100 * (to - from)) / whole)}%`} height="8" rx="4" />
            </svg>
            <Facts facts={[
              ['Records in', number(record.inputRecordCount)],
              ...(record.mappedRecordCount !== undefined ? [['Mapped', number(record.mappedRecordCount)] as [string, string]] : []),
              ['Records out', number(record.outputRecordCount)],
              ...(record.failedRecordCount !== undefined ? [['Failed', number(record.failedRecordCount)] as [string, string]] : []),
              ...(extra.pages !== undefined ? [['Pages', number(extra.pages)] as [string, string], ['Retries', number(extra.retries)] as [string, string]] : []),
              ['Bytes', bytes(activity.sizeSummary?.outputBytes)],
            ]} />
            {(extra.notes ?? []).map((note: string) => <p key={note} className="quiet">{note}</p>)}
            {errors.map((error) => <p key={error.message} className="problem"><code>{error.code}</code> {error.count > 1 && `${number(error.count)} ${isOfValues(error) ? 'values' : 'records'}, the first: `}{error.message}</p>)}
          </div>
        );
      })}
    </div>
  );
}

/** What is to be said where nothing can be shown: nobody kept it to be shown, or no longer. */
const nothingShown = ({ options }: any) =>
  options?.errorDiagnosticsEnabled === true || options?.partialIngestionPercent > 0 ? 'They are no longer kept.' : 'They are kept, but this dataflow does not show them: its error diagnostics are off.';

function Downloads({ batch }: { batch: RejectedBatch }) {
  return <>{batch.files.map((name) => <Act key={name} variant="secondary" act={() => said(() => download(rejectedFile(batch.id, name), name))}>Download {batch.files.length > 1 ? name : ''}</Act>)}</>;
}

/** What each batch of an hour has rejected: it goes through the dataflow once more when somebody says so, and is rejected again then, in another batch, or is not. */
function Replays({ batches, inlet }: { batches: RejectedBatch[]; inlet: string }) {
  const queries = useQueryClient();
  const replay = (batch: RejectedBatch) => said(async () => {
    await post(`/data/core/edge/inlets/${inlet}/action?op=replay`, { batchId: batch.id, ...(batch.replayed && { again: true }) });
    await queries.invalidateQueries({ queryKey: ['rejected'] });
  }, 'The rejected events go through the dataflow once more.');
  return (
    <Table label="Batches with rejected events" what="batches" rows={batches} keyOf={({ id }) => id} columns={[
      { name: 'Came', of: ({ at }) => <time title={exactTime(at)}>{time(at)}</time> },
      { name: 'Rejected', number: true, of: ({ failed }) => number(failed) },
      { name: 'Replayed', of: ({ replayed }) => (!replayed ? 'not yet' : <time title={exactTime(replayed.at)}>{ago(replayed.at)}</time>) },
      { name: 'Actions', of: (batch) => (
        <span className="actions">
          <Downloads batch={batch} />
          {batch.files.length > 0 && (batch.replayed
            ? <Confirmed label="Replay again" variant="secondary" title="Replay these events again?" confirm="Replay" act={() => replay(batch)}>They went through the dataflow once more already: those that were taken then come into the dataset a second time.</Confirmed>
            : <Act variant="secondary" act={() => replay(batch)}>Replay</Act>)}
        </span>
      ) },
    ]} />
  );
}

/** The first rejected records with page, number and reason, and all of them as files. */
function Quarantine({ run, flow }: { run: any; flow: any }) {
  const failed = counts(run).failedRecordCount ?? 0;
  const { data, error, refetch } = useRejected(run);
  if (!batchOf(run) || failed === 0) return null;
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) return <Loading what="Loading rejected records" />;
  return (
    <div className="stack">
      <div className="row between">
        <h3>Rejected records <span className="quiet">{number(failed)}</span></h3>
        {!isStream(flow) && <div className="actions">{data.batches.map((batch) => <Downloads key={batch.id} batch={batch} />)}</div>}
      </div>
      {isStream(flow) && data.batches.length > 0 && <Replays batches={data.batches} inlet={flow.options.inletUrl.split('/').pop()} />}
      {data.records.length === 0 ? <p className="quiet">{data.tooLong ? 'The first one is too large to be shown here. Download has all of them.' : nothingShown(flow)}</p> : (
        <>
          <Table label="Rejected records" rows={data.records} keyOf={(_, index) => String(index)} columns={[
            { name: 'Page', number: true, of: ({ page }) => page ?? '–' },
            { name: 'Record', number: true, of: ({ record }) => record ?? '–' },
            { name: 'Reason', of: ({ reason }) => reason },
            { name: 'As it came', of: ({ text }) => <code className="clip">{text}</code> },
          ]} />
          {data.records.length < failed && <p className="quiet">The first {number(data.records.length)} of {number(failed)} are shown. Download has all of them.</p>}
        </>
      )}
    </div>
  );
}

/** What a run without a window reads. */
const readsAll: Record<string, string> = { inProgress: 'It reads everything that the source has.', success: 'It read everything that the source had.', partialSuccess: 'It read everything that the source had.' };

function RunDetails({ run, flow, changes }: { run: any; flow: any; changes?: boolean }) {
  const queries = useQueryClient();
  const act = (op: string, done: string) => said(async () => {
    await call('POST', `${flowservice}/runs/${run.id}/action?op=${op}`);
    await queries.invalidateQueries({ queryKey: ['runs'] });
  }, done);
  const window = run.activities?.[0]?.durationSummary?.extensions ?? {};
  return (
    <Panel id="run" title={`Run of ${time(startedAt(run))}`} about={<span className="row"><State state={statusOf(run)} /> <code className="quiet">{run.id}</code></span>} actions={
      <>
        {isRunning(run) && !isStream(flow) && <Act variant="secondary" act={() => act('cancel', 'The run is being cancelled.')}>Cancel run</Act>}
        {statusOf(run) === 'failed' && !isStream(flow) && <Act variant="secondary" act={() => act('re-trigger', 'The run was started again.')}>Run this window again</Act>}
      </>
    }>
      {(run.activities ?? []).length === 0 && errorsOf(run).map((error) => <p key={error.message} className="problem" role="alert"><code>{error.code}</code> {error.message}</p>)}
      {!isStream(flow) && changes === false && readsAll[statusOf(run)] && <p className="quiet">{readsAll[statusOf(run)]}</p>}
      {changes && (window.windowStart || window.windowEnd) && <p className="quiet">Changes {window.windowStart ? `from ${exactTime(window.windowStart)}` : 'from the beginning'} until {exactTime(window.windowEnd)}</p>}
      <Activities run={run} />
      <Quarantine run={run} flow={flow} />
    </Panel>
  );
}

/** Whether a run was asked for over a window of the past: others on demand end at the moment they were asked for. */
function isRange(run: any): boolean {
  const { windowStartTime, windowEndTime } = run.params ?? {};
  return run.trigger === 'demand' && windowStartTime !== undefined && !run.movesWindow && Number(windowEndTime) * 1000 < run.createdAt - 2000;
}

/** One run over a window of the past. What it brings is added to the dataset. */
function Range({ flow, runs, show }: { flow: any; runs: any[]; show(run: string): void }) {
  const queries = useQueryClient();
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const seconds = (local: string) => Math.floor(new Date(local).getTime() / 1000);
  const [started, setStarted] = useState<string>();
  // Whoever comes back finds what goes on: of this page's own fetch it knows from the beginning.
  const going = runs.filter((run) => isRange(run) && isRunning(run)).map(({ id }) => id as string);
  const [watched, setWatched] = useState<string[]>([]);
  const all = [...new Set([...watched, ...going, ...(started ? [started] : [])])];
  useEffect(() => {
    setWatched((before) => (going.every((id) => before.includes(id)) ? before : [...new Set([...before, ...going])]));
  }, [going.join()]); // eslint-disable-line
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (going.length) setOpen(true);
  }, [going.length > 0]); // eslint-disable-line
  const backwards = from !== '' && until !== '' && seconds(until) <= seconds(from);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Fetch a range of the past</summary>
      <div className="stack range">
        <div className="row">
          <label className="plain">Changed from, {zone()} time<input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
          <label className="plain">until<input type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} /></label>
          <Act variant="secondary" isDisabled={!from || !until || backwards || flow.state !== 'enabled'} act={() => said(async () => {
            const { id } = await post(`${flowservice}/flows/${flow.id}/action?op=run`, { windowStartTime: seconds(from), windowEndTime: seconds(until) });
            setStarted(id);
            setWatched([]);
            await queries.invalidateQueries({ queryKey: ['runs'] });
          })}>Fetch</Act>
        </div>
        <p className="quiet" role="status">{backwards ? 'The end lies before the beginning.' : 'Records that are in the dataset already come once more. The schedule goes on as it is.'}</p>
        {all.map((id) => <RunProgress key={id} id={id} show={() => show(id)} />)}
      </div>
    </details>
  );
}

/** What else something uses stays; what could not be removed for another reason is told. */
async function removeFlow(flow: any) {
  await call('DELETE', `${flowservice}/flows/${flow.id}`);
  const of = (what: string, path: string) => ({ what, name: flow.name, path });
  const mapping = mappingOf(flow);
  const left = await removed([
    ...(flow.sourceConnectionIds ?? []).map((id: string) => of('source connection', `${flowservice}/sourceConnections/${id}`)),
    ...(flow.targetConnectionIds ?? []).map((id: string) => of('target connection', `${flowservice}/targetConnections/${id}`)),
    ...(mapping ? [of('mapping', `${conversion}/mappingSets/${mapping.id}`)] : []),
  ]);
  const lost = [...left].filter(([, error]) => !isOwnReason(error));
  if (lost.length) ToastQueue.negative(`The dataflow is deleted, but not its ${lost.map(([{ what }]) => what).join(', ')}: ${(lost[0][1] as Error).message}`, { timeout: 12_000 });
}

export default function Flow({ id = '' }: { id?: string }) {
  const flow = useFlow(id);
  const runs = useRuns(id);
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<string>();
  const targetId = flow.data?.targetConnectionIds?.[0];
  const dataset = useQuery({
    queryKey: ['datasetOf', targetId], enabled: Boolean(targetId),
    queryFn: async () => {
      const target = await one(`/targetConnections/${targetId}`);
      const dataSetId = target.params?.dataSetId;
      const found = await get<Record<string, any>>(`${catalog}/dataSets/${dataSetId}`);
      return { id: dataSetId as string, name: found[dataSetId]?.name ?? dataSetId };
    },
  });
  const sourceId = flow.data?.sourceConnectionIds?.[0];
  const changes = useQuery({
    queryKey: ['asksForChanges', sourceId], enabled: Boolean(sourceId) && !isStream(flow.data), staleTime: 60_000,
    queryFn: async () => {
      const source = await one(`/sourceConnections/${sourceId}`);
      return asksForChanges(await one<ConnectionSpec>(`/connectionSpecs/${source.connectionSpec.id}`), source.params);
    },
  }).data;
  const history = useMemo(() => (runs.runs ?? []).filter((run) => !isRunning(run)).map((run) => ({ at: startedAt(run), written: counts(run).outputRecordCount ?? 0, failed: counts(run).failedRecordCount ?? 0, took: tookMs(run) ?? 0 })), [runs.runs]);
  if (isLost(flow)) return <Page title="Dataflow" back={<Link href="/flows">← Dataflows</Link>}><Failure error={flow.error} retry={flow.refetch} /></Page>;
  if (!flow.data) return <Loading what="Loading the dataflow" />;
  const one_ = flow.data;
  const streaming = isStream(one_);
  const mapping = mappingOf(one_);
  const act = (op: string, done: string) => said(async () => {
    await call('POST', `${flowservice}/flows/${id}/action?op=${op}`);
    await Promise.all([queries.invalidateQueries({ queryKey: ['flow', id] }), queries.invalidateQueries({ queryKey: ['runs'] })]);
  }, done);
  const run = (runs.runs ?? []).find((each) => each.id === chosen) ?? runs.runs?.[0];
  return (
    <Page title={one_.name || id} back={<Link href="/flows">← Dataflows</Link>} about={one_.description} actions={
      <>
        {!streaming && <Act variant="accent" isDisabled={one_.state !== 'enabled'} act={() => act('run', 'A run was started.')}>Run now</Act>}
        {one_.state === 'enabled' ? <Act variant="secondary" act={() => act('disable', 'The dataflow is disabled.')}>Disable</Act> : <Act variant="secondary" act={() => act(one_.state === 'draft' ? 'publish' : 'enable', 'The dataflow is enabled.')}>Enable</Act>}
        <Link className="action" href={`/flows/${id}/mapping`}>{mapping ? 'Edit mapping' : 'Add a mapping'}</Link>
        <Confirmed label="Delete" title={`Delete ${one_.name}?`} confirm="Delete" act={async () => {
          await removeFlow(one_);
          await queries.invalidateQueries({ queryKey: ['flows'] });
          navigate('/flows');
        }}>
          Its source and target connection and its mapping go with it, unless something else uses them. The dataset with its records, the account and the history of runs stay.
        </Confirmed>
      </>
    }>
      <Panel>
        <Facts facts={[
          ['State', <State key="s" state={one_.state} />],
          ['Schedule', scheduleText(one_)],
          ...(changes === false ? [['Each run', 'reads everything; records are added again'] as [string, string]] : []),
          ['Dataset', dataset.data ? <Link key="d" href={`/datasets/${dataset.data.id}`}>{dataset.data.name}</Link> : '–'],
          ['Mapping', !mapping ? 'none' : mapping.version === undefined ? 'the latest version' : `version ${mapping.version}`],
          ['Last run', runs.runs?.[0] ? ago(startedAt(runs.runs[0])) : 'none yet'],
          ['Records that may fail', one_.options?.partialIngestionPercent ? `${one_.options.partialIngestionPercent} %` : 'none'],
          ['Created', time(one_.createdAt)],
        ]} />
        {changes && <Range flow={one_} runs={runs.runs ?? []} show={(run) => {
          setChosen(run);
          requestAnimationFrame(() => document.getElementById('run')?.scrollIntoView());
        }} />}
      </Panel>
      {streaming && <Inlet flow={one_} />}
      {runs.error ? <Failure error={runs.error} retry={runs.refetch} /> : !runs.runs ? <Loading what="Loading runs" /> : runs.runs.length === 0 ? (
        <Empty title={streaming ? 'No events yet' : 'No runs yet'}>{streaming ? 'Post one to the address above; this page shows it by itself.' : 'The first one begins when it is due, or now with “Run now”.'}</Empty>
      ) : (
        <>
          {history.length > 0 && <Panel title="History" about={<span className="legend"><i className="blue" />written <i className="red" />failed <i className="line" />duration</span>}><Suspense fallback={<Loading />}><Chart data={history} /></Suspense></Panel>}
          <Table label="Runs" what="runs" rows={runs.runs} more={runs} keyOf={(each) => each.id} columns={[
            { name: 'Started', of: (each) => <button type="button" className="link" aria-pressed={each.id === run?.id} title={exactTime(startedAt(each))} onClick={() => setChosen(each.id)}>{time(startedAt(each))}</button> },
            { name: 'Status', of: (each) => <><State state={statusOf(each)} />{statusOf(each) === 'success' && errorsOf(each).some(({ code }) => code.startsWith('MAPPER')) && <span className="quiet"> values left out</span>}</> },
            { name: 'Read', number: true, of: (each) => number(counts(each).inputRecordCount) },
            { name: 'Written', number: true, of: (each) => number(counts(each).outputRecordCount) },
            { name: 'Failed', number: true, of: (each) => number(counts(each).failedRecordCount) },
            { name: 'Duration', number: true, of: (each) => duration(tookMs(each)) },
          ]} />
          {run && <RunDetails key={run.id} run={run} flow={one_} changes={changes} />}
        </>
      )}
    </Page>
  );
}
