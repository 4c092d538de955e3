// What a set-up has gathered so far, and how it becomes a running flow.
import { call, catalog, conversion, flowservice, list, post, registry } from '../api';
import { rememberSample } from '../flow/sample';
import { written } from '../exact';
import { isPath } from '../paths';
import { isFilled, schemaOfRows, wireRow, type Row } from '../records';
import { asksForChanges, isStreaming, labelOf, lake, type ConnectionSpec } from '../specs';

export interface Preview {
  schema: any;
  data: any[];
}

export interface Draft {
  account: string; // a base connection's id; empty: none yet
  params: any;
  preview?: Preview;
  previewFor: string; // what it was asked for
  dataset: { kind: 'new' | 'existing'; name: string; id: string };
  name: string;
  description: string;
  diagnostics: boolean;
  partial: number; // percent of records that may fail; 0: none
  rows: Row[];
  rowsFor: string; // which preview and dataset the rows were proposed for
  schedule: { frequency: 'once' | 'minute' | 'hour' | 'day' | 'week'; interval: number; backfill: boolean; start?: number };
}

export function firstDraft(spec: ConnectionSpec): Draft {
  const label = labelOf(spec);
  return {
    account: '', params: {}, previewFor: '', name: `${label}`, description: '', diagnostics: true, partial: 5, rows: [], rowsFor: '',
    dataset: { kind: 'new', name: label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'records', id: '' },
    schedule: { frequency: asksForChanges(spec) ? 'hour' : 'once', interval: 1, backfill: true },
  };
}

/** The flow spec that takes this source; one with a mapping before one without. */
export async function flowSpecFor(spec: ConnectionSpec): Promise<any> {
  const { items } = await call<{ items: any[] }>('GET', `${flowservice}/flowSpecs`);
  const fitting = items.filter((one) => one.sourceConnectionSpecIds?.includes(spec.id) && one.targetConnectionSpecIds?.includes(lake));
  return fitting.find((one) => one.transformationSpecs?.some(({ name }: any) => name === 'Mapping')) ?? fitting[0];
}

const openBody = (spec: ConnectionSpec) => ({ name: labelOf(spec), auth: null, connectionSpec: { id: spec.id, version: '1.0' } });
const knownAccount = async (spec: ConnectionSpec): Promise<string> => (await list(`/connections?property=connectionSpec.id==${spec.id}`, 1))[0]?.id ?? '';

/** Asks a source that needs no credentials. Where there is no account yet, one is there for the time of the question only. */
export async function asking<T>(spec: ConnectionSpec, account: string, ask: (account: string) => Promise<T>): Promise<T> {
  const known = account || (await knownAccount(spec));
  if (known) return ask(known);
  const { id } = await post(`${flowservice}/connections`, openBody(spec));
  try {
    return await ask(id);
  } finally {
    await call('DELETE', `${flowservice}/connections/${id}`).catch(() => undefined);
  }
}

/** What the expressions among the rows give for the records that were looked at: their columns' types. */
async function resultsOf(rows: Row[], records: any[]): Promise<any[]> {
  const calculated = rows.filter((row) => isFilled(row) && !isPath(row.source.trim()));
  if (!calculated.length || !records.length) return [];
  const answers = await call<{ data: any }[]>('POST', `${conversion}/mappingSets/preview`, { body: { mappingSet: { mappings: calculated.map(wireRow) }, data: records }, exact: true });
  return answers.map(({ data }) => data);
}

interface Made {
  method: 'DELETE';
  path: string;
}

/** Creates everything that the flow needs and then the flow; what was created before a refusal is removed again. */
export async function create(spec: ConnectionSpec, typed: Draft, flowSpec: any): Promise<string> {
  const draft = { ...typed, name: typed.name.trim(), description: typed.description.trim(), dataset: { ...typed.dataset, name: typed.dataset.name.trim() } };
  const made: Made[] = [];
  const add = (path: string) => made.unshift({ method: 'DELETE', path });
  try {
    let datasetId = draft.dataset.id;
    let schemaId: string;
    if (draft.dataset.kind === 'new') {
      const records = (draft.preview?.data ?? []).slice(0, 100);
      const results = await resultsOf(draft.rows, records);
      const schema = await post(`${registry}/tenant/schemas`, schemaOfRows(draft.dataset.name, draft.rows, draft.preview?.schema, records, results));
      schemaId = schema.$id;
      add(`${registry}/tenant/schemas/${encodeURIComponent(schemaId)}`);
      const [path] = await post<string[]>(`${catalog}/dataSets`, { name: draft.dataset.name, schemaRef: { id: schemaId, contentType: 'application/vnd.adobe.xed-full+json;version=1' } });
      datasetId = path.split('/').pop()!;
      add(`${catalog}/dataSets/${datasetId}`);
    } else {
      const found = await call<Record<string, any>>('GET', `${catalog}/dataSets/${datasetId}`);
      schemaId = found[datasetId].schemaRef.id;
    }
    const schemaRef = { id: schemaId, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
    const mapping = await post(`${conversion}/mappingSets`, { name: draft.name, outputSchema: { schemaRef }, mappings: draft.rows.filter(isFilled).map(wireRow) });
    add(`${conversion}/mappingSets/${mapping.id}`);
    const connectionSpec = { id: spec.id, version: '1.0' };
    let account = draft.account || (isStreaming(spec) ? '' : await knownAccount(spec));
    if (!account && !isStreaming(spec)) {
      account = (await post(`${flowservice}/connections`, openBody(spec))).id;
      add(`${flowservice}/connections/${account}`);
    }
    const source = await post(`${flowservice}/sourceConnections`, { name: draft.name, ...(account && { baseConnectionId: account }), connectionSpec, data: { format: 'json' }, ...(!isStreaming(spec) && { params: draft.params }) });
    add(`${flowservice}/sourceConnections/${source.id}`);
    const target = await post(`${flowservice}/targetConnections`, { name: draft.name, connectionSpec: { id: lake, version: '1.0' }, data: { format: 'parquet_xdm', schema: { id: schemaId, version: schemaRef.contentType } }, params: { dataSetId: datasetId } });
    add(`${flowservice}/targetConnections/${target.id}`);
    const { frequency, interval, backfill, start } = draft.schedule;
    const startTime = Math.floor((start ?? Date.now()) / 1000) - (start ? 0 : 1);
    const flow = await post(`${flowservice}/flows`, {
      name: draft.name,
      ...(draft.description && { description: draft.description }),
      flowSpec: { id: flowSpec.id, version: '1.0' },
      sourceConnectionIds: [source.id],
      targetConnectionIds: [target.id],
      transformations: [{ name: 'Mapping', params: { mappingId: mapping.id, mappingVersion: 0 } }],
      ...(!isStreaming(spec) && { scheduleParams: frequency === 'once' ? { startTime, frequency } : { startTime, frequency, interval, backfill } }),
      options: { errorDiagnosticsEnabled: draft.diagnostics, ...(draft.partial > 0 && { partialIngestionPercent: draft.partial }) },
    });
    if (isStreaming(spec) && draft.preview?.data[0]) rememberSample(flow.id, written(draft.preview.data[0]));
    return flow.id;
  } catch (error) {
    for (const { method, path } of made) await call(method, path).catch(() => undefined);
    throw error;
  }
}
