import { useMemo } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call, catalog, get } from '../api';
import { datasetName, schemaOf, type Dataset as Stored } from '../datasets';
import { ago, bytes, exactTime, number, time } from '../format';
import { Confirmed } from '../parts/confirm';
import { Empty, Facts, Failure, Loading, Page, Panel, Records, State, Table } from '../parts/parts';
import { Sql } from '../parts/sql';
import { fieldsOf, tableOf } from '../records';
import { SchemaTree } from '../set-up/preview';

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
  const rows = useQuery({ queryKey: ['rows', id], queryFn: async () => (await get<{ data: any[] }>(`/data/foundation/export/datasets/${id}/preview`)).data, refetchInterval: 10_000 });
  const batches = useQuery({
    queryKey: ['batches', id], refetchInterval: 10_000,
    queryFn: async () => {
      const found = await get<any>(`${catalog}/batches?dataSet=${id}&limit=50`);
      const all: any[] = found.items ?? Object.entries<any>(found).map(([key, body]) => ({ id: key, ...body }));
      return all.sort((a, b) => (b.created ?? 0) - (a.created ?? 0));
    },
  });
  const shown = useMemo(() => (rows.data?.length ? tableOf(rows.data.slice(0, 100)) : undefined), [rows.data]);
  const one = useMemo(() => (dataset.data ? [dataset.data] : []), [dataset.data]);
  const columns = useMemo(() => ({ [dataset.data ? datasetName(dataset.data) : '']: fieldsOf(schema.data).map(({ path }) => path) }), [dataset.data, schema.data]);
  if (dataset.error) return <Page title="Dataset" back={<Link href="/datasets">← Datasets</Link>}><Failure error={dataset.error} retry={dataset.refetch} /></Page>;
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
          ['Records in the last batch', number(batches.data?.[0]?.metrics?.outputRecordCount)],
          ['Batches', batches.data ? (batches.data.length === 50 ? '50 or more' : batches.data.length) : '–'],
          ['Last batch', batches.data?.[0] ? ago(batches.data[0].created) : 'none yet'],
          ['Created', time(dataset.data.created)],
          ['Id', <code key="id">{id}</code>],
        ]} />
      </Panel>
      <div className="beside">
        <Panel title="Schema">{schema.error ? <Failure error={schema.error} /> : schema.data ? <div className="scrolls" tabIndex={0} role="region" aria-label="Fields"><SchemaTree schema={schema.data} /></div> : <p className="quiet">This dataset has no schema.</p>}</Panel>
        <Panel title="First records">{rows.error ? <Failure error={rows.error} retry={rows.refetch} /> : !rows.data ? <Loading /> : shown ? <Records label="First records of the dataset" columns={shown.columns} rows={shown.rows} /> : <Empty title="No records yet">They appear here when a run, or a sender, has brought some.</Empty>}</Panel>
      </div>
      <Sql first={`SELECT count(*) AS records\nFROM "${name}"`} datasets={one} columns={columns} />
      <Panel title="Batches" about="Each appeared as a whole, or not at all.">
        {batches.error ? <Failure error={batches.error} retry={batches.refetch} /> : !batches.data ? <Loading /> : batches.data.length === 0 ? <p className="quiet">None yet.</p> : (
          <Table label="Batches" rows={batches.data} keyOf={(batch) => batch.id} columns={[
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
