// The mapping of a dataflow that is there: loaded, edited on the source's first record, stored as a version of its own, pinned.
import { useState } from 'react';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { explore } from '../accounts';
import { ApiError, call, catalog, conversion, flowservice, get, list, one, post, where } from '../api';
import { schemaOf } from '../datasets';
import { isStream, mappingOf } from '../flows';
import { nothingLost, useUnsaved } from '../parts/leaving';
import { Failure, Loading, Page, Panel } from '../parts/parts';
import { fieldsOf, isFilled, rowsOf, wireRow, withProposed, type Row } from '../records';
import type { Preview } from '../set-up/draft';
import { MappingStep } from '../set-up/mapping';
import { SampleStep } from '../set-up/preview';
import { useSuggestion } from '../set-up/suggestion';

const contentType = 'application/vnd.adobe.xed-full+json;version=1';

interface Known {
  flow: any;
  set?: any; // the version that the flow uses
  datasetId: string;
  schemaId?: string;
  target?: any;
  source: any;
}

async function load(id: string): Promise<Known> {
  const flow = await one(`/flows/${id}`);
  const mapping = mappingOf(flow);
  const [set, source, target] = await Promise.all([
    mapping && get(`${conversion}/mappingSets/${mapping.id}${mapping.version === undefined ? '' : `?version=${mapping.version}`}`),
    one(`/sourceConnections/${flow.sourceConnectionIds[0]}`, true),
    one(`/targetConnections/${flow.targetConnectionIds[0]}`),
  ]);
  const datasetId = target.params?.dataSetId;
  const schemaId = (await get<Record<string, any>>(`${catalog}/dataSets/${datasetId}`))[datasetId]?.schemaRef?.id;
  return { flow, set, datasetId, schemaId, target: schemaId && await schemaOf(schemaId), source };
}

async function previewOf(source: any): Promise<Preview> {
  if (!source.baseConnectionId) throw new Error('The source connection names no account to ask with.');
  const { schema, data } = await explore(source.baseConnectionId, source.params);
  return { schema, data: data ?? [] };
}

// A new version of the flow's own set; another set where other dataflows use this one: theirs stays as it is.
async function store({ flow, set, schemaId }: Known, rows: Row[]): Promise<{ mappingId: string; mappingVersion: number }> {
  const mappings = rows.filter(isFilled).map(wireRow);
  const shared = set && (await list(`/flows?${where(`transformations[].params.mappingId==${set.id}`)}&property=name`, 2)).some((other) => other.id !== flow.id);
  if (set && !shared) {
    const { name, inputSchema, outputSchema, strictMapping, allowNullValues, tags } = set;
    const stored = await call('PUT', `${conversion}/mappingSets/${set.id}`, { body: { name, inputSchema, outputSchema, strictMapping, allowNullValues, tags, mappings } });
    return { mappingId: set.id, mappingVersion: stored.version };
  }
  const members = set ? { outputSchema: set.outputSchema, strictMapping: set.strictMapping, allowNullValues: set.allowNullValues } : schemaId ? { outputSchema: { schemaRef: { id: schemaId, contentType } } } : {};
  const { id, version } = await post(`${conversion}/mappingSets`, { name: flow.name, ...members, mappings });
  return { mappingId: id, mappingVersion: version ?? 0 };
}

const same = (one: any, other: any) => JSON.stringify(one.transformations ?? []) === JSON.stringify(other.transformations ?? []);
const overtaken = new ApiError(412, 'Somebody else has changed the dataflow’s mapping meanwhile. Load this page again to see it; your rows are not in use.');

// Runs that end change a dataflow's etag too: it counts what its transformations are.
async function pin(before: any, params: { mappingId: string; mappingVersion: number }): Promise<void> {
  const mapping = mappingOf(before);
  const body = mapping
    ? [{ op: 'replace', path: `/transformations/${mapping.index}/params`, value: { ...before.transformations[mapping.index].params, ...params } }]
    : [{ op: 'add', path: '/transformations', value: [...(before.transformations ?? []), { name: 'Mapping', params }] }];
  for (let attempt = 1; ; attempt++) {
    const flow = await one(`/flows/${before.id}`);
    if (!same(before, flow)) throw overtaken;
    try {
      await call('PATCH', `${flowservice}/flows/${before.id}`, { etag: flow.etag, body });
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412 || attempt === 5) throw error;
    }
  }
}

function Editor({ known, preview, previewedAt }: { known: Known; preview?: Preview; previewedAt: number }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [rows, setRows] = useState<Row[]>(() => (known.set ? rowsOf(known.set) : []));
  const [changed, setChanged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useUnsaved(changed ? 'The mapping is not saved: what was changed in its rows would be lost.' : undefined);
  const suggestion = useSuggestion(known.set ? '' : `of ${previewedAt}`, known.datasetId, preview?.data ?? [], (proposed) => setRows((before) => withProposed(before, proposed)));
  const change = (all: Row[]) => {
    setRows(all);
    setChanged(true);
  };
  if (suggestion.waits && rows.length === 0) return <Loading what="Comparing the fields" />;
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await pin(known.flow, await store(known, rows));
      // Nobody waits for what is asked anew; the source is not asked again at all.
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'flowPreview' });
      ToastQueue.positive('The mapping is saved. The next run uses it.', { timeout: 5000 });
      nothingLost();
      navigate(`/flows/${known.flow.id}`);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Panel title={known.set ? 'Rows' : 'Proposed rows'} about="Saving makes a version of its own. What comes from now on is mapped with it; records that are in the dataset stay as they are.">
      <MappingStep suggestion={suggestion} rows={rows} schema={preview?.schema} record={preview?.data[0]} targets={known.target && fieldsOf(known.target)} change={change} next={() => void save()} action="Save the mapping" busy={busy} />
      {error !== undefined && <Failure error={error} />}
    </Panel>
  );
}

export default function FlowMapping({ id = '' }: { id?: string }) {
  const known = useQuery({ queryKey: ['flowMapping', id], queryFn: () => load(id), staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false });
  const stream = known.data ? isStream(known.data.flow) : false;
  const asked = useQuery({ queryKey: ['flowPreview', id], enabled: known.data !== undefined && !stream, queryFn: () => previewOf(known.data!.source), staleTime: Infinity, gcTime: 0, retry: false, refetchOnWindowFocus: false });
  const [sample, setSample] = useState<Preview>();
  const [sampled, setSampled] = useState(false);
  const page = { title: known.data ? `Mapping of ${known.data.flow.name || id}` : 'Mapping', back: <Link href={`/flows/${id}`}>← Dataflow</Link> };
  if (known.error && !known.data) return <Page {...page}><Failure error={known.error} retry={known.refetch} /></Page>;
  if (!known.data) return <Loading what="Loading the mapping" />;
  if (stream && !sampled) return <Page {...page}><Panel title="What do the events look like?"><SampleStep preview={sample} choose={setSample} next={() => setSampled(true)} /></Panel></Page>;
  if (!stream && !asked.isFetched) return <Page {...page}><Loading what="Asking the source for its first page" /></Page>;
  return (
    <Page {...page}>
      {asked.isFetching && <p className="quiet" role="status">Asking the source for its first page…</p>}
      {asked.error && (
        <div className="stack">
          <Failure error={asked.error} retry={asked.refetch} />
          <p className="quiet">The mapping can be edited without it, but rows cannot be tried on a record.</p>
        </div>
      )}
      <Editor known={known.data} preview={stream ? sample : asked.data} previewedAt={asked.dataUpdatedAt} />
    </Page>
  );
}
