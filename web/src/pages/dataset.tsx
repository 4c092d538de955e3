import { useMemo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call, catalog, download, get, isLost, list, listWhere, where } from '../api';
import { datasetName, quotedName, schemaOf, type Dataset as Stored } from '../datasets';
import { ago, bytes, exactTime, number, time } from '../format';
import { Confirmed, said } from '../parts/confirm';
import { Empty, Facts, Failure, Loading, Page, Panel, State, Table } from '../parts/parts';
import { Records } from '../parts/records';
import { Sql } from '../parts/sql';
import { fieldsOf, tableOf } from '../records';
import { SchemaTree } from '../set-up/preview';

interface DataFile {
  entry: string; // of the batch
  name: string;
  bytes: number;
  at: number;
}

const filesAtOnce = 20;
const batchesAtOnce = 50;

/** The dataset as it is stored: its newest batches' files. A compaction puts several batches into one. */
function Files({ id, name, newest }: { id: string; name: string; newest?: string }) {
  const [most, setMost] = useState(filesAtOnce);
  const { data, error, refetch } = useQuery({
    queryKey: ['files', id, newest, most],
    placeholderData: (before) => before,
    queryFn: async () => {
      const entries = Object.entries(await get<Record<string, any>>(`${catalog}/dataSetFiles?dataSetId=${id}&limit=${most}`));
      const files = await Promise.all(entries.map(async ([entry, { created }]): Promise<DataFile[]> => {
        const { data } = await get<{ data: { name: string; length: string }[] }>(`/data/foundation/export/files/${entry}`);
        return data.map((one) => ({ entry, name: one.name, bytes: Number(one.length), at: Number(created) }));
      }));
      return { files: files.flat(), more: entries.length === most };
    },
  });
  const save = (file: DataFile) => said(() => download(`/data/foundation/export/files/${file.entry}?path=${encodeURIComponent(file.name)}`, `${name}-${file.name}`.replace(/\.parquet$|$/, '.parquet').replace(/[^\w.-]+/g, '_')));
  if (error && !data) return <Panel title="Files"><Failure error={error} retry={refetch} /></Panel>;
  if (!data?.files.length) return null;
  return (
    <Panel title="Files" about="The records as they are stored, for whatever reads Parquet: DuckDB, pandas, Spark. A part of them as CSV: with SQL, above."
      actions={data.files.length === 1 && <Button variant="secondary" onPress={() => void save(data.files[0])}>Download Parquet</Button>}>
      {data.files.length > 1 && (
        <Table label="All files" rows={data.files} keyOf={(file) => file.entry + file.name} columns={[
          { name: 'Stored', of: (file) => <time title={exactTime(file.at)}>{time(file.at)}</time> },
          { name: 'File', of: (file) => <code className="clip">{file.name}</code> },
          { name: 'Size', number: true, of: (file) => bytes(file.bytes) },
          { name: 'Parquet', of: (file) => <button type="button" className="link" aria-label={`Download Parquet ${file.name} of ${exactTime(file.at)}`} onClick={() => void save(file)}>Download</button> },
        ]} />
      )}
      {data.files.length === 1 && <p className="quiet">One file of {bytes(data.files[0].bytes)}.</p>}
      {data.more && <div><Button variant="secondary" onPress={() => setMost(most + filesAtOnce)}>Show older files</Button></div>}
    </Panel>
  );
}

/** The dataflows that write here. */
function useWriters(id: string) {
  return useQuery({
    queryKey: ['writers', id],
    queryFn: async () => {
      const targets = await list(`/targetConnections?${where(`params.dataSetId==${id}`)}&property=name`);
      const flows = await listWhere('flows', 'targetConnectionIds[]', targets.map((one) => one.id), 'name,state');
      return [...new Map(flows.map((flow) => [flow.id, flow])).values()];
    },
  });
}

const writersAtOnce = 10;

function Writers({ flows }: { flows: any[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? flows : flows.slice(0, writersAtOnce);
  return (
    <>
      {shown.map((flow, index) => <span key={flow.id}>{index > 0 && ', '}<Link href={`/flows/${flow.id}`}>{flow.name || flow.id}</Link></span>)}
      {flows.length > writersAtOnce && <> <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Show fewer' : `and ${number(flows.length - writersAtOnce)} more`}</button></>}
    </>
  );
}

function NoRecords({ flows }: { flows?: any[] }) {
  if (!flows) return <Loading />;
  if (flows.length === 0) return <Empty title="No records yet" action={<Link href="/">Go to the sources catalog</Link>}>No dataflow writes here. Set up a source, and choose this dataset in the step “Dataset”.</Empty>;
  const enabled = flows.some(({ state }) => state === 'enabled');
  return <Empty title="No records yet" action={<Writers flows={flows} />}>{enabled ? 'They appear here when a dataflow has brought some. Its page tells how its runs go, and starts one:' : 'What writes here is not enabled. Enable it on its page:'}</Empty>;
}

export default function Dataset({ id = '' }: { id?: string }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const dataset = useQuery({
    queryKey: ['dataset', id],
    queryFn: async (): Promise<Stored> => {
      const found = await get<Record<string, any>>(`${catalog}/dataSets/${id}`);
      return { id, ...found[id] };
    },
  });
  const schemaId = dataset.data?.schemaRef?.id;
  const schema = useQuery({ queryKey: ['schema', schemaId], queryFn: () => schemaOf(schemaId!), enabled: Boolean(schemaId) });
  const rows = useQuery({ queryKey: ['rows', id], queryFn: async () => (await call<{ data: any[] }>('GET', `/data/foundation/export/datasets/${id}/preview`, { exact: true })).data, refetchInterval: 10_000 });
  const [most, setMost] = useState(batchesAtOnce);
  const batches = useQuery({
    queryKey: ['batches', id, most], refetchInterval: 10_000 * (most / batchesAtOnce), placeholderData: (before) => before,
    queryFn: async () => {
      const found = new Map<string, any>();
      let more = true;
      // The catalog counts from the beginning, and gives no link to the next.
      for (let start = 0; more && start < most; start += batchesAtOnce) {
        const entries = Object.entries<any>(await get(`${catalog}/batches?dataSet=${id}&orderBy=desc:created&limit=${batchesAtOnce}&start=${start}`));
        for (const [key, body] of entries) found.set(key, { id: key, ...body });
        more = entries.length === batchesAtOnce;
      }
      return { all: [...found.values()], more };
    },
  });
  const stored = batches.data?.all;
  const writers = useWriters(id);
  const shown = useMemo(() => (rows.data?.length ? tableOf(rows.data.slice(0, 100)) : undefined), [rows.data]);
  const one = useMemo(() => (dataset.data ? [dataset.data] : []), [dataset.data]);
  const columns = useMemo(() => ({ [dataset.data ? datasetName(dataset.data) : '']: fieldsOf(schema.data).map(({ path }) => path) }), [dataset.data, schema.data]);
  if (isLost(dataset)) return <Page title="Dataset" back={<Link href="/datasets">← Datasets</Link>}><Failure error={dataset.error} retry={dataset.refetch} /></Page>;
  if (!dataset.data) return <Loading what="Loading the dataset" />;
  const name = datasetName(dataset.data);
  return (
    <Page title={name} back={<Link href="/datasets">← Datasets</Link>} about={dataset.data.description} actions={
      <Confirmed label="Delete" title={`Delete ${name}?`} confirm="Delete" act={async () => {
        await call('DELETE', `${catalog}/dataSets/${id}`);
        await queries.invalidateQueries({ queryKey: ['datasets'] });
        navigate('/datasets');
      }}>All its records are deleted, and cannot be brought back. A dataset that a dataflow writes to cannot be deleted.</Confirmed>
    }>
      <Panel>
        <Facts facts={[
          ['Records in the last batch', number(stored?.[0]?.metrics?.outputRecordCount)],
          ['Batches', stored ? `${number(stored.length)}${batches.data?.more ? ' or more' : ''}` : '–'],
          ['Last batch', stored?.[0] ? ago(stored[0].created) : 'none yet'],
          ['Written by', writers.data?.length ? <Writers key="w" flows={writers.data} /> : writers.data ? 'no dataflow' : '–'],
          ['Created', time(dataset.data.created)],
          ['Id', <code key="id">{id}</code>],
        ]} />
      </Panel>
      <div className="beside">
        <Panel title="Schema">{isLost(schema) ? <Failure error={schema.error} retry={schema.refetch} /> : schema.data ? <div className="scrolls" tabIndex={0} role="region" aria-label="Fields"><SchemaTree schema={schema.data} /></div> : <p className="quiet">This dataset has no schema.</p>}</Panel>
        <Panel title="First records">{isLost(rows) ? <Failure error={rows.error} retry={rows.refetch} /> : !rows.data ? <Loading /> : shown ? <Records label="First records of the dataset" columns={shown.columns} rows={shown.rows} /> : <NoRecords flows={writers.data} />}</Panel>
      </div>
      <Sql first={`SELECT count(*) AS records\nFROM ${quotedName(name)}`} datasets={one} columns={columns} />
      <Files id={id} name={name} newest={stored?.[0]?.id} />
      <Panel title="Batches" about="Each appeared as a whole, or not at all.">
        {isLost(batches) ? <Failure error={batches.error} retry={batches.refetch} /> : !stored ? <Loading /> : stored.length === 0 ? <p className="quiet">None yet: each run with records makes one, and so does an upload (<code>headwater batches upload FILE --dataset {id}</code>).</p> : (
          <Table label="All batches" what="batches" rows={stored} more={{ more: batches.data!.more, loading: batches.isPlaceholderData, load: () => setMost(most + batchesAtOnce) }} keyOf={(batch) => batch.id} columns={[
            { name: 'Created', of: (batch) => <time title={exactTime(batch.created)}>{time(batch.created)}</time> },
            { name: 'Status', of: (batch) => <State state={batch.status} /> },
            { name: 'Records', number: true, of: (batch) => number(batch.metrics?.outputRecordCount) },
            { name: 'Failed', number: true, of: (batch) => number(batch.metrics?.failedRecordCount ?? 0) },
            { name: 'Size', number: true, of: (batch) => bytes(batch.metrics?.outputByteSize ?? batch.metrics?.outputBytes) },
            { name: 'Id', of: (batch) => <code className="clip">{batch.id}</code> },
          ]} />
        )}
      </Panel>
    </Page>
  );
}
